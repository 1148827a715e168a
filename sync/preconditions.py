"""What must hold before a change may touch a record: a base that was taken, a farm that lives, a scope that reaches."""

from typing import assert_never

from schemas.identifiers import lock_id
from schemas.problems import problem
from schemas.vocabulary import HoldReason, Indicator, Level, Outcome, RecordKind
from sync.content import Content
from sync.decision import Context, Refusal
from sync.decode import Decoded
from sync.records import CountyState, KnownChange, RecordState

RETRY_SOON_S = 60
"""When a phone asks again about a change whose base or farm is still on its way."""


RETRY_TOMORROW_S = 86_400
"""When a phone asks again about a change that only somebody else can help."""


def base_and_record(decoded: Decoded, state: CountyState) -> tuple[KnownChange, RecordState]:
    """Return the change that an amendment or withdrawal was made on, and its record. Raises Refusal."""
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


def check_farm(farm_id: str, state: CountyState, context: Context) -> None:
    """Raise Refusal unless the farm is there, lives, and is the writer's to report on."""
    farm = state.records.get(farm_id)
    if farm is None and farm_id in state.farms_elsewhere:
        ledger = state.farms_elsewhere[farm_id]
        raise Refusal(Outcome.REJECTED, problem("farm_of_other_code", "/county_code", value=ledger))
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
    check_scope(context, farm.content.township_code, Level.FARM)


def check_scope(context: Context, township_code: str, level: Level | None, indicator: Indicator | None = None) -> None:
    """Raise Refusal unless the writer may write in the township, on the indicator where it is a report."""
    if not context.writer.rights.may_write(context.county_code, township_code, level or Level.FARM, indicator):
        raise Refusal(
            Outcome.HELD,
            problem("out_of_scope", "/payload/township_code", region=township_code),
            hold=HoldReason.SCOPE_LOST,
        )


def check_lock(content: Content, state: CountyState, context: Context) -> None:
    """Raise Refusal where the report's indicator has been filed for its period: the change is kept until it is open."""
    report = (content.indicator, content.period)
    if content.indicator is None or content.period is None or report not in state.locks:
        return
    raise Refusal(
        Outcome.HELD,
        problem("year_locked", period=content.period),
        hold=HoldReason.YEAR_LOCKED,
        waits_for=lock_id(context.county_code, content.indicator, content.period),
        retry_after_s=RETRY_TOMORROW_S,
    )


def is_open_lock(cause: str, decoded: Decoded, state: CountyState) -> bool:
    """Return whether a change that waits for `cause` waits for the lock of its report, and that is open."""
    record = state.records.get(decoded.item.record_id)
    content = decoded.content or (record.content if record is not None else None)
    if content is None or content.indicator is None or content.period is None:
        return False
    is_lock = cause == lock_id(decoded.item.county_code, content.indicator, content.period)
    return is_lock and (content.indicator, content.period) not in state.locks
