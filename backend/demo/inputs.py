"""What a county reports besides film, straw and manure: its inputs against 2020, green control, irrigation projects."""

from dataclasses import dataclass, field

from backend.demo.changes import Payload, PlannedRecord
from backend.demo.draft import Draft, head
from backend.demo.draws import Draws
from backend.demo.fertiliser import fertiliser_kg_per_mu, fertiliser_of_county, fertiliser_of_farm
from backend.demo.green_control import (
    coverage_by_year,
    green_control_of_county,
    green_control_of_farm,
    planted_by_crop,
)
from backend.demo.irrigation import (
    PROJECT_YEARS,
    irrigation_of_county,
    irrigation_of_project,
    project_number,
    projects_by_year,
)
from backend.demo.pesticide import pesticide_kg_per_mu, pesticide_of_county, pesticide_of_farm
from backend.demo.straw import CropLedger
from schemas.indicators.green_control import PlantedCrop
from schemas.period import BASE_YEAR
from schemas.vocabulary import EntityKind, Indicator, Level

GOAL_YEAR = 2025
SAMPLED = 3
"""Growers a county who are asked about fertiliser, pesticide and green control."""

_ONE_YEAR_ONLY = {4: GOAL_YEAR, 9: BASE_YEAR}
"""By number modulo 11: counties that have only one of the two years, so that no change can be told."""


@dataclass(slots=True)
class Inputs:
    """What is filed of a county's inputs. `projects` are farms and come before `reports`."""

    projects: list[PlannedRecord] = field(default_factory=list)
    project_reports: list[PlannedRecord] = field(default_factory=list)
    reports: list[PlannedRecord] = field(default_factory=list)
    statements: dict[int, list[PlannedRecord]] = field(default_factory=dict)
    """By the year they are of."""

    def before(self, year: int) -> list[PlannedRecord]:
        """Return the statements of the years before `year`, oldest first."""
        return [one for stated, ones in sorted(self.statements.items()) if stated < year for one in ones]


@dataclass(frozen=True, slots=True)
class _Means:
    """What a county's reports are drawn around: kg a sown mu and coverages by year, areas of the goal year in mu."""

    fertiliser: dict[int, float]
    pesticide: dict[int, float]
    coverage: dict[int, float]
    planted_mu: dict[PlantedCrop, float]


def plan_inputs(number: int, draft: Draft, ledger: list[CropLedger], seed: int) -> Inputs:
    """Return the inputs of a county with its straw ledger of the goal year."""
    draws = Draws(seed, f"inputs {draft.place.code}")
    means = _Means(
        fertiliser_kg_per_mu(draws, draft.place.farmland),
        pesticide_kg_per_mu(draws, draft.place.farmland),
        coverage_by_year(draws),
        planted_by_crop(ledger),
    )
    inputs = Inputs()
    _sample(draws, draft, means, inputs)
    _state(draws, draft, means, inputs, only=_ONE_YEAR_ONLY.get(number % 11))
    _irrigate(draws, draft, inputs)
    return inputs


def _sample(draws: Draws, draft: Draft, means: _Means, inputs: Inputs) -> None:
    """Ask the sampled growers about the goal year."""
    step = max(1, len(draft.growers) // SAMPLED)
    for farm in draft.growers[::step][:SAMPLED]:
        area_mu = float(farm.payload["area_mu"])
        coverage = means.coverage[GOAL_YEAR]
        for indicator, answers in (
            (Indicator.FERTILISER_REDUCTION, fertiliser_of_farm(draws, area_mu, means.fertiliser[GOAL_YEAR])),
            (Indicator.PESTICIDE_REDUCTION, pesticide_of_farm(draws, area_mu, means.pesticide[GOAL_YEAR], coverage)),
            (
                Indicator.GREEN_CONTROL_COVERAGE,
                green_control_of_farm(draws, sorted(means.planted_mu), area_mu, coverage),
            ),
        ):
            payload = head(indicator, Level.FARM, GOAL_YEAR) | answers
            inputs.reports.append(draft.report(draws, farm, payload, GOAL_YEAR))


def _state(draws: Draws, draft: Draft, means: _Means, inputs: Inputs, *, only: int | None) -> None:
    """State fertiliser and pesticide for the base year and the goal year, or for one `only`, and green control."""
    now_mu = sum(means.planted_mu.values())
    sown_mu = {BASE_YEAR: now_mu * draws.between(0.985, 1.015), GOAL_YEAR: now_mu}
    coverage = means.coverage | {BASE_YEAR: means.coverage[2024] - 0.1}
    for year in (BASE_YEAR, GOAL_YEAR):
        used = fertiliser_of_county(draws, sown_mu[year], means.fertiliser[year], year)
        sprayed = pesticide_of_county(draws, draft.place.code, sown_mu[year], means.pesticide[year], coverage[year])
        if only in (None, year):
            _file(draws, draft, inputs, Indicator.FERTILISER_REDUCTION, used, year)
            _file(draws, draft, inputs, Indicator.PESTICIDE_REDUCTION, sprayed, year)
    for year, share in means.coverage.items():
        protected = green_control_of_county(draws, means.planted_mu, share)
        _file(draws, draft, inputs, Indicator.GREEN_CONTROL_COVERAGE, protected, year)


def _irrigate(draws: Draws, draft: Draft, inputs: Inputs) -> None:
    """Register the finished projects, report each once, and state every year."""
    finished = projects_by_year(draws, draft.place.farmland)
    for year in PROJECT_YEARS:
        of_year: list[Payload] = []
        for number in range(1, finished[year] + 1):
            project = draft.farm(draws, EntityKind.IRRIGATION_PROJECT, number)
            project_id = project_number(draft.place.code, year, number)
            area_mu = float(project.payload["area_mu"])
            answers = irrigation_of_project(draws, draft.place.farmland, project_id, area_mu)
            payload = head(Indicator.IRRIGATION_NEW_AREA, Level.FARM, year) | answers
            inputs.projects.append(project)
            inputs.project_reports.append(draft.report(draws, project, payload, year))
            of_year.append(answers)
        _file(draws, draft, inputs, Indicator.IRRIGATION_NEW_AREA, irrigation_of_county(draws, of_year), year)


def _file(draws: Draws, draft: Draft, inputs: Inputs, indicator: Indicator, answers: Payload, year: int) -> None:
    payload = head(indicator, Level.COUNTY, year) | answers
    inputs.statements.setdefault(year, []).append(draft.statement(draws, payload, year))
