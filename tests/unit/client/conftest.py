"""A server that plays back its answers, a clock that only sleeps move, and a phone between them."""

import gzip
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from mobile_contract.client import Phone
from mobile_contract.wire import Pacing

COUNTY = "430623"
FARM = {"entity_kind": "household", "township_code": "430623101", "name": "张家湾村种植户03"}
NOW = datetime(2025, 10, 3, 10, 20, tzinfo=UTC)


class Server:
    """Plays back one answer per push, remembers every envelope, and serves pages of a county."""

    def __init__(self) -> None:
        self.answers: list[Callable[[list[dict]], httpx.Response]] = []
        self.envelopes: list[dict] = []
        self.items: list[str] = []
        self.pages: list[httpx.Response] = []
        self.pulls: list[httpx.URL] = []
        self.sign_ins = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/auth/token":
            self.sign_ins += 1
            return httpx.Response(200, json={"access_token": f"t{self.sign_ins}", "token_type": "bearer"})
        if request.url.path == "/v1/sync/pull":
            self.pulls.append(request.url)
            return self.pages.pop(0)
        text = gzip.decompress(request.content).decode()
        envelope = json.loads(text)
        self.envelopes.append(envelope)
        self.items.append(text.partition('"changes": ')[2])
        return self.answers.pop(0)(envelope["changes"])


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def outcomes(outcome: str = "applied", **more) -> Callable[[list[dict]], httpx.Response]:
    def answer(items: list[dict]) -> httpx.Response:
        listed = [
            {"change_id": item["change_id"], "outcome": outcome, "disposition": "terminal", **more} for item in items
        ]
        return httpx.Response(200, json={"outcomes": listed, "server_time": NOW.isoformat()})

    return answer


def refuses(status: int, code: str, headers: dict[str, str] | None = None) -> Callable[[list[dict]], httpx.Response]:
    body = {"type": f"/problems/{code}", "code": code, "status": status, "zh": "不行", "en": "no"}
    return lambda _: httpx.Response(status, json=body, headers=headers)


def raises(error: Exception) -> Callable[[list[dict]], httpx.Response]:
    def answer(_: list[dict]) -> httpx.Response:
        raise error

    return answer


def page(records: list[dict], cursor: str, **more) -> httpx.Response:
    body = {"county_code": COUNTY, "records": records, "cursor": cursor, "more": False, **more}
    return httpx.Response(200, json={**body, "server_time": NOW.isoformat()})


def pulled(record_id: str, position: int, last_change_id: str, **payload) -> dict:
    return {
        "id": record_id,
        "kind": "farm",
        "status": "submitted",
        "revision": 1,
        "position": position,
        "mark": f"{position:016x}",
        "last_change_id": last_change_id,
        "township_code": "430623101",
        "payload": FARM | payload,
        "warnings": [],
        "recorded_at": NOW.isoformat(),
    }


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def open_phone(server, time, tmp_path):
    phones = []

    def opened(**more) -> Phone:
        pacing = Pacing(clock=lambda: time.now, sleep=time.sleep, dice=random.Random(7), attempts=3)
        transport = httpx.MockTransport(server)
        phone = Phone(tmp_path / "phone.sqlite", "http://server", transport=transport, pacing=pacing, **more)
        phones.append(phone)
        return phone

    yield opened
    for phone in phones:
        phone.close()


@pytest.fixture
def phone(open_phone):
    phone = open_phone()
    phone.sign_in("worker", "secret")
    return phone


def states(phone: Phone) -> list[str]:
    return [change.state.value for change in phone.outbox.all()]
