"""Phones and a bureau over a bad network: whatever happens in between, in the end all of them agree.

After healing every phone equals the server within its scope, everything acknowledged exists exactly once, and each
county's ledger verifies: its chain, records, changes, sums, figures and marks equal a recompute.
"""

import random
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from backend.auth.access import Grant
from mobile_contract.client import Phone, ShownRecord
from mobile_contract.outbox import ChangeState
from mobile_contract.sync_report import SyncReport
from mobile_contract.wire import Pacing
from schemas.vocabulary import HoldReason, RecordKind, Role
from tests.faults.agreement import held_by, ledger_faults, seen_with, told_by
from tests.faults.counties import County
from tests.faults.morning import BUREAU, MOVING, OFFICES, STEADY, film, household, open_stage
from tests.faults.network import Fate
from tests.faults.stage import Stage

HEALING_ROUNDS = 12
HEALING_ATTEMPTS = 3
"""The service may hold a connection or two that the database has ended, and learns so by using them."""
RUNS_TO_A_RESTART = 20
"""The server starts anew in one run of so many: reading the reference data takes longer than a run."""
MOST_OFF = timedelta(days=20 * 365)
TIMES = {"/captured_at", "/sent_at", "/change_id"}
"""What a phone takes from its clock."""
FIELDS = ("/mulch_used_kg", "/note", "/mulch_covered_area_mu")

offices = st.sampled_from(OFFICES)
anything = st.integers(0, 99)
places = st.integers(0, 3)


class Clock:
    """A phone's clock: it runs, and it may be off by years."""

    def __init__(self) -> None:
        self.off = timedelta()

    def __call__(self) -> datetime:
        """Return what the phone takes for the time."""
        return datetime.now(UTC) + self.off


class Sync(RuleBasedStateMachine):
    """The run; `stage` is set before."""

    stage: ClassVar[Stage]
    filed: ClassVar[list[str]]
    """The records of the morning."""
    is_restored = False
    """Whether a ledger was put back to an earlier state, so that places in it are taken twice."""

    @initialize(number=st.sampled_from(range(RUNS_TO_A_RESTART)))
    def open_phones(self, number: int) -> None:
        self.stage.begin()
        self.places = [(one, township) for one in self.stage.counties for township in one.townships]
        self.posting = 1
        self.folder = Path(mkdtemp(dir=self.stage.folder))
        self.dice = {office: random.Random(office) for office in OFFICES}
        self.networks = {office: self.stage.network(random.Random(office)) for office in OFFICES}
        self.clocks = {office: Clock() for office in OFFICES}
        self.phones = {office: self._opened(office) for office in OFFICES}
        self.records = list(self.filed)
        self.unsettled: set[str] = set()
        """Whose phones may be told to read a county anew."""
        self.counted = 100
        """Beyond what was said in the morning: a change that says nothing new leaves no entry that could be lost."""
        self._grant(self.posting)
        self.restarts_left = int(number == 3)

    @rule(office=offices, place=places)
    def register(self, office: str, place: int) -> None:
        county, township = self.places[{STEADY: 0, MOVING: self.posting}.get(office, place)]
        farm = household(township, f"户{self._next()}")
        self.records.append(self.phones[office].register_farm(county.code, farm))

    @rule(office=offices, which=anything, year=st.sampled_from(("2024", "2025")))
    def report(self, office: str, which: int, year: str) -> None:
        farm = self._shown(office, which, RecordKind.FARM)
        if farm is None:
            return
        record_id, shown = farm
        answers = film(record_id, shown.payload["township_code"], year, self._next())
        self.records.append(self.phones[office].file_report(shown.county_code, answers))

    @rule(office=offices, which=anything, field=st.sampled_from(FIELDS))
    def amend(self, office: str, which: int, field: str) -> None:
        report = self._shown(office, which, RecordKind.REPORT)
        if report is not None:
            value = f"说明{self._next()}" if field == "/note" else self._next()
            self.phones[office].amend(report[0], {field: value}, reason="更正" if office == BUREAU else None)

    @rule(which=anything)
    def move_farm(self, which: int) -> None:
        farm = self._shown(BUREAU, which, RecordKind.FARM)
        if farm is not None:
            record_id, shown = farm
            townships = self._county_of(shown).townships
            [other] = [one for one in townships if one != shown.payload["township_code"]]
            self.phones[BUREAU].amend(record_id, {"/township_code": other}, reason="迁移")

    @rule(office=offices, which=anything)
    def withdraw(self, office: str, which: int) -> None:
        record = self._shown(office, which, None)
        if record is not None:
            self.phones[office].withdraw(record[0])

    @rule(office=offices)
    def meet_the_server(self, office: str) -> None:
        self._synced(office, push_only=False)

    @rule(office=offices, fates=st.lists(st.sampled_from(Fate), min_size=1, max_size=3), push_only=st.booleans())
    def try_to_meet_the_server(self, office: str, fates: Iterable[Fate], push_only: bool) -> None:
        self.networks[office].fates = deque(fates)
        self._synced(office, push_only=push_only)
        self.networks[office].fates.clear()
        self.stage.spare_commits()

    @rule(office=offices)
    def restart_phone(self, office: str) -> None:
        self.phones[office].close()
        self.phones[office] = self._opened(office)

    @rule(office=offices, years=st.floats(-20, 20))
    def set_clock(self, office: str, years: float) -> None:
        self.clocks[office].off = timedelta(days=years * 365)

    @rule(place=places)
    def move_grant(self, place: int) -> None:
        self.posting = place
        self._grant(place)

    @precondition(lambda self: self.restarts_left)
    @rule()
    def restart_server(self) -> None:
        self.restarts_left -= 1
        self.stage.restart_server()

    def teardown(self) -> None:
        if not hasattr(self, "phones"):
            return
        try:
            self._heal()
            for office, phone in self.phones.items():
                self._check_mirror(office, phone)
            for county in self.stage.counties:
                self._check_ledger(county)
        finally:
            for phone in self.phones.values():
                phone.close()
            rmtree(self.folder, ignore_errors=True)

    def _heal(self) -> None:
        """Let every phone reach the server, again and again, until nothing new comes of it."""
        for network in self.networks.values():
            network.fates.clear()
            network.deliver_delayed()
        for office in OFFICES:
            self._synced(office, push_only=True)
        for _ in range(HEALING_ROUNDS):
            news = [self._heal_one(office) for office in OFFICES]
            if not any(news):
                break
        else:
            raise AssertionError("the phones do not come to rest")
        for phone in self.phones.values():
            counts = phone.outbox.counts()
            assert not counts.get(ChangeState.QUEUED), "a change was never sent"
            assert not counts.get(ChangeState.SENT_UNKNOWN), "a change was never answered"
            for change in phone.outbox.all():
                assert change.outcome is not None
                assert change.outcome.reason is not HoldReason.SCHEMA_UNKNOWN
                fields = {problem.field for problem in change.outcome.problems}
                assert not fields & TIMES, "a change was refused for the phone's clock"

    def _heal_one(self, office: str) -> bool:
        """Return whether a sync over a good network brought anything new to anybody."""
        before = self._positions(office)
        for _ in range(HEALING_ATTEMPTS):
            report = self._synced(office, push_only=False)
            if report.reached:
                break
        else:
            raise AssertionError(report.reason)
        changed = self._positions(office) ^ before
        if not (report.resets or report.mismatches or self.is_restored):
            news = {record_id for record_id, _ in changed}
            assert report.pulled <= len(news), "what the phone had was sent again"
        settled = sum(count for outcome, count in report.outcomes.items() if outcome != "held") - report.replayed
        return bool(changed or report.settled_late or report.resets or settled)

    def _synced(self, office: str, *, push_only: bool) -> SyncReport:
        phone = self.phones[office]
        report = phone.push(held_too=True) if push_only else phone.sync(held_too=True)
        if office not in self.unsettled:
            assert report.resets == 0, "a cursor was refused that was good"
            assert report.mismatches == 0, "the phone had something else than the server said"
        elif report.reached and not push_only:
            self.unsettled.discard(office)
        return report

    def _check_mirror(self, office: str, phone: Phone) -> None:
        grants = self.stage.grants(office)
        for county in self.stage.counties:
            seen = self.stage.asked(
                lambda connection, county=county: seen_with(connection, county, grants, self.stage.checks)
            )
            assert held_by(phone, county) == seen, f"{office} differs from the server in {county.code}"

    def _check_ledger(self, county: County) -> None:
        told = told_by(self.phones.values(), county)
        faults = self.stage.asked(lambda connection: ledger_faults(connection, county, told, self.stage.checks))
        assert not faults, "; ".join(faults)

    def _grant(self, *places: int) -> None:
        """Let the moving worker work at these places and no others."""
        self.unsettled.add(MOVING)
        self.stage.grant({MOVING: [Grant(Role.WORKER, self.places[place][1]) for place in places]})

    def _opened(self, office: str) -> Phone:
        pacing = Pacing(clock=self.clocks[office], attempts=1, sleep=lambda _: None, dice=self.dice[office])
        return self.stage.phone(office, self.folder / f"{office}.sqlite", self.networks[office], pacing)

    def _shown(self, office: str, which: int, kind: RecordKind | None) -> tuple[str, ShownRecord] | None:
        """Return one of the records that the office's phone shows."""
        shown = [(one, self.phones[office].shown(one)) for one in self.records]
        fitting = [(one, what) for one, what in shown if what is not None and kind in (None, what.kind)]
        return fitting[which % len(fitting)] if fitting else None

    def _county_of(self, shown: ShownRecord) -> County:
        [county] = [one for one in self.stage.counties if one.code == shown.county_code]
        return county

    def _positions(self, office: str) -> set[tuple[str, int]]:
        mirrored = [self.phones[office].mirror.records(county.code) for county in self.stage.counties]
        return {(one.id, one.position) for several in mirrored for one in several}

    def _next(self) -> str:
        self.counted += 1
        return str(self.counted)


def on_stage(machine: type[Sync], stage: Stage) -> type[Sync]:
    """Return the machine set up on a stage, in the state of the morning."""
    return type(machine.__name__, (machine,), {"stage": stage, "filed": open_stage(stage)})
