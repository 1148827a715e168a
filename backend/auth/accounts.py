"""Accounts and their grants in the database."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.access import Access, Grant
from backend.auth.tokens import Identity
from backend.rollup.plan import Plan
from schemas.vocabulary import Indicator, Role
from sync.decision import Rights
from sync.reference import Reference
from sync.statement import Connection, Statement

INDICATORS = frozenset(map(str, Indicator))

READ_SIGN_IN = """
    SELECT id, password_hash FROM account WHERE username = :username AND NOT disabled
"""

COLUMNS = """
    account.username, account.display_name, held.role, held.region_code, held.indicators, held.basin_code
"""

READ_ACCESS = Statement.of(f"""
    SELECT {COLUMNS}
    FROM account LEFT JOIN account_grant AS held ON held.account_id = account.id
    WHERE account.id = :account_id AND NOT account.disabled
""")

READ_ACCESS_OF_SESSION = Statement.of(f"""
    SELECT {COLUMNS}
    FROM session
    JOIN account ON account.id = session.account_id
    LEFT JOIN account_grant AS held ON held.account_id = account.id
    WHERE session.id = :session_id AND session.account_id = :account_id AND session.revoked_at IS NULL
      AND session.expires_at > clock_timestamp() AND NOT account.disabled
""")
"""A revoked phone has no live session: both are revoked in one transaction."""

READ_GRANTS = Statement.of("""
    SELECT account.id, account.display_name, held.role, held.region_code, held.indicators, held.basin_code
    FROM account JOIN account_grant AS held ON held.account_id = account.id
    WHERE account.id = ANY(cast(:account_ids AS uuid[])) AND NOT account.disabled
""")

INSERT_ACCOUNT = """
    INSERT INTO account (id, username, display_name, password_hash, disabled, created_at)
    VALUES (:id, :username, :display_name, :password_hash, false, clock_timestamp())
"""

INSERT_GRANT = """
    INSERT INTO account_grant (account_id, role, region_code, basin_code, indicators, granted_at)
    VALUES (:account_id, :role, :region_code, :basin_code, cast(:indicators AS text[]), clock_timestamp())
    ON CONFLICT (account_id, role, region_code, basin_code) DO UPDATE SET
        indicators = excluded.indicators, granted_at = excluded.granted_at
"""

DELETE_GRANT = """
    DELETE FROM account_grant
    WHERE account_id = :account_id AND role = :role AND region_code = :region_code AND basin_code = :basin_code
"""


async def password_of(connection: AsyncConnection, username: str) -> tuple[str, str | None] | None:
    """Return (account id, password hash) of a user who may sign in, or None; an account may have no password."""
    row = (await connection.execute(text(READ_SIGN_IN), {"username": username})).one_or_none()
    return None if row is None else (str(row.id), row.password_hash)


async def access_of(
    connection: Connection, account_id: str, reference: Reference, plan: Plan | None = None
) -> Access | None:
    """Return what an account may do right now, or None where it is gone or disabled."""
    return _access(account_id, await READ_ACCESS.rows(connection, account_id=account_id), reference, plan)


async def access_of_session(
    connection: Connection, identity: Identity, reference: Reference, plan: Plan
) -> Access | None:
    """Return what the account of a session may do right now, or None where either is over."""
    rows = await READ_ACCESS_OF_SESSION.rows(connection, session_id=identity.session_id, account_id=identity.account_id)
    return _access(identity.account_id, rows, reference, plan)


def _access(account_id: str, rows: Sequence[Any], reference: Reference, plan: Plan | None) -> Access | None:
    if not rows:
        return None
    grants = tuple(grant_of(row) for row in rows if row["role"] is not None)
    history = reference.history
    basins = {
        grant.basin_code: frozenset(map(history.today, plan.basins[grant.basin_code].counties))
        for grant in grants
        if plan is not None and grant.basin_code is not None and grant.basin_code in plan.basins
    }
    return Access(
        account_id, rows[0]["username"], rows[0]["display_name"], grants, reference.tree, history, basins=basins
    )


def grant_of(row: Any) -> Grant:
    """Return a row of `account_grant` as a grant; an indicator that is no longer known grants nothing."""
    named = row["indicators"]
    indicators = None if named is None else frozenset(Indicator(one) for one in named if one in INDICATORS)
    return Grant(Role(row["role"]), row["region_code"], indicators, row["basin_code"] or None)


async def grants_of(connection: Connection, account_ids: Collection[str], reference: Reference) -> dict[str, Rights]:
    """Return what each of the accounts may do right now; one that is gone or disabled is left out."""
    grants: dict[str, list[Grant]] = {}
    names: dict[str, str] = {}
    for row in await READ_GRANTS.rows(connection, account_ids=[*account_ids]):
        names[str(row["id"])] = row["display_name"]
        grants.setdefault(str(row["id"]), []).append(grant_of(row))
    return {
        account_id: Access(account_id, "", names[account_id], tuple(held), reference.tree, reference.history)
        for account_id, held in grants.items()
    }


async def create_account(
    connection: AsyncConnection, username: str, display_name: str, password_hash: str | None, grants: Iterable[Grant]
) -> str:
    """Create an account with its grants and return its id. Raises IntegrityError for a user name that is taken."""
    account_id = str(uuid.uuid4())
    await connection.execute(
        text(INSERT_ACCOUNT),
        {"id": account_id, "username": username, "display_name": display_name, "password_hash": password_hash},
    )
    for grant in grants:
        await insert_grant(connection, account_id, grant)
    return account_id


async def insert_grant(connection: AsyncConnection, account_id: str, grant: Grant) -> None:
    """Give an account a grant; one of the same role, region and basin gets its indicators."""
    indicators = None if grant.indicators is None else sorted(grant.indicators)
    await connection.execute(text(INSERT_GRANT), _key(account_id, grant) | {"indicators": indicators})


async def delete_grant(connection: AsyncConnection, account_id: str, grant: Grant) -> bool:
    """Take a grant from an account and return whether it held it, on whatever indicators."""
    return (await connection.execute(text(DELETE_GRANT), _key(account_id, grant))).rowcount > 0


def _key(account_id: str, grant: Grant) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "role": grant.role,
        "region_code": grant.region_code,
        "basin_code": grant.basin_code or "",
    }
