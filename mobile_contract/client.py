"""The reference client: a phone that keeps every change before it sends it, and shows nothing as sent on a guess."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from mobile_contract.clock import CLOCK_SKEW
from mobile_contract.notebook import Notebook, ShownRecord, UnknownRecordError
from mobile_contract.pack_files import PackFiles
from mobile_contract.packs import Packs
from mobile_contract.photos import KeptPhoto, Photos, PhotoState
from mobile_contract.pull import Pull, PullLimits
from mobile_contract.push import BATCH_ITEMS, Push
from mobile_contract.receipts import Receipts
from mobile_contract.store import StoreFullError, open_store, setting, store_setting, transaction
from mobile_contract.sync_report import SyncReport
from mobile_contract.wire import Pacing, RefusedError, Tokens, UnreachableError, Wire

__all__ = ["ATTACHMENTS", "OtherAccountError", "Phone", "ShownRecord", "UnknownRecordError"]

ATTACHMENTS = "attachments"
"""The answer that names a record's photos by their SHA-256."""

_USERNAME = "username"
_TOKEN = "token"  # noqa: S105 - the name of a setting
_REFRESH_TOKEN = "refresh_token"  # noqa: S105
_RESUME_AT = "resume_at"


class OtherAccountError(Exception):
    """The file belongs to another account; its unsent changes must not go out under a stranger's name."""


class Phone(Notebook):
    """One installation of the app: a file, a server, a person. Use it from one thread."""

    def __init__(
        self,
        path: Path,
        base_url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        pacing: Pacing | None = None,
        device_id: str | None = None,
        batch_items: int = BATCH_ITEMS,
    ) -> None:
        """`transport` and `pacing` exist so that a test can break the network and repeat the run.

        `device_id` (UUIDv7) is drawn on first use of the file and kept.
        """
        super().__init__(open_store(path), pacing or Pacing())
        self.receipts = Receipts(self._connection)
        self._batch_items = batch_items
        self.device_id = self._kept_device_id(device_id)
        self._wire = Wire(base_url, transport, self._pacing, self.device_id, self._keep_tokens)
        self._wire.tokens = self._kept_tokens()
        self.packs = Packs(self._connection, self._wire)
        self.files = PackFiles(self._connection, self._wire, path.with_name(f"{path.name}.packs"))
        self.photos = Photos(self._connection, self._wire, path.with_name(f"{path.name}.photos"))
        self._pushing = Push(self._connection, self._wire, self._pacing, self.device_id)
        self._pulling = Pull(self._connection, self._wire, self._pacing, self.files)

    def close(self) -> None:
        """Close the file and the connections; everything kept stays kept."""
        self._wire.close()
        self._connection.close()

    @property
    def username(self) -> str | None:
        """Whose phone this is: the first account that signed in; None before."""
        return setting(self._connection, _USERNAME)

    @property
    def signed_in(self) -> bool:
        """Whether the phone holds a sign-in; the server may find it expired all the same."""
        return self._wire.tokens != Tokens()

    @property
    def clock_skew(self) -> timedelta | None:
        """The phone's clock less the server's, as of the last answer. Times captured are never moved by it."""
        seconds = setting(self._connection, CLOCK_SKEW)
        return None if seconds is None else timedelta(seconds=float(seconds))

    @property
    def resume_at(self) -> datetime | None:
        """Until when the server asked to be left alone; a sync that nobody waits for should begin later."""
        moment = setting(self._connection, _RESUME_AT)
        return None if moment is None else datetime.fromisoformat(moment)

    def sign_in(self, username: str, password: str) -> None:
        """Sign in. Capturing works without it, sending does not. The token is kept, the password never.

        Raises OtherAccountError where the file is another account's, RefusedError for wrong credentials.
        """
        self.claim(username)
        self._wire.sign_in(username, password)

    def enrol(self, code: str) -> str:
        """Sign in by the code that the office gave, and return whose phone this is. What is kept stays kept.

        Raises OtherAccountError where the file is another account's, RefusedError for a code that is not valid.
        """
        username = self._wire.enrol(code)
        try:
            self.claim(username)
        except OtherAccountError:
            self._wire.sign_out()
            raise
        return username

    def claim(self, username: str) -> None:
        """Say whose phone this is, once for ever. Raises OtherAccountError."""
        if self.username not in {None, username}:
            raise OtherAccountError(self.username)
        if self.username is None:
            with transaction(self._connection):
                store_setting(self._connection, _USERNAME, username)

    def sign_out(self) -> None:
        """Forget the sign-in; whatever is kept stays, and goes out when the same account signs in again."""
        self._wire.sign_out()

    def add_photo(self, record_id: str, file: Path) -> KeptPhoto:
        """Keep a photo and name it in its record by an amendment; it is sent by itself, whichever comes first.

        Raises UnknownRecordError, NotAPhotoError, OSError, StoreFullError.
        """
        shown = self.shown(record_id)
        if shown is None:
            raise UnknownRecordError(record_id)
        photo = self.photos.keep(file, shown.county_code, self._pacing.clock().isoformat())
        named = list(shown.payload.get(ATTACHMENTS) or ())
        if all(one["sha256"] != photo.sha256 for one in named):
            this = {"sha256": photo.sha256, "taken_at": photo.captured_at}
            self.amend(record_id, {f"/{ATTACHMENTS}": [*named, this]})
        return photo

    def sync(self, *, held_too: bool = False, limits: PullLimits | None = None) -> SyncReport:
        """Send what is due, pull every followed county, send photos; a failure of the network ends it, nothing is lost.

        Sending comes first: a device that is full of pulled records still hands in what only it has. With `held_too`
        the held changes go out again whether or not their time has come: a person asked for it. Raises
        SignInNeededError, StoreFullError.
        """
        report = SyncReport()
        self._within(report, lambda: self._synchronise(report, limits or PullLimits(), held_too=held_too))
        return report

    def push(self, *, held_too: bool = False) -> SyncReport:
        """Send what is due without pulling. Raises SignInNeededError, StoreFullError."""
        report = SyncReport()
        self._within(report, lambda: self._push(report, held_too=held_too))
        return report

    def send_photos(self, of: "Phone | None" = None) -> SyncReport:
        """Send the photos that are not at the server yet: its own, or those of another outbox under its own sign-in.

        The server takes a file from whoever writes in its county. Raises SignInNeededError, StoreFullError.
        """
        report = SyncReport()
        photos = (of or self).photos.over(self._wire)
        self._within(report, lambda: self._send_photos(report, photos))
        return report

    def fetch_files(self) -> SyncReport:
        """Fetch the files that the phone was told of and has not, from where they were broken off.

        A sync only tells of them: they are large, and wait for a good line. Raises SignInNeededError, StoreFullError.
        """
        report = SyncReport()
        self._within(report, lambda: self._fetch_files(report))
        return report

    def _fetch_files(self, report: SyncReport) -> None:
        for file in self.files.all():
            if file.is_current:
                continue
            try:
                report.files += self.files.fetch(file)
            except RefusedError as error:
                report.refusals.append(error.refusal)

    def _synchronise(self, report: SyncReport, limits: PullLimits, *, held_too: bool) -> None:
        if limits.sync_bytes is not None:
            limits = replace(limits, sync_bytes=self._wire.bytes_received + limits.sync_bytes)
        self._push(report, held_too=held_too)
        self._pull(report, limits)
        if report.resets:
            # The ledger may have been restored: what it had acknowledged is sent again, and what came of it pulled.
            self._push(report, held_too=False)
            self._pull(report, limits)
        self._pushing.fetch_keys()
        self._send_photos(report, self.photos)

    def _push(self, report: SyncReport, *, held_too: bool) -> None:
        self._pushing.send(report, held_too=held_too, batch_items=self._batch_items)

    def _pull(self, report: SyncReport, limits: PullLimits) -> None:
        for county_code in self.mirror.counties():
            self._pulling.bring(county_code, report, limits)

    def _send_photos(self, report: SyncReport, photos: Photos) -> None:
        for photo in photos.waiting():
            try:
                report.photos += photos.send(photo).state is PhotoState.COMPLETE
            except RefusedError as error:
                report.refusals.append(error.refusal)

    def _within(self, report: SyncReport, work: Callable[[], None]) -> None:
        """Do the work of a sync; note in the report where the network ended it, and in the file how long to wait."""
        try:
            work()
        except UnreachableError as error:
            report.reached, report.reason, report.retry_after_s = False, str(error), error.retry_after_s
        wait = timedelta(seconds=report.retry_after_s)
        until = (self._pacing.clock() + wait).isoformat() if wait else None
        if until != setting(self._connection, _RESUME_AT):
            with transaction(self._connection):
                store_setting(self._connection, _RESUME_AT, until)

    def _kept_tokens(self) -> Tokens:
        return Tokens(setting(self._connection, _TOKEN), setting(self._connection, _REFRESH_TOKEN))

    def _keep_tokens(self, tokens: Tokens) -> bool:
        """Keep a sign-in as soon as there is one, so that it outlives the app. False: the device is full."""
        try:
            with transaction(self._connection):
                store_setting(self._connection, _TOKEN, tokens.access)
                store_setting(self._connection, _REFRESH_TOKEN, tokens.refresh)
        except StoreFullError:
            return False
        return True

    def _kept_device_id(self, wanted: str | None) -> str:
        known = setting(self._connection, "device_id")
        if known is None:
            known = wanted or self._new_id()
            with transaction(self._connection):
                store_setting(self._connection, "device_id", known)
        return known
