"""What becomes of an amendment: merged into the current record field by field, its rules run again. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from geo.shapes import GeometryRefused, as_geojson, read_plot
from schemas.changes import FieldConflict
from schemas.farms import Farm
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.translation import labels_at
from schemas.problems import Problem, problem
from schemas.vocabulary import Datum, Outcome, RecordKind, RecordStatus
from sync.content import (
    IMMUTABLE_POINTERS,
    Content,
    ContentRefused,
    Place,
    attachments_in_cgcs2000,
    personal_fields,
    read_content,
)
from sync.decision import Context, Decision, Refusal, accepted
from sync.decode import Decoded
from sync.leaves import Leaves, OverlapError, misplaced, nest, unescape
from sync.merge import Merge, after_base, merge
from sync.preconditions import base_and_record, check_lock, check_scope
from sync.records import CountyState, RecordState
from sync.review import status_amended
from sync.sealing import form_of
from sync.upcast import form_name, upcast_set

GEOMETRY = "/geometry"
ATTACHMENTS = "/attachments"

DRAWING_CODES = frozenset({"geometry_repaired", "geometry_ring_closed"})
"""Warnings about how a plot was drawn, not about where it lies."""


def amend(decoded: Decoded, state: CountyState, context: Context) -> Decision:
    """Return the decision on an amendment and carry `state` forward. Raises Refusal."""
    item = decoded.item
    base, record = base_and_record(decoded, state)
    check_scope(context, record.content.township_code, record.content.level, record.content.indicator)
    if not record.is_live:
        raise Refusal(Outcome.CONFLICT, problem("record_withdrawn", "/record_id"))
    check_lock(record.content, state, context)
    content = record.content
    form = form_name(record.kind, content.indicator, content.level)
    sent = upcast_set(item.set or {}, decoded.schema_version, form, content.leaves)
    _check_erased(sent, record)
    changes, drawn = _converted(_checked(sent, record), item.datum)
    latest = base.decided_position == record.position
    later = state.replaced_since(record.id, base.decided_position or 0)
    merged = merge(record.content.leaves, later, changes, _merge_groups(record))
    if merged.clashes:
        raise _clash(merged, record)
    try:
        content = _content_after(record, merged.leaves, context)
    except ContentRefused as refused:
        # Refused where it was made too, the person's own values are at fault; else the two people's are, together.
        alone = merge(after_base(record.content.leaves, later), (), changes, _merge_groups(record))
        outcome = Outcome.REJECTED if latest or not _is_sound(record, alone.leaves, context) else Outcome.CONFLICT
        raise Refusal(outcome, *refused.problems) from None
    content = replace(content, warnings=(*content.warnings, *_about_drawing(record, merged, drawn)))
    check_scope(context, content.township_code, content.level, content.indicator)
    old, new = record.content.leaves, content.leaves
    replaced = {
        pointer: old.get(pointer) for pointer in old.keys() | new.keys() if old.get(pointer) != new.get(pointer)
    }
    outcome = Outcome.APPLIED if latest else Outcome.MERGED
    if not replaced:
        return Decision(decoded, accepted(decoded, outcome, record), context.writer)
    after = _amended(record, content, state, context, item.change_id)
    state.put(after)
    return Decision(decoded, accepted(decoded, outcome, after), context.writer, record, after, replaced)


def _amended(
    record: RecordState, content: Content, state: CountyState, context: Context, change_id: str
) -> RecordState:
    """Return the record with its next revision; one that was decided on is handed in again, unless by its office."""
    status, revision = status_amended(record, context), record.revision + 1
    return replace(
        record,
        status=status,
        revision=revision,
        position=state.position + 1,
        last_change_id=change_id,
        content=content,
        submitted_at=record.submitted_at if status is record.status else None,
        reviewed_revision=revision if status is RecordStatus.ACCEPTED else record.reviewed_revision,
    )


def _checked(changes: Mapping[str, Any], record: RecordState) -> Mapping[str, Any]:
    """Return the change's `set` where every pointer names a field that may be amended."""
    pointer = misplaced(changes.keys())
    if pointer is not None:
        raise Refusal(Outcome.REJECTED, problem("not_pointer", "/set", label=pointer))
    for pointer in sorted(changes):
        first = f"/{pointer.split('/')[1]}"
        if record.kind is RecordKind.REPORT and first in IMMUTABLE_POINTERS:
            zh, en = _label(record, pointer)
            raise Refusal(Outcome.REJECTED, problem("immutable_field", f"/payload{pointer}", label=zh, label_en=en))
    return changes


def _check_erased(changes: Mapping[str, Any], record: RecordState) -> None:
    """Raise Refusal where a change would bring back what was erased: a phone had not heard of it, or not yet."""
    if not record.is_erased:
        return
    form = form_of(record.kind, record.content.indicator, record.content.level)
    private = personal_fields(form) if form is not None else frozenset()
    for pointer in sorted(changes):
        if unescape(pointer.removeprefix("/").split("/")[0]) in private:
            raise Refusal(Outcome.CONFLICT, problem("record_erased", f"/payload{pointer}"))


def _converted(changes: Mapping[str, Any], datum: Datum | None) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """Return the change with its plot in the stored datum, and what had to be said about the drawing.

    Geometry and datum mean something only together: they are merged as one value, in the stored datum.
    """
    if changes.get(ATTACHMENTS) is not None:
        try:
            changes = {**changes, ATTACHMENTS: attachments_in_cgcs2000(changes[ATTACHMENTS], datum)}
        except ContentRefused as refused:
            raise Refusal(Outcome.REJECTED, *refused.problems) from None
    if changes.get(GEOMETRY) is None:
        return changes, ()
    try:
        plot = read_plot(changes[GEOMETRY], datum)
    except GeometryRefused as refused:
        raise Refusal(Outcome.REJECTED, refused.problem) from None
    return {**changes, GEOMETRY: as_geojson(plot.geom)}, plot.warnings


def _about_drawing(record: RecordState, merged: Merge, drawn: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return the warnings about how the plot was drawn: of the new drawing, or kept while the old one stays.

    The stored plot is sound, so reading it again would not find them.
    """
    if GEOMETRY in merged.replaced:
        return drawn
    return tuple(one for one in record.content.warnings if one.code in DRAWING_CODES)


def _merge_groups(record: RecordState) -> tuple[frozenset[str], ...]:
    indicator = record.content.indicator
    return CATALOGUE[indicator].merge_groups if indicator is not None else ()


def _is_sound(record: RecordState, leaves: Leaves, context: Context) -> bool:
    try:
        _content_after(record, leaves, context)
    except ContentRefused:
        return False
    return True


def _content_after(record: RecordState, leaves: Leaves, context: Context) -> Content:
    """Return the merged record's content, its block rules run again. Raises ContentRefused."""
    place = Place(context.county_code, record.id, context.today)
    try:
        content = read_content(record.kind, nest(leaves), Datum.CGCS2000, place, context.reference)
    except OverlapError as overlap:
        raise ContentRefused((problem("not_pointer", "/set", label=overlap.pointer),)) from None
    before = record.content
    if (content.indicator, content.level, content.period, content.farm_id) != (
        before.indicator,
        before.level,
        before.period,
        before.farm_id,
    ):
        # The sums subtract what the record added where it added it: an amendment never moves it elsewhere.
        raise ValueError("an amendment changed what the report is about")
    return content


def _clash(merged: Merge, record: RecordState) -> Refusal:
    problems = []
    for one in merged.clashes:
        label, current, incoming = _label(record, one.pointer), _said(one.current), _said(one.incoming)
        problems.append(
            problem(
                "field_conflict",
                f"/payload{one.pointer}",
                label=label[0],
                label_en=label[1],
                current=current[0],
                current_en=current[1],
                incoming=incoming[0],
                incoming_en=incoming[1],
            )
        )
    conflicts = [
        FieldConflict(field=one.pointer, base=one.base, current=one.current, incoming=one.incoming)
        for one in merged.clashes
    ]
    return Refusal(Outcome.CONFLICT, *problems, conflicts=conflicts)


def _label(record: RecordState, pointer: str) -> tuple[str, str]:
    """Return what the field at a pointer is called, zh and en."""
    indicator, level = record.content.indicator, record.content.level
    form = Farm if indicator is None or level is None else CATALOGUE[indicator].form(level)
    return labels_at(form, tuple(unescape(token) for token in pointer.split("/")[1:]))


def _said(value: Any) -> tuple[str, str]:
    """Return a value as a text names it, zh and en."""
    match value:
        case None:
            return "未填", "no answer"
        case dict():
            return "另一地块图形", "another drawing"
        case list():
            return "另一组附件", "other attachments"
        case True | False:
            return ("是", "yes") if value else ("否", "no")
        case _:
            return f"“{value}”", f"'{value}'"
