"""From nothing to a database that can serve: found or brought, migrated, filled with reference data, with accounts."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.access import Grant
from backend.auth.accounts import create_account
from backend.auth.passwords import hash_password
from backend.auth.provider import read_secret
from backend.db import make_engine
from backend.demo.accounts import DemoAccount, demo_accounts, insert_accounts, shown_accounts
from backend.demo.places import load_places
from backend.embedded import Cluster, ensure_cluster, ensure_database
from backend.migrate import migrate
from backend.privacy.keyring import KeyRing
from backend.reference.load import load_reference
from backend.settings import Settings
from schemas.regions import NATION
from schemas.vocabulary import Role

Progress = Callable[[str], None]
FIRST_ADMINISTRATOR = "admin"
DEMO_MARK = "demo"

MARKED_TABLE = "SELECT coalesce(to_regclass('reference_version'), to_regclass('reference_load'))::text"
"""Where the demo is marked, also before a migration; NULL in an empty database."""

IS_USED = "SELECT EXISTS (SELECT FROM ledger_head WHERE position > 0) OR EXISTS (SELECT FROM account)"

HAS_DEMO_MARK: Mapping[str, str] = {
    table: f"SELECT EXISTS (SELECT FROM {table} WHERE kind = :mark)"
    for table in ("reference_version", "reference_load")
}

SET_DEMO_MARK = """
    INSERT INTO reference_version (kind, version, origin, source_name, sha256, rows, loaded_at, loaded_by, note)
    VALUES (:mark, 1, 'shipped', '', decode(repeat('00', 32), 'hex'), 0, clock_timestamp(), '', '')
"""

READ_KEY_ID = "SELECT key_id FROM personal LIMIT 1"

HAS_ACCOUNTS = "SELECT EXISTS (SELECT FROM account)"


class SettingsError(RuntimeError):
    """A setting cannot be used."""


class ForeignKeyError(RuntimeError):
    """The database was sealed with another key than this deployment's."""


class WrongDatabaseError(RuntimeError):
    """Demo data and real data never share a database."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database that is ready, and what the person at the terminal needs to know."""

    settings: Settings
    cluster: Cluster | None
    demo_accounts: tuple[DemoAccount, ...] = ()
    administrator_password: str | None = None


def locate(settings: Settings, progress: Progress) -> tuple[Settings, Cluster | None]:
    """Return the settings with both database URLs: as given, or those of the private cluster in `home`."""
    if settings.database_url is not None:
        owner = settings.owner_database_url or settings.database_url
        urls = {"database_url": _driver(settings.database_url), "owner_database_url": _driver(owner)}
        if settings.read_url is not None:
            urls["read_url"] = _driver(settings.read_url)
        return settings.model_copy(update=urls), None
    cluster = ensure_cluster(settings.home, progress=progress)
    ensure_database(cluster, settings.database_name)
    urls = {
        "database_url": cluster.url("service", settings.database_name),
        "owner_database_url": cluster.url("owner", settings.database_name),
    }
    return settings.model_copy(update=urls), cluster


async def prepare(settings: Settings, cluster: Cluster | None, progress: Progress) -> Prepared:
    """Migrate, load the reference data and create the first accounts. Raises WrongDatabaseError."""
    if settings.owner_database_url is None:
        raise ValueError("prepare needs the owner's database URL; call locate first")
    _refuse_unread_secret(settings)
    engine = make_engine(settings.owner_database_url, pool_size=2)
    try:
        async with engine.connect() as connection:
            await _refuse_wrong_database(connection, demo=settings.demo)
        progress("正在升级数据库 · Migrating the database")
        await migrate(engine)
        await load_reference(engine, settings.home, progress)
        async with engine.begin() as connection:
            await _refuse_foreign_key(connection, KeyRing.of(settings))
            if settings.demo:
                return Prepared(settings, cluster, demo_accounts=await _open_demo(connection))
            return Prepared(settings, cluster, administrator_password=await _open_real(connection))
    finally:
        await engine.dispose()


def _refuse_unread_secret(settings: Settings) -> None:
    try:
        read_secret(settings.oidc_client_secret_file)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"QINGTIAN_OIDC_CLIENT_SECRET_FILE 不能使用，请检查文件。\n"
            f"QINGTIAN_OIDC_CLIENT_SECRET_FILE cannot be used; check the file.\n{error}"
        ) from None


async def _refuse_wrong_database(connection: AsyncConnection, *, demo: bool) -> None:
    """Raise WrongDatabaseError before anything is written to a database of the other kind."""
    table = (await connection.execute(text(MARKED_TABLE))).scalar_one()
    if table is None:
        return
    has_mark = await _is_true(connection, HAS_DEMO_MARK[table], mark=DEMO_MARK)
    if demo and not has_mark and await _is_true(connection, IS_USED):
        raise WrongDatabaseError(
            "这个数据库已有真实数据，不能载入演示数据。请用 DEMO=0 启动，或换一个数据库。\n"
            "This database holds real data; the demo is not loaded into it. Use DEMO=0 or another database."
        )
    if has_mark and not demo:
        raise WrongDatabaseError(
            "这个数据库装的是演示数据，不能用作正式库。请换一个数据库。\n"
            "This database holds demo data and cannot be served as a real one. Use another database."
        )


async def _refuse_foreign_key(connection: AsyncConnection, ring: KeyRing) -> None:
    """Raise ForeignKeyError before anything is sealed with a key that cannot open what is there."""
    sealed_with = (await connection.execute(text(READ_KEY_ID))).scalar_one_or_none()
    if sealed_with is not None and sealed_with not in {key.key_id for key in ring.members()}:
        raise ForeignKeyError(
            "数据库中的个人信息是用另一把密钥加密的。请找回原来的 QINGTIAN_SECRET，或 QINGTIAN_HOME 下的 keys 目录。\n"
            "The personal fields in this database were sealed with another key. Bring back the QINGTIAN_SECRET, or the "
            "folder keys of the QINGTIAN_HOME, that it was filled with."
        )


async def _open_demo(connection: AsyncConnection) -> tuple[DemoAccount, ...]:
    places = await load_places(connection)
    if not await _is_true(connection, HAS_DEMO_MARK["reference_version"], mark=DEMO_MARK):
        await connection.execute(text(SET_DEMO_MARK), {"mark": DEMO_MARK})
        await insert_accounts(connection, demo_accounts(places), hash_password)
    return tuple(shown_accounts(places))


async def _open_real(connection: AsyncConnection) -> str | None:
    """Create the first administrator where there is no account yet and return the password, this once."""
    if await _is_true(connection, HAS_ACCOUNTS):
        return None
    password = secrets.token_urlsafe(12)
    grants = [Grant(Role.ADMIN, NATION)]
    await create_account(connection, FIRST_ADMINISTRATOR, "系统管理员", hash_password(password), grants)
    return password


async def _is_true(connection: AsyncConnection, statement: str, **values: str) -> bool:
    return bool((await connection.execute(text(statement), values)).scalar_one())


def _driver(url: str) -> str:
    """Return a URL for the driver that the service uses, however the deployer wrote it. Raises SettingsError."""
    try:
        parsed = make_url(url).set(drivername="postgresql+asyncpg")
    except ArgumentError:
        raise SettingsError(
            "QINGTIAN_DATABASE_URL 不是有效的数据库地址，应形如 postgresql://用户:密码@主机:5432/数据库\n"
            "QINGTIAN_DATABASE_URL is no database URL; write postgresql://user:password@host:5432/database"
        ) from None
    # libpq's name for it; asyncpg calls the same choice `ssl`.
    mode = parsed.query.get("sslmode")
    if mode is not None:
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed.render_as_string(hide_password=False)
