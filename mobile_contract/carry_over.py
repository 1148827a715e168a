"""Last year's answers as suggestions for this year's report: what a farm keeps from year to year, never what it did.

Suggestions are shown as such and enter a report only where the person confirms them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.changes import PulledRecord
from schemas.vocabulary import Indicator, Level, RecordKind, RecordStatus

CARRIED: Mapping[Indicator, frozenset[str]] = {
    Indicator.FILM_RECOVERY: frozenset(
        {"/mulch_covered_area_mu", "/shed_covered_area_mu", "/mulch_thickness_mm", "/recovery_channel"}
    ),
    Indicator.STRAW_UTILISATION: frozenset({"/respondent", "/crops/*/sown_area_mu"}),
    Indicator.MANURE_UTILISATION: frozenset({"/equipped", "/species/*/stock_head"}),
    Indicator.FERTILISER_REDUCTION: frozenset({"/sown_area_mu", "/fertilisers/*/nutrient_share"}),
    Indicator.PESTICIDE_REDUCTION: frozenset({"/basis", "/sown_area_mu"}),
    Indicator.IRRIGATION_NEW_AREA: frozenset(),
    Indicator.GREEN_CONTROL_COVERAGE: frozenset({"/crops/*/planted_area_mu"}),
}
"""What carries over, by JSON Pointer; `*` stands for every crop, species or product. Areas, habits and equipment do.
Masses used, recovered, sold do not: a suggested measurement would be confirmed unread. A project is reported once."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One answer of an earlier report."""

    pointer: str
    value: Any
    period: str
    """The period of the report that it was given in."""


def suggestions(
    records: Iterable[PulledRecord], indicator: Indicator, farm_id: str, period: str
) -> Mapping[str, Suggestion]:
    """Return what the farm's latest earlier yearly report suggests, by pointer; empty where there is none.

    Withdrawn and returned reports suggest nothing.
    """
    earlier = [
        record.payload
        for record in records
        if record.kind is RecordKind.REPORT
        and record.status not in {RecordStatus.WITHDRAWN, RecordStatus.RETURNED}
        and record.payload.get("indicator") == indicator
        and record.payload.get("level") == Level.FARM
        and record.payload.get("farm_id") == farm_id
        and record.payload["period"][:4] < period[:4]
        and len(record.payload["period"]) == 4
    ]
    if not earlier:
        return {}
    latest = max(earlier, key=lambda payload: str(payload["period"]))
    found: dict[str, Suggestion] = {}
    for pattern in CARRIED[indicator]:
        for pointer, value in _matching(latest, pattern.split("/")[1:]):
            found[pointer] = Suggestion(pointer, value, latest["period"])
    return dict(sorted(found.items()))


def _matching(value: Any, pattern: list[str], prefix: str = "") -> Iterable[tuple[str, Any]]:
    if not pattern:
        if value is not None:
            yield prefix, value
        return
    if not isinstance(value, dict):
        return
    for key in value if pattern[0] == "*" else [pattern[0]]:
        if key in value:
            yield from _matching(value[key], pattern[1:], f"{prefix}/{key}")
