"""What becomes of an amendment: merged into the current record field by field, its rules run again. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from geo.shapes import GeometryRefused, as_geojson, read_plot
from schemas.changes import FieldConflict
from schemas.indicators.catalogue import CATALOGUE
from schemas.problems import problem
from schemas.vocabulary import Datum, Outcome
from sync.content import IMMUTABLE_POINTERS, Content, ContentRefused, Place, read_content
from sync.decision import Context, Decision, Refusal, accepted
from sync.decode import Decoded
from sync.leaves import Leaves, nest
from sync.merge import Merge, merge
from sync.preconditions import base_and_record, check_scope
from sync.records import CountyState, RecordState

GEOMETRY = "/geometry"


def amend(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    """Return the decision on an amendment and carry `state` forward. Raises Refusal."""
    item = decoded.item
    base, record = base_and_record(decoded, state)
    check_scope(context, record.content.township_code, record.content.level)
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
    check_scope(context, content.township_code, content.level)
    old, new = record.content.leaves, content.leaves
    replaced = {
        pointer: old.get(pointer) for pointer in old.keys() | new.keys() if old.get(pointer) != new.get(pointer)
    }
    outcome = Outcome.APPLIED if latest else Outcome.MERGED
    if not replaced:
        return Decision(decoded, accepted(decoded, outcome, record))
    after = replace(
        record,
        revision=record.revision + 1,
        position=state.position + 1,
        last_change_id=item.change_id,
        content=content,
    )
    state.put(after)
    return Decision(decoded, accepted(decoded, outcome, after), record, after, replaced)


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
