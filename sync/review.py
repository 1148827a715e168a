"""What becomes of a review: an office accepts, returns or prechecks the report as it saw it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemas.canonical import canonical_sha256
from schemas.indicators.catalogue import CATALOGUE
from schemas.problems import problem
from schemas.reviews import ReviewReason
from schemas.vocabulary import REVIEWS, Action, Indicator, Level, Outcome, RecordStatus
from sync.decision import Context, Decision, Refusal, accepted
from sync.decode import Decoded
from sync.leaves import unescape
from sync.records import CountyState, RecordState

STATUS_AFTER: Mapping[Action, RecordStatus] = {
    Action.ACCEPT: RecordStatus.ACCEPTED,
    Action.RETURN: RecordStatus.RETURNED,
}
"""A precheck leaves the status as it is."""

STATUS_WORDS: Mapping[RecordStatus, tuple[str, str]] = {
    RecordStatus.SUBMITTED: ("待审核", "waiting for review"),
    RecordStatus.RETURNED: ("已退回", "returned"),
    RecordStatus.ACCEPTED: ("已审核通过", "accepted"),
}


def review(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    """Return the decision on a review and carry `state` forward. Raises Refusal."""
    item = decoded.item
    record = state.records.get(item.record_id)
    if record is None:
        raise Refusal(Outcome.REJECTED, problem("review_record_unknown", "/record_id"))
    indicator = record.content.indicator
    if indicator is None or record.content.level is not Level.FARM:
        raise Refusal(Outcome.REJECTED, problem("review_of_farm_reports", "/record_id"))
    decides_for_county = _check_rights(item.action, record, indicator, context)
    _check_reasons(item.reasons or (), indicator)
    if (indicator, record.content.period) in state.locks:
        raise Refusal(Outcome.CONFLICT, problem("review_of_a_filed_year", period=record.content.period))
    if record.position != item.position:
        raise Refusal(
            Outcome.CONFLICT, problem("review_position", "/position", seen=item.position, position=record.position)
        )
    _check_status(item.action, record, decides_for_county=decides_for_county)
    office = context.writer.rights.display_name
    after = replace(
        record,
        status=STATUS_AFTER.get(item.action, record.status),
        position=state.position + 1,
        last_change_id=item.change_id,
        review={
            "decision": str(item.action),
            "reasons": [one.model_dump() for one in item.reasons or ()],
            "office": office,
            "position": state.position + 1,
            "revision": record.revision,
        },
        reviewed_revision=record.reviewed_revision if item.action is Action.PRECHECK else record.revision,
    )
    state.put(after)
    answer = accepted(decoded, Outcome.APPLIED, after).model_copy(update={"office": office})
    return Decision(decoded, answer, context.writer, record, after, {})


def review_hash(content_hash: bytes, decision: str, office: str, reasons: Sequence[Mapping[str, Any]]) -> bytes:
    """Return what the entry of a review commits to: the content that was looked at, and what was said of it."""
    said = {"content": content_hash.hex(), "decision": decision, "office": office, "reasons": list(reasons)}
    return canonical_sha256(said)


def entry_payload_hash(action: Action, record: RecordState) -> bytes:
    """Return the hash that the entry of a change names: of the content, or of the review with it."""
    if action not in REVIEWS or record.review is None:
        return record.payload_hash
    said = record.review
    return review_hash(record.payload_hash, said["decision"], said["office"], said["reasons"])


def status_amended(record: RecordState, context: Context) -> RecordStatus:
    """Return the status that an amendment leaves.

    What was decided is to be looked at again, except where the office that accepts the report corrects it itself.
    """
    if record.status is RecordStatus.ACCEPTED and _is_reviewed_by(record, context):
        return RecordStatus.ACCEPTED
    return RecordStatus.SUBMITTED


def _is_reviewed_by(record: RecordState, context: Context) -> bool:
    indicator = record.content.indicator
    return indicator is not None and context.writer.rights.may_review(context.county_code, indicator)


def _check_rights(action: Action, record: RecordState, indicator: Indicator, context: Context) -> bool:
    """Return whether the county's bureau decides, and not a township's office. Raises Refusal for anybody else."""
    rights = context.writer.rights
    if action is not Action.PRECHECK and rights.may_review(context.county_code, indicator):
        return True
    if action is not Action.ACCEPT and rights.may_precheck(record.content.township_code, indicator):
        return False
    raise Refusal(Outcome.REJECTED, problem("review_not_yours", "/record_id", region=record.content.township_code))


def _check_reasons(reasons: Sequence[ReviewReason], indicator: Indicator) -> None:
    fields = CATALOGUE[indicator].farm_form.model_fields
    for number, reason in enumerate(reasons):
        if reason.field is not None and unescape(reason.field.split("/")[1]) not in fields:
            pointer = f"/reasons/{number}/field"
            raise Refusal(Outcome.REJECTED, problem("unknown_field", pointer, label=reason.field))


def _check_status(action: Action, record: RecordState, *, decides_for_county: bool) -> None:
    if not record.is_live:
        raise Refusal(Outcome.CONFLICT, problem("record_withdrawn", "/record_id"))
    may_reopen = action is Action.RETURN and decides_for_county and record.status is RecordStatus.ACCEPTED
    if record.status is not RecordStatus.SUBMITTED and not may_reopen:
        zh, en = STATUS_WORDS[record.status]
        raise Refusal(Outcome.CONFLICT, problem("review_status", "/action", status=zh, status_en=en))
