"""Several phones and a bureau over a bad network: whatever happens in between, in the end all of them agree.

After healing every phone equals the server within its scope, everything acknowledged exists exactly once, the ledger
verifies, and the sums and marks equal a recompute.
"""

import random
import shutil
import tempfile
from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.verify import broken_chain
from mobile_contract.client import Phone
from mobile_contract.outbox import TAKEN, ChangeState
from mobile_contract.wire import Pacing
from schemas.vocabulary import HoldReason, RecordStatus
from sync.recompute import differing_cells, differing_marks
from tests.faults.stage import County, Stage
from tests.support.offices import PASSWORD

OFFICES = ("worker-0", "worker-1", "bureau")
HEALING_ROUNDS = 8
PUSH = "/v1/sync/push"

ENTRIES = """
    SELECT cast(change_id AS text) AS change_id, count(*) AS times FROM ledger_entry
    WHERE county_code = :county_code AND action <> 'decide' GROUP BY change_id
"""


class Fate(StrEnum):
    """What the network does to a request."""

    LOST_REQUEST = "lost_request"
    LOST_ANSWER = "lost_answer"
    TRUNCATED = "truncated"
    DUPLICATED = "duplicated"
    DELAYED = "delayed"
    """It arrives after the phone has given up, before the phone's next request or after it."""


class BadNetwork(httpx.BaseTransport):
    """A phone's network: each request meets the next fate; without one it is delivered."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.fates: deque[Fate] = deque()
        self._delayed: list[httpx.Request] = []
        self._swap = random.Random(1)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request on, or not, and give the answer back, or not."""
        fate = self.fates.popleft() if self.fates and request.url.path.startswith("/v1/sync/") else None
        is_before = self._swap.random() < 0.5
        if is_before:
            self.deliver_delayed()
        if fate in (Fate.LOST_REQUEST, Fate.DELAYED):
            request.read()
            if fate is Fate.DELAYED:
                self._delayed.append(request)
            raise httpx.ReadTimeout("nothing came back", request=request)
        if fate is Fate.DUPLICATED:
            self._inner.handle_request(request).read()
        response = self._inner.handle_request(request)
        if not is_before:
            response.read()
            self.deliver_delayed()
        if fate is Fate.LOST_ANSWER:
            response.read()
            raise httpx.ReadError("the connection broke before the answer arrived", request=request)
        if fate is Fate.TRUNCATED:
            response.read()
            raise httpx.RemoteProtocolError("the answer broke off", request=request)
        return response

    def deliver_delayed(self) -> None:
        """Let what was under way arrive; nobody waits for its answer."""
        while self._delayed:
            self._inner.handle_request(self._delayed.pop()).read()

    def close(self) -> None:
        """Close the network."""
        self._inner.close()


class Sync(RuleBasedStateMachine):
    """The run; `stage` is set before."""

    stage: ClassVar[Stage]

    @initialize()
    def open_phones(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="phones-"))
        self.county: County = self.stage.new_county()
        self.networks = {office: BadNetwork() for office in OFFICES}
        self.phones = {office: self._opened(office) for office in OFFICES}
        self.farms: list[str] = []
        self.reports: list[str] = []
        self.amount = 0

    def _opened(self, office: str, name: str = "") -> Phone:
        network = self.networks[office]
        pacing = Pacing(attempts=1, sleep=lambda _: None, dice=random.Random(f"{self.county.code} {office} {name}"))
        phone = Phone(self.folder / f"{office}{name}.sqlite", self.stage.url, transport=network, pacing=pacing)
        phone.sign_in(self.county.username(office), PASSWORD)
        phone.follow(self.county.code)
        return phone

    @rule(office=st.sampled_from(OFFICES), township=st.integers(0, 1))
    def register(self, office: str, township: int) -> None:
        own = {"worker-0": 0, "worker-1": 1}.get(office, township)
        farm = {
            "entity_kind": "household",
            "township_code": self.county.townships[own],
            "name": f"户{len(self.farms)}",
        }
        self.farms.append(self.phones[office].register_farm(self.county.code, farm))

    @precondition(lambda self: self.farms)
    @rule(office=st.sampled_from(OFFICES), which=st.integers(0, 99), year=st.sampled_from(("2024", "2025")))
    def report(self, office: str, which: int, year: str) -> None:
        farm_id = self.farms[which % len(self.farms)]
        shown = self.phones[office].shown(farm_id)
        if shown is None:
            return
        answers = {
            "indicator": "film_recovery",
            "level": "farm",
            "period": year,
            "farm_id": farm_id,
            "township_code": shown.payload["township_code"],
            "mulch_used_kg": self._next_amount(),
        }
        self.reports.append(self.phones[office].file_report(self.county.code, answers))

    @precondition(lambda self: self.reports)
    @rule(
        office=st.sampled_from(OFFICES),
        which=st.integers(0, 99),
        field=st.sampled_from(("/mulch_used_kg", "/note", "/mulch_covered_area_mu")),
    )
    def amend(self, office: str, which: int, field: str) -> None:
        report_id = self.reports[which % len(self.reports)]
        if self.phones[office].shown(report_id) is not None:
            value = "说明" + self._next_amount() if field == "/note" else self._next_amount()
            self.phones[office].amend(report_id, {field: value}, reason="更正" if office == "bureau" else None)

    @precondition(lambda self: self.farms)
    @rule(which=st.integers(0, 99), township=st.integers(0, 1))
    def move(self, which: int, township: int) -> None:
        farm_id = self.farms[which % len(self.farms)]
        if self.phones["bureau"].shown(farm_id) is not None:
            self.phones["bureau"].amend(farm_id, {"/township_code": self.county.townships[township]}, reason="迁移")

    @precondition(lambda self: self.reports or self.farms)
    @rule(office=st.sampled_from(OFFICES), which=st.integers(0, 99))
    def withdraw(self, office: str, which: int) -> None:
        everything = [*self.reports, *self.farms]
        record_id = everything[which % len(everything)]
        if self.phones[office].shown(record_id) is not None:
            self.phones[office].withdraw(record_id)

    @rule(office=st.sampled_from(OFFICES), fates=st.lists(st.sampled_from(Fate), max_size=3), push_only=st.booleans())
    def meet(self, office: str, fates: Iterable[Fate], push_only: bool) -> None:
        self.networks[office].fates = deque(fates)
        phone = self.phones[office]
        (phone.push if push_only else phone.sync)()
        self.networks[office].fates.clear()

    @rule(office=st.sampled_from(OFFICES))
    def restart(self, office: str) -> None:
        self.phones[office].close()
        self.networks[office] = BadNetwork()
        self.phones[office] = self._opened(office)

    @rule(township=st.integers(0, 1))
    def regrant(self, township: int) -> None:
        self.stage.move_grant(self.county.username("worker-1"), self.county.townships[township])

    def teardown(self) -> None:
        if not hasattr(self, "phones"):
            return
        try:
            self._heal()
            for office, phone in self.phones.items():
                self._check_mirror(office, phone)
            self.stage.asked(self._check_ledger)
        finally:
            for phone in self.phones.values():
                phone.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _heal(self) -> None:
        for network in self.networks.values():
            network.fates.clear()
            network.deliver_delayed()
        for _ in range(HEALING_ROUNDS):
            rounds = [phone.sync(held_too=True) for phone in self.phones.values()]
            assert all(one.reached for one in rounds)
            if not any(one.pulled or one.dropped or one.settled_late for one in rounds):
                break
        for phone in self.phones.values():
            counts = phone.outbox.counts()
            assert not counts.get(ChangeState.QUEUED), "a change was never sent"
            assert not counts.get(ChangeState.SENT_UNKNOWN), "a change was never answered"
            for change in phone.outbox.all():
                if change.state is ChangeState.HELD:
                    assert change.outcome is not None
                    assert change.outcome.reason is not HoldReason.SCHEMA_UNKNOWN

    def _check_mirror(self, office: str, phone: Phone) -> None:
        fresh = self._opened(office, " fresh")
        try:
            fresh.sync()
            assert _held_by(phone, self.county) == _held_by(fresh, self.county), f"{office} differs from the server"
        finally:
            fresh.close()

    async def _check_ledger(self, engine: AsyncEngine) -> None:
        taken = {
            change.change_id for phone in self.phones.values() for change in phone.outbox.all() if change.state in TAKEN
        }
        async with engine.connect() as connection:
            rows = await connection.execute(text(ENTRIES), {"county_code": self.county.code})
            entries = {row.change_id: row.times for row in rows}
            assert set(entries.values()) <= {1}, "a change stands twice"
            assert taken == set(entries), "the ledger is not what was acknowledged"
            assert await broken_chain(connection, self.county.code) is None
            assert await differing_cells(connection, [self.county.code]) == []
            assert await differing_marks(connection, [self.county.code]) == []

    def _next_amount(self) -> str:
        self.amount += 1
        return str(self.amount)


def _held_by(phone: Phone, county: County) -> dict[str, tuple[int, RecordStatus, dict[str, Any]]]:
    return {one.id: (one.position, one.status, one.payload) for one in phone.mirror.records(county.code)}
