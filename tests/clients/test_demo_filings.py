"""The filings of the demo against a real server: every planned step is taken, once however often the demo is filled."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from backend.db import make_engine
from backend.demo.accounts import DEMO_PASSWORD, DemoAccount, bureau_username, insert_accounts
from backend.demo.filings import GOES_UP, PlannedFiling, carry_filings, plan_filings
from backend.demo.network import SharedTransport
from schemas.vocabulary import FilingState, Indicator, Role
from tests.conftest import Database
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE, PROVINCE
from tests.support.reports import body, film_statement, statement
from tests.support.servers import serving

SEED = 7
HASH = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(DEMO_PASSWORD)
CROPS = {"wheat": {"grain_output_t": "1000", "sown_area_mu": "2000", "returned_area_mu": "1000"}}
MANURE = {"species": {"finishing_pig": {"slaughter_head": 1000}}, "composting_return_t": "300"}
ACCOUNTS = [
    DemoAccount(bureau_username(COUNTY), "华容县农业农村局填报员", Role.COUNTY, COUNTY),
    DemoAccount(bureau_username(NEIGHBOUR), "湘阴县农业农村局填报员", Role.COUNTY, NEIGHBOUR),
    DemoAccount("prefecture", "岳阳市农业农村局", Role.PREFECTURE, PREFECTURE),
    DemoAccount("province", "湖南省农业农村厅", Role.PROVINCE, PROVINCE),
    DemoAccount("ministry", "部级查阅账号", Role.MINISTRY, "100000"),
]


def test_the_plan_reaches_every_state_and_leaves_this_year_of_the_shown_county_open() -> None:
    planned = plan_filings([*GOES_UP, "120110", "120111", "120112", "120113", "120114"])
    assert {one.reaches for one in planned} == set(FilingState) - {FilingState.OPEN}
    assert [one for one in planned if one.county_code == COUNTY and one.period == "2025"] == []
    assert max(Counter((one.county_code, one.indicator, one.period) for one in planned).values()) == 1


@pytest.fixture
def demo_database(database: Database) -> Database:
    anyio.run(_open_accounts, database.owner_url)
    return database


async def _open_accounts(url: str) -> None:
    engine = make_engine(url, pool_size=1)
    async with engine.begin() as connection:
        await insert_accounts(connection, ACCOUNTS, lambda _: HASH)
    await engine.dispose()


def test_planned_filings_are_taken_once_however_often_they_are_asked_for(
    demo_database: Database, tmp_path: Path
) -> None:
    with serving(demo_database, tmp_path, demo=False) as server, httpx.HTTPTransport() as network:
        for code in (COUNTY, NEIGHBOUR):
            _state(server.url, code)
        shared = SharedTransport(network)
        steps = [carry_filings(server.url, shared, [COUNTY, NEIGHBOUR], SEED) for _ in range(2)]
        with _signed_in(server.url, "ministry") as ministry:
            shown = ministry.get(f"/v1/filings/{PREFECTURE}?period=2024").json()
        reached = {one["indicator"]: one["state"] for one in shown["filings"] if one["region"]["code"] == COUNTY}
        assert steps[0] == steps[1] == sum(list(FilingState).index(one.reaches) for one in _planned())
        assert reached[Indicator.FILM_RECOVERY] == "published"
        assert reached[Indicator.STRAW_UTILISATION] == "accepted"
        assert reached[Indicator.MANURE_UTILISATION] == "endorsed"


def _planned() -> list[PlannedFiling]:
    return plan_filings([COUNTY, NEIGHBOUR])


def _state(url: str, code: str) -> None:
    """State everything that the county is going to file."""
    changes = [
        film_statement(code, "2024"),
        film_statement(code, "2025"),
        statement("straw_utilisation", "2024", code, crops=CROPS),
        statement("manure_utilisation", "2024", code, **MANURE),
    ]
    with _signed_in(url, bureau_username(code)) as bureau:
        answer = bureau.post("/v1/sync/push", json=body(*changes, schema_version=3)).json()
    assert [one["outcome"] for one in answer["outcomes"]] == ["applied"] * 4, answer


@contextmanager
def _signed_in(url: str, username: str) -> Iterator[httpx.Client]:
    form = {"username": username, "password": DEMO_PASSWORD}
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        token = client.post("/v1/auth/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
