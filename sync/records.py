"""The state of records and changes as the decision sees them: values loaded once before, written once after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from schemas.changes import ChangeOutcome
from schemas.vocabulary import LIVE_STATUSES, Indicator, Outcome, RecordKind, RecordStatus
from sync.content import Content

K = TypeVar("K")

ReportKey = tuple[str, str, str]
"""(farm_id, indicator, period): at most one live report each."""


@dataclass(frozen=True, slots=True)
class RecordState:
    """A record between two changes."""

    id: str
    kind: RecordKind
    status: RecordStatus
    revision: int
    position: int
    last_change_id: str
    account: str
    content: Content
    submitted_at: str | None = None
    """Since when it waits for its review, RFC 3339; None: since this push."""
    review: Mapping[str, Any] | None = None
    """The last decision on it, as `schemas.reviews.Review` has it; one of this push has no `decided_at` yet."""
    reviewed_revision: int | None = None
    is_erased: bool = False
    """Whether its personal fields were erased: none is taken in again."""
    payload_hash: bytes = b""
    mark: str = ""
    """Of the state as it was loaded; what this push writes has its mark once its entry has a hash."""

    @property
    def is_live(self) -> bool:
        """Whether the record has not been withdrawn."""
        return self.status in LIVE_STATUSES

    @property
    def report_key(self) -> ReportKey | None:
        """Return what the record is the one live report of; None for farms and statements."""
        content = self.content
        if content.farm_id is None or content.indicator is None or content.period is None:
            return None
        return (content.farm_id, str(content.indicator), content.period)


@dataclass(frozen=True, slots=True)
class KnownChange:
    """A change that was decided before."""

    change_id: str
    record_id: str
    account: str
    item_hash: bytes
    answer: ChangeOutcome
    decided_position: int | None
    replaced: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldChange:
    """A change that lies held until what it waits for has come, as it was stored."""

    change_id: str
    account: str
    device_id: str
    item: Mapping[str, Any]
    item_hash: bytes
    schema_version: int
    waits_for: str


@dataclass(slots=True)
class CountyState:
    """What the decision knows of a county; it is carried forward item by item within one push."""

    position: int
    records: dict[str, RecordState] = field(default_factory=dict)
    changes: dict[str, KnownChange] = field(default_factory=dict)
    live_reports: dict[ReportKey, str] = field(default_factory=dict)
    live_projects: dict[str, str] = field(default_factory=dict)
    """Project -> its one live report, in this ledger or in one that was merged with it."""
    farms_elsewhere: dict[str, str] = field(default_factory=dict)
    """Farm -> its ledger, for those that are reported on here and stand in a ledger merged with this one."""
    held: set[str] = field(default_factory=set)
    """The changes that lie held in the database, of which somebody was told so."""
    waiting: Sequence[HeldChange] = ()
    """Those of them that wait for what is decided now, and those that wait for these, as they were received."""

    locks: set[tuple[Indicator, str]] = field(default_factory=set)
    """The (indicator, period) pairs that are filed and let no change in now."""

    def replaced_since(self, record_id: str, position: int) -> list[Mapping[str, Any]]:
        """Return what each change of a record after `position` replaced, newest first."""
        later = [
            change
            for change in self.changes.values()
            if change.record_id == record_id
            and change.answer.outcome in (Outcome.APPLIED, Outcome.MERGED)
            and change.decided_position is not None
            and change.decided_position > position
            and change.replaced
        ]
        later.sort(key=lambda change: change.decided_position or 0, reverse=True)
        return [change.replaced for change in later]

    def put(self, record: RecordState) -> None:
        """Take a record's new state."""
        self.records[record.id] = record
        self.position = max(self.position, record.position)
        _keep_if_live(self.live_reports, record.report_key, record)
        _keep_if_live(self.live_projects, record.content.project_id, record)


def _keep_if_live(ids: dict[K, str], key: K | None, record: RecordState) -> None:
    if key is None:
        return
    if record.is_live:
        ids[key] = record.id
    elif ids.get(key) == record.id:
        del ids[key]
