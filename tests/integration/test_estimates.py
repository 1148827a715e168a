"""Estimates of a county's sample over the interface, and farms drawn for inspection."""

from typing import Any

import pytest

from backend.estimation.two_stage import Household, Sample, Village, ratio_estimate
from tests.integration.conftest import Caller, Offices
from tests.support.checks import swept
from tests.support.offices import COUNTY, TOWNSHIP
from tests.support.reports import create, farm, film, statement

pytestmark = pytest.mark.anyio

PATH = f"/v1/estimates/{COUNTY}/straw_utilisation/2025"
VILLAGES = [f"{TOWNSHIP}{number:03d}" for number in (201, 202, 203)]
GRAIN_KG, FEED_KG = ("1000", "2000", "3000"), ("500", "1500", "900")


def design(**changes: Any) -> dict[str, Any]:
    rows = [
        {"village_code": code, "stratum": "平原", "stratum_villages": 20, "households": 40 + 10 * number}
        for number, code in enumerate(VILLAGES)
    ]
    rows[0] |= changes
    return {"villages": rows}


async def put(caller: Caller, body: dict[str, Any], path: str = PATH) -> Any:
    return await caller.http.put(f"{path}/design", json=body, headers=caller.headers)


def straw(village: str | None, grain_kg: str, feed_kg: str) -> list[dict[str, Any]]:
    home = farm(village_code=village) if village else farm()
    payload = {
        "indicator": "straw_utilisation", "level": "farm", "period": "2025", "farm_id": home["record_id"],
        "township_code": TOWNSHIP, "respondent": "household",
        "crops": {"wheat": {"grain_kg": grain_kg, "sown_area_mu": "10", "use_feed_kg": feed_kg}},
    }  # fmt: skip
    return [home, create("report", payload)]


def county_ledger() -> dict[str, Any]:
    """Return a statement with its own coefficients: of 1,000 t of grain 1,000 t of straw can be collected."""
    crop = {
        "grain_output_t": "1000", "sown_area_mu": "4000", "returned_area_mu": "1000", "market_use_feed_t": "0",
        "straw_grain_ratio": "1.25", "collectable_coefficient": "0.8", "outbound_t": "50",
    }  # fmt: skip
    return statement("straw_utilisation", crops={"wheat": crop})


async def answer(worker: Caller) -> None:
    """Let every village answer with its three households."""
    for code in VILLAGES:
        for grain, feed in zip(GRAIN_KG, FEED_KG, strict=True):
            shift = VILLAGES.index(code) * 50
            await worker.apply(*straw(code, grain, str(int(feed) - shift)))


def expected() -> Any:
    homes = [
        Village(
            "平原",
            40 + 10 * number,
            [Household((int(f) - 50 * number) / 1000, int(g) / 1000) for g, f in zip(GRAIN_KG, FEED_KG, strict=True)],
        )
        for number in range(3)
    ]
    return ratio_estimate(Sample(homes, {"平原": 20}))


async def test_a_countys_estimate_is_that_of_its_design(worker: Caller, county: Caller) -> None:
    assert (await put(county, design())).status_code == 204
    await answer(worker)
    await worker.apply(*straw(None, "1000", "1000"))
    await county.apply(county_ledger())
    shown = (await county.get(PATH)).json()
    estimate = expected()
    lower, upper = estimate.interval
    assert shown["households"] == {
        "value": f"{estimate.ratio:.6f}", "standard_error": f"{estimate.standard_error:.6f}",
        "lower": f"{lower:.6f}", "upper": f"{upper:.6f}",
    }  # fmt: skip
    # A quarter of the area is returned directly and 50 of 1,000 t are sent out: 0.3 needs no estimate.
    assert shown["counted"] == "0.300000"
    assert shown["rate"]["value"] == f"{estimate.ratio + 0.3:.6f}"
    assert shown["rate"]["standard_error"] == shown["households"]["standard_error"]
    assert shown["strata"] == [{"stratum": "平原", "villages": 20, "drawn": 3, "answered": 3, "households_asked": 9}]
    assert (shown["degrees_of_freedom"], shown["households_left_out"], shown["meets_minimum"]) == (2, 1, False)
    assert (shown["goal"]["value"], shown["verdict"]) == ("0.86", "undecided")


async def test_without_a_statement_only_the_households_are_estimated(worker: Caller, county: Caller) -> None:
    await put(county, design())
    await answer(worker)
    shown = (await county.get(PATH)).json()
    assert (shown["counted"], shown["rate"], shown["verdict"]) == (None, None, None)
    assert float(shown["households"]["value"]) > 0


async def test_one_village_that_answered_has_no_interval(worker: Caller, county: Caller) -> None:
    await put(county, design())
    await worker.apply(*straw(VILLAGES[0], "1000", "500"))
    await county.apply(county_ledger())
    shown = (await county.get(PATH)).json()
    assert (shown["rate"]["standard_error"], shown["rate"]["lower"], shown["verdict"]) == (None, None, "undecided")


async def test_a_design_is_read_back_and_replaced_as_a_whole(county: Caller) -> None:
    assert (await county.get(f"{PATH}/design")).json()["code"] == "no_sample_design"
    await put(county, design())
    assert (await county.get(f"{PATH}/design")).json() == design()
    fewer = {"villages": design(stratum_villages=20)["villages"][:2]}
    await put(county, fewer)
    assert (await county.get(f"{PATH}/design")).json() == fewer


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"village_code": VILLAGES[1]}, "design_village_twice"),
        ({"stratum_villages": 19}, "design_stratum_differs"),
        ({"stratum_villages": 0}, None),
        ({"village_code": "43"}, None),
        ({"households": "40"}, None),
    ],
)
async def test_a_design_that_cannot_be_is_refused(county: Caller, change: dict[str, Any], code: str | None) -> None:
    response = await put(county, design(**change))
    assert response.status_code == 422
    if code is not None and code.startswith("design"):
        assert code in [one["code"] for one in response.json()["errors"]]
    assert (await county.get(f"{PATH}/design")).status_code == 404


async def test_more_drawn_than_the_stratum_has_is_refused(county: Caller) -> None:
    rows = [one | {"stratum_villages": 2} for one in design()["villages"]]
    response = await put(county, {"villages": rows})
    assert [one["code"] for one in response.json()["errors"]] == ["design_stratum_small"]


async def test_estimates_are_of_sampled_indicators_and_for_those_who_read_the_county(
    offices: Offices, county: Caller
) -> None:
    film_path = PATH.replace("straw_utilisation", "film_recovery")
    assert (await county.get(film_path)).json()["code"] == "not_sampled"
    assert (await county.get(PATH.replace(COUNTY, "999999"))).json()["code"] == "unknown_region"
    assert (await county.get(PATH)).json()["code"] == "no_sample_design"
    for office in ("neighbour", "worker"):
        assert (await (await offices.of(office)).get(PATH)).json()["code"] == "above_scope"
    province = await offices.of("province")
    assert (await put(province, design())).json()["code"] == "above_scope"
    await put(county, design())
    assert (await province.get(PATH)).json()["code"] == "no_sample_answers"


INSPECTIONS = f"/v1/counties/{COUNTY}/inspections"


async def test_inspections_are_drawn_by_risk_and_drawn_again_by_the_seed(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    risky = [farm() for _ in range(5)]
    await worker.apply(*risky, *(film(one["record_id"]) for one in risky))
    for number in range(15):
        plain = farm()
        await worker.apply(plain, film(plain["record_id"], mulch_used_kg=f"{101 + number}"))
    await swept(offices)
    asked = {"period": "2025", "seed": "430623-2025", "size": 6, "indicator": "film_recovery"}
    listed = (await county.get(INSPECTIONS, **asked)).json()
    assert listed == (await county.get(INSPECTIONS, **asked)).json()
    assert (listed["population"], len(listed["farms"])) == (20, 6)
    weight = 1 + listed["weights"]["same_answers_many_farms"]
    assert listed["total_weight"] == 15 + 5 * weight
    known = {one["record_id"] for one in risky}
    for one in listed["farms"]:
        assert one["weight"] == (weight if one["farm_id"] in known else 1)
        assert one["findings"] == (["same_answers_many_farms"] if one["farm_id"] in known else [])
        assert one["probability"] == f"{6 * one['weight'] / listed['total_weight']:.6f}"
    other = (await county.get(INSPECTIONS, **(asked | {"seed": "another"}))).json()
    assert [one["farm_id"] for one in other["farms"]] != [one["farm_id"] for one in listed["farms"]]
    assert other["digest"] == listed["digest"]


async def test_inspections_are_not_for_the_field(worker: Caller, county: Caller) -> None:
    asked = {"period": "2025", "seed": "1", "size": 5}
    assert (await worker.get(INSPECTIONS, **asked)).json()["code"] == "above_scope"
    assert (await county.get(INSPECTIONS, **asked)).json()["farms"] == []
    assert (await county.get(INSPECTIONS, **(asked | {"size": 0}))).status_code == 422
