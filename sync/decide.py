"""What becomes of each change of one county: a fold over the items in sent order. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from geo.shapes import GeometryRefused, as_geojson, read_plot
from schemas.changes import ChangeOutcome, FieldConflict
from schemas.indicators.catalogue import CATALOGUE
from schemas.problems import Problem, problem
from schemas.vocabulary import (
    Action,
    Datum,
    Disposition,
    HoldReason,
    Level,
    Outcome,
    RecordKind,
    RecordStatus,
)
from sync.content import IMMUTABLE_POINTERS, Content, ContentRefused, Place, read_content
from sync.decode import Decoded
from sync.leaves import Leaves, nest
from sync.merge import Merge, merge
from sync.records import CountyState, KnownChange, RecordState
from sync.reference import Reference

RETRY_SOON_S = 60
"""When a phone asks again about a change whose base or farm is still on its way."""

RETRY_TOMORROW_S = 86_400
"""When a phone asks again about a change that waits for a newer server."""

GEOMETRY = "/geometry"


@dataclass(frozen=True, slots=True)
class Writer:
    """Who sends, and where they may write: (county code, township code, level) -> allowed."""

    account: str
    device_id: str
    may_write: Callable[[str, str, Level], bool]


@dataclass(frozen=True, slots=True)
class Context:
    """What every decision of one push needs."""

    county_code: str
    today: date
    reference: Reference
    writer: Writer


@dataclass(frozen=True, slots=True)
class Decision:
    """One item decided. `after` is set where the ledger gets an entry; `before` is the record until then."""

    decoded: Decoded
    answer: ChangeOutcome
    before: RecordState | None = None
    after: RecordState | None = None
    replaced: Mapping[str, Any] | None = None

    @property
    def is_new(self) -> bool:
        """Whether the outcome has to be stored; a replay and a refused reuse of an id are only answered."""
        return not self.answer.replayed and not any(one.code == "change_id_reused" for one in self.answer.problems)


class Refusal(Exception):  # noqa: N818 - control flow inside the fold, turned into an outcome by `decide`
    """An outcome other than applied."""

    def __init__(self, outcome: Outcome, *problems: Problem, hold: HoldReason | None = None, **answer: Any) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.problems = problems
        self.hold = hold
        self.answer = answer


def decide(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    """Return the decision on one item and carry `state` forward."""
    known = state.changes.get(decoded.item.change_id)
    if known is not None:
        answer = replay(decoded, known, context.writer.account)
        if answer is not None:
            return Decision(decoded, answer)
    try:
        decision = _apply(decoded, state, context)
    except Refusal as refusal:
        decision = Decision(decoded, _refused(decoded, refusal))
    _remember(decision, state, context)
    return decision


def replay(decoded: Decoded, known: KnownChange, account: str) -> ChangeOutcome | None:
    """Return the outcome that a change got before, or None where it was held and is to be decided again."""
    if known.account != account or known.item_hash != decoded.item_hash:
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
            return _amend(decoded, state, context)
        case Action.WITHDRAW:
            return _withdraw(decoded, state, context)
        case action:
            assert_never(action)


def _create(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    item, content = decoded.item, decoded.content
    if content is None:
        raise ValueError("a create reached the fold without its content")
    _check_scope(context, content.township_code, content.level)
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
        _check_farm(content.farm_id, state)
    key = record.report_key
    if key is not None and key in state.live_reports:
        raise Refusal(
            Outcome.CONFLICT, problem("report_exists", "/payload/farm_id"), existing_record_id=state.live_reports[key]
        )
    state.put(record)
    return Decision(decoded, _accepted(decoded, Outcome.APPLIED, record), None, record, {})


def _amend(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    item = decoded.item
    base, record = _base_and_record(decoded, state)
    _check_scope(context, record.content.township_code, record.content.level)
    if not record.is_live:
        raise Refusal(Outcome.CONFLICT, problem("record_withdrawn", "/record_id"))
    changes = item.set or {}
    for pointer in sorted(IMMUTABLE_POINTERS & changes.keys()):
        raise Refusal(Outcome.REJECTED, problem("immutable_field", f"/payload{pointer}", label=pointer))
    latest = base.change_id == record.last_change_id
    merged = _merged(record, state.replaced_since(record.id, base.decided_position or 0), changes, item.datum)
    if merged.clashes:
        raise _clash(merged)
    content = _content_after(record, merged.leaves, context, latest=latest)
    _check_scope(context, content.township_code, content.level)
    old, new = record.content.leaves, content.leaves
    replaced = {
        pointer: old.get(pointer) for pointer in old.keys() | new.keys() if old.get(pointer) != new.get(pointer)
    }
    outcome = Outcome.APPLIED if latest else Outcome.MERGED
    if not replaced:
        return Decision(decoded, _accepted(decoded, outcome, record))
    after = replace(
        record,
        revision=record.revision + 1,
        position=state.position + 1,
        last_change_id=item.change_id,
        content=content,
    )
    state.put(after)
    return Decision(decoded, _accepted(decoded, outcome, after), record, after, replaced)


def _withdraw(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    base, record = _base_and_record(decoded, state)
    _check_scope(context, record.content.township_code, record.content.level)
    if not record.is_live:
        raise Refusal(Outcome.CONFLICT, problem("record_withdrawn", "/record_id"))
    if record.content.level is Level.COUNTY:
        raise Refusal(Outcome.REJECTED, problem("statement_stays", "/action"))
    if base.change_id != record.last_change_id:
        raise Refusal(Outcome.CONFLICT, problem("state_changed", "/base_change_id"))
    if record.kind is RecordKind.FARM and any(farm_id == record.id for farm_id, _, _ in state.live_reports):
        raise Refusal(Outcome.CONFLICT, problem("farm_has_reports", "/record_id"))
    after = replace(
        record,
        status=RecordStatus.WITHDRAWN,
        position=state.position + 1,
        last_change_id=decoded.item.change_id,
    )
    state.put(after)
    return Decision(decoded, _accepted(decoded, Outcome.APPLIED, after), record, after, {})


def _base_and_record(decoded: Decoded, state: CountyState) -> tuple[KnownChange, RecordState]:
    """Return the change that an amendment or withdrawal was made on, and its record."""
    item = decoded.item
    base = state.changes.get(item.base_change_id or "")
    missing = Refusal(
        Outcome.HELD,
        problem("base_missing", "/base_change_id"),
        hold=HoldReason.BASE_MISSING,
        retry_after_s=RETRY_SOON_S,
    )
    if base is None:
        raise missing
    if base.record_id != item.record_id:
        raise Refusal(Outcome.REJECTED, problem("base_of_other_record", "/base_change_id"))
    match base.answer.outcome:
        case Outcome.HELD:
            raise missing
        case Outcome.CONFLICT | Outcome.REJECTED:
            raise Refusal(base.answer.outcome, problem("base_failed", "/base_change_id"))
        case Outcome.APPLIED | Outcome.MERGED:
            pass
        case outcome:
            assert_never(outcome)
    record = state.records[item.record_id]
    if record.kind is not item.kind:
        raise Refusal(Outcome.REJECTED, problem("record_kind_differs", "/kind"))
    return base, record


def _check_farm(farm_id: str, state: CountyState) -> None:
    farm = state.records.get(farm_id)
    if farm is None:
        raise Refusal(
            Outcome.HELD,
            problem("farm_missing", "/payload/farm_id"),
            hold=HoldReason.FARM_MISSING,
            retry_after_s=RETRY_SOON_S,
        )
    if farm.kind is not RecordKind.FARM:
        raise Refusal(Outcome.REJECTED, problem("record_kind_differs", "/payload/farm_id"))
    if not farm.is_live:
        raise Refusal(Outcome.CONFLICT, problem("farm_withdrawn", "/payload/farm_id"))


def _check_scope(context: Context, township_code: str, level: Level | None) -> None:
    if not context.writer.may_write(context.county_code, township_code, level or Level.FARM):
        raise Refusal(
            Outcome.HELD,
            problem("out_of_scope", "/payload/township_code", region=township_code),
            hold=HoldReason.SCOPE_LOST,
        )


def _merged(
    record: RecordState, replaced_later: list[Mapping[str, Any]], changes: Mapping[str, Any], datum: Datum | None
) -> Merge:
    if changes.get(GEOMETRY) is not None:
        # Geometry and datum mean something only together: they are merged as one value, in the stored datum.
        try:
            plot = read_plot(changes[GEOMETRY], datum)
        except GeometryRefused as refused:
            raise Refusal(Outcome.REJECTED, refused.problem) from None
        changes = {**changes, GEOMETRY: as_geojson(plot.geom)}
    indicator = record.content.indicator
    groups = CATALOGUE[indicator].merge_groups if indicator is not None else ()
    return merge(record.content.leaves, replaced_later, changes, groups)


def _content_after(record: RecordState, leaves: Leaves, context: Context, *, latest: bool) -> Content:
    """Return the merged record's content, its block rules run again."""
    place = Place(context.county_code, record.id, context.today)
    try:
        return read_content(record.kind, nest(leaves), Datum.CGCS2000, place, context.reference)
    except ValueError as error:
        field = f"/payload{error}"
        raise Refusal(Outcome.REJECTED, problem("not_pointer", field, label=str(error))) from None
    except ContentRefused as refused:
        # On the latest state the person's own values are at fault; on a merged one the two people's are, together.
        outcome = Outcome.REJECTED if latest else Outcome.CONFLICT
        raise Refusal(outcome, *refused.problems) from None


def _clash(merged: Merge) -> Refusal:
    problems = [
        problem(
            "field_conflict", f"/payload{one.pointer}", label=one.pointer, current=one.current, incoming=one.incoming
        )
        for one in merged.clashes
    ]
    conflicts = [
        FieldConflict(field=one.pointer, base=one.base, current=one.current, incoming=one.incoming)
        for one in merged.clashes
    ]
    return Refusal(Outcome.CONFLICT, *problems, conflicts=conflicts)


def _accepted(decoded: Decoded, outcome: Outcome, record: RecordState) -> ChangeOutcome:
    return ChangeOutcome(
        change_id=decoded.item.change_id,
        outcome=outcome,
        disposition=Disposition.TERMINAL,
        record_id=record.id,
        position=record.position,
        revision=record.revision,
        warnings=list(record.content.warnings),
    )


def _refused(decoded: Decoded, refusal: Refusal) -> ChangeOutcome:
    waits = "retry_after_s" in refusal.answer
    return ChangeOutcome(
        change_id=decoded.item.change_id,
        outcome=refusal.outcome,
        disposition=Disposition.RETRY_AFTER if waits else Disposition.NEEDS_USER,
        reason=refusal.hold,
        record_id=decoded.item.record_id,
        problems=list(refusal.problems),
        **refusal.answer,
    )


def _remember(decision: Decision, state: CountyState, context: Context) -> None:
    item = decision.decoded.item
    state.changes[item.change_id] = KnownChange(
        change_id=item.change_id,
        record_id=item.record_id,
        account=context.writer.account,
        item_hash=decision.decoded.item_hash,
        answer=decision.answer,
        decided_position=decision.answer.position,
        replaced=decision.replaced or {},
    )
