"""The plan of the demo: who files what in which order. Pure, and the same for the same seed and places."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.demo.accounts import SHOWN_COUNTY, worker_username
from backend.demo.changes import Item, Payload, PlannedRecord, plan_amend, plan_create
from backend.demo.counties import CountyPlace, Farmland
from backend.demo.draws import Draws
from backend.demo.farms import plan_farm
from backend.demo.film import film_head, film_of_county, film_of_farm
from backend.demo.manure import Herd, manure_head, manure_of_county, manure_of_farm, next_year, plan_herd
from backend.demo.mishaps import Field, Step, make_doubtful, mishaps, of_farm
from backend.demo.straw import FIRMS, county_ledger, straw_head, straw_of_county, straw_of_firm, straw_of_household
from schemas.vocabulary import Action, Datum, EntityKind, Indicator, Level, RecordKind

YEARS = (2025, 2024)
"""Filed in this order, so that the map of the goal year fills first."""

HOUSEHOLDS, LARGE_GROWERS, COOPERATIVES, LIVESTOCK_FARMS = 10, 4, 2, 9
OFFLINE_FARMS = 40

_DATUMS = (Datum.GCJ02, Datum.WGS84, Datum.CGCS2000, Datum.GCJ02, Datum.BD09)
"""What the phones of successive counties give: map SDKs shift, bare receivers do not."""


@dataclass(frozen=True, slots=True)
class CountyPlan:
    """The steps of one county, in order."""

    county_code: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is going to happen."""

    counties: tuple[CountyPlan, ...]
    shown_county: str
    offline: tuple[Item, ...]
    """Forty farms and their reports, queued in a day without network."""
    seal: Item
    """The last change of all; where the server has it, the demo is complete."""

    @property
    def items(self) -> list[Item]:
        """Every change, in no particular order between counties."""
        planned = [item for county in self.counties for step in county.steps for item in step.items]
        return [*planned, *self.offline, self.seal]

    @property
    def reports(self) -> int:
        """How many reports and statements are going to be filed."""
        return sum(1 for item in self.items if item["kind"] == RecordKind.REPORT and item["action"] == Action.CREATE)


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates around which a county's reports of a year are drawn."""

    film: float
    straw: float
    manure: float


@dataclass(slots=True)
class _County:
    """A county while it is planned."""

    place: CountyPlace
    draws: Draws
    datum: Datum
    growers: list[PlannedRecord] = field(default_factory=list)
    firms: list[PlannedRecord] = field(default_factory=list)
    livestock: list[PlannedRecord] = field(default_factory=list)
    herds: dict[int, list[Herd]] = field(default_factory=dict)
    """What stands in the barns of `livestock`, by year."""


def plan_demo(places: Sequence[CountyPlace], seed: int) -> Plan:
    """Return the plan for the given places; SHOWN_COUNTY must be among them."""
    ordered = sorted(places, key=lambda place: place.code)
    counties = []
    statements: dict[str, PlannedRecord] = {}
    for number, place in enumerate(ordered):
        neighbour = ordered[(number + 1) % len(ordered)]
        county, statement = _plan_county(number, place, neighbour, seed)
        counties.append(county)
        statements[place.code] = statement
    shown = next(place for place in ordered if place.code == SHOWN_COUNTY)
    draws = Draws(seed, "seal")
    return Plan(
        counties=tuple(counties),
        shown_county=shown.code,
        offline=_plan_offline(shown, seed),
        seal=plan_amend(draws, statements[shown.code], {"/note": "全年数据已核对"}, reason="年终核对"),
    )


def device_id(seed: int, username: str) -> str:
    """Return the id of the phone of an account."""
    draws = Draws(seed, f"device {username}")
    return draws.new_id(draws.moment(2024, 2, 1, 20))


def _plan_county(
    number: int, place: CountyPlace, neighbour: CountyPlace, seed: int
) -> tuple[CountyPlan, PlannedRecord]:
    """Return a county's steps, and its film statement of 2025."""
    draws = Draws(seed, place.code)
    county = _County(place, draws, _DATUMS[number % len(_DATUMS)])
    _register(county)
    rates = _rates(draws, place.farmland)
    steps: list[Step] = []
    film: dict[int, list[PlannedRecord]] = {}
    sealed = None
    farms = [farm.created for farm in (*county.growers, *county.firms, *county.livestock)]
    for year in YEARS:
        field_reports, statements = _plan_year(county, rates[year], year)
        film[year] = [one for one in field_reports if one.payload["indicator"] == Indicator.FILM_RECOVERY]
        if year == YEARS[0]:
            make_doubtful(number, county.growers, field_reports)
            sealed = statements[0]
        reports = [report.created for report in field_reports]
        steps.append(Step(by_bureau=False, items=(*farms, *reports)))
        steps.append(Step(by_bureau=True, items=tuple(one.created for one in _filed(number, year, statements))))
        farms = []
    steps += mishaps(Field(number, place, draws, county.datum, film[2025], film[2024], neighbour))
    if sealed is None:
        raise ValueError("no year is planned")
    return CountyPlan(place.code, tuple(steps)), sealed


def _filed(number: int, year: int, statements: list[PlannedRecord]) -> list[PlannedRecord]:
    """Return the statements that the county has filed; some are late with one for the current year."""
    late = {3: 1, 5: 2}.get(number % 6) if year == YEARS[0] else None
    return [one for index, one in enumerate(statements) if index != late]


def _register(county: _County) -> None:
    kinds = [EntityKind.HOUSEHOLD] * HOUSEHOLDS + [EntityKind.LARGE_GROWER] * LARGE_GROWERS
    kinds += [EntityKind.COOPERATIVE] * COOPERATIVES
    for into, wanted in (
        (county.growers, kinds),
        (county.firms, [EntityKind.STRAW_FIRM] * FIRMS),
        (county.livestock, [EntityKind.LIVESTOCK_FARM] * LIVESTOCK_FARMS),
    ):
        into += [
            plan_farm(county.draws, county.place, kind, number, county.datum)
            for number, kind in enumerate(wanted, start=1)
        ]
    before = [plan_herd(county.draws, county.place.farmland) for _ in county.livestock]
    county.herds = {2024: before, 2025: [next_year(county.draws, herd) for herd in before]}


def _rates(draws: Draws, farmland: Farmland) -> dict[int, Rates]:
    """Return a county's rates by year: on both sides of the goals, and mostly better in the second year."""
    strict = farmland is Farmland.TIANJIN
    film = draws.around(0.85, 0.055, 0.7, 0.94)
    straw = draws.around(0.965 if strict else 0.865, 0.012 if strict else 0.05, 0.7, 0.975)
    manure = draws.around(0.9 if strict else 0.795, 0.03 if strict else 0.065, 0.6, 0.94)
    better = draws.around(0.015, 0.012, -0.02, 0.03)
    return {2024: Rates(film, straw, manure), 2025: Rates(film + better, straw + better / 2, manure + better)}


def _plan_year(county: _County, rates: Rates, year: int) -> tuple[list[PlannedRecord], list[PlannedRecord]]:
    """Return the farm reports and the three statements of a county for a year, the film statement first."""
    draws, place = county.draws, county.place
    ledger = county_ledger(draws, place, rates.straw)
    herds = county.herds[year]
    reports = []
    for farm in county.growers:
        area_mu = float(farm.payload["area_mu"])
        answers = film_of_farm(draws, place.farmland, area_mu, rates.film, year)
        reports.append(_report(county, farm, film_head(Level.FARM, year) | answers, year))
    for farm in county.growers[: HOUSEHOLDS + LARGE_GROWERS]:
        answers = straw_of_household(draws, ledger, float(farm.payload["area_mu"]))
        reports.append(_report(county, farm, straw_head(Level.FARM, year) | answers, year))
    of_firm = straw_head(Level.FARM, year) | straw_of_firm(ledger)
    reports += [_report(county, farm, of_firm, year) for farm in county.firms]
    for farm, herd in zip(county.livestock, herds, strict=True):
        answers = manure_of_farm(draws, herd, rates.manure)
        reports.append(_report(county, farm, manure_head(Level.FARM, year) | answers, year))
    statements = [
        film_head(Level.COUNTY, year) | film_of_county(draws, place.farmland, rates.film, year),
        straw_head(Level.COUNTY, year) | straw_of_county(ledger),
        manure_head(Level.COUNTY, year) | manure_of_county(draws, herds, rates.manure),
    ]
    return reports, [_statement(county, payload, year) for payload in statements]


def _report(county: _County, farm: PlannedRecord, payload: Payload, year: int) -> PlannedRecord:
    captured_at = county.draws.moment(year, 9, 22, 50)
    whole = payload | of_farm(farm)
    return plan_create(county.draws, county.place.code, RecordKind.REPORT, whole, captured_at)


def _statement(county: _County, payload: Payload, year: int) -> PlannedRecord:
    captured_at = county.draws.moment(year, 12, 8, 14)
    return plan_create(county.draws, county.place.code, RecordKind.REPORT, payload, captured_at)


def _plan_offline(place: CountyPlace, seed: int) -> tuple[Item, ...]:
    """Return forty farms of one township and their film reports, all captured in one day."""
    draws = Draws(seed, f"offline {worker_username(place.code)}")
    township = CountyPlace(place.code, place.name, place.farmland, place.townships[:1], place.points)
    county = _County(township, draws, Datum.GCJ02)
    farms = [
        plan_farm(draws, township, EntityKind.HOUSEHOLD, number, county.datum) for number in range(1, OFFLINE_FARMS + 1)
    ]
    reports = []
    for farm in farms:
        answers = film_of_farm(draws, place.farmland, float(farm.payload["area_mu"]), 0.87, 2025)
        reports.append(_report(county, farm, film_head(Level.FARM, 2025) | answers, 2025))
    pairs = zip(farms, reports, strict=True)
    return tuple(item for farm, report in pairs for item in (farm.created, report.created))
