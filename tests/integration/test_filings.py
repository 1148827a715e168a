"""Filings from the county to publication: who takes which step, what is frozen, what a repeat and a race do."""

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import make_engine
from schemas.identifiers import statement_id
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.filings import FILM, SOURCE, Cabinet, accept_all
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE, PROVINCE
from tests.support.reports import amend, farm, film, film_statement, new_id
from tests.support.soundness import assert_sound

pytestmark = pytest.mark.anyio

FILING = Cabinet()
REASONS = [{"field": "/mulch_used_t", "text": "与供销数据不符"}]


async def test_a_statement_goes_up_tier_by_tier_and_ends_published(offices: Offices, county: Caller) -> None:
    statement = film_statement()
    [outcome] = await county.apply(statement)
    filed = await FILING.file(county)
    assert (filed["state"], filed["holder"], filed["actions"]) == ("filed", "prefecture", ["recall"])
    assert filed["positions"] == {COUNTY: outcome["position"]}
    assert filed["statement_id"] == statement_id(COUNTY, FILM, "2025")
    assert filed["statement_revision"] == 1
    [stated] = [one for one in filed["figure"] if one["view"] == "statement"]
    assert (stated["numerator"], stated["denominator"]) == ("85.5", "100")
    for office, action, seen, reached in (
        ("prefecture", "endorse", "filed", "endorsed"),
        ("province", "accept", "endorsed", "accepted"),
        ("ministry", "publish", "accepted", "published"),
    ):
        shown = await FILING.take(await offices.of(office), action, seen)
        assert shown["state"] == reached
        assert shown["figure"] == filed["figure"]
    assert [(one["number"], one["role"], one["office"], one["to_state"]) for one in shown["steps"]] == [
        (1, "county", "county", "filed"),
        (2, "prefecture", "prefecture", "endorsed"),
        (3, "province", "province", "accepted"),
        (4, "ministry", "ministry", "published"),
    ]
    assert shown["actions"] == []


async def test_without_a_statement_nothing_is_filed(county: Caller) -> None:
    found = await FILING.refuse(county, "file", "open", differences=SOURCE)
    assert (found["code"], found["status"]) == ("statement_missing", 409)


async def test_a_return_opens_the_filing_and_asks_for_an_explanation(offices: Offices, county: Caller) -> None:
    statement = film_statement()
    await county.apply(statement)
    await FILING.file(county)
    prefecture = await offices.of("prefecture")
    assert (await FILING.refuse(prefecture, "return", "filed"))["code"] == "return_reasons_missing"
    returned = await FILING.take(prefecture, "return", "filed", reasons=REASONS)
    assert (returned["state"], returned["returned"], returned["figure"]) == ("open", True, [])
    assert returned["steps"][-1]["reasons"] == REASONS
    await county.apply(amend(statement, {"/mulch_used_t": "110"}))
    found = await FILING.refuse(county, "file", "open", differences=SOURCE)
    assert (found["code"], found["field"]) == ("explanation_missing", "/explanation")
    again = await FILING.file(county, explanation="已与供销社核对")
    assert (again["state"], again["statement_revision"]) == ("filed", 2)
    [stated] = [one for one in again["figure"] if one["view"] == "statement"]
    assert stated["denominator"] == "110"


async def test_a_recall_is_possible_until_the_next_tier_has_acted(offices: Offices, county: Caller) -> None:
    await county.apply(film_statement())
    await FILING.file(county)
    assert (await FILING.take(county, "recall", "filed"))["state"] == "open"
    await FILING.file(county)
    await FILING.take(await offices.of("prefecture"), "endorse", "filed")
    moved = await FILING.refuse(county, "recall", "filed")
    assert (moved["code"], moved["params"]["state"]) == ("filing_moved", "endorsed")
    assert (await FILING.refuse(county, "recall", "endorsed"))["code"] == "not_your_step"


async def test_a_step_asked_for_twice_is_taken_once(county: Caller) -> None:
    await county.apply(film_statement())
    step = new_id()
    first = await FILING.file(county, step_id=step)
    second = await FILING.file(county, step_id=step)
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert second["steps"] == first["steps"]
    assert (await FILING.refuse(county, "recall", "filed", step_id=step))["code"] == "step_id_reused"


async def test_of_twenty_offices_that_act_at_once_one_is_first(county: Caller) -> None:
    await county.apply(film_statement())
    codes: list[str] = []

    async def file() -> None:
        response = await FILING.ask(county, "file", "open", differences=SOURCE)
        codes.append(response.json().get("code", "taken"))

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(file)
    assert sorted(codes) == ["filing_moved"] * 19 + ["taken"]


@pytest.mark.parametrize("office", ["worker", "township", "neighbour", "prefecture", "province", "ministry", "admin"])
async def test_only_the_county_files(offices: Offices, county: Caller, office: str) -> None:
    await county.apply(film_statement())
    response = await FILING.ask(await offices.of(office), "file", "open", differences=SOURCE)
    assert response.status_code == 403
    response = await county.get(FILING.path)
    assert response.json()["state"] == "open"


async def test_a_region_that_is_no_county_is_not_filed(offices: Offices) -> None:
    found = await Cabinet(region=PREFECTURE).refuse(await offices.of("prefecture"), "endorse", "filed")
    assert found["code"] == "not_a_county"


async def test_a_difference_from_the_accepted_reports_needs_a_reason(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(film_statement(mulch_recovered_gross_t="0.09", mulch_used_t="0.1", mulch_moisture_rate="0.1"))
    await accept_all(owner_engine)
    found = await FILING.refuse(county, "file", "open")
    [fault] = found["errors"]  # used, gross and net agree: 100 kg are 0.1 t; only the covered area does not
    assert (fault["code"], fault["field"]) == (
        "difference_unexplained",
        "/differences/mulch_film~1covered_area_mu",
    )
    assert (fault["params"]["stated"], fault["params"]["accepted"]) == ("20000", "20")
    assert fault["zh"] == "地膜覆盖面积：县级报表为 20000 亩，审核通过的填报合计为 20 亩，请说明差异原因。"
    filed = await FILING.take(county, "file", "open", differences={"mulch_film/covered_area_mu": "按卫星影像核定"})
    [kept] = filed["steps"][0]["differences"]
    assert (kept["reason"], kept["stated"], kept["accepted"]) == ("按卫星影像核定", "20000", "20")


async def test_where_no_report_is_accepted_the_statement_says_what_it_rests_on(county: Caller) -> None:
    await county.apply(film_statement())
    found = await FILING.refuse(county, "file", "open")
    assert [(one["code"], one["field"]) for one in found["errors"]] == [("filed_without_reports", "/differences/")]
    filed = await FILING.file(county)
    assert filed["steps"][0]["differences"][0]["reason"] == SOURCE[""]


async def test_a_region_lists_its_filings_and_counts_their_states(offices: Offices, county: Caller) -> None:
    await county.apply(film_statement())
    await FILING.file(county)
    province = await offices.of("province")
    page = (await province.get(f"/v1/filings/{PROVINCE}", period="2025", indicator=FILM, state="filed")).json()
    assert [(one["region"]["code"], one["state"]) for one in page["filings"]] == [(COUNTY, "filed")]
    counts = page["counts"][FILM]
    assert counts["filed"] == 1
    assert counts["open"] > 100
    assert sum(page["counts"]["straw_utilisation"].values()) == sum(counts.values())
    seen, after = set(), None
    while True:
        page = (
            await province.get(
                f"/v1/filings/{PREFECTURE}", period="2025", limit=10, **({"after": after} if after else {})
            )
        ).json()
        seen |= {(one["region"]["code"], one["indicator"]) for one in page["filings"]}
        after = page["after"]
        if after is None:
            break
    assert (NEIGHBOUR, "manure_utilisation") in seen
    assert len(seen) == sum(sum(one.values()) for one in page["counts"].values())
    assert (await county.get(f"/v1/filings/{PROVINCE}", period="2025")).status_code == 403


async def test_steps_and_exceptions_cannot_be_changed_by_the_service(database: Database) -> None:
    engine = make_engine(database.service_url, pool_size=1)
    for table in ("filing_step", "filing_exception"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET office = ''"):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with engine.begin() as connection:
                    await connection.execute(text(statement))
    await engine.dispose()


async def test_filing_leaves_the_ledger_as_it_was(county: Caller, owner_engine: AsyncEngine) -> None:
    await county.apply(film_statement())
    await FILING.file(county)
    await FILING.take(county, "recall", "filed")
    await assert_sound(owner_engine)
