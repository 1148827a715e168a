"""The course of a record through its entries: handed in, decided on, handed in again; what its row must say of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from backend.verify.faults import Fault
from schemas.canonical import NotCanonicalError
from schemas.reviews import Review, ReviewReason
from schemas.vocabulary import REVIEWS, EntryAction, RecordStatus
from sync.cells import REPORTS
from sync.ledger import timestamp
from sync.review import review_hash

Entry = Mapping[str, Any]

STATUSES: Mapping[str, frozenset[str]] = {
    EntryAction.CREATE: frozenset({RecordStatus.SUBMITTED}),
    EntryAction.AMEND: frozenset({RecordStatus.SUBMITTED, RecordStatus.ACCEPTED}),
    EntryAction.WITHDRAW: frozenset({RecordStatus.WITHDRAWN}),
    EntryAction.ACCEPT: frozenset({RecordStatus.ACCEPTED}),
    EntryAction.RETURN: frozenset({RecordStatus.RETURNED}),
    EntryAction.PRECHECK: frozenset({RecordStatus.SUBMITTED}),
    EntryAction.ERASE: frozenset(RecordStatus),
}
"""In which status an entry of each action can leave a record."""


@dataclass(slots=True)
class Course:
    """Where the entries have led a record."""

    status: str | None = None
    """None: where no entry can have led it."""
    content_hash: str = ""
    submitted_at: str | None = None
    review: dict[str, Any] | None = None
    reviewed_revision: int | None = None
    erased_position: int | None = None


def course_of(entries: Sequence[Entry], changes: Mapping[str, Any]) -> Course:
    """Return where the entries of a record have led it; `changes` are what was sent and answered, by position."""
    course = Course()
    for entry in entries:
        action, before = entry["action"], course.status
        course.status = _status_after(entry, before)
        if course.status not in STATUSES.get(action, ()):
            course.status = None
        if action in REVIEWS:
            course.review = _review(entry, changes.get(str(entry["position"]), {}))
        else:
            course.content_hash = entry["payload_hash"]
        if action == EntryAction.ERASE:
            course.erased_position = entry["position"]
        if course.status == RecordStatus.SUBMITTED and before != RecordStatus.SUBMITTED:
            course.submitted_at = entry["recorded_at"]
        is_corrected = action == EntryAction.AMEND and course.status == RecordStatus.ACCEPTED
        if is_corrected or action in (EntryAction.ACCEPT, EntryAction.RETURN):
            course.reviewed_revision = entry["revision"]
    return course


def review_faults(row: Any, entries: Sequence[Entry], changes: Mapping[str, Any]) -> Iterator[Fault]:
    """Compare what was said in every review with the hash that its entry commits to."""
    content_hash = ""
    for entry in entries:
        if entry["action"] not in REVIEWS:
            content_hash = entry["payload_hash"]
            continue
        said = changes.get(str(entry["position"]), {})
        if said.get("is_erased") and row.erased_position is not None:
            continue  # its words went with the personal fields
        if _hash_of(content_hash, entry["action"], said) != entry["payload_hash"]:
            yield Fault(row.county_code, entry["position"], "review", row.id)


def _status_after(entry: Entry, before: str | None) -> str | None:
    """Return the status that an entry leaves: that of the cells in which it counts the report, else as it was.

    Nothing is counted of a farm: it is handed in until it is withdrawn.
    """
    if entry["action"] == EntryAction.WITHDRAW:
        return RecordStatus.WITHDRAWN
    for delta in entry["deltas"]:
        if len(delta) == 4 and delta[2] == REPORTS and delta[3] == "1":
            return str(delta[0])
    return RecordStatus.SUBMITTED if before is None and entry["action"] == EntryAction.CREATE else before


def _review(entry: Entry, said: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a review as its record keeps it; None where what was sent is none."""
    try:
        review = Review(
            decision=entry["action"],
            reasons=said.get("reasons") or [],
            office=said.get("office"),
            decided_at=entry["recorded_at"],
            position=entry["position"],
            revision=entry["revision"],
        )
    except ValidationError:
        return None
    moment = datetime.fromisoformat(entry["recorded_at"])
    return review.model_dump(mode="json") | {"decided_at": timestamp(moment)}


def _hash_of(content_hash: str, action: str, said: Mapping[str, Any]) -> str | None:
    try:
        reasons = [ReviewReason.model_validate(one).model_dump() for one in said.get("reasons") or ()]
        return review_hash(bytes.fromhex(content_hash), action, said.get("office") or "", reasons).hex()
    except (ValidationError, NotCanonicalError, ValueError, TypeError):
        return None
