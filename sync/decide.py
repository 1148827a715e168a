"""What becomes of each change of one county: a fold over the items in sent order. Pure."""

from dataclasses import replace
from typing import assert_never

from schemas.changes import ChangeOutcome
from schemas.problems import problem
from schemas.vocabulary import Action, Disposition, HoldReason, Level, Outcome, RecordKind, RecordStatus
from sync.amend import amend
from sync.decision import Context, Decision, Refusal, accepted, refused
from sync.decode import Decoded
from sync.preconditions import RETRY_TOMORROW_S, base_and_record, check_farm, check_lock, check_scope
from sync.records import CountyState, KnownChange, RecordState
from sync.review import review
from sync.sealing import ERASED_HASH


def decide(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    """Return the decision on one item and carry `state` forward."""
    known = state.changes.get(decoded.item.change_id)
    if known is not None:
        answer = replay(decoded, known, context.writer.account)
        if answer is not None:
            return Decision(decoded, answer, context.writer)
    try:
        decision = _apply(decoded, state, context)
    except Refusal as refusal:
        record = state.records.get(decoded.item.record_id)
        of_erased = record is not None and record.is_erased
        decision = Decision(
            decoded, refused(decoded, refusal), context.writer, is_of_erased=of_erased, cause=refusal.waits_for
        )
    return _taken(decision, state)


def expire(decoded: Decoded, state: CountyState, context: Context, days: int) -> Decision:
    """Return the end of a change that waited in vain, and carry `state` forward."""
    is_report = decoded.item.action is Action.CREATE
    never_came = (
        problem("farm_never_came", "/payload/farm_id", days=days)
        if is_report
        else problem("base_never_came", "/base_change_id", days=days)
    )
    answer = refused(decoded, Refusal(Outcome.REJECTED, never_came))
    return _taken(Decision(decoded, answer, context.writer), state)


def replay(decoded: Decoded, known: KnownChange, account: str) -> ChangeOutcome | None:
    """Return the outcome that a change got before, or None where it was held and is to be decided again.

    What was sent of a record that was erased is known by its id alone.
    """
    if known.account != account or known.item_hash not in (decoded.item_hash, ERASED_HASH):
        return ChangeOutcome(
            change_id=decoded.item.change_id,
            outcome=Outcome.REJECTED,
            disposition=Disposition.NEEDS_USER,
            problems=[problem("change_id_reused", "/change_id")],
        )
    if known.answer.outcome is Outcome.HELD:
        return None
    return known.answer.model_copy(update={"replayed": True})


def _apply(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    if not decoded.schema_known:
        raise Refusal(
            Outcome.HELD,
            problem("schema_unknown", version=decoded.schema_version),
            hold=HoldReason.SCHEMA_UNKNOWN,
            retry_after_s=RETRY_TOMORROW_S,
        )
    if decoded.problems:
        raise Refusal(Outcome.REJECTED, *decoded.problems)
    match decoded.item.action:
        case Action.CREATE:
            return _create(decoded, state, context)
        case Action.AMEND:
            return amend(decoded, state, context)
        case Action.WITHDRAW:
            return _withdraw(decoded, state, context)
        case Action.ACCEPT | Action.RETURN | Action.PRECHECK:
            return review(decoded, state, context)
        case action:
            assert_never(action)


def _create(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    item, content = decoded.item, decoded.content
    if content is None:
        raise ValueError("a create reached the fold without its content")
    check_scope(context, content.township_code, content.level, content.indicator)
    if item.record_id in state.records:
        raise Refusal(Outcome.CONFLICT, problem("record_exists", "/record_id"), existing_record_id=item.record_id)
    record = RecordState(
        id=item.record_id,
        kind=item.kind,
        status=RecordStatus.SUBMITTED,
        revision=1,
        position=state.position + 1,
        last_change_id=item.change_id,
        account=context.writer.account,
        content=content,
    )
    if content.farm_id is not None:
        check_farm(content.farm_id, state, context)
    key = record.report_key
    if key is not None and key in state.live_reports:
        raise Refusal(
            Outcome.CONFLICT, problem("report_exists", "/payload/farm_id"), existing_record_id=state.live_reports[key]
        )
    project_id = content.project_id
    if project_id is not None and project_id in state.live_projects:
        raise Refusal(
            Outcome.CONFLICT,
            problem("project_exists", "/payload/project_id", value=project_id),
            existing_record_id=state.live_projects[project_id],
        )
    check_lock(content, state, context)
    state.put(record)
    return Decision(decoded, accepted(decoded, Outcome.APPLIED, record), context.writer, None, record, {})


def _withdraw(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    base, record = base_and_record(decoded, state)
    check_scope(context, record.content.township_code, record.content.level, record.content.indicator)
    if not record.is_live:
        raise Refusal(Outcome.CONFLICT, problem("record_withdrawn", "/record_id"))
    if record.content.level is Level.COUNTY:
        raise Refusal(Outcome.REJECTED, problem("statement_stays", "/action"))
    if base.decided_position != record.position:
        raise Refusal(Outcome.CONFLICT, problem("state_changed", "/base_change_id"))
    if record.kind is RecordKind.FARM and any(farm_id == record.id for farm_id, _, _ in state.live_reports):
        raise Refusal(Outcome.CONFLICT, problem("farm_has_reports", "/record_id"))
    check_lock(record.content, state, context)
    after = replace(
        record,
        status=RecordStatus.WITHDRAWN,
        position=state.position + 1,
        last_change_id=decoded.item.change_id,
    )
    state.put(after)
    return Decision(decoded, accepted(decoded, Outcome.APPLIED, after), context.writer, record, after, {})


def _taken(decision: Decision, state: CountyState) -> Decision:
    """Return the decision, remembered; a change that lay held ends by an entry, if need be by one of its own."""
    item = decision.decoded.item
    if decision.answer.outcome is not Outcome.HELD and item.change_id in state.held:
        state.held.remove(item.change_id)
        if decision.after is None:
            state.position += 1
        decision = replace(decision, settled_position=state.position)
    state.changes[item.change_id] = KnownChange(
        change_id=item.change_id,
        record_id=item.record_id,
        account=decision.writer.account,
        item_hash=decision.decoded.item_hash,
        answer=decision.answer,
        decided_position=decision.answer.position,
        replaced=decision.replaced or {},
    )
    return decision
