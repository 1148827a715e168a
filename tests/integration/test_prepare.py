"""From a migrated database to one that serves: accounts, and demo and real data kept apart."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_app
from backend.demo.accounts import DEMO_PASSWORD
from backend.keys import load_keys
from backend.prepare import ForeignKeyError, Prepared, SettingsError, WrongDatabaseError, locate, prepare
from backend.settings import Settings
from sync.personal import key_id_of
from tests.conftest import Database
from tests.support.offices import open_offices

pytestmark = pytest.mark.anyio


async def prepared(database: Database, home: Path, *, demo: bool, secret: str = "s" * 40) -> Prepared:
    settings = Settings(
        home=home, database_url=database.service_url, owner_database_url=database.owner_url, demo=demo, secret=secret
    )
    located, cluster = locate(settings, lambda _: None)
    assert cluster is None
    return await prepare(located, cluster, lambda _: None)


async def sign_in(settings: Settings, username: str, password: str) -> int:
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        response = await http.post("/v1/auth/token", data={"username": username, "password": password})
    return response.status_code


async def test_a_real_database_gets_its_first_administrator_once(database: Database, tmp_path: Path) -> None:
    first = await prepared(database, tmp_path, demo=False)
    assert first.administrator_password is not None
    assert await sign_in(first.settings, "admin", first.administrator_password) == 200
    assert await sign_in(first.settings, "admin", "guess") == 401
    second = await prepared(database, tmp_path, demo=False)
    assert second.administrator_password is None


async def test_the_demo_has_one_account_a_role_that_can_sign_in(database: Database, tmp_path: Path) -> None:
    demo = await prepared(database, tmp_path, demo=True)
    roles = [account.role for account in demo.demo_accounts]
    assert roles == ["worker", "township", "county", "prefecture", "province", "ministry", "admin"]
    assert await sign_in(demo.settings, demo.demo_accounts[0].username, DEMO_PASSWORD) == 200
    assert (await prepared(database, tmp_path, demo=True)).demo_accounts == demo.demo_accounts


async def test_the_demo_is_refused_on_a_database_with_real_accounts(
    database: Database, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    await open_offices(owner_engine)
    with pytest.raises(WrongDatabaseError, match="真实数据"):
        await prepared(database, tmp_path, demo=True)
    async with owner_engine.connect() as connection:
        assert (
            await connection.execute(text("SELECT count(*) FROM account WHERE username = 'ministry'"))
        ).scalar() == 1
        assert (await connection.execute(text("SELECT count(*) FROM account"))).scalar() == 9


async def test_a_demo_database_is_never_served_as_a_real_one(database: Database, tmp_path: Path) -> None:
    await prepared(database, tmp_path, demo=True)
    with pytest.raises(WrongDatabaseError, match="演示数据"):
        await prepared(database, tmp_path, demo=False)


async def test_another_secret_is_refused_before_it_seals_anything(
    database: Database, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    first = await prepared(database, tmp_path, demo=False)
    sealed_with = key_id_of(load_keys(first.settings).personal)
    async with owner_engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO personal VALUES ('430623', gen_random_uuid(), 1, '', '', :key_id)"),
            {"key_id": sealed_with},
        )
    await prepared(database, tmp_path, demo=False)
    with pytest.raises(ForeignKeyError, match="密钥"):
        await prepared(database, tmp_path, demo=False, secret="another secret of forty characters length")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u:p%40@h:5433/d", "postgresql+asyncpg://u:p%40@h:5433/d"),
        ("postgres://u@h/d?sslmode=require", "postgresql+asyncpg://u@h/d?ssl=require"),
        ("postgresql+psycopg://u@h/d", "postgresql+asyncpg://u@h/d"),
    ],
)
async def test_a_database_url_is_taken_however_it_is_written(given: str, used: str) -> None:
    located, _ = locate(Settings(database_url=given), lambda _: None)
    assert (located.database_url, located.owner_database_url) == (used, used)


async def test_what_is_no_database_url_is_refused_in_words() -> None:
    with pytest.raises(SettingsError, match="QINGTIAN_DATABASE_URL"):
        locate(Settings(database_url="localhost"), lambda _: None)
