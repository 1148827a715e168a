"""A county while it is planned: who reports there, and how their reports and the county's statements are dated."""

from dataclasses import dataclass, field

from backend.demo.changes import Payload, PlannedRecord, plan_create
from backend.demo.counties import CountyPlace
from backend.demo.draws import Draws
from backend.demo.farms import plan_farm
from backend.demo.land import Land
from backend.demo.manure import Herd
from schemas.vocabulary import Datum, EntityKind, Level, RecordKind

FIRST_SEASON = 2024
"""The year the phones came; what is of an earlier year was entered later, in its May."""


@dataclass(slots=True)
class Draft:
    """A county while it is planned."""

    land: Land
    draws: Draws
    datum: Datum
    growers: list[PlannedRecord] = field(default_factory=list)
    firms: list[PlannedRecord] = field(default_factory=list)
    livestock: list[PlannedRecord] = field(default_factory=list)
    herds: dict[int, list[Herd]] = field(default_factory=dict)
    """What stands in the barns of `livestock`, by year."""

    @property
    def place(self) -> CountyPlace:
        """The county."""
        return self.land.place

    def farm(self, draws: Draws, kind: EntityKind, number: int) -> PlannedRecord:
        """Return the registration of a reporting entity of the county."""
        return plan_farm(draws, self.land, kind, number, self.datum)

    def report(self, draws: Draws, farm: PlannedRecord, payload: Payload, year: int) -> PlannedRecord:
        """Return a farm's report of a year, captured in its autumn."""
        captured_at = draws.moment(year, 9, 22, 50) if year >= FIRST_SEASON else draws.moment(FIRST_SEASON, 5, 6, 20)
        whole = payload | of_farm(farm)
        return plan_create(draws, self.place.code, RecordKind.REPORT, whole, captured_at)

    def statement(self, draws: Draws, payload: Payload, year: int) -> PlannedRecord:
        """Return the county's statement of a year, captured in its December."""
        captured_at = draws.moment(year, 12, 8, 14) if year >= FIRST_SEASON else draws.moment(FIRST_SEASON, 5, 27, 4)
        return plan_create(draws, self.place.code, RecordKind.REPORT, payload, captured_at)


def of_farm(farm: PlannedRecord) -> Payload:
    """Return what a report says of its farm."""
    return {"farm_id": farm.record_id, "township_code": farm.payload["township_code"]}


def head(indicator: str, level: Level, year: int) -> Payload:
    """Return what every report begins with."""
    return {"indicator": str(indicator), "level": level.value, "period": str(year)}
