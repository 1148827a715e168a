"""Factories of what a phone sends."""

import itertools
from typing import Any

from schemas.identifiers import statement_id, uuid7
from tests.support.offices import COUNTY, TOWNSHIP

CAPTURED_AT = "2025-10-03T09:12:00+08:00"
_COUNTER = itertools.count(1)

Item = dict[str, Any]


def new_id() -> str:
    """Return a fresh UUIDv7."""
    return uuid7(1_759_453_920_000 + next(_COUNTER))


def square(longitude: float = 112.55, latitude: float = 29.55, side: float = 0.002) -> dict[str, Any]:
    """Return a square plot; the default lies in 华容县."""
    east, north = longitude + side, latitude + side
    ring = [[longitude, latitude], [east, latitude], [east, north], [longitude, north], [longitude, latitude]]
    return {"type": "Polygon", "coordinates": [ring]}


def farm(**answers: Any) -> Item:
    """Return the creation of a farm."""
    payload = {"entity_kind": "household", "name": "张家湾村种植户", "township_code": TOWNSHIP} | answers
    return create("farm", payload, datum="cgcs2000" if "geometry" in payload else None)


def film(farm_id: str, **answers: Any) -> Item:
    """Return the creation of a film report: 100 kg used, 90 kg gross of which 10 % dirt and 10 % water."""
    payload = {
        "indicator": "film_recovery",
        "level": "farm",
        "period": "2025",
        "farm_id": farm_id,
        "township_code": TOWNSHIP,
        "mulch_used_kg": "100",
        "mulch_recovered_gross_kg": "90",
        "mulch_impurity_rate": "0.1",
        "mulch_moisture_rate": "0.1",
        "mulch_covered_area_mu": "20",
    }
    return create("report", payload | answers)


def film_statement(county_code: str = COUNTY, period: str = "2025", **answers: Any) -> Item:
    """Return the creation of a county's film statement."""
    answers = {
        "mulch_used_t": "100",
        "mulch_recovered_gross_t": "100",
        "mulch_impurity_rate": "0.1",
        "mulch_moisture_rate": "0.05",
        "mulch_covered_area_mu": "20000",
    } | answers
    return statement("film_recovery", period, county_code, **answers)


def statement(indicator: str, period: str = "2025", county_code: str = COUNTY, **answers: Any) -> Item:
    """Return the creation of a county's statement."""
    payload = {"indicator": indicator, "level": "county", "period": period} | answers
    record_id = statement_id(county_code, indicator, period)
    return create("report", payload, county_code=county_code, record_id=record_id)


def fertiliser(period: str, tonnes: str, county_code: str = COUNTY) -> Item:
    """Return the creation of a county's fertiliser statement: so many tonnes of nitrogen on a million mu."""
    answers = {"sown_area_mu": "1000000", "fertilisers": {"n": {"nutrient_t": tonnes}}}
    return statement("fertiliser_reduction", period, county_code, **answers)


def project(farm_id: str, number: str, period: str, area_mu: str, **answers: Any) -> Item:
    """Return the creation of a report on an irrigation project with so much drip irrigation."""
    payload = {
        "indicator": "irrigation_new_area", "level": "farm", "period": period, "farm_id": farm_id,
        "township_code": TOWNSHIP, "project_id": number, "drip_area_mu": area_mu,
    }  # fmt: skip
    return create("report", payload | answers)


def create(kind: str, payload: dict[str, Any], *, datum: str | None = None, **item: Any) -> Item:
    """Return a creation."""
    change: Item = {
        "change_id": new_id(),
        "county_code": COUNTY,
        "record_id": new_id(),
        "kind": kind,
        "action": "create",
        "captured_at": CAPTURED_AT,
        "payload": payload,
    }
    if datum is not None:
        change["datum"] = datum
    return change | item


def amend(base: Item, changes: dict[str, Any], **item: Any) -> Item:
    """Return an amendment made on `base`."""
    return _follow(base, "amend") | {"set": changes} | item


def withdraw(base: Item, **item: Any) -> Item:
    """Return the withdrawal of what `base` left."""
    return _follow(base, "withdraw") | item


def _follow(base: Item, action: str) -> Item:
    same = {name: base[name] for name in ("county_code", "record_id", "kind")}
    return same | {
        "change_id": new_id(),
        "action": action,
        "captured_at": CAPTURED_AT,
        "base_change_id": base["change_id"],
    }


def body(*changes: Any, schema_version: int = 1, **envelope: Any) -> dict[str, Any]:
    """Return the body of a push."""
    return {
        "device_id": "01928f3c-0000-7000-8000-000000000001",
        "schema_version": schema_version,
        "sent_at": "2025-10-03T18:20:00+08:00",
        "changes": list(changes),
    } | envelope


def review(report: Item, decision: str, position: int, *reasons: tuple[str | None, str]) -> Item:
    """Return a review of a report as it was at a position; a reason is the pointer of an answer and a text."""
    change: Item = {name: report[name] for name in ("county_code", "record_id", "kind")} | {
        "change_id": new_id(),
        "action": decision,
        "captured_at": CAPTURED_AT,
        "position": position,
    }
    if reasons:
        change["reasons"] = [{"field": pointer, "text": words} for pointer, words in reasons]
    return change
