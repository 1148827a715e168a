"""A phone that comes back from the fields with a full outbox, over a slow line: the real client, the real store."""

import gzip
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from mobile_contract.client import Phone
from mobile_contract.outbox import ChangeState
from mobile_contract.wire import Pacing
from schemas.vocabulary import Datum
from tests.bench.ground import Service
from tests.bench.link import TWO_G, Carried, slow_line
from tests.bench.push import SEED
from tests.bench.reports import CountyStream, Item
from tests.support.offices import PASSWORD

ID_BYTES = 16
IDS_OF_A_REPORT = 3
"""Of the change, the record and the farm: drawn at random, so that nothing makes them smaller."""

ZIP_LEVEL = 9


@dataclass(frozen=True)
class HandedIn:
    """What it took to hand in an outbox, and then to pull back what it had become."""

    reports: int
    with_plots: bool
    push_s: float
    push: Carried
    floor_bytes: int
    pull_s: float
    pull: Carried

    @property
    def bytes_a_report(self) -> float:
        """On the wire, both ways."""
        return (self.push.up + self.push.down) / self.reports


def hand_in(service: Service, county: CountyStream, reports: int, *, with_plots: bool) -> HandedIn:
    """File film reports on a phone that was in step before, and send them over a 2G line; all must be applied."""
    items = film_reports(county, reports, with_plots=with_plots)
    clock = FieldClock(reports)
    pacing = Pacing(clock=clock.now, dice=random.Random(SEED))
    with tempfile.TemporaryDirectory() as folder, slow_line(service.target, TWO_G) as link:
        store = Path(folder) / "phone.db"
        _bring_in_step(store, service, county.place.code, pacing)
        phone = Phone(store, link.url, pacing=pacing)
        try:
            for item in items:
                phone.file_report(county.place.code, item["payload"], datum=_datum(item))
                clock.go_on()
            clock.come_home()
            start, before = time.perf_counter(), link.carried
            pushed = phone.push()
            push_s, push = time.perf_counter() - start, link.carried.since(before)
            if phone.outbox.counts() != {ChangeState.APPLIED: reports}:
                raise RuntimeError(f"not every report was applied: {phone.outbox.counts()}, {pushed}")
            start, before = time.perf_counter(), link.carried
            pulled = phone.sync()
            pull_s, pull = time.perf_counter() - start, link.carried.since(before)
            if pulled.pulled != reports or pulled.mismatches:
                raise RuntimeError(f"not every report came back: {pulled}")
        finally:
            phone.close()
    return HandedIn(reports, with_plots, push_s, push, _least_bytes(items), pull_s, pull)


def film_reports(county: CountyStream, count: int, *, with_plots: bool) -> list[Item]:
    """Return the county's next film reports; without plots the drawings of some of them are left out."""
    found: list[Item] = []
    while len(found) < count:
        [item] = county.reports(1)
        if item["payload"]["indicator"] == "film_recovery":
            if not with_plots:
                item["payload"].pop("geometry", None)
            found.append(item)
    return found


class FieldClock:
    """The clock of a phone in the fields: some minutes from one report to the next, up to the present."""

    def __init__(self, reports: int) -> None:
        self._dice = random.Random(SEED)
        self._steps = [timedelta(seconds=self._dice.uniform(60, 600)) for _ in range(reports)]
        self._behind = sum(self._steps, timedelta())

    def now(self) -> datetime:
        """Return the time as the phone has it."""
        return datetime.now(UTC) - self._behind

    def go_on(self) -> None:
        """Let the time to the next report pass."""
        self._behind -= self._steps.pop()

    def come_home(self) -> None:
        """Let the time since the last report pass."""
        self._behind = timedelta()


def _bring_in_step(store: Path, service: Service, county_code: str, pacing: Pacing) -> None:
    """Sign in and pull all there is, over a good line: farms and forms are on the phone before it goes out."""
    phone = Phone(store, service.url, pacing=pacing)
    try:
        phone.sign_in(county_code, PASSWORD)
        phone.follow(county_code)
        phone.sync()
    finally:
        phone.close()


def _datum(item: Item) -> Datum | None:
    return Datum(item["datum"]) if "geometry" in item["payload"] else None


def _least_bytes(items: Sequence[Item]) -> int:
    """Return what the reports hold that the service does not know: answers, zipped in one piece, and the ids."""
    answers = [{name: value for name, value in item["payload"].items() if name != "farm_id"} for item in items]
    return len(gzip.compress(orjson.dumps(answers), ZIP_LEVEL)) + len(items) * IDS_OF_A_REPORT * ID_BYTES
