"""What a push does to the ledger, seen through the API."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.offices import NEIGHBOUR, OTHER_TOWNSHIP
from tests.support.reports import amend, farm, film, film_statement, new_id, square
from tests.support.vaults import quarantined

pytestmark = pytest.mark.anyio


async def test_a_farm_and_its_report_are_applied_in_one_push(worker: Caller) -> None:
    homestead = farm()
    outcomes = await worker.outcomes(homestead, film(homestead["record_id"]))
    assert [(one["outcome"], one["position"], one["revision"]) for one in outcomes] == [
        ("applied", 1, 1),
        ("applied", 2, 1),
    ]
    assert [one["disposition"] for one in outcomes] == ["terminal", "terminal"]


async def test_second_push_of_the_same_change_is_a_replay(worker: Caller, owner_engine: AsyncEngine) -> None:
    homestead = farm()
    first = await worker.outcomes(homestead)
    second = await worker.outcomes(homestead)
    assert second[0] == first[0] | {"replayed": True}
    async with owner_engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM ledger_entry"))).scalar_one() == 1


async def test_the_same_change_twice_in_one_push_is_applied_once(worker: Caller) -> None:
    homestead = farm()
    outcomes = await worker.outcomes(homestead, homestead)
    assert [one["replayed"] for one in outcomes] == [False, True]
    assert outcomes[0]["position"] == outcomes[1]["position"] == 1


async def test_other_content_under_a_used_change_id_is_refused(worker: Caller) -> None:
    homestead = farm()
    await worker.apply(homestead)
    other = farm(name="另一户") | {"change_id": homestead["change_id"]}
    [outcome] = await worker.outcomes(other)
    assert outcome["outcome"] == "rejected"
    assert outcome["problems"][0]["code"] == "change_id_reused"
    [again] = await worker.outcomes(homestead)
    assert (again["outcome"], again["replayed"]) == ("applied", True)


async def test_a_change_id_of_a_colleague_is_refused_without_telling_its_outcome(
    worker: Caller, offices: Offices
) -> None:
    homestead = farm()
    await worker.apply(homestead)
    [outcome] = await (await offices.of("colleague")).outcomes(homestead)
    assert outcome["problems"][0]["code"] == "change_id_reused"
    assert outcome["position"] is None


async def test_a_second_report_for_the_farm_and_period_is_a_conflict_that_names_the_first(worker: Caller) -> None:
    homestead = farm()
    first, second = film(homestead["record_id"]), film(homestead["record_id"])
    await worker.apply(homestead, first)
    [outcome] = await worker.outcomes(second)
    assert (outcome["outcome"], outcome["disposition"]) == ("conflict", "needs_user")
    assert outcome["existing_record_id"] == first["record_id"]


async def test_a_report_that_arrives_before_its_farm_is_held_and_applied_with_it(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    [held] = await worker.outcomes(report)
    assert (held["outcome"], held["reason"], held["disposition"]) == ("held", "farm_missing", "retry_after")
    assert held["retry_after_s"] > 0
    await worker.apply(homestead)
    [applied] = await worker.outcomes(report)
    assert (applied["outcome"], applied["replayed"], applied["position"]) == ("applied", True, 2)


async def test_a_bad_item_never_harms_its_neighbours(worker: Caller, owner_engine: AsyncEngine) -> None:
    homestead = farm()
    outcomes = await worker.outcomes(
        film(homestead["record_id"]) | {"action": "frobnicate"},
        homestead,
        "not an object",
        film(homestead["record_id"], mulch_used_kg=12.5),
        film(homestead["record_id"]),
    )
    assert [one["outcome"] for one in outcomes] == ["rejected", "applied", "rejected", "rejected", "applied"]
    assert outcomes[3]["problems"][0]["code"] == "number_format"
    assert outcomes[3]["problems"][0]["field"] == "/payload/mulch_used_kg"
    async with owner_engine.connect() as connection:
        stored = (await connection.execute(text("SELECT outcome FROM change ORDER BY outcome"))).scalars().all()
    kept = await quarantined(owner_engine)
    assert b"frobnicate" in kept[0]
    assert b'"not an object"' in kept
    assert stored == ["applied", "applied", "rejected"]


async def test_text_that_cannot_be_stored_names_its_field_and_is_kept(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    outcomes = await worker.outcomes(farm(name="张\x00三"), farm())
    assert [one["outcome"] for one in outcomes] == ["rejected", "applied"]
    assert outcomes[0]["problems"][0] | {"zh": "", "en": "", "params": {}} == {
        "type": "/problems/illegal_character",
        "code": "illegal_character",
        "status": 422,
        "field": "/payload/name",
        "zh": "",
        "en": "",
        "params": {},
    }
    [body] = await quarantined(owner_engine)
    assert b"\\u0000" in body


async def test_an_unknown_schema_version_is_held_not_refused(worker: Caller) -> None:
    [outcome] = await worker.outcomes(farm(), schema_version=99)
    assert (outcome["outcome"], outcome["reason"]) == ("held", "schema_unknown")


async def test_a_report_outside_the_township_is_held_as_a_403_problem(worker: Caller, county: Caller) -> None:
    elsewhere = farm(township_code=OTHER_TOWNSHIP)
    response = await worker.push(elsewhere)
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["code"] == "out_of_scope"
    assert document["outcomes"][0]["reason"] == "scope_lost"
    mixed = await worker.outcomes(elsewhere, farm())
    assert [one["outcome"] for one in mixed] == ["held", "applied"]
    assert mixed[0]["problems"][0]["status"] == 403
    await county.apply(farm(township_code=OTHER_TOWNSHIP))


async def test_a_county_bureau_cannot_write_in_the_neighbour_county(county: Caller) -> None:
    response = await county.push(farm(township_code="430624100") | {"county_code": NEIGHBOUR})
    assert response.status_code == 403


@pytest.mark.parametrize("office", ["worker", "township", "prefecture", "province", "ministry", "admin"])
async def test_only_the_county_files_its_statement(offices: Offices, office: str) -> None:
    response = await (await offices.of(office)).push(film_statement())
    assert response.status_code == 403
    await (await offices.of("county")).apply(film_statement())


async def test_a_statement_has_the_id_that_follows_from_what_it_states(county: Caller) -> None:
    statement = film_statement() | {"record_id": new_id()}
    [outcome] = await county.outcomes(statement)
    assert outcome["problems"][0]["code"] == "not_statement_id"


async def test_an_unknown_county_is_kept_in_quarantine(worker: Caller, owner_engine: AsyncEngine) -> None:
    [outcome] = await worker.outcomes(farm() | {"county_code": "999999"})
    assert outcome["problems"][0]["code"] == "unknown_county"
    async with owner_engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM quarantine"))).scalar_one() == 1


async def test_a_plot_is_stored_in_cgcs2000_with_its_geodesic_area(worker: Caller, owner_engine: AsyncEngine) -> None:
    plot = farm(geometry=square()) | {"datum": "gcj02"}
    await worker.apply(plot)
    async with owner_engine.connect() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT ST_SRID(geom) AS srid, ST_X(ST_Centroid(geom)) AS x, area_mu, "
                    "ST_Area(geom::geography, true) * 15 / 10000 AS expected FROM record"
                )
            )
        ).one()
    assert row.srid == 4490
    assert 112.54 < row.x < 112.551 - 0.003  # GCJ-02 lies some hundred metres east of CGCS2000 here
    assert float(row.area_mu) == pytest.approx(row.expected, rel=1e-4)


async def test_a_plot_far_outside_the_county_is_taken_with_a_warning(worker: Caller) -> None:
    [outcome] = await worker.outcomes(farm(geometry=square(113.9, 28.2)) | {"datum": "wgs84"})
    assert outcome["outcome"] == "applied"
    assert [one["code"] for one in outcome["warnings"]] == ["plot_outside_county"]


async def test_names_and_plots_are_nowhere_in_the_clear_but_the_item_as_sent(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    await worker.apply(farm(name="极少见的名字", phone="19900001234"))
    async with owner_engine.connect() as connection:
        row = (
            await connection.execute(text("SELECT record::text AS r, personal::text AS p FROM record, personal"))
        ).one()
        entry = (await connection.execute(text("SELECT ledger_entry::text FROM ledger_entry"))).scalar_one()
    assert "极少见的名字" not in row.r + row.p + entry
    assert "19900001234" not in row.r + row.p + entry


async def test_nobody_can_take_the_id_of_a_statement(worker: Caller, county: Caller) -> None:
    statement = film_statement()
    for squatter in (farm(), film(new_id())):
        [outcome] = await worker.outcomes(squatter | {"record_id": statement["record_id"]})
        assert outcome["problems"][0] | {"zh": "", "en": "", "params": {}} == {
            "type": "/problems/not_uuid7",
            "code": "not_uuid7",
            "status": 422,
            "field": "/record_id",
            "zh": "",
            "en": "",
            "params": {},
        }
    await county.apply(statement)


async def test_a_worker_cannot_report_on_a_farm_of_another_township(worker: Caller, county: Caller) -> None:
    foreign = farm(township_code=OTHER_TOWNSHIP)
    await county.apply(foreign)
    response = await worker.push(film(foreign["record_id"]))
    assert (response.status_code, response.json()["code"]) == (403, "out_of_scope")
    await county.apply(film(foreign["record_id"], township_code=OTHER_TOWNSHIP))


async def test_warnings_about_the_drawing_stay_until_it_is_drawn_anew(worker: Caller) -> None:
    crossed = square()
    ring = crossed["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    homestead = farm(geometry=crossed)
    renamed = amend(homestead, {"/name": "改名户"})
    redrawn = amend(renamed, {"/geometry": square()}) | {"datum": "cgcs2000"}
    outcomes = await worker.apply(homestead, renamed, redrawn)
    codes = [[one["code"] for one in outcome["warnings"]] for outcome in outcomes]
    assert codes == [["geometry_repaired"], ["geometry_repaired"], []]
    crossed_again = amend(redrawn, {"/geometry": crossed}) | {"datum": "cgcs2000"}
    [outcome] = await worker.apply(crossed_again)
    assert [one["code"] for one in outcome["warnings"]] == ["geometry_repaired"]


async def test_a_statement_of_a_retired_county_ends_with_its_last_year(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO account_grant SELECT id, 'county', '500157', now() FROM account WHERE username = 'county'"
            )
        )
    county = await offices.of("county")
    [late] = await county.outcomes(film_statement("500105", period="2025"))
    assert late["problems"][0]["code"] == "retired_county"
    assert late["problems"][0]["params"]["successor"] == "500157"
    [taken] = await county.outcomes(film_statement("500105", period="2024"))
    assert (taken["outcome"], [one["code"] for one in taken["warnings"]]) == ("applied", ["retired_county"])
