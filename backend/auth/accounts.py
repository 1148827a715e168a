"""Accounts and their grants in the database."""

import uuid
from collections.abc import Collection, Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.access import Access, Grant
from schemas.vocabulary import Role
from sync.decision import Rights
from sync.reference import Reference
from sync.statement import Connection, Statement

READ_SIGN_IN = """
    SELECT id, password_hash FROM account WHERE username = :username AND NOT disabled
"""

READ_ACCESS = Statement.of("""
    SELECT account.username, account.display_name, held.role, held.region_code
    FROM account LEFT JOIN account_grant AS held ON held.account_id = account.id
    WHERE account.id = :account_id AND NOT account.disabled
""")

READ_GRANTS = Statement.of("""
    SELECT account.id, account.display_name, held.role, held.region_code
    FROM account JOIN account_grant AS held ON held.account_id = account.id
    WHERE account.id = ANY(cast(:account_ids AS uuid[])) AND NOT account.disabled
""")

INSERT_ACCOUNT = """
    INSERT INTO account (id, username, display_name, password_hash, disabled, created_at)
    VALUES (:id, :username, :display_name, :password_hash, false, clock_timestamp())
"""

INSERT_GRANT = """
    INSERT INTO account_grant (account_id, role, region_code, granted_at)
    VALUES (:account_id, :role, :region_code, clock_timestamp())
"""


async def password_of(connection: AsyncConnection, username: str) -> tuple[str, str] | None:
    """Return (account id, password hash) of a user who may sign in, or None."""
    row = (await connection.execute(text(READ_SIGN_IN), {"username": username})).one_or_none()
    return None if row is None else (str(row.id), row.password_hash)


async def access_of(connection: Connection, account_id: str, reference: Reference) -> Access | None:
    """Return what an account may do right now, or None where it is gone or disabled."""
    rows = await READ_ACCESS.rows(connection, account_id=account_id)
    if not rows:
        return None
    grants = tuple(Grant(Role(row["role"]), row["region_code"]) for row in rows if row["role"] is not None)
    return Access(account_id, rows[0]["username"], rows[0]["display_name"], grants, reference.tree, reference.history)


async def grants_of(connection: Connection, account_ids: Collection[str], reference: Reference) -> dict[str, Rights]:
    """Return what each of the accounts may do right now; one that is gone or disabled is left out."""
    grants: dict[str, list[Grant]] = {}
    names: dict[str, str] = {}
    for row in await READ_GRANTS.rows(connection, account_ids=[*account_ids]):
        names[str(row["id"])] = row["display_name"]
        grants.setdefault(str(row["id"]), []).append(Grant(Role(row["role"]), row["region_code"]))
    return {
        account_id: Access(account_id, "", names[account_id], tuple(held), reference.tree, reference.history)
        for account_id, held in grants.items()
    }


async def create_account(
    connection: AsyncConnection, username: str, display_name: str, password_hash: str, grants: Iterable[Grant]
) -> str:
    """Create an account with its grants and return its id. Raises IntegrityError for a user name that is taken."""
    account_id = str(uuid.uuid4())
    await connection.execute(
        text(INSERT_ACCOUNT),
        {"id": account_id, "username": username, "display_name": display_name, "password_hash": password_hash},
    )
    for grant in grants:
        await connection.execute(
            text(INSERT_GRANT), {"account_id": account_id, "role": grant.role, "region_code": grant.region_code}
        )
    return account_id
