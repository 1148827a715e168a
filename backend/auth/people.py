"""The accounts that an office administers, and what it does to them; every act leaves its line in the audit."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.access import BASIN_ROLES, ROLE_LEVELS, Access, Grant
from backend.auth.accounts import create_account, delete_grant, grant_of, insert_grant
from backend.auth.audit import Act, Actor, Person, keep_act
from backend.auth.sessions import Revoked, revoke_sessions
from schemas.accounts import AccountShown, GrantShown
from schemas.problems import Problem, problem
from schemas.regions import RegionTree

USERNAME_TAKEN = "account_username"

COLUMNS = """
    account.id, account.username, account.display_name, account.disabled, account.created_at,
    account.password_hash IS NOT NULL AS has_password,
    coalesce(jsonb_agg(jsonb_build_object('role', held.role, 'region_code', held.region_code,
             'indicators', held.indicators, 'basin_code', held.basin_code)
             ORDER BY held.region_code, held.role, held.basin_code)
        FILTER (WHERE held.role IS NOT NULL), '[]') AS grants
"""

READ_PEOPLE = f"""
    SELECT {COLUMNS}
    FROM account JOIN account_grant AS held ON held.account_id = account.id
    WHERE account.username > :after AND account.id IN (
        SELECT account_id FROM account_grant
        WHERE cast(:regions AS text[]) IS NULL OR region_code = ANY(cast(:regions AS text[])))
    GROUP BY account.id ORDER BY account.username LIMIT :limit
"""

READ_PERSON = f"""
    SELECT {COLUMNS}
    FROM account LEFT JOIN account_grant AS held ON held.account_id = account.id
    WHERE account.id = cast(:id AS uuid) OR account.username = :username
    GROUP BY account.id
"""

LOCK_PERSON = "SELECT id FROM account WHERE id = cast(:id AS uuid) OR username = :username FOR UPDATE"

SET_DISABLED = "UPDATE account SET disabled = :disabled WHERE id = :id"

SET_PASSWORD = "UPDATE account SET password_hash = :password_hash WHERE id = :id"  # noqa: S105 - a statement


class PeopleError(Exception):
    """What was asked of an account is refused."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


async def find_person(
    connection: AsyncConnection, tree: RegionTree, *, account_id: str | None = None, username: str | None = None
) -> tuple[Person, AccountShown]:
    """Return an account by id or name, locked until the transaction ends. Raises PeopleError(unknown_account)."""
    values = {"id": account_id, "username": username}
    if not (await connection.execute(text(LOCK_PERSON), values)).all():
        raise PeopleError(problem("unknown_account"))
    row = (await connection.execute(text(READ_PERSON), values)).one()
    person = Person(str(row.id), row.username, tuple(grant_of(one) for one in row.grants))
    return person, shown_account(row, tree)


async def people_page(
    connection: AsyncConnection, tree: RegionTree, regions: Collection[str] | None, after: str, limit: int
) -> list[tuple[Person, AccountShown]]:
    """Return accounts with a grant in one of the regions (None: any), by user name."""
    values = {"regions": None if regions is None else sorted(regions), "after": after, "limit": limit}
    return [
        (Person(str(row.id), row.username, tuple(grant_of(one) for one in row.grants)), shown_account(row, tree))
        for row in await connection.execute(text(READ_PEOPLE), values)
    ]


def check_grant(grant: Grant, tree: RegionTree, basins: Collection[str], access: Access | None) -> None:
    """Raise PeopleError for a grant that cannot be, or that `access` may not give; None: the operator may any."""
    region = tree.get(grant.region_code)
    if region is None:
        raise PeopleError(problem("unknown_region", "region_code", code=grant.region_code))
    if region.level not in ROLE_LEVELS[grant.role]:
        raise PeopleError(problem("role_of_other_level", "region_code", role=grant.role, region=region.name))
    if grant.basin_code is not None and grant.basin_code not in basins:
        raise PeopleError(problem("unknown_basin", "basin_code", code=grant.basin_code))
    if grant.basin_code is not None and grant.role not in BASIN_ROLES:
        raise PeopleError(problem("basin_of_other_role", "basin_code"))
    if access is not None and not access.may_grant(grant):
        raise PeopleError(problem("grant_out_of_reach", "region_code", role=grant.role, region=region.name))


async def open_account(
    connection: AsyncConnection,
    actor: Actor,
    username: str,
    display_name: str,
    password_hash: str | None,
    grants: Iterable[Grant],
) -> str:
    """Create an account and return its id. Raises PeopleError(username_taken)."""
    held = tuple(grants)
    try:
        async with connection.begin_nested():
            account_id = await create_account(connection, username, display_name, password_hash, held)
    except IntegrityError as error:
        if getattr(getattr(error.orig, "__cause__", None), "constraint_name", None) == USERNAME_TAKEN:
            raise PeopleError(problem("username_taken", "username", value=username)) from None
        raise
    after = {"username": username, "display_name": display_name, "grants": [said(grant) for grant in held]}
    await keep_act(connection, actor, Act.ACCOUNT_CREATED, Person(account_id, username, held), after=after)
    return account_id


async def set_disabled(connection: AsyncConnection, actor: Actor, person: Person, *, disabled: bool) -> None:
    """Disable an account and end its sign-ins, or enable it again. Raises PeopleError(own_account)."""
    if actor.account_id == person.account_id:
        raise PeopleError(problem("own_account"))
    await connection.execute(text(SET_DISABLED), {"id": person.account_id, "disabled": disabled})
    if disabled:
        await revoke_sessions(connection, person.account_id, Revoked.DISABLED)
    act = Act.ACCOUNT_DISABLED if disabled else Act.ACCOUNT_ENABLED
    await keep_act(connection, actor, act, person)


async def add_grant(connection: AsyncConnection, actor: Actor, person: Person, grant: Grant) -> None:
    """Give a grant that `check_grant` let pass; one of the same role, region and basin is replaced."""
    if actor.account_id == person.account_id:
        raise PeopleError(problem("own_account"))
    before = next((held for held in person.grants if _same(held, grant)), None)
    await insert_grant(connection, person.account_id, grant)
    told = None if before is None else said(before)
    await keep_act(connection, actor, Act.GRANT_ADDED, person, before=told, after=said(grant))


async def remove_grant(connection: AsyncConnection, actor: Actor, person: Person, grant: Grant) -> None:
    """Take a grant; the last one stays. Raises PeopleError."""
    if actor.account_id == person.account_id:
        raise PeopleError(problem("own_account"))
    before = next((held for held in person.grants if _same(held, grant)), None)
    if before is None:
        raise PeopleError(problem("unknown_grant"))
    if len(person.grants) == 1:
        raise PeopleError(problem("last_grant"))
    await delete_grant(connection, person.account_id, grant)
    await keep_act(connection, actor, Act.GRANT_REMOVED, person, before=said(before))


async def set_password(
    connection: AsyncConnection, actor: Actor, person: Person, password_hash: str, *, except_session: str | None = None
) -> None:
    """Set a password and end the account's other sign-ins."""
    await connection.execute(text(SET_PASSWORD), {"id": person.account_id, "password_hash": password_hash})
    await revoke_sessions(connection, person.account_id, Revoked.PASSWORD_CHANGED, except_id=except_session)
    act = Act.PASSWORD_CHANGED if actor.account_id == person.account_id else Act.PASSWORD_SET
    await keep_act(connection, actor, act, person)


def said(grant: Grant) -> dict[str, Any]:
    """Return a grant as the audit keeps it."""
    indicators = None if grant.indicators is None else sorted(grant.indicators)
    return {
        "role": grant.role,
        "region_code": grant.region_code,
        "indicators": indicators,
        "basin_code": grant.basin_code,
    }


def shown_grant(grant: Grant, tree: RegionTree) -> GrantShown | None:
    """Return a grant with the name of its region; None where the region is no more."""
    region = tree.get(grant.region_code)
    if region is None:
        return None
    return GrantShown(
        role=grant.role,
        region_code=region.code,
        region_name=region.name,
        region_level=region.level,
        indicators=None if grant.indicators is None else sorted(grant.indicators),
        basin_code=grant.basin_code,
    )


def shown_account(row: Any, tree: RegionTree) -> AccountShown:
    """Return an account as its office sees it."""
    grants = [shown_grant(grant_of(one), tree) for one in row.grants]
    return AccountShown(
        id=str(row.id),
        username=row.username,
        display_name=row.display_name,
        disabled=row.disabled,
        has_password=row.has_password,
        created_at=row.created_at,
        grants=[grant for grant in grants if grant is not None],
    )


def _same(one: Grant, other: Grant) -> bool:
    return (one.role, one.region_code, one.basin_code) == (other.role, other.region_code, other.basin_code)
