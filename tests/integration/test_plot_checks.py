"""Plots against one another: in a wrong datum, over each other, outside the county; in the sweep and after a push."""

from decimal import Decimal
from typing import Any

import pytest

from backend.jobs.checks import sweep_touched
from backend.service import Service
from schemas.vocabulary import Datum
from tests.integration.conftest import Caller, Offices
from tests.support.checks import findings, swept
from tests.support.offices import COUNTY
from tests.support.plots import PHONE, in_datum, mu_of, push, rectangle, reported, village
from tests.support.reports import amend, farm, film, square

pytestmark = pytest.mark.anyio


async def test_a_phone_whose_positions_were_never_converted_is_told_by_three_registered_plots(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    reports = await village(worker, 3, Datum.GCJ02)
    await village(worker, 3, Datum.WGS84, north=0.05)
    await swept(offices)
    found = await findings(county, "datum_looks_wrong")
    assert {one["record_id"] for one in found} == {one["record_id"] for one in reports}
    said = found[0]["params"]
    assert (said["given_in"], said["declared_as"], said["shifted"], said["residual"]) == (
        "gcj02",
        "wgs84",
        "drawn",
        "0",
    )
    assert 100 < int(said["distance"]) < 700
    assert "若按 GCJ-02（火星坐标）换算，两者仅差 0 米" in found[0]["zh"]


async def test_positions_converted_although_they_were_none_of_gcj02_are_told(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    await village(worker, 3, Datum.WGS84, declared="gcj02")
    await swept(offices)
    found = await findings(county, "datum_looks_wrong")
    assert [(one["params"]["declared_as"], one["params"]["given_in"]) for one in found] == [("gcj02", "wgs84")] * 3


async def test_without_enough_registered_plots_no_datum_is_suspected(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    await village(worker, 2, Datum.GCJ02)
    unregistered = [reported(k, drawn=in_datum(Datum.GCJ02, 112.52 + 0.004 * k, 29.5)) for k in range(4)]
    await push(worker, [one for pair in unregistered for one in pair], PHONE)
    await swept(offices)
    assert await findings(county, "datum_looks_wrong") == []
    service: Service = offices.app.state.service
    service.settings = service.settings.model_copy(update={"checks": {"datum_looks_wrong.plots": "2"}})
    await swept(offices)
    assert len(await findings(county, "datum_looks_wrong")) == 2


async def test_the_area_of_an_overlap_is_that_of_the_ellipsoid(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    """The overlap is the rectangle between the second plot's west and the first one's east."""
    first = reported(1, drawn=rectangle(112.550, 29.550, 112.552, 29.552))
    second = reported(2, drawn=rectangle(112.5515, 29.5505, 112.5535, 29.5525))
    await worker.apply(*first, *second)
    await swept(offices)
    [found] = await findings(county, "plots_overlap")
    assert {*found["records"]} == {first[1]["record_id"], second[1]["record_id"]}
    shared = mu_of(rectangle(112.5515, 29.5505, 112.552, 29.552))
    assert Decimal(found["params"]["overlap"]) == shared.quantize(Decimal("0.01"))
    assert found["params"]["percent"] == f"{100 * shared / mu_of(rectangle(112.55, 29.55, 112.552, 29.552)):.0f}"
    assert found["region_code"] == COUNTY


async def test_touching_plots_and_slivers_do_not_overlap(offices: Offices, worker: Caller, county: Caller) -> None:
    """A sliver of 0.00001 degrees is 0.3 mu of 60: below both thresholds; a tiny plot within another is above none."""
    wests = (112.55, 112.552, 112.55399)
    pairs = [reported(k, drawn=rectangle(west, 29.55, west + 0.002, 29.552)) for k, west in enumerate(wests)]
    tiny = reported(8, drawn=rectangle(112.5502, 29.5502, 112.55025, 29.55025))
    await worker.apply(*(one for pair in pairs for one in pair), *tiny)
    await swept(offices)
    assert await findings(county, "plots_overlap") == []


async def test_plots_of_two_seasons_or_two_indicators_do_not_overlap(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    first, second = reported(1, drawn=square()), reported(2, drawn=square())
    second[1]["payload"]["period"] = "2024"
    await worker.apply(*first, *second)
    await swept(offices)
    await swept(offices, 2024)
    assert await findings(county, "plots_overlap") == []


async def test_registered_plots_that_overlap_are_found_in_a_season_in_which_both_report(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    """The third farm overlaps too, and reports nothing."""
    farms = [farm(geometry=square(112.55 + shift)) for shift in (0, 0.0005, 0.001)]
    await worker.apply(*farms, film(farms[0]["record_id"]))
    await swept(offices)
    assert await findings(county, "plots_overlap") == []
    await worker.apply(film(farms[1]["record_id"], mulch_used_kg="120"))
    await swept(offices)
    [found] = await findings(county, "plots_overlap")
    assert {*found["records"]} == {farms[0]["record_id"], farms[1]["record_id"]}
    assert (found["params"]["percent"], found["period"], found["indicator"]) == ("75", "2025", None)


async def test_plots_outside_the_county_are_found_with_their_distance(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    """天安门 is some 1,160 km away; a farm that reports nothing is nobody's concern."""
    beijing, here = square(116.39, 39.9), square()
    far, near = reported(1, drawn=beijing), reported(2, registered=here, drawn=here)
    registered, silent = reported(3, registered=beijing), farm(geometry=beijing)
    await worker.apply(*far, *near, *registered, silent)
    await swept(offices)
    found = {one["record_id"]: one for one in await findings(county, "plot_far_outside")}
    assert found.keys() == {far[1]["record_id"], registered[0]["record_id"]}
    of_report, of_farm = found[far[1]["record_id"]], found[registered[0]["record_id"]]
    assert 1100 < float(of_report["params"]["distance_km"]) < 1250
    assert (of_report["indicator"], of_farm["indicator"]) == ("film_recovery", None)
    assert of_farm["zh"].startswith("登记地块位于本县界外")


async def touched(offices: Offices) -> Any:
    return await sweep_touched(offices.app.state.service)


async def test_after_a_push_the_plots_of_its_county_are_checked_and_no_others(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    this_year = offices.app.state.service.state.year
    first, second = reported(1, drawn=square()), reported(2, drawn=square(112.551))
    for _, report in (first, second):
        report["payload"]["period"] = str(this_year)
    await worker.apply(*first, *second)
    assert (await touched(offices))[this_year].opened == 1
    [found] = await findings(county, "plots_overlap", period=str(this_year))
    await worker.apply(amend(second[1], {"/geometry": square(112.553)}, datum="cgcs2000"))
    assert (await touched(offices))[this_year].gone == 1
    [gone] = await findings(county, "plots_overlap", state="gone", period=str(this_year))
    assert gone["id"] == found["id"]


async def test_the_check_after_a_push_takes_as_many_statements_for_many_plots_as_for_two(
    offices: Offices, worker: Caller
) -> None:
    service: Service = offices.app.state.service
    await worker.apply(*reported(1, drawn=square()), *reported(2, drawn=square(112.551)))
    await touched(offices)  # the driver learns of the types
    counts = []
    for _ in range(2):
        asked: list[str] = []
        async with service.engine.connect() as connection:  # the pool gives the same one to the check
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.add_query_logger(lambda query, asked=asked: asked.append(query.query))
        await touched(offices)
        counts.append(len(asked))
        await worker.apply(*(one for k in range(3, 9) for one in reported(k, drawn=square(112.55 + k / 2000))))
    assert counts[0] == counts[1] > 0
