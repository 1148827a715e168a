"""Plausible irrigation projects: some thousand mu a county and year, each project reported once under its number."""

from collections.abc import Iterable

from backend.demo.changes import Payload
from backend.demo.counties import Farmland
from backend.demo.draws import Draws, wire_number
from schemas.indicators.irrigation import CANAL_LINING, TECHNIQUES

PROJECT_YEARS = (2021, 2022, 2023, 2024, 2025)

_A_YEAR = {
    Farmland.DONGTING: (0.7, 1),
    Farmland.TAIHU: (0.5, 1),
    Farmland.DANJIANGKOU: (0.7, 1),
    Farmland.ULANSUHAI: (0.9, 2),
    Farmland.TIANJIN: (0.6, 1),
}
"""How likely a county finishes projects in a year, and how many it then finishes at once.

Tianjin's come to about two thirds of the 90 000 mu that its own goal asks.
"""

_TECHNIQUES = {
    Farmland.DONGTING: ("pipe", "pipe", "sprinkler"),
    Farmland.TAIHU: ("pipe", "micro_spray", "sprinkler"),
    Farmland.DANJIANGKOU: ("drip", "pipe", "micro_spray"),
    Farmland.ULANSUHAI: ("drip", "drip", "drip", "sprinkler"),
    Farmland.TIANJIN: ("pipe", "drip", "sprinkler"),
}


def projects_by_year(draws: Draws, farmland: Farmland) -> dict[int, int]:
    """Return how many projects a county finishes in each year; every county finishes one in the last."""
    share, at_once = _A_YEAR[farmland]
    finished = {year: at_once if draws.chance(share) else 0 for year in PROJECT_YEARS}
    return finished | {PROJECT_YEARS[-1]: finished[PROJECT_YEARS[-1]] or 1}


def project_number(county_code: str, year: int, number: int) -> str:
    """Return the number under which a project was approved."""
    return f"{county_code}-GXJS-{year}-{number:02d}"


def irrigation_of_project(draws: Draws, farmland: Farmland, project_id: str, area_mu: float) -> Payload:
    """Return the areas of a finished project; some lined canals besides, and a few nothing but canals."""
    if draws.chance(0.04):
        return {"project_id": project_id, f"{CANAL_LINING}_area_mu": wire_number(area_mu, 1)}
    technique = draws.one_of(_TECHNIQUES[farmland])
    answers = {"project_id": project_id, f"{technique}_area_mu": wire_number(area_mu * draws.between(0.85, 1), 1)}
    if draws.chance(0.25):
        answers[f"{CANAL_LINING}_area_mu"] = wire_number(area_mu * draws.between(0.1, 0.3), 1)
    return answers


def irrigation_of_county(draws: Draws, projects: Iterable[Payload]) -> Payload:
    """Return a county's statement of a year: the sum of its projects, in some counties with one not yet entered."""
    known = list(projects)
    unentered = draws.between(1.03, 1.12) if draws.chance(0.15) else 1.0
    fields = [f"{technique}_area_mu" for technique in TECHNIQUES]
    sums = {name: sum(float(project.get(name, 0)) for project in known) * unentered for name in fields}
    answers = {name: wire_number(area_mu, 1) for name, area_mu in sums.items() if area_mu}
    return answers or {"none_this_year": True}
