"""The figures of the geographic interface are those of the summaries, whatever county, year, view, kind and series."""

import random
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.indicators.catalogue import CATALOGUE
from schemas.vocabulary import FigureKind
from tests.integration.conftest import Caller, Offices

pytestmark = pytest.mark.anyio

REGIONS = ("430600", "460000", "500000", "540000")
COUNTIES = (
    "430623", "430624", "460302", "460321", "500157", "500105", "500112", "540481", "540422", "540581", "540530"
)  # fmt: skip
"""Two that never changed, renumbered ones, and one that two others went into, each under old codes and new."""

PERIODS = ("2019", "2020", "2020H1", "2021", "2022", "2023", "2024", "2025", "2025H1", "2026")
TIES = (("1", "800"), ("3", "800"), ("2", "3"), ("1001", "1000"), ("0", "5"), ("5", "0"), ("12.3456", "98.7654321"))
"""Shares that end in a half of a hundredth of a percent, to even and from odd; and what has no share."""

INSERT_FIGURE = """
    INSERT INTO county_figure (county_code, period, indicator, view, series, numerator, denominator, n, formula,
                               coefficients, coefficient_version)
    VALUES (:county_code, :period, :indicator, :view, :series, :numerator, :denominator, :n, '', '[]', 0)
"""

INSERT_BASELINE = """
    INSERT INTO baseline VALUES (:region_code, 'fertiliser_reduction', '', 2020, :value, 't', 'a test', 'official', 9,
                                 false)
"""


def figures(draw: random.Random) -> list[dict[str, Any]]:
    """Draw figures as ledgers hold them: some missing, some that say nothing."""
    rows = []
    for county in COUNTIES:
        for period in PERIODS:
            for spec in CATALOGUE.values():
                for series in spec.series:
                    for view in ("farm", "statement"):
                        if draw.random() < 0.4:
                            continue
                        numerator, denominator = map(Decimal, draw.choice(TIES))
                        rows.append(
                            {
                                "county_code": county,
                                "period": period,
                                "indicator": spec.indicator,
                                "view": view,
                                "series": str(series),
                                "numerator": None if draw.random() < 0.15 else numerator * draw.randint(1, 9),
                                "denominator": denominator if spec.kind is FigureKind.RATE else None,
                                "n": draw.randint(1, 5),
                            }
                        )
    return rows


def exact(value: str | None) -> float | None:
    return None if value is None else float(value)


def shown(view: dict[str, Any], kind: str) -> tuple[Any, ...] | None:
    """Return what the layer must show of a view; None where it has no figure."""
    if view["amount" if kind == "change" else "numerator"] is None:
        return None
    numbers = ("numerator", "denominator", "rate_percent", "amount")
    return (*(exact(view[name]) for name in numbers), view["reports"])


async def summarised(caller: Caller, period: str) -> dict[tuple[str, ...], tuple[Any, ...]]:
    found = {}
    for region in REGIONS:
        response = await caller.get(f"/v1/summaries/{region}", period=period, by="county")
        assert response.status_code == 200, response.text
        for row in response.json()["rows"]:
            for indicator, one in row["indicators"].items():
                headline_series = str(CATALOGUE[indicator].headline_series)
                views = {("headline", headline_series): one["headline"]}
                views |= {(view, headline_series): figure for view, figure in one["views"].items()}
                views |= {("headline", other["code"]): other["headline"] for other in one["series"]}
                for (view, series), figure in views.items():
                    if (values := shown(figure, one["kind"])) is not None:
                        found[row["region"]["code"], indicator, series, view] = values
    return found


async def layered(caller: Caller, period: str) -> dict[tuple[str, ...], tuple[Any, ...]]:
    response = await caller.get(
        "/ogc/collections/county_figures/items", period=period, limit="10000", **{"geom-column": "none"}
    )
    assert response.status_code == 200, response.text
    rows = [feature["properties"] for feature in response.json()["features"]]
    key = ("county_code", "indicator", "series", "view")
    numbers = ("numerator", "denominator", "rate_percent", "amount", "reports")
    return {tuple(row[name] for name in key): tuple(row[name] for name in numbers) for row in rows}


async def test_every_figure_of_the_layer_is_the_summaries_own(offices: Offices, owner_engine: AsyncEngine) -> None:
    rows = figures(random.Random(1710))
    loaded = [{"region_code": code, "value": Decimal(800)} for code in ("500112", "430623", "540481", "540422")]
    async with owner_engine.begin() as connection:
        await connection.execute(text("DELETE FROM baseline WHERE indicator = 'fertiliser_reduction'"))
        await connection.execute(text(INSERT_FIGURE), rows)
        await connection.execute(text(INSERT_BASELINE), loaded)
    ministry = await offices.of("ministry")
    compared = set()
    for period in PERIODS:
        expected, found = await summarised(ministry, period), await layered(ministry, period)
        further = {key for key in found if str(CATALOGUE[key[1]].headline_series) != key[2] and key[3] != "headline"}
        assert {key: found[key] for key in found.keys() - further} == {
            key: values for key, values in expected.items() if key in found
        }
        missing = {CATALOGUE[key[1]].kind for key in expected.keys() - found.keys()}
        assert missing <= {FigureKind.CUMULATIVE}, "only a flow goes on in a year of which the county says nothing"
        compared |= {(CATALOGUE[key[1]].kind, key[3]) for key in found if found[key][2] is not None}
    assert {kind for kind, _ in compared} == {FigureKind.RATE, FigureKind.CHANGE}
    assert len(compared) == 6, "each view of each kind that has a share was compared"
