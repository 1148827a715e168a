"""A published figure carries a signed statement; whatever is changed of it, or below it, is found."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import make_engine
from backend.explanation.command import AGREES, DIFFERS, UNREADABLE, verify_from_terminal
from backend.settings import Settings
from schemas.receipts import PublishedKeys, SignatureState, raw_keys, signature_state
from schemas.vocabulary import Indicator
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.filings import FILM, Cabinet
from tests.support.offices import COUNTY, PREFECTURE
from tests.support.reports import amend, farm, film, film_statement, statement

pytestmark = pytest.mark.anyio

STRAW = "straw_utilisation"
STATEMENT = f"/v1/figures/{COUNTY}/{FILM}/2025/statement"
Asked = tuple[str, Indicator, str, str | None]
FIGURE: Asked = (COUNTY, Indicator.FILM_RECOVERY, "2025", None)


async def publish(offices: Offices, cabinet: Cabinet) -> None:
    await cabinet.file(await offices.of("county"))
    steps = {
        "prefecture": ("endorse", "filed"),
        "province": ("accept", "endorsed"),
        "ministry": ("publish", "accepted"),
    }
    for office, (action, seen) in steps.items():
        await cabinet.take(await offices.of(office), action, seen)


@pytest.fixture
async def signed(offices: Offices, worker: Caller, county: Caller) -> dict[str, Any]:
    """The statement of a figure that was published; the ledger went on since."""
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(film_statement())
    await publish(offices, Cabinet())
    other = farm(name="李家湾")
    await worker.apply(other, film(other["record_id"], period="2024"))
    response = await county.get(STATEMENT)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def keys_of(caller: Caller) -> dict[str, bytes]:
    response = await caller.get("/.well-known/qingtian-keys.json")
    return raw_keys(PublishedKeys.model_validate(response.json()))


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, database_url=database.service_url, secret="s" * 40)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield path
    for key, child in children:
        yield from leaves(child, (*path, key))


def changed(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """Return the document with one leaf changed by as little as can be."""
    other = copy.deepcopy(document)
    place = other
    for key in path[:-1]:
        place = place[key]
    value = place[path[-1]]
    match value:
        case bool():
            place[path[-1]] = not value
        case int():
            place[path[-1]] = value + 1
        case str() if value:
            place[path[-1]] = value[:-1] + chr(ord(value[-1]) ^ 1)
        case _:
            place[path[-1]] = "0"
    return other


async def test_what_is_published_is_signed_and_verifies_without_the_server(
    signed: dict[str, Any], county: Caller
) -> None:
    keys = await keys_of(county)
    assert signature_state(signed, keys) is SignatureState.HOLDS
    assert signed["value"] == {
        "numerator": "85.5", "denominator": "100", "rate": "0.855", "rate_percent": "85.50", "amount": None,
        "unit": "t", "state": "met",
    }  # fmt: skip
    assert (signed["goal"]["value"], signed["goal"]["met"], signed["formula"]) == ("0.85", True, "film-1")
    assert signed["heads"][0]["position"] == 3
    told = (await county.get(f"/v1/figures/{COUNTY}/{FILM}/2025/explanation")).json()
    assert told["statement"] == STATEMENT
    assert told["ledgers"][0]["position"] == 5


async def test_one_character_changed_anywhere_breaks_the_signature(signed: dict[str, Any], county: Caller) -> None:
    keys = await keys_of(county)
    paths = list(leaves(signed))
    assert len(paths) > 50
    for path in paths:
        state = signature_state(changed(signed, path), keys)
        expected = SignatureState.UNKNOWN_KEY if path == ("key_id",) else SignatureState.BROKEN
        assert state is expected, path


async def test_coefficients_are_signed_with_their_versions(offices: Offices, county: Caller) -> None:
    crops = {"maize": {"grain_output_t": "5000", "sown_area_mu": "20000", "returned_area_mu": "9000"}}
    await county.apply(statement(STRAW, crops=crops))
    await publish(offices, Cabinet(STRAW))
    document = (await county.get(f"/v1/figures/{COUNTY}/{STRAW}/2025/statement")).json()
    assert {one["name"] for one in document["coefficients"]} == {"straw_grain_ratio", "collectable_coefficient"}
    assert document["coefficient_versions"] == [1]


async def test_before_it_is_published_there_is_no_statement(county: Caller) -> None:
    await county.apply(film_statement())
    response = await county.get(STATEMENT)
    assert (response.status_code, response.json()["code"]) == (404, "figure_not_published")
    response = await county.get(f"/v1/figures/{PREFECTURE}/{FILM}/2025/statement")
    assert (response.status_code, response.json()["code"]) == (403, "above_scope")


@pytest.mark.parametrize("act", ["UPDATE figure_statement SET period = '2024'", "DELETE FROM figure_statement"])
async def test_the_service_role_cannot_rewrite_a_statement(
    signed: dict[str, Any], database: Database, act: str
) -> None:
    assert signed
    engine = make_engine(database.service_url, pool_size=1)
    try:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with engine.begin() as connection:
                await connection.execute(text(act))
    finally:
        await engine.dispose()


async def test_the_command_proves_a_figure_and_its_statement(
    signed: dict[str, Any], county: Caller, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verify_from_terminal(settings, FIGURE, None, None) == AGREES
    said = capsys.readouterr().out
    assert "签名有效" in said
    assert "签名文书的各项内容与账本重建的结果一致" in said
    assert "库存县级数字" in said
    for as_of in ("filed", "published", f"filing:{signed['filed_step']}", signed["step"]["taken_at"]):
        assert await verify_from_terminal(settings, (*FIGURE[:3], as_of), None, None) == AGREES, as_of
    assert await verify_from_terminal(settings, ("430600", *FIGURE[1:]), None, None) == AGREES
    assert await verify_from_terminal(settings, ("999999", *FIGURE[1:]), None, None) == UNREADABLE
    assert await verify_from_terminal(settings, (*FIGURE[:3], "yesterday"), None, None) == UNREADABLE
    capsys.readouterr()
    document, keys = tmp_path / "doc.json", tmp_path / "keys.json"
    document.write_bytes(orjson.dumps(signed))
    keys.write_bytes((await county.get("/.well-known/qingtian-keys.json")).content)
    assert await verify_from_terminal(None, None, document, str(keys)) == AGREES
    assert await verify_from_terminal(settings, None, document, str(keys), as_json=True) == AGREES
    document.write_bytes(orjson.dumps(changed(signed, ("value", "rate"))))
    assert await verify_from_terminal(None, None, document, str(keys)) == DIFFERS
    assert "签名无效" in capsys.readouterr().out
    document.write_bytes(b"[]")
    assert await verify_from_terminal(None, None, document, str(keys)) == DIFFERS
    assert await verify_from_terminal(None, None, document, None) == UNREADABLE


DAMAGE = {
    "UPDATE county_figure SET numerator = numerator + 0.000001 WHERE view = 'statement' AND period = '2025'": "库存",
    "UPDATE ledger_entry SET deltas = jsonb_set(deltas, '{0,3}', '\"9\"') WHERE position = 3": "账本 430623 #3",
    "UPDATE ledger_entry SET recorded_at = recorded_at - interval '1 microsecond' WHERE position = 2": "#2",
    "UPDATE filing_step SET figure = jsonb_set(figure, '{1,numerator}', '\"99\"') WHERE action = 'file'": "冻结",
    "UPDATE figure_statement SET document = jsonb_set(document, '{value,rate}', '\"0.99\"')": "签名无效",
    "UPDATE filing_step SET positions = '{\"430623\": 2}' WHERE action = 'file'": "不符",
}


@pytest.mark.parametrize("damage", list(DAMAGE))
async def test_whatever_is_changed_behind_a_figure_is_found_by_the_command(
    signed: dict[str, Any],
    settings: Settings,
    owner_engine: AsyncEngine,
    capsys: pytest.CaptureFixture[str],
    damage: str,
) -> None:
    assert signed
    async with owner_engine.begin() as connection:
        assert (await connection.execute(text(damage))).rowcount == 1
    codes = [await verify_from_terminal(settings, (*FIGURE[:3], as_of), None, None) for as_of in (None, "filed")]
    assert DIFFERS in codes
    assert DAMAGE[damage] in capsys.readouterr().out


async def test_a_frozen_figure_that_was_changed_is_not_published(
    offices: Offices, county: Caller, owner_engine: AsyncEngine
) -> None:
    stated = film_statement()
    await county.apply(stated)
    await Cabinet().file(county)
    await Cabinet().take(await offices.of("prefecture"), "endorse", "filed")
    await Cabinet().take(await offices.of("province"), "accept", "endorsed")
    async with owner_engine.begin() as connection:
        damage = "UPDATE filing_step SET figure = jsonb_set(figure, '{1,numerator}', '\"99\"') WHERE action = 'file'"
        assert (await connection.execute(text(damage))).rowcount == 1
    found = await Cabinet().refuse(await offices.of("ministry"), "publish", "accepted")
    assert found["code"] == "figure_not_rebuilt"
    shown = (await county.get(Cabinet().path)).json()
    assert shown["state"] == "accepted"
    await county.hold(amend(stated, {"/mulch_used_t": "110"}))  # and stays locked
