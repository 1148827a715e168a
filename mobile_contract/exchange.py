"""The exchange with the server: push in batches, pull by county cursor, every answer stored before it counts."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from mobile_contract.mirror import Mirror
from mobile_contract.outbox import KeptChange, Outbox
from mobile_contract.store import transaction
from mobile_contract.wire import Delivery, Pacing, Refusal, RefusedError, UnreachableError, Wire
from schemas.changes import MAX_BODY_BYTES, ChangeOutcome
from schemas.problems import Problem, problem_type_uri
from schemas.vocabulary import Disposition, Outcome

BATCH_ITEMS = 100
BATCH_BYTES = MAX_BODY_BYTES - 4_096
"""Room is left for the envelope around the items."""
PAGE_RECORDS = 200
_SPLIT_ON = frozenset({400, 413})
"""Answers to a body that may be mended by sending less of it: too large, or spoilt by one of its items."""


@dataclass(slots=True)
class SyncReport:
    """What one sync did. `reached` is False where the server gave no usable answer: try again later."""

    reached: bool = True
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    replayed: int = 0
    pulled: int = 0
    resets: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    """What the server says of the push as a whole, such as that the phone's clock is off."""
    reason: str = ""


class Exchange:
    """Moves changes out of the outbox and records into the mirror of one phone."""

    def __init__(self, connection: sqlite3.Connection, wire: Wire, pacing: Pacing, device_id: str) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)
        self._mirror = Mirror(connection)
        self._wire = wire
        self._pacing = pacing
        self._device_id = device_id

    def push(self, report: SyncReport, *, held_too: bool, batch_items: int) -> None:
        """Send what is due, batch after batch. Raises UnreachableError or SignInNeededError; nothing is lost by it."""
        # `after` moves on, so that what is held again is not sent in a circle.
        now = self._now()
        after = 0
        while batch := self._next_batch(now, after, batch_items, held_too=held_too):
            after = batch[-1].seq
            waiting = [batch]
            while waiting:
                part = waiting.pop()
                refusal = self._push_batch(part, report)
                if refusal is None:
                    continue
                if refusal.status not in _SPLIT_ON:
                    report.refusals.append(refusal)
                    return
                if len(part) == 1:
                    self._settle(part, [_refused_alone(part[0], refusal)], report)
                    continue
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]

    def _next_batch(self, now: float, after: int, batch_items: int, *, held_too: bool) -> list[KeptChange]:
        """Return the next changes that fit one envelope: one schema version, bounded in number and bytes."""
        batch: list[KeptChange] = []
        size = 0
        for change in self._outbox.sendable(now, after, batch_items, held_too=held_too):
            size += len(change.item.encode()) + 1
            if batch and (size > BATCH_BYTES or change.schema_version != batch[0].schema_version):
                break
            batch.append(change)
        return batch

    def _push_batch(self, batch: list[KeptChange], report: SyncReport) -> Refusal | None:
        """Send one envelope and store every outcome; return the refusal where the server took nothing."""
        with transaction(self._connection):
            self._outbox.mark_sent(batch)
        delivery = Delivery()
        try:
            answer = self._wire.push(self._envelope(batch), delivery)
            outcomes: Sequence[ChangeOutcome] = answer.outcomes
            report.warnings += answer.warnings
        except RefusedError as error:
            if len(error.refusal.outcomes) != len(batch):
                self._restore(batch, delivery)
                return error.refusal
            report.refusals.append(error.refusal)
            outcomes = error.refusal.outcomes
        except BaseException:
            self._restore(batch, delivery)
            raise
        if len(outcomes) != len(batch) or any(
            outcome.change_id not in {None, change.change_id} for change, outcome in zip(batch, outcomes, strict=True)
        ):
            raise UnreachableError("the outcomes do not match what was sent")
        self._settle(batch, outcomes, report)
        return None

    def _settle(self, batch: list[KeptChange], outcomes: Sequence[ChangeOutcome], report: SyncReport) -> None:
        with transaction(self._connection):
            self._outbox.settle(zip(batch, outcomes, strict=True), self._now())
        report.outcomes.update(outcome.outcome for outcome in outcomes)
        report.replayed += sum(outcome.replayed for outcome in outcomes)

    def _restore(self, batch: list[KeptChange], delivery: Delivery) -> None:
        """Take back the mark where no attempt can have been taken by the server."""
        if delivery.doubtful:
            return
        with transaction(self._connection):
            self._outbox.restore(batch)

    def _now(self) -> float:
        return self._pacing.clock().timestamp()

    def _envelope(self, batch: list[KeptChange]) -> bytes:
        """Return the body of a push; the items are put in as the text they were kept as."""
        head = json.dumps(
            {
                "device_id": self._device_id,
                "schema_version": batch[0].schema_version,
                "sent_at": self._pacing.clock().isoformat(),
            }
        )
        items = ",".join(change.item for change in batch)
        return f'{head[:-1]}, "changes": [{items}]}}'.encode()

    def pull_county(self, county_code: str, report: SyncReport) -> None:
        """Pull page after page; a page and its cursor are stored together. Raises as `push` does."""
        while True:
            cursor = self._mirror.cursor(county_code)
            try:
                page = self._wire.pull(county_code, cursor, PAGE_RECORDS)
            except RefusedError as error:
                if error.refusal.code != "cursor_invalid" or cursor is None:
                    report.refusals.append(error.refusal)
                    return
                page = None
            if page is None or (page.reset and cursor is not None):
                report.resets += 1
                with transaction(self._connection):
                    self._mirror.start_again(county_code)
                continue
            with transaction(self._connection):
                self._mirror.store(page)
            report.pulled += len(page.records)
            if not page.more:
                return


def _refused_alone(change: KeptChange, refusal: Refusal) -> ChangeOutcome:
    """Return the outcome of a change that the server will not take even by itself: its person must decide."""
    problem = Problem(
        type=problem_type_uri(refusal.code),
        code=refusal.code,
        status=refusal.status,
        zh=refusal.zh,
        en=refusal.en,
    )
    return ChangeOutcome(
        change_id=change.change_id,
        outcome=Outcome.REJECTED,
        disposition=Disposition.NEEDS_USER,
        record_id=change.record_id,
        problems=[problem],
    )
