"""Farms and reports with plots: as registered, as drawn, in whatever datum a phone gave them."""

from decimal import Decimal
from typing import Any

import numpy as np
from pyproj import Geod

from geo.datum import from_cgcs2000
from schemas.vocabulary import Datum
from tests.integration.conftest import Caller
from tests.support.reports import Item, farm, film, square

PHONE, OTHER_PHONE = "01928f3c-0000-7000-8000-00000000000a", "01928f3c-0000-7000-8000-00000000000b"


def rectangle(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def mu_of(plot: dict[str, Any]) -> Decimal:
    """Return an area by pyproj, which knows nothing of PostGIS."""
    [ring] = plot["coordinates"]
    area_m2, _ = Geod(ellps="GRS80").polygon_area_perimeter(*zip(*ring, strict=True))
    return Decimal(area_m2) * 15 / 10000


def reported(number: int, **geometry: Any) -> list[Item]:
    """Return a farm and its report; `drawn` is the report's plot, `registered` the farm's, `datum` the report's."""
    registered = geometry.get("registered")
    homestead = farm(name=f"第{number}户", **({} if registered is None else {"geometry": registered}))
    drawn = geometry.get("drawn")
    own = {"mulch_used_kg": f"{101 + number}"} | ({} if drawn is None else {"geometry": drawn})
    report = film(homestead["record_id"], **own) | {"datum": geometry.get("datum", "wgs84")}
    return [homestead, report]


def in_datum(datum: Datum, longitude: float, latitude: float) -> dict[str, Any]:
    """Return a square plot as a map SDK of another datum gives it."""
    corners = np.array(square(longitude, latitude)["coordinates"][0])
    return {"type": "Polygon", "coordinates": [from_cgcs2000(corners, datum).tolist()]}


async def push(worker: Caller, items: list[Item], device_id: str) -> None:
    outcomes = await worker.outcomes(*items, device_id=device_id)
    assert {one["outcome"] for one in outcomes} == {"applied"}, outcomes


async def village(worker: Caller, count: int, datum: Datum, declared: str = "wgs84", north: float = 0) -> list[Item]:
    """Register plots from one phone and report on them from another, which gives positions in `datum`."""
    spots = [(112.5 + 0.004 * k, 29.5 + north) for k in range(count)]
    pairs = [
        reported(k, registered=square(*spot), drawn=in_datum(datum, *spot), datum=declared)
        for k, spot in enumerate(spots)
    ]
    await push(worker, [homestead for homestead, _ in pairs], OTHER_PHONE)
    reports = [report for _, report in pairs]
    await push(worker, reports, PHONE)
    return reports
