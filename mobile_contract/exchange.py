"""The exchange with the server: push in batches, pull by county cursor, every answer stored before it counts."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mobile_contract.heads import Heads
from mobile_contract.mirror import Mirror, Recovery
from mobile_contract.outbox import KeptChange, Outbox
from mobile_contract.packs import Packs
from mobile_contract.receipts import Receipts, read_keys, whole_receipt
from mobile_contract.store import store_setting, transaction
from mobile_contract.version import APP_VERSION
from mobile_contract.wire import Delivery, Pacing, Pushed, Refusal, RefusedError, UnreachableError, Wire
from schemas.changes import MAX_BODY_BYTES, ChangeOutcome, Pull, WantedRecords
from schemas.problems import Problem, problem_type_uri
from schemas.receipts import KEYS_PATH
from schemas.vocabulary import Disposition, Outcome

BATCH_ITEMS = 100
BATCH_BYTES = MAX_BODY_BYTES - 4_096
"""Room is left for the envelope around the items."""
CLOCK_SKEW = "clock_skew_s"
"""The setting that holds the phone's clock less the server's, in seconds."""
PAGE_RECORDS = 200
MANIFEST_ENTRIES = 5_000
WANTED_RECORDS = 200
_SPLIT_ON = frozenset({400, 413, 422})
"""Answers to a body that may be mended by sending less of it: too large, or spoilt by one of its items."""
_ITEMS = "/changes"
_NOT_THEIRS = "above_scope"
"""The refusal of a county of which the account may see nothing any more."""


@dataclass(slots=True)
class SyncReport:
    """What one sync did. `reached` is False where the server gave no usable answer: try again later."""

    reached: bool = True
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    replayed: int = 0
    pulled: int = 0
    resets: int = 0
    mismatches: int = 0
    """Counties whose checksum did not fit and that were read anew."""
    settled_late: int = 0
    """Held changes whose end came down in the pull."""
    dropped: int = 0
    """Records that left the phone's townships."""
    packs: int = 0
    photos: int = 0
    """Photos that the server has all of since."""
    unfinished: bool = False
    """The byte budget ended the pull; there is more."""
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    """What the server says of the push as a whole, such as that the phone's clock is off."""
    reason: str = ""
    retry_after_s: float = 0.0
    """How long the server asks to be left alone."""


@dataclass(frozen=True, slots=True)
class PullLimits:
    """How much may come down: a page's records and bytes, and the bytes of one sync. None: no limit."""

    page_records: int = PAGE_RECORDS
    page_bytes: int | None = None
    sync_bytes: int | None = None

    @property
    def params(self) -> dict[str, str]:
        """The limits of a page as the server is told them."""
        bounds = {"limit": str(self.page_records)}
        return bounds if self.page_bytes is None else bounds | {"max_bytes": str(self.page_bytes)}


class Exchange:
    """Moves changes out of the outbox and records into the mirror of one phone."""

    def __init__(self, connection: sqlite3.Connection, wire: Wire, pacing: Pacing, device_id: str) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)
        self._mirror = Mirror(connection)
        self._receipts = Receipts(connection)
        self._heads = Heads(connection)
        self._packs = Packs(connection, wire)
        self._wire = wire
        self._pacing = pacing
        self._device_id = device_id
        self._cursors_lost: set[str] = set()
        """Counties whose cursor was lost in this pull: a server that reads none of its own is not asked for ever."""

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
                self._note_skew(pushed.answer.server_time)
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
        """Get the server's public keys where a receipt needs one that the phone has not. Raises as `push` does."""
        if not self._receipts.keys_missing():
            return
        try:
            document = self._wire.get(KEYS_PATH).json()
        except (RefusedError, ValueError):
            return  # A receipt is kept without its key; it is asked for again.
        with transaction(self._connection):
            self._receipts.keep_keys(read_keys(document))

    def pull_county(self, county_code: str, report: SyncReport, limits: PullLimits) -> None:
        """Pull page after page; a page and its cursor are stored together. Raises as `push` does.

        A cursor that the server no longer reads, a `reset` and a checksum that does not fit all end in the manifest.
        """
        recovered = False
        self._cursors_lost.discard(county_code)
        while not self._is_spent(report, limits):
            if self._mirror.followed(county_code).recovery in {Recovery.LISTING, Recovery.FETCHING}:
                if not self._recover(county_code, report, limits):
                    return
                recovered = True
                continue
            asked = self._heads.asked(county_code)
            page = self._next_page(county_code, report, limits, asked)
            if page is None:
                return
            with transaction(self._connection):
                fits = self._take_in(page, report, recovered=recovered)
                if not page.more:
                    # The cursor is beyond them; after a reset all that was acknowledged is in doubt.
                    self._heads.forget(county_code, None if page.reset else asked)
            if fits and not page.more:
                self._fetch_packs(page, report)
                return

    def _next_page(self, county_code: str, report: SyncReport, limits: PullLimits, heads: Sequence[str]) -> Pull | None:
        """Return the page after the stored cursor; one from the start where the server cannot read that cursor."""
        for _ in range(2):
            cursor = self._mirror.cursor(county_code)
            try:
                bounds = limits.params | {"packs": self._packs.digest(county_code)}
                return self._wire.pull(county_code, cursor, bounds, heads)
            except RefusedError as error:
                if error.refusal.code != "cursor_invalid" or cursor is None or county_code in self._cursors_lost:
                    self._refused(county_code, error.refusal, report)
                    return None
                report.resets += 1
                self._cursors_lost.add(county_code)
                with transaction(self._connection):
                    self._mirror.lose_cursor(county_code)
                    self._outbox.doubt(county_code)
        return None

    def _take_in(self, page: Pull, report: SyncReport, *, recovered: bool) -> bool:
        """Store a page with all that it says, and return whether the mirror fits; else it is to be listed next."""
        county_code = page.county_code
        self._note_skew(page.server_time)
        if page.reset:
            report.resets += 1
            self._mirror.begin_listing(county_code, page.cursor)
            self._outbox.doubt(county_code)
            return False
        before = self._mirror.followed(county_code)
        self._mirror.store(page)
        report.settled_late += self._outbox.settle_late(page.outcomes)
        report.pulled += len(page.records)
        report.dropped += len(page.exits)
        if page.more:
            return True
        if before.recovery is Recovery.DUE:
            self._mirror.begin_listing(county_code, page.cursor)
            return False
        if recovered or page.checksum is None or page.checksum == self._mirror.followed(county_code).checksum:
            return True
        report.mismatches += 1
        self._mirror.begin_listing(county_code, page.cursor)
        return False

    def _recover(self, county_code: str, report: SyncReport, limits: PullLimits) -> bool:
        """Read the manifest, fetch what differs, drop what was not listed; return False where it must wait."""
        try:
            while (state := self._mirror.followed(county_code)).recovery is Recovery.LISTING:
                listing = self._wire.manifest(county_code, state.listed_after, MANIFEST_ENTRIES)
                with transaction(self._connection):
                    self._mirror.list_page(listing)
            while wanted := self._mirror.differing(county_code, WANTED_RECORDS):
                if self._is_spent(report, limits):
                    return False
                found = self._wire.records(WantedRecords(county_code=county_code, ids=wanted))
                with transaction(self._connection):
                    self._mirror.replace(county_code, wanted, found)
                report.pulled += len(found.records)
        except RefusedError as error:
            self._refused(county_code, error.refusal, report)
            return False
        with transaction(self._connection):
            self._mirror.end_recovery(county_code)
        return True

    def _refused(self, county_code: str, refusal: Refusal, report: SyncReport) -> None:
        """Note a refusal; the records of a county that the account lost leave the phone, its own changes stay."""
        report.refusals.append(refusal)
        if refusal.code == _NOT_THEIRS:
            with transaction(self._connection):
                report.dropped += self._mirror.leave(county_code)

    def _fetch_packs(self, page: Pull, report: SyncReport) -> None:
        if page.packs is None:
            return
        try:
            report.packs += self._packs.take(page.packs, page.county_code)
        except RefusedError as error:
            report.refusals.append(error.refusal)

    def _is_spent(self, report: SyncReport, limits: PullLimits) -> bool:
        if limits.sync_bytes is None or self._wire.bytes_received < limits.sync_bytes:
            return False
        report.unfinished = True
        return True

    def _note_skew(self, server_time: datetime) -> None:
        """Remember how far the phone's clock is off, in seconds; what was captured keeps the time it was given."""
        skew_s = (self._pacing.clock() - server_time).total_seconds()
        store_setting(self._connection, CLOCK_SKEW, f"{skew_s:.0f}")


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
