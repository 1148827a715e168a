"""A phone is lost: the whole way from its enrolment to the new one that has everything, unsent work included."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from mobile_contract.carried import open_sealed, seal, unpack
from mobile_contract.client import Phone
from mobile_contract.outbox import ChangeState
from mobile_contract.wire import Pacing, RefusedError, SignInNeededError
from tests.support.servers import LiveServer

PASSPHRASE = "柳林村 油菜 花开 了"


@pytest.fixture
def office(live_server: LiveServer) -> Iterator[httpx.Client]:
    """The county's bureau at its desk."""
    username, password = live_server.accounts["county"]
    with httpx.Client(base_url=live_server.url, trust_env=False, timeout=30) as http:
        answer = http.post("/v1/auth/token", data={"username": username, "password": password})
        http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield http


class Village:
    """Phones of one worker, in the server's county."""

    def __init__(self, server: LiveServer, folder: Path, office: httpx.Client, stack: ExitStack) -> None:
        self._server, self._folder, self._office, self._stack = server, folder, office, stack

    def code(self) -> str:
        answer = self._office.post("/v1/enrolments", json={"username": "worker"})
        assert answer.status_code == 201, answer.text
        code: str = answer.json()["code"]
        return code

    def phone(self, name: str) -> Phone:
        phone = Phone(self._folder / f"{name}.sqlite", self._server.url, pacing=Pacing(attempts=1))
        self._stack.callback(phone.close)
        return phone

    def unpacked(self, sealed: Path) -> Phone:
        with sealed.open("rb") as source:
            beside = unpack(open_sealed(source, PASSPHRASE), self._folder / "carried.sqlite", self._server.url)
        self._stack.callback(beside.close)
        return beside

    def visit(self, phone: Phone, number: int) -> list[str]:
        """Register a farm and file its film report; return both ids."""
        county, township = self._server.county_code, self._server.township_code
        answers: dict[str, Any] = {"entity_kind": "household", "name": f"柳林村种植户{number:02d}", "area_mu": "6.5"}
        farm = phone.register_farm(county, answers | {"township_code": township})
        used: dict[str, Any] = {"mulch_used_kg": f"{number}0", "mulch_recovered_gross_kg": f"{number}0"}
        report = {"indicator": "film_recovery", "level": "farm", "period": "2025", "farm_id": farm}
        rates = {"mulch_impurity_rate": "0.1", "mulch_moisture_rate": "0.1", "mulch_covered_area_mu": "6"}
        return [farm, phone.file_report(county, report | {"township_code": township} | used | rates)]


@pytest.fixture
def village(live_server: LiveServer, tmp_path: Path, office: httpx.Client) -> Iterator[Village]:
    with ExitStack() as stack:
        yield Village(live_server, tmp_path, office, stack)


def queued(phone: Phone) -> int:
    return phone.outbox.counts().get(ChangeState.QUEUED, 0)


def test_a_lost_phone_ends_at_once_and_the_new_one_gets_everything(
    live_server: LiveServer, village: Village, office: httpx.Client, tmp_path: Path
) -> None:
    county = live_server.county_code
    lost = village.phone("lost")
    assert lost.enrol(village.code()) == "worker"
    sent = village.visit(lost, 1)
    assert lost.sync().reached
    unsent = village.visit(lost, 2)  # in a valley without a network
    carried = tmp_path / "carried.qtbox"
    with carried.open("wb") as target:
        assert seal(lost, PASSPHRASE, target).changes == 2

    # The county revokes it, and is told what came from it: what the person says is missing is on the phone.
    told = office.post(f"/v1/devices/{lost.device_id}/revoke").json()
    assert told["usernames"] == ["worker"]
    assert [(one["county_code"], one["changes"]) for one in told["received"]] == [(county, 2)]

    # Its very next request is refused, and it is told why; nothing of its work is gone.
    with pytest.raises(SignInNeededError) as refused:
        lost.sync()
    assert refused.value.refusal is not None
    assert (refused.value.refusal.status, refused.value.refusal.code) == (401, "device_revoked")
    assert "新的开通码" in refused.value.refusal.zh
    with pytest.raises(RefusedError, match="device_revoked"):
        lost.sign_in(*live_server.accounts["worker"])
    assert queued(lost) == 2
    assert all(lost.shown(one) is not None for one in (*sent, *unsent))

    # A new phone has all that was received.
    new = village.phone("new")
    new.enrol(village.code())
    new.follow(county)
    assert new.sync().reached
    assert all(new.shown(one) is not None for one in sent)
    assert all(new.shown(one) is None for one in unsent)

    # What was carried goes out as its author's, by a code and by nothing else; then the new phone has it too.
    beside = village.unpacked(carried)
    with pytest.raises(RefusedError, match="device_revoked"):
        beside.sign_in(*live_server.accounts["worker"])
    beside.enrol(village.code())
    assert beside.push().reached
    assert queued(beside) == 0
    assert new.sync().reached
    assert all(new.shown(one) is not None for one in unsent)

    # Found again and enrolled anew, the old phone sends its own copies, which count once.
    with pytest.raises(SignInNeededError):
        lost.sync()
    lost.enrol(village.code())
    assert lost.sync().replayed == 2
    assert queued(lost) == 0
    marks = [{one.id: one.mark for one in phone.mirror.records(county)} for phone in (new, lost)]
    assert new.sync().reached
    assert marks[0] == marks[1]
    assert set(marks[0]) == {*sent, *unsent}
