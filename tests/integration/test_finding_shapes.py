"""A finding on the map: its plots, what they share, where one would lie in another datum, and who may see that."""

from decimal import Decimal
from typing import Any

import pytest
import shapely

from schemas.vocabulary import Datum
from tests.integration.conftest import Caller, Offices
from tests.support.checks import findings, swept
from tests.support.offices import OTHER_TOWNSHIP
from tests.support.plots import mu_of, rectangle, reported, village
from tests.support.reports import farm, film, square
from tests.support.statements import counted

pytestmark = pytest.mark.anyio


async def shapes_of(caller: Caller, finding: dict[str, Any]) -> dict[str, Any]:
    response = await caller.get(f"/v1/findings/{finding['id']}/shapes")
    assert response.status_code == 200, response.text
    shapes: dict[str, Any] = response.json()
    return shapes


async def test_an_overlap_is_drawn_as_the_two_plots_and_exactly_what_they_share(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    first = reported(1, drawn=rectangle(112.550, 29.550, 112.552, 29.552))
    second = reported(2, drawn=rectangle(112.5515, 29.5505, 112.5535, 29.5525), registered=square(112.56))
    bystander, far_away = farm(geometry=square(112.555)), farm(geometry=square(112.7))
    await worker.apply(*first, *second, bystander, far_away)
    await swept(offices)
    [finding] = await findings(county, "plots_overlap")
    shapes = await shapes_of(county, finding)
    parts = {one["record_id"]: (one["part"], one["kind"]) for one in shapes["plots"]}
    assert parts == {
        first[1]["record_id"]: ("about", "report"),
        second[1]["record_id"]: ("about", "report"),
        second[0]["record_id"]: ("registered", "farm"),
        bystander["record_id"]: ("nearby", "farm"),
    }
    shared = rectangle(112.5515, 29.5505, 112.552, 29.552)
    overlap = shapes["overlap"]
    assert shapely.geometry.shape(overlap["geometry"]).equals(shapely.geometry.shape(shared))
    assert Decimal(overlap["area_mu"]) == mu_of(shared).quantize(Decimal("0.01"))
    assert Decimal(overlap["area_m2"]) == (mu_of(shared) * 10000 / 15).quantize(Decimal("0.1"))
    assert {*overlap["records"]} == {first[1]["record_id"], second[1]["record_id"]}
    assert shapely.geometry.shape(shapes["outline"]).contains(shapely.Point(112.55, 29.55))
    assert shapes["county_name"] == "华容县"


async def test_a_suspected_datum_is_drawn_as_stored_and_as_it_would_be(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    reports = await village(worker, 3, Datum.GCJ02)
    await swept(offices)
    finding = next(
        one for one in await findings(county, "datum_looks_wrong") if one["record_id"] == reports[0]["record_id"]
    )
    shapes = await shapes_of(county, finding)
    moved = shapes["reread"]
    assert (moved["declared"], moved["suspected"], moved["record_id"]) == ("wgs84", "gcj02", finding["record_id"])
    assert moved["shift_m"] == finding["params"]["distance"]
    registered = next(one for one in shapes["plots"] if one["part"] == "registered")
    apart = shapely.hausdorff_distance(
        shapely.geometry.shape(moved["geometry"]), shapely.geometry.shape(registered["geometry"])
    )
    assert apart < 1e-6
    assert shapes["overlap"] is None


async def test_exact_positions_are_shown_to_the_county_and_to_the_townships_they_lie_in(
    offices: Offices, county: Caller
) -> None:
    there = {"township_code": OTHER_TOWNSHIP}
    one, other = farm(), farm(**there)
    await county.apply(one, other)
    report, overlapped = (
        film(owner["record_id"], geometry=square(), mulch_used_kg=used, **place) | {"datum": "wgs84"}
        for owner, used, place in ((one, "101", {}), (other, "102", there))
    )
    await county.apply(report, overlapped)
    await swept(offices)
    [finding] = await findings(county, "plots_overlap")
    for office in ("worker", "township", "prefecture", "province", "ministry", "admin"):
        response = await (await offices.of(office)).get(f"/v1/findings/{finding['id']}/shapes")
        assert (response.status_code, response.json()["code"]) == (403, "positions_not_yours"), office
    response = await (await offices.of("neighbour")).get(f"/v1/findings/{finding['id']}/shapes")
    assert (response.status_code, response.json()["code"]) == (404, "unknown_finding")
    assert len((await shapes_of(county, finding))["plots"]) == 2


async def test_the_map_of_a_finding_takes_as_many_statements_for_many_plots_as_for_two(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    engine = offices.app.state.service.engine
    first, second = reported(1, drawn=square()), reported(2, drawn=square(112.551))
    await worker.apply(*first, *second)
    await swept(offices)
    [finding] = await findings(county, "plots_overlap")
    with counted(engine) as few:
        await shapes_of(county, finding)
    await worker.apply(*(farm(geometry=square(112.55, 29.55 + k / 3000)) for k in range(8)))
    with counted(engine) as many:
        assert len((await shapes_of(county, finding))["plots"]) == 10
    assert len(few) == len(many)
