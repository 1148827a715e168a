"""What becomes of a finding: explained, dismissed, opened again by new evidence, gone with its cause."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.checks.sweep import STATEMENTS
from backend.service import Service
from backend.settings import Settings
from tests.integration.conftest import Caller, Offices
from tests.support.checks import findings, swept
from tests.support.offices import COUNTY, PROVINCE
from tests.support.reports import amend, farm, film, film_statement

pytestmark = pytest.mark.anyio

UNCHANGED = "unchanged_from_last_year"


async def plant(worker: Caller) -> dict[str, Any]:
    """Report the same as last year, and return this year's report."""
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, film(homestead["record_id"], period="2024"), report)
    return report


async def settle(caller: Caller, finding: dict[str, Any], act: str, **body: Any) -> Any:
    body = {"explanation": "已电话核实，两年确实相同。", "evidence": finding["evidence"]} | body
    return await caller.http.post(f"/v1/findings/{finding['id']}/{act}", json=body, headers=caller.headers)


async def test_an_explained_finding_stays_so_while_nothing_changes(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    await plant(worker)
    await swept(offices)
    [found] = await findings(county, UNCHANGED)
    answer = await settle(county, found, "explain")
    assert (answer.status_code, answer.json()["state"], answer.json()["office"]) == (200, "explained", "county")
    assert (await swept(offices)).opened == 0
    [after] = await findings(county, UNCHANGED)
    assert (after["state"], after["explanation"]) == ("explained", "已电话核实，两年确实相同。")
    assert after["first_seen"] < after["last_seen"]


async def test_a_finding_opens_again_when_its_evidence_changes(offices: Offices, county: Caller) -> None:
    await county.apply(first := film_statement(mulch_used_t="100"), film_statement(period="2024", mulch_used_t="200"))
    await swept(offices)
    [found] = await findings(county, "amount_jumps")
    assert found["params"]["percent"] == "-50"
    assert (await settle(county, found, "explain")).status_code == 200
    await county.apply(amend(first, {"/mulch_used_t": "110"}))
    assert (await swept(offices)).opened == 1
    [again] = await findings(county, "amount_jumps")
    assert (again["id"], again["state"], again["explanation"]) == (found["id"], "open", None)
    assert (await settle(county, found, "explain")).json()["code"] == "finding_changed"


async def test_a_finding_is_gone_with_its_cause_and_comes_back_open(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    report = await plant(worker)
    await swept(offices)
    [found] = await findings(county, UNCHANGED)
    await settle(county, found, "dismiss")
    away = amend(report, {"/mulch_used_kg": "101"})
    await worker.apply(away)
    assert (await swept(offices)).gone == 1
    assert await findings(county, UNCHANGED) == []
    assert (await settle(county, found, "explain")).json()["code"] == "finding_changed"
    await worker.apply(amend(report, {"/mulch_used_kg": "100"}, base_change_id=away["change_id"]))
    await swept(offices)
    [again] = await findings(county, UNCHANGED, state="open")
    assert again["explanation"] is None
    async with owner_engine.connect() as connection:
        steps = "SELECT state FROM finding_step WHERE finding_id = :id ORDER BY at"
        states = list(await connection.scalars(text(steps), {"id": found["id"]}))
    assert states == ["open", "dismissed", "gone", "open"]


async def test_steps_of_a_finding_cannot_be_rewritten_by_the_service(offices: Offices) -> None:
    service: Service = offices.app.state.service
    for statement in ("UPDATE finding_step SET explanation = 'x'", "DELETE FROM finding_step", "DELETE FROM finding"):
        with pytest.raises(Exception, match="permission denied"):
            async with service.engine.begin() as connection:
                await connection.execute(text(statement))


async def test_a_sweep_takes_the_same_number_of_statements_however_much_it_finds(
    offices: Offices, worker: Caller
) -> None:
    service: Service = offices.app.state.service
    counts = []
    await swept(offices)  # the driver learns of the types
    for _ in range(2):
        asked: list[str] = []
        async with service.engine.connect() as connection:  # the pool gives the same one to the sweep
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.add_query_logger(lambda query, asked=asked: asked.append(query.query))
        await swept(offices)
        counts.append(sum(one.lstrip().startswith(("SELECT", "WITH")) for one in asked))
        await plant(worker)
    assert counts == [STATEMENTS, STATEMENTS]


async def test_findings_are_filtered_and_counted(offices: Offices, worker: Caller, county: Caller) -> None:
    await plant(worker)
    await swept(offices)
    page = (await county.get("/v1/findings", region=COUNTY, indicator="film_recovery", period="2025")).json()
    assert [(one["code"], one["region_name"]) for one in page["findings"]] == [(UNCHANGED, "华容县")]
    assert page["counts"] == {"open": 1, "explained": 0, "dismissed": 0, "gone": 0}
    for other in ({"indicator": "straw_utilisation"}, {"period": "2024"}, {"state": "dismissed"}):
        assert (await county.get("/v1/findings", region=COUNTY, **other)).json()["findings"] == []
    above = await offices.of("province")
    assert len(await findings(above, UNCHANGED, PROVINCE)) == 1
    assert (await county.get("/v1/findings", region=PROVINCE)).json()["code"] == "above_scope"
    assert (await county.get("/v1/findings", region=COUNTY, period="25")).json()["code"] == "invalid_period"
    assert (await above.get("/v1/findings", region="999999")).json()["code"] == "unknown_region"


async def test_findings_come_in_pages(offices: Offices, worker: Caller, county: Caller) -> None:
    for _ in range(3):
        await plant(worker)
    await swept(offices)
    first = (await county.get("/v1/findings", region=COUNTY, limit=2)).json()
    second = (await county.get("/v1/findings", region=COUNTY, limit=2, after=first["after"])).json()
    ids = [one["id"] for one in (*first["findings"], *second["findings"])]
    assert (len(ids), len(set(ids)), second["after"]) == (3, 3, None)


@pytest.mark.parametrize(
    ("office", "status", "code"),
    [
        ("worker", 404, "unknown_finding"),
        ("neighbour", 404, "unknown_finding"),
        ("prefecture", 403, "finding_not_yours"),
        ("ministry", 403, "finding_not_yours"),
    ],
)
async def test_a_county_explains_its_own_findings_and_nobody_else(
    offices: Offices, worker: Caller, county: Caller, office: str, status: int, code: str
) -> None:
    await plant(worker)
    await swept(offices)
    [found] = await findings(county, UNCHANGED)
    answer = await settle(await offices.of(office), found, "explain")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_what_concerns_a_countys_figure_is_dismissed_above_it(offices: Offices, county: Caller) -> None:
    await county.apply(film_statement(mulch_used_t="100"), film_statement(period="2024", mulch_used_t="200"))
    await swept(offices)
    [found] = await findings(county, "amount_jumps")
    assert (await settle(county, found, "dismiss")).json()["code"] == "finding_not_yours"
    answer = await settle(await offices.of("province"), found, "dismiss")
    assert (answer.status_code, answer.json()["state"]) == (200, "dismissed")


@pytest.mark.parametrize(
    "body", [{"explanation": ""}, {"explanation": "  "}, {"evidence": "x"}, {"explanation": "好" * 1001}, {"more": 1}]
)
async def test_an_explanation_says_something_and_names_its_evidence(
    offices: Offices, worker: Caller, county: Caller, body: dict[str, Any]
) -> None:
    await plant(worker)
    await swept(offices)
    [found] = await findings(county, UNCHANGED)
    assert (await settle(county, found, "explain", **body)).status_code == 422


async def test_a_deployment_sets_its_own_thresholds_and_switches_checks_off(offices: Offices, county: Caller) -> None:
    service: Service = offices.app.state.service
    await county.apply(film_statement(mulch_used_t="100"), film_statement(period="2024", mulch_used_t="125"))
    await swept(offices)
    assert await findings(county, "amount_jumps") == []
    for checks, expected in (
        ({"amount_jumps.change": "0.1"}, 1),
        ({"amount_jumps.change": "0.1", "amount_jumps.change.film_recovery": "0.5"}, 0),
        ({"amount_jumps.change.film_recovery": "0.1"}, 1),
        ({"amount_jumps.change": "0.1", "amount_jumps": "off"}, 0),
    ):
        service.settings = service.settings.model_copy(update={"checks": checks})
        await swept(offices)
        assert len(await findings(county, "amount_jumps")) == expected


async def test_settings_with_a_threshold_that_is_none_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no such threshold: rate_jumps\.size"):
        Settings(checks={"rate_jumps.size": "1"})
