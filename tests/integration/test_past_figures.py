"""Figures rebuilt from the ledgers equal those that were answered then, whatever happened since."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.schedule import follow_reference
from schemas.reference.kinds import ReferenceKind
from schemas.vocabulary import FilingAction, FilingState, Indicator
from tests.integration.conftest import Caller, Offices
from tests.support.filings import SOURCE, Cabinet
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE
from tests.support.reference_files import COEFFICIENT_HEAD, GOAL_HEAD, HUNAN, loaded, table_file
from tests.support.reports import Item, amend, farm, fertiliser, film, project, review, statement, withdraw

pytestmark = pytest.mark.anyio

STEPS = 150
SEEDS = (20,)
REGIONS = (COUNTY, PREFECTURE)
FILED = (Indicator.FILM_RECOVERY, Indicator.FERTILISER_REDUCTION, Indicator.STRAW_UTILISATION)
COMPARED = ("goal", "other_goals", "filing")


@dataclass
class Moment:
    """What was answered at a moment."""

    at: str
    by_region: dict[str, dict[str, Any]]


@dataclass
class World:
    """Offices that report, review, file and change their minds, at random but by a seed."""

    offices: Offices
    engine: AsyncEngine
    folder: Path
    draw: random.Random
    farms: list[Item] = field(default_factory=list)
    reports: dict[str, Item] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    statements: dict[tuple[str, str], Item] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    moments: list[Moment] = field(default_factory=list)

    async def step(self) -> None:
        acts = (
            [self.report] * 4 + [self.amend] * 3 + [self.review] * 4 + [self.state] * 4 + [self.file] * 5
            + [self.withdraw, self.load]
        )  # fmt: skip
        await self.draw.choice(acts)()

    async def send(self, office: str, item: Item) -> bool:
        [outcome] = await (await self.offices.of(office)).outcomes(item)
        if outcome["outcome"] in ("applied", "merged"):
            self.positions[item["record_id"]] = outcome["position"]
            self.seen.add(item["action"])
            return True
        self.seen.add(f"{item['action']} {outcome['outcome']}")
        return False

    async def report(self) -> None:
        if len(self.farms) < 4 or self.draw.random() < 0.4:
            homestead = farm(name=f"主体{len(self.farms)}")
            await self.send("worker", homestead)
            self.farms.append(homestead)
        owner = self.draw.choice(self.farms)["record_id"]
        period = self.draw.choice(["2024", "2025", "2025"])
        item = (
            film(owner, period=period, mulch_used_kg=self.amount(500))
            if self.draw.random() < 0.7
            else project(owner, f"P{len(self.reports)}", self.draw.choice(["2022", "2025"]), self.amount(900))
        )
        if await self.send("worker", item):
            self.reports[item["record_id"]] = item

    async def amend(self) -> None:
        if self.reports:
            base = self.draw.choice(list(self.reports.values()))
            key = "/mulch_used_kg" if "mulch_used_kg" in str(base) else "/drip_area_mu"
            item = amend(base, {key: self.amount(800)})
            if await self.send(self.draw.choice(["worker", "worker", "county"]), item):
                self.reports[item["record_id"]] = item

    async def withdraw(self) -> None:
        if self.reports:
            base = self.draw.choice(list(self.reports.values()))
            if await self.send("worker", withdraw(base)):
                del self.reports[base["record_id"]]

    async def review(self) -> None:
        if self.reports:
            base = self.draw.choice(list(self.reports.values()))
            decision = self.draw.choice(["accept", "accept", "return"])
            reasons = [(None, "请核对")] if decision == "return" else []
            await self.send("county", review(base, decision, self.positions[base["record_id"]], *reasons))

    async def state(self) -> None:
        county = self.draw.choice([COUNTY, COUNTY, NEIGHBOUR])
        office = "county" if county == COUNTY else "neighbour"
        period = self.draw.choice(["2020", "2024", "2025", "2025"])
        kind = self.draw.randrange(5)
        item = self.statement_of(kind, period, county)
        known = self.statements.get((item["record_id"], county))
        if known is not None:
            answers = {
                f"/{name}": value
                for name, value in item["payload"].items()
                if name not in ("indicator", "level", "period")
            }
            item = amend(known, answers)
        if await self.send(office, item):
            self.statements[item["record_id"], county] = item

    def statement_of(self, kind: int, period: str, county: str) -> Item:
        if kind == 0:
            return fertiliser(period, self.amount(90_000), county)
        if kind == 1:
            crops = {"rice": {"planted_area_mu": self.amount(9000), "green_control_area_mu": self.amount(80)}}
            return statement("green_control_coverage", period, county, crops=crops)
        if kind == 2:
            crops = {
                "maize": {"grain_output_t": self.amount(9000), "sown_area_mu": "20000", "returned_area_mu": "9000"}
            }
            return statement("straw_utilisation", period, county, crops=crops)
        if kind == 3:
            answers = {"basis": self.draw.choice(["product", "active"]), "sown_area_mu": "900000"}
            return statement("pesticide_reduction", period, county, **answers, insecticide_t=self.amount(90))
        answers = {"mulch_recovered_gross_t": self.amount(80), "mulch_covered_area_mu": "20000"}
        shares = {"mulch_impurity_rate": "0.1", "mulch_moisture_rate": "0.05"}
        return statement("film_recovery", period, county, mulch_used_t=self.amount(100), **answers, **shares)

    async def file(self) -> None:
        """Take the next step of a filing, or one back."""
        cabinet = Cabinet(self.draw.choice(FILED))
        county = await self.offices.of("county")
        state = FilingState((await county.get(cabinet.path)).json()["state"])
        forward = {
            FilingState.OPEN: ("county", FilingAction.FILE),
            FilingState.FILED: ("prefecture", FilingAction.ENDORSE),
            FilingState.ENDORSED: ("province", FilingAction.ACCEPT),
            FilingState.ACCEPTED: ("ministry", FilingAction.RETURN),
        }
        office, action = forward[state]
        if state is not FilingState.OPEN and self.draw.random() < 0.4:
            action = FilingAction.RETURN
        asked: dict[str, Any] = {"explanation": "已核对"}
        if action is FilingAction.RETURN:
            asked["reasons"] = [{"field": None, "text": "请核对"}]
        await self.take(cabinet, await self.offices.of(office), action, state, asked)

    async def take(self, cabinet: Cabinet, caller: Caller, action: str, state: str, asked: dict[str, Any]) -> None:
        """Take a step; a filing gives the reason of every difference that it is told of."""
        differences = dict(SOURCE) if action == FilingAction.FILE else {}
        response = await cabinet.ask(caller, action, state, differences=differences, **asked)
        if response.status_code == 422:
            fields = [one["field"].removeprefix("/differences/") for one in response.json()["errors"]]
            differences = {one.replace("~1", "/").replace("~0", "~"): "已核对" for one in fields}
            response = await cabinet.ask(caller, action, state, differences=differences, **asked)
        self.seen.add(f"{action} {response.status_code}")

    async def load(self) -> None:
        """Load another coefficient or goal and let the service take it up, as a deployment does."""
        if self.draw.random() < 0.5:
            value = f"0.{self.draw.randint(60, 99)}"
            row = f"2020,430000,collectable_coefficient,maize,{value},1,省文件,official"
            kind, path = ReferenceKind.COEFFICIENTS, table_file(self.folder, COEFFICIENT_HEAD, row)
        else:
            row = HUNAN.replace("0.88", f"0.{self.draw.randint(86, 99)}")
            kind, path = ReferenceKind.GOALS, table_file(self.folder, GOAL_HEAD, row)
        await loaded(self.engine, kind, path)
        await follow_reference(self.offices.app.state.service)
        self.seen.add(kind)

    def amount(self, most: int) -> str:
        return f"{self.draw.randint(1, most)}.{self.draw.randint(1, 999)}".rstrip("0")

    async def remember(self) -> None:
        ministry = await self.offices.of("ministry")
        answered = {region: (await ministry.get(f"/v1/summaries/{region}", period="2025")).json() for region in REGIONS}
        self.moments.append(Moment(datetime.now(UTC).isoformat(), answered))


def facts(explained: dict[str, Any]) -> dict[str, Any]:
    value = explained["value"]
    said = {name: value[name] for name in ("headline", "views", "series")} | {
        name: explained[name] for name in COMPARED
    }
    return said | {"reports": explained["pending"]["reports"], "ledger": explained["ledger"]}


def answered(summary: dict[str, Any], indicator: str) -> dict[str, Any]:
    found = summary["total"]["indicators"][indicator]
    names = ("headline", "views", "series", *COMPARED, "reports")
    return {name: found[name] for name in names} | {"ledger": summary["ledger"]}


async def rebuilt(caller: Caller, region: str, indicator: str, as_of: str) -> dict[str, Any]:
    response = await caller.get(f"/v1/figures/{region}/{indicator}/2025/explanation", as_of=as_of)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_figure_of_any_moment_is_the_one_that_was_answered_then(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path, seed: int
) -> None:
    world = World(offices, owner_engine, tmp_path, random.Random(seed))
    for _ in range(STEPS):
        await world.step()
        if world.positions:
            await world.remember()
    assert len(world.moments) >= 100
    needed = {"create", "amend", "withdraw", "accept", "return", "file 200", "endorse 200", "return 200", "amend held"}
    assert needed <= world.seen, needed - world.seen
    ministry = await offices.of("ministry")
    for moment in world.moments:
        indicator = world.draw.choice(list(Indicator))
        for region in REGIONS:
            again = facts(await rebuilt(ministry, region, indicator, moment.at))
            assert again == answered(moment.by_region[region], indicator), (moment.at, region, indicator)
    await every_filing_is_rebuilt(await offices.of("county"))


async def every_filing_is_rebuilt(county: Caller) -> None:
    """Every step of every filing gives the figure that was frozen behind it, term by term."""
    found = 0
    for indicator in FILED:
        filing = (await county.get(Cabinet(indicator).path)).json()
        for step in filing["steps"]:
            told = await rebuilt(county, COUNTY, indicator, f"filing:{step['step_id']}")
            [point] = told["basis"]["filings"]
            assert point["agrees"], (indicator, step["number"])
            frozen = next(one for one in step["figure"] if one["view"] == "statement")
            if step["action"] == "file" and indicator == Indicator.FILM_RECOVERY:
                view = told["value"]["views"]["statement"]
                assert (view["numerator"], view["denominator"]) == (frozen["numerator"], frozen["denominator"])
            found += 1
    assert found >= 3
