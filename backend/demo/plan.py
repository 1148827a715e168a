"""The plan of the demo: who files what in which order. Pure, and the same for the same seed and places."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.demo.accounts import SHOWN_COUNTY, worker_username
from backend.demo.changes import Item, PlannedRecord, plan_amend
from backend.demo.counties import CountyPlace, Farmland
from backend.demo.draft import Draft, head
from backend.demo.draws import Draws
from backend.demo.film import film_of_a_year, film_of_county, film_of_farm
from backend.demo.inputs import plan_inputs
from backend.demo.land import Land
from backend.demo.manure import manure_of_county, manure_of_farm, next_year, plan_herd
from backend.demo.mishaps import Field, Step, make_doubtful, mishaps
from backend.demo.straw import (
    FIRMS,
    CropLedger,
    county_ledger,
    sown_of_a_year,
    straw_of_county,
    straw_of_firm,
    straw_of_household,
)
from schemas.vocabulary import Action, Datum, EntityKind, Indicator, Level, RecordKind

YEARS = (2025, 2024)
"""Filed in this order, so that the map of the goal year fills first."""

HOUSEHOLDS, LARGE_GROWERS, COOPERATIVES, LIVESTOCK_FARMS = 8, 3, 2, 8
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


def plan_demo(places: Sequence[CountyPlace], seed: int) -> Plan:
    """Return the plan for the given places; SHOWN_COUNTY must be among them."""
    ordered = sorted(places, key=lambda place: place.code)
    counties = []
    statements: dict[str, PlannedRecord] = {}
    lands = {place.code: Land(place) for place in ordered}
    for number, place in enumerate(ordered):
        neighbour = ordered[(number + 1) % len(ordered)]
        county, statement = _plan_county(number, lands[place.code], neighbour, seed)
        counties.append(county)
        statements[place.code] = statement
    shown = next(place for place in ordered if place.code == SHOWN_COUNTY)
    draws = Draws(seed, "seal")
    return Plan(
        counties=tuple(counties),
        shown_county=shown.code,
        offline=_plan_offline(lands[shown.code], seed),
        seal=plan_amend(draws, statements[shown.code], {"/note": "全年数据已核对"}, reason="年终核对"),
    )


def device_id(seed: int, username: str) -> str:
    """Return the id of the phone of an account."""
    draws = Draws(seed, f"device {username}")
    return draws.new_id(draws.moment(2024, 2, 1, 20))


def _plan_county(number: int, land: Land, neighbour: CountyPlace, seed: int) -> tuple[CountyPlan, PlannedRecord]:
    """Return a county's steps, and its film statement of 2025."""
    place = land.place
    draws = Draws(seed, place.code)
    draft = Draft(land, draws, _DATUMS[number % len(_DATUMS)])
    _register(draft)
    rates = _rates(draws, place.farmland)
    sown, film_t = sown_of_a_year(draws, place), film_of_a_year(draws, place.farmland)
    ledgers = {year: county_ledger(draws, place, sown, rates[year].straw) for year in YEARS}
    inputs = plan_inputs(number, draft, ledgers[YEARS[0]], seed)
    film, stated = {}, {}
    steps: list[Step] = []
    farms = [*draft.growers, *draft.firms, *draft.livestock]
    for year in YEARS:
        reports = _report_year(draft, rates[year], ledgers[year], year)
        film[year] = [one for one in reports if one.payload["indicator"] == Indicator.FILM_RECOVERY]
        stated[year] = _state_year(draft, rates[year], ledgers[year], film_t, year)
        statements = [*_filed(number, year, stated[year]), *inputs.statements[year]]
        if year == YEARS[0]:
            make_doubtful(number, draft.growers, reports)
            statements = [*inputs.before(YEARS[-1]), *statements]
        steps += [_step(farms + reports), _step(statements, by_bureau=True)]
        farms = []
        if year == YEARS[0]:
            steps.append(_step([*inputs.projects, *inputs.project_reports, *inputs.reports]))
    steps += mishaps(Field(number, land, draws, draft.datum, film[2025], film[2024], inputs.project_reports, neighbour))
    return CountyPlan(place.code, tuple(steps)), stated[YEARS[0]][0]


def _step(records: Sequence[PlannedRecord], *, by_bureau: bool = False) -> Step:
    return Step(by_bureau, tuple(record.created for record in records))


def _filed(number: int, year: int, statements: list[PlannedRecord]) -> list[PlannedRecord]:
    """Return the film, straw and manure statements that the county has filed; some are late with one of this year."""
    late = {3: 1, 5: 2}.get(number % 6) if year == YEARS[0] else None
    return [one for index, one in enumerate(statements) if index != late]


def _register(draft: Draft) -> None:
    kinds = [EntityKind.HOUSEHOLD] * HOUSEHOLDS + [EntityKind.LARGE_GROWER] * LARGE_GROWERS
    kinds += [EntityKind.COOPERATIVE] * COOPERATIVES
    for into, wanted in (
        (draft.growers, kinds),
        (draft.firms, [EntityKind.STRAW_FIRM] * FIRMS),
        (draft.livestock, [EntityKind.LIVESTOCK_FARM] * LIVESTOCK_FARMS),
    ):
        into += [draft.farm(draft.draws, kind, number) for number, kind in enumerate(wanted, start=1)]
    before = [plan_herd(draft.draws, draft.place.farmland) for _ in draft.livestock]
    draft.herds = {2024: before, 2025: [next_year(draft.draws, herd) for herd in before]}


def _rates(draws: Draws, farmland: Farmland) -> dict[int, Rates]:
    """Return a county's rates by year: on both sides of the goals, and mostly better in the second year.

    Tianjin's own goals for straw and manure are stricter than the national ones; its districts lie on both sides of
    the stricter ones, Tianjin as a whole below them, and all of them above the national.
    """
    film = draws.around(0.85, 0.055, 0.7, 0.94)
    if farmland is Farmland.TIANJIN:
        straw, manure = draws.around(0.966, 0.012, 0.93, 0.985), draws.around(0.885, 0.03, 0.83, 0.94)
    else:
        straw, manure = draws.around(0.865, 0.05, 0.7, 0.975), draws.around(0.795, 0.065, 0.6, 0.94)
    better = draws.around(0.015, 0.012, -0.02, 0.03)
    return {2024: Rates(film, straw, manure), 2025: Rates(film + better, straw + better / 2, manure + better)}


def _report_year(draft: Draft, rates: Rates, ledger: list[CropLedger], year: int) -> list[PlannedRecord]:
    """Return a county's film, straw and manure reports of a year."""
    draws = draft.draws
    reports = []
    for farm in draft.growers:
        answers = film_of_farm(draws, draft.place.farmland, float(farm.payload["area_mu"]), rates.film, year)
        reports.append(draft.report(draws, farm, head(Indicator.FILM_RECOVERY, Level.FARM, year) | answers, year))
    straw = head(Indicator.STRAW_UTILISATION, Level.FARM, year)
    for farm in draft.growers[: HOUSEHOLDS + LARGE_GROWERS]:
        answers = straw_of_household(draws, ledger, float(farm.payload["area_mu"]))
        reports.append(draft.report(draws, farm, straw | answers, year))
    reports += [draft.report(draws, farm, straw | straw_of_firm(ledger), year) for farm in draft.firms]
    for farm, herd in zip(draft.livestock, draft.herds[year], strict=True):
        answers = manure_of_farm(draws, herd, rates.manure)
        reports.append(draft.report(draws, farm, head(Indicator.MANURE_UTILISATION, Level.FARM, year) | answers, year))
    return reports


def _state_year(draft: Draft, rates: Rates, ledger: list[CropLedger], film_t: float, year: int) -> list[PlannedRecord]:
    """Return a county's film, straw and manure statements of a year, in this order."""
    draws = draft.draws
    stated = {
        Indicator.FILM_RECOVERY: film_of_county(draws, draft.place.farmland, film_t, rates.film, year),
        Indicator.STRAW_UTILISATION: straw_of_county(ledger),
        Indicator.MANURE_UTILISATION: manure_of_county(draws, draft.herds[year], rates.manure),
    }
    return [
        draft.statement(draws, head(indicator, Level.COUNTY, year) | answers, year)
        for indicator, answers in stated.items()
    ]


def _plan_offline(land: Land, seed: int) -> tuple[Item, ...]:
    """Return forty farms of one township and their film reports, all captured in one day."""
    place = land.place
    draws = Draws(seed, f"offline {worker_username(place.code)}")
    township = Land(replace(place, townships=place.townships[:1]), land.taken)
    draft = Draft(township, draws, Datum.GCJ02)
    farms = [draft.farm(draws, EntityKind.HOUSEHOLD, number) for number in range(1, OFFLINE_FARMS + 1)]
    reports = []
    for farm in farms:
        answers = film_of_farm(draws, place.farmland, float(farm.payload["area_mu"]), 0.87, 2025)
        reports.append(draft.report(draws, farm, head(Indicator.FILM_RECOVERY, Level.FARM, 2025) | answers, 2025))
    pairs = zip(farms, reports, strict=True)
    return tuple(item for farm, report in pairs for item in (farm.created, report.created))
