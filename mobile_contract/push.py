"""Pushing: what is due goes out in batches, and every outcome is stored before it counts."""

import json
import sqlite3
from collections.abc import Sequence

from mobile_contract.clock import note_skew
from mobile_contract.heads import Heads
from mobile_contract.outbox import KeptChange, Outbox
from mobile_contract.receipts import Receipts, read_keys, whole_receipt
from mobile_contract.store import transaction
from mobile_contract.sync_report import SyncReport
from mobile_contract.version import APP_VERSION
from mobile_contract.wire import Delivery, Pacing, Pushed, Refusal, RefusedError, UnreachableError, Wire
from schemas.changes import MAX_BODY_BYTES, ChangeOutcome
from schemas.problems import Problem, problem_type_uri
from schemas.receipts import KEYS_PATH
from schemas.vocabulary import Disposition, Outcome

BATCH_ITEMS = 100
BATCH_BYTES = MAX_BODY_BYTES - 4_096
"""Room is left for the envelope around the items."""
_SPLIT_ON = frozenset({400, 413, 422})
"""Answers to a body that may be mended by sending less of it: too large, or spoilt by one of its items."""
_ITEMS = "/changes"


class Push:
    """Moves changes out of the outbox of one phone, and receipts into its keeping."""

    def __init__(self, connection: sqlite3.Connection, wire: Wire, pacing: Pacing, device_id: str) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)
        self._receipts = Receipts(connection)
        self._heads = Heads(connection)
        self._wire = wire
        self._pacing = pacing
        self._device_id = device_id

    def send(self, report: SyncReport, *, held_too: bool, batch_items: int) -> None:
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
                if refusal.status not in _SPLIT_ON or _is_of_the_envelope(refusal):
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
        pushed: Pushed | None = None
        try:
            pushed = self._wire.push(self._envelope(batch), delivery)
            outcomes: Sequence[ChangeOutcome] = pushed.answer.outcomes
            report.warnings += pushed.answer.warnings
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
        self._settle(batch, outcomes, report, pushed)
        return None

    def _settle(
        self,
        batch: list[KeptChange],
        outcomes: Sequence[ChangeOutcome],
        report: SyncReport,
        pushed: Pushed | None = None,
    ) -> None:
        """Store the outcomes, the receipt over them and the clock's error, all at once."""
        decided = list(zip(batch, outcomes, strict=True))
        with transaction(self._connection):
            self._outbox.settle(decided, self._now())
            if pushed is not None:
                note_skew(self._connection, self._pacing.clock, pushed.answer.server_time)
                if pushed.receipt is not None:
                    self._receipts.keep(whole_receipt(pushed.receipt, self._device_id, decided))
                if pushed.answer.receipt is not None:
                    self._heads.note(pushed.answer.receipt.heads)
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
        queued, oldest = self._outbox.behind(batch[-1].seq)
        waits = {"queued": queued} | ({"oldest_queued_at": oldest} if oldest else {})
        head = json.dumps(
            {
                "device_id": self._device_id,
                "schema_version": batch[0].schema_version,
                "sent_at": self._pacing.clock().isoformat(),
                "app_version": APP_VERSION,
                **waits,
            }
        )
        items = ",".join(change.item for change in batch)
        return f'{head[:-1]}, "changes": [{items}]}}'.encode()

    def fetch_keys(self) -> None:
        """Get the server's public keys where a receipt needs one that the phone has not. Raises as `send` does."""
        if not self._receipts.keys_missing():
            return
        try:
            document = self._wire.get(KEYS_PATH).json()
        except (RefusedError, ValueError):
            return  # A receipt is kept without its key; it is asked for again.
        with transaction(self._connection):
            self._receipts.keep_keys(read_keys(document))


def _is_of_the_envelope(refusal: Refusal) -> bool:
    """Return whether a refusal names nothing but the envelope: then no item is at fault and splitting mends nothing."""
    return bool(refusal.fields) and not any(field.startswith(_ITEMS) for field in refusal.fields)


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
