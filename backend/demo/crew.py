"""The simulated people of the demo: each has a phone with the reference client in it, and a network that may break."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from backend.demo.accounts import DEMO_PASSWORD, bureau_username, worker_username
from backend.demo.changes import Item
from backend.demo.mishaps import Step
from backend.demo.network import Fate, FlakyTransport, SharedTransport
from backend.demo.plan import CountyPlan, device_id
from backend.demo.report import DemoReport
from backend.demo.reviews import plan_reviews
from mobile_contract.client import Phone
from mobile_contract.outbox import ChangeState
from mobile_contract.sync_report import SyncReport
from mobile_contract.wire import Pacing, RefusedError, SignInNeededError, UnreachableError
from schemas.period import CHINA_STANDARD_TIME
from schemas.vocabulary import Disposition

Progress = Callable[[int, int], None]
"""(changes sent, changes in all)."""

PATIENT = Pacing(attempts=8, first_wait_s=0.1, longest_wait_s=5)
_BUSY_ROUNDS = 5


class DemoStoppedError(RuntimeError):
    """The service stopped answering, or does not know the demo's accounts."""


@dataclass
class Crew:
    """What all phones of a run share. Safe to use from several threads."""

    base_url: str
    folder: Path
    seed: int
    network: SharedTransport
    progress: Progress
    total: int
    report: DemoReport
    stopped: threading.Event = field(default_factory=threading.Event)
    _sent: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, count: int) -> None:
        """Say that `count` more changes have gone out and were answered."""
        with self._lock:
            self._sent += count
            self.progress(self._sent, self.total)

    def collect(self, phone: Phone, replayed: int) -> None:
        """Add what became of a phone's changes to the report."""
        changes = phone.outbox.all()
        with self._lock:
            self.report.count(changes)
            self.report.replayed += replayed

    def lost(self, network: httpx.BaseTransport) -> None:
        """Add the answers that a phone's network has lost to the report."""
        if isinstance(network, FlakyTransport):
            with self._lock:
                self.report.answers_lost += network.met.count(Fate.LOST_ANSWER)


class Person:
    """A worker or bureau with a signed-in phone. Use it from one thread."""

    def __init__(
        self,
        crew: Crew,
        username: str,
        *,
        fates: Sequence[Fate] = (),
        pacing: Pacing = PATIENT,
        file_name: str | None = None,
    ) -> None:
        """`fates` are what happens to the first pushes. A person with the same file goes on where the last one was."""
        self._crew = crew
        self._replayed = 0
        self.network = FlakyTransport(crew.network, fates) if fates else crew.network
        self.phone = Phone(
            crew.folder / f"{file_name or username}.sqlite",
            crew.base_url,
            transport=self.network,
            pacing=pacing,
            device_id=device_id(crew.seed, username),
        )
        try:
            self.phone.sign_in(username, DEMO_PASSWORD)
        except (RefusedError, UnreachableError) as error:
            self.phone.close()
            raise DemoStoppedError(f"{username}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Put the phone away; its file stays."""
        self._crew.lost(self.network)
        self.phone.close()

    def file(self, items: Sequence[Item], *, held_too: bool = False) -> None:
        """Keep changes and send them. Raises DemoStoppedError where they do not get through."""
        self.phone.keep(items)
        self.check(self._reached(lambda: self.phone.push(held_too=held_too)))
        self._crew.sent(len(items))

    def sync(self) -> SyncReport:
        """Send what is left, pull, and return what happened. Raises DemoStoppedError."""
        return self.check(self._reached(self.phone.sync))

    def review(self, county_code: str) -> None:
        """Pull the county's reports and decide on those that wait. Raises DemoStoppedError."""
        self.phone.follow(county_code)
        self.sync()
        now = datetime.now(CHINA_STANDARD_TIME)
        items = plan_reviews(self.phone.mirror.records(county_code), county_code, self._crew.seed, now)
        self.phone.keep(items)
        self.check(self._reached(self.phone.push))

    def finish(self) -> None:
        """Send again what a busy county held, pull the mirror, and hand the outcomes in."""
        for _ in range(_BUSY_ROUNDS):
            waiting = [
                change
                for change in self.phone.outbox.all()
                if change.state is ChangeState.HELD
                and change.outcome is not None
                and change.outcome.disposition is Disposition.RETRY_AFTER
            ]
            if not waiting or self._crew.stopped.wait(1):
                break
            self.check(self._reached(lambda: self.phone.push(held_too=True)))
        self.sync()
        self.hand_in()

    def hand_in(self) -> None:
        """Add what became of this phone's changes to the report."""
        self._crew.collect(self.phone, self._replayed)

    def check(self, result: SyncReport) -> SyncReport:
        """Return the result of a sync that was answered. Raises DemoStoppedError for any other."""
        if not result.reached:
            raise DemoStoppedError(result.reason)
        unsent = self.phone.outbox.counts().get(ChangeState.QUEUED, 0)
        if unsent:
            refusals = "; ".join(f"{one.status} {one.code} {one.en}" for one in result.refusals)
            raise DemoStoppedError(f"{unsent} changes were refused as a whole: {refusals}")
        self._replayed += result.replayed
        return result

    @staticmethod
    def _reached(sync: Callable[[], SyncReport]) -> SyncReport:
        try:
            return sync()
        except SignInNeededError as error:
            raise DemoStoppedError("the service no longer accepts a demo account") from error


class County:
    """The worker and the bureau of one county, going through the county's steps."""

    def __init__(self, crew: Crew, plan: CountyPlan, *, flaky: bool) -> None:
        """The worker of a `flaky` county loses the answer of the second push and sends it again."""
        self._crew = crew
        self._plan = plan
        self._flaky = flaky
        self._worker: Person | None = None
        self._bureau: Person | None = None

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self._plan.steps)

    def take(self, number: int) -> None:
        """Take a step, if the county has that many."""
        if number >= self.steps:
            return
        step = self._plan.steps[number]
        self._person(step).file(step.items, held_too=step.held_too)

    def finish(self) -> None:
        """Let the bureau review what has come in, pull both phones up to date, and count what became of it all."""
        if self._bureau is not None:
            self._bureau.review(self._plan.county_code)
        for person in (self._bureau, self._worker):
            if person is not None:
                person.finish()

    def close(self) -> None:
        """Put both phones away."""
        for person in (self._worker, self._bureau):
            if person is not None:
                person.close()

    def _person(self, step: Step) -> Person:
        """Return who takes the step; they sign in when they are first needed."""
        if step.by_bureau:
            if self._bureau is None:
                self._bureau = Person(self._crew, bureau_username(self._plan.county_code))
            return self._bureau
        if self._worker is None:
            fates = (Fate.DELIVERED, Fate.LOST_ANSWER) if self._flaky else ()
            self._worker = Person(self._crew, worker_username(self._plan.county_code), fates=fates)
        return self._worker
