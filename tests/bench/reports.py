"""What the phones of the bench send: farms and reports drawn like the demo's, one stream a county."""

from collections.abc import Iterator
from itertools import islice

import orjson

from backend.demo.changes import Item, PlannedRecord, plan_create
from backend.demo.counties import CountyPlace
from backend.demo.draws import Draws
from backend.demo.farms import plan_farm, plot
from backend.demo.film import film_head, film_of_farm
from backend.demo.manure import manure_head, manure_of_farm, plan_herd
from backend.demo.straw import CropLedger, county_ledger, straw_head, straw_of_household
from schemas.vocabulary import Datum, EntityKind, Level, RecordKind

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
"""How many reports bring a drawing of their own; farms bring one in four of five cases."""


class CountyStream:
    """The farms of a county and, year by year, their reports, in the order in which phones send them."""

    def __init__(self, place: CountyPlace, seed: int) -> None:
        self.place = place
        self._draws = Draws(seed, f"bench {place.code}")
        self._ledger = county_ledger(self._draws, place, 0.86)
        self._farms: list[PlannedRecord] = []
        self._reports = self._all_reports()

    def farms(self, count: int) -> list[Item]:
        """Return the items that create `count` farms; called once, before any report."""
        self._farms = [
            plan_farm(self._draws, self.place, KINDS[number % len(KINDS)], number % 100, Datum.GCJ02)
            for number in range(count)
        ]
        return [farm.created for farm in self._farms]

    def reports(self, count: int) -> list[Item]:
        """Return the next `count` reports."""
        taken = list(islice(self._reports, count))
        if len(taken) < count:
            raise ValueError(f"county {self.place.code} has too few farms for the reports asked of it")
        return taken

    def _all_reports(self) -> Iterator[Item]:
        for year in YEARS:
            for farm in self._farms:
                for payload in self._payloads(farm, year):
                    yield self._report(farm, payload, year)

    def _payloads(self, farm: PlannedRecord, year: int) -> Iterator[Item]:
        if farm.payload["entity_kind"] == EntityKind.LIVESTOCK_FARM:
            herd = plan_herd(self._draws, self.place.farmland)
            yield manure_head(Level.FARM, year) | manure_of_farm(self._draws, herd, 0.8)
            return
        area_mu = float(farm.payload["area_mu"])
        yield film_head(Level.FARM, year) | film_of_farm(self._draws, self.place.farmland, area_mu, 0.86, year)
        yield straw_head(Level.FARM, year) | _straw(self._draws, self._ledger, area_mu)

    def _report(self, farm: PlannedRecord, payload: Item, year: int) -> Item:
        whole = payload | {"farm_id": farm.record_id, "township_code": farm.payload["township_code"]}
        if self.place.points and self._draws.chance(SHARE_WITH_PLOT):
            centre = self._draws.one_of(self.place.points)
            whole["geometry"] = plot(centre, float(farm.payload["area_mu"]), Datum.GCJ02)
        captured_at = self._draws.moment(year, 9, 22, 50)
        return plan_create(self._draws, self.place.code, RecordKind.REPORT, whole, captured_at, Datum.GCJ02).created


def _straw(draws: Draws, ledger: list[CropLedger], area_mu: float) -> Item:
    return straw_of_household(draws, ledger, area_mu)


def body(items: list[Item]) -> bytes:
    """Return the body of a push."""
    return orjson.dumps(
        {
            "device_id": "01928f3c-0000-7000-8000-000000000001",
            "schema_version": 1,
            "sent_at": "2025-10-03T18:20:00+08:00",
            "changes": items,
        }
    )
