"""What the phones of the bench send: farms and reports of a plausible mix, one stream a county, always the same."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.changes import SCHEMA_VERSION
from schemas.identifiers import uuid7
from schemas.vocabulary import Datum, EntityKind

Item = dict[str, Any]

YEARS = (2025, 2024, 2023, 2022, 2021)

KINDS = (
    *[EntityKind.HOUSEHOLD] * 6,
    EntityKind.LARGE_GROWER,
    EntityKind.COOPERATIVE,
    *[EntityKind.LIVESTOCK_FARM] * 2,
)
"""Ten farms as they follow each other; together they file 18 reports a year: 8 film, 8 straw, 2 manure."""

REPORTS_OF_A_FARM = 9
"""On average over all years."""

SHARE_WITH_PLOT = 0.15
"""How many reports bring a drawing of their own; of the farms four in five do."""

READ_PLACES = text("""
    SELECT county.code, ST_X(ST_PointOnSurface(geom)) AS longitude, ST_Y(ST_PointOnSurface(geom)) AS latitude,
           (SELECT array_agg(town.code ORDER BY town.code) FROM region_version AS town
            WHERE town.parent_code = county.code AND town.level = 'township' AND town.valid_to IS NULL) AS townships
    FROM region_version AS county JOIN current_county_geom AS outline ON outline.county_code = county.code
    WHERE county.level = 'county' AND county.valid_to IS NULL AND county.parent_code LIKE '43%'
    ORDER BY county.code LIMIT :count
""")
"""Counties of Hunan, each with a point inside (CGCS2000) and its townships."""


@dataclass(frozen=True, slots=True)
class Place:
    """A county that reports."""

    code: str
    longitude: float
    latitude: float
    townships: tuple[str, ...]


async def read_places(connection: AsyncConnection, count: int) -> list[Place]:
    """Return the counties that report."""
    rows = await connection.execute(READ_PLACES, {"count": count})
    return [Place(row.code, row.longitude, row.latitude, tuple(row.townships or [row.code + "000"])) for row in rows]


class CountyStream:
    """The farms of a county and, year by year, their reports, in the order in which phones send them."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place = place
        self._dice = random.Random(f"{seed} {place.code}")
        self._farms: list[Item] = []
        self._reports = self._all_reports()

    def farms(self, count: int) -> list[Item]:
        """Return the items that create `count` farms; called once, before any report."""
        self._farms = [self._farm(KINDS[number % len(KINDS)], number) for number in range(count)]
        return self._farms

    def reports(self, count: int) -> list[Item]:
        """Return the next `count` reports. Raises ValueError where there are too few farms."""
        taken = list(islice(self._reports, count))
        if len(taken) < count:
            raise ValueError(f"county {self.place.code} has too few farms for the reports asked of it")
        return taken

    def _all_reports(self) -> Iterator[Item]:
        for year in YEARS:
            for farm in self._farms:
                if farm["payload"]["entity_kind"] == EntityKind.LIVESTOCK_FARM:
                    yield self._report(farm, "manure_utilisation", year, self._manure())
                else:
                    yield self._report(farm, "film_recovery", year, self._film())
                    yield self._report(farm, "straw_utilisation", year, self._straw())

    def _farm(self, kind: EntityKind, number: int) -> Item:
        payload: Item = {
            "entity_kind": kind.value,
            "township_code": self._dice.choice(self.place.townships),
            "name": f"柳林村种植户{number:04d}",
            "contact_name": "张敏",
            "phone": f"1990000{number % 10_000:04d}",
            "address": "柳林村",
            "area_mu": f"{self._dice.uniform(4, 60):.1f}",
        }
        if self._dice.random() < 0.8:
            payload["geometry"] = self._plot()
        return self._create("farm", payload)

    def _report(self, farm: Item, indicator: str, year: int, answers: Item) -> Item:
        payload = {
            "indicator": indicator,
            "level": "farm",
            "period": str(year),
            "farm_id": farm["record_id"],
            "township_code": farm["payload"]["township_code"],
            **answers,
        }
        if self._dice.random() < SHARE_WITH_PLOT:
            payload["geometry"] = self._plot()
        return self._create("report", payload)

    def _film(self) -> Item:
        covered_mu = self._dice.uniform(2, 40)
        used_kg = covered_mu * self._dice.uniform(4.2, 6.2)
        return {
            "mulch_covered_area_mu": f"{covered_mu:.1f}",
            "mulch_used_kg": f"{used_kg:.1f}",
            "mulch_recovered_gross_kg": f"{used_kg * self._dice.uniform(0.8, 1.05):.1f}",
            "mulch_impurity_rate": f"{self._dice.uniform(0.05, 0.2):.3f}",
            "mulch_moisture_rate": f"{self._dice.uniform(0.02, 0.1):.3f}",
        }

    def _straw(self) -> Item:
        crops = {}
        for crop, yield_kg in (("early_rice", 410), ("double_late_rice", 430), ("rapeseed", 125)):
            sown_mu = self._dice.uniform(2, 30)
            grain_kg = sown_mu * yield_kg * self._dice.uniform(0.9, 1.1)
            crops[crop] = {
                "grain_kg": f"{grain_kg:.0f}",
                "sown_area_mu": f"{sown_mu:.1f}",
                "returned_area_mu": f"{sown_mu * 0.6:.1f}",
                "use_fertiliser_kg": f"{grain_kg * 0.05:.0f}",
                "use_feed_kg": f"{grain_kg * 0.08:.0f}",
                "use_fuel_kg": f"{grain_kg * 0.06:.0f}",
            }
        return {"respondent": "household", "crops": crops}

    def _manure(self) -> Item:
        heads = self._dice.randint(300, 4_000)
        used_kg = heads * 12 * 180 * self._dice.uniform(0.7, 0.95)
        return {
            "equipped": True,
            "species": {"finishing_pig": {"slaughter_head": heads}},
            "composting_return_kg": f"{used_kg * 0.5:.0f}",
            "commercial_fertiliser_kg": f"{used_kg * 0.3:.0f}",
            "slurry_return_kg": f"{used_kg * 0.2:.0f}",
        }

    def _plot(self) -> Item:
        """Return a field of six corners and some 20 mu near the middle of the county."""
        east = self.place.longitude + self._dice.uniform(-0.01, 0.01)
        north = self.place.latitude + self._dice.uniform(-0.01, 0.01)
        corners = [(0, 0), (60, -8), (130, 0), (135, 90), (70, 104), (5, 95), (0, 0)]
        ring = [[round(east + x / 97_000, 7), round(north + y / 111_000, 7)] for x, y in corners]
        return {"type": "Polygon", "coordinates": [ring]}

    def _create(self, kind: str, payload: Item) -> Item:
        item = {
            "change_id": self._new_id(),
            "county_code": self.place.code,
            "record_id": self._new_id(),
            "kind": kind,
            "action": "create",
            "captured_at": "2025-10-03T09:12:00+08:00",
            "payload": payload,
        }
        return item | {"datum": Datum.GCJ02} if "geometry" in payload else item

    def _new_id(self) -> str:
        return uuid7(1_759_453_920_000, self._dice.randbytes(10))


def body(items: list[Item]) -> bytes:
    """Return the body of a push."""
    return orjson.dumps(
        {
            "device_id": "01928f3c-0000-7000-8000-000000000001",
            "schema_version": SCHEMA_VERSION,
            "sent_at": "2025-10-03T18:20:00+08:00",
            "changes": items,
        }
    )
