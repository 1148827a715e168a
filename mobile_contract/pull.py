"""Pulling: page after page into the mirror, and the manifest as the one way back where the two do not fit."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from mobile_contract.clock import note_skew
from mobile_contract.heads import Heads
from mobile_contract.mirror import Mirror, Recovery
from mobile_contract.outbox import Outbox
from mobile_contract.pack_files import PackFiles
from mobile_contract.packs import Packs
from mobile_contract.store import transaction
from mobile_contract.sync_report import SyncReport
from mobile_contract.wire import Pacing, Refusal, RefusedError, Wire
from schemas.changes import Pull as Page
from schemas.changes import PulledRecord, WantedRecords

PAGE_RECORDS = 200
MANIFEST_ENTRIES = 5_000
WANTED_RECORDS = 200
_NOT_THEIRS = "above_scope"
"""The refusal of a county of which the account may see nothing any more."""


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


class Pull:
    """Brings the records of the counties that one phone follows into its mirror."""

    def __init__(self, connection: sqlite3.Connection, wire: Wire, pacing: Pacing, files: PackFiles) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)
        self._mirror = Mirror(connection)
        self._heads = Heads(connection)
        self._packs = Packs(connection, wire)
        self._files = files
        self._wire = wire
        self._pacing = pacing
        self._cursors_lost: set[str] = set()
        """Counties whose cursor was lost in this pull: a server that reads none of its own is not asked for ever."""

    def bring(self, county_code: str, report: SyncReport, limits: PullLimits) -> None:
        """Pull page after page; a page and its cursor are stored together.

        A cursor that the server no longer reads, a `reset` and a checksum that does not fit all end in the manifest.
        Raises UnreachableError or SignInNeededError; what is stored stays.
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

    def _next_page(self, county_code: str, report: SyncReport, limits: PullLimits, heads: Sequence[str]) -> Page | None:
        """Return the page after the stored cursor; one from the start where the server cannot read that cursor."""
        for _ in range(2):
            cursor = self._mirror.cursor(county_code)
            try:
                bounds = limits.params | {
                    "packs": self._packs.digest(county_code),
                    "files": self._files.digest(county_code),
                }
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

    def _take_in(self, page: Page, report: SyncReport, *, recovered: bool) -> bool:
        """Store a page with all that it says, and return whether the mirror fits; else it is to be listed next."""
        county_code = page.county_code
        note_skew(self._connection, self._pacing.clock, page.server_time)
        if page.reset:
            report.resets += 1
            self._mirror.begin_listing(county_code, page.cursor)
            self._outbox.doubt(county_code)
            return False
        before = self._mirror.followed(county_code)
        self._mirror.store(page)
        report.settled_late += self._outbox.settle_late(page.outcomes)
        self._forget_erased(page.records, county_code)
        if page.files is not None:
            self._files.note(page.files, county_code)
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
                    self._forget_erased(found.records, county_code)
                report.pulled += len(found.records)
        except RefusedError as error:
            self._refused(county_code, error.refusal, report)
            return False
        with transaction(self._connection):
            self._mirror.end_recovery(county_code)
        return True

    def _forget_erased(self, records: Sequence[PulledRecord], county_code: str) -> None:
        """Clear what the phone has of people whose data were erased: in sent changes, and in the county's files."""
        erased = [one.id for one in records if one.erased_position is not None]
        self._outbox.forget(erased)
        if erased:
            self._files.leave(county_code)

    def _refused(self, county_code: str, refusal: Refusal, report: SyncReport) -> None:
        """Note a refusal; the records of a county that the account lost leave the phone, its own changes stay."""
        report.refusals.append(refusal)
        if refusal.code == _NOT_THEIRS:
            with transaction(self._connection):
                report.dropped += self._mirror.leave(county_code)
                self._files.leave(county_code)

    def _fetch_packs(self, page: Page, report: SyncReport) -> None:
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
