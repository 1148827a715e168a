"""The audit: every administrative act, with who, what, to whom, what was before and after. Nothing in it changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.access import Access, Grant
from schemas.regions import RegionTree
from sync.statement import Connection, Statement

OPERATOR = "操作系统管理员 operator"
"""Who acts at the terminal of the deployment."""


class Act(StrEnum):
    """What was done."""

    ACCOUNT_CREATED = "account_created"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    GRANT_ADDED = "grant_added"
    GRANT_REMOVED = "grant_removed"
    PASSWORD_SET = "password_set"  # noqa: S105 - the name of an act
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    ENROLMENT_CREATED = "enrolment_created"
    PHONE_ENROLLED = "phone_enrolled"
    PHONE_REVOKED = "phone_revoked"
    SIGN_IN_REVOKED = "sign_in_revoked"
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"
    WEBHOOK_CREATED = "webhook_created"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_REMOVED = "webhook_removed"
    WEBHOOK_SECRET_ROTATED = "webhook_secret_rotated"  # noqa: S105 - the name of an act
    WEBHOOK_REPLAYED = "webhook_replayed"
    PERSONAL_ERASED = "personal_erased"
    PERSONAL_EXPORTED = "personal_exported"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; `account_id` None: the operator at the terminal."""

    account_id: str | None = None
    name: str = OPERATOR

    @classmethod
    def of(cls, access: Access) -> "Actor":
        """Return whoever asks as an actor."""
        return cls(access.account_id, access.username)


@dataclass(frozen=True, slots=True)
class Thing:
    """What is no account and something is done to, such as an endpoint; it stands in a region."""

    name: str
    region_code: str


@dataclass(frozen=True, slots=True)
class Person:
    """The account that something is done to."""

    account_id: str
    username: str
    grants: tuple[Grant, ...]

    @property
    def region_code(self) -> str:
        """Where the account belongs: the region of its first grant; '' without any."""
        return min((grant.region_code for grant in self.grants), default="")


class AuditEntry(BaseModel):
    """One act."""

    id: int
    at: datetime
    actor: str | None = Field(description="The account that acted; null: the operator at the terminal.")
    actor_name: str
    act: Act
    account_id: str | None = Field(description="The account it was done to; null: a record.")
    account_name: str = Field(description="The account's user name, or the id of the record.")
    device_id: str | None
    region_code: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(BaseModel):
    """Acts, the newest first."""

    entries: list[AuditEntry]
    before: int | None = Field(description="Ask for what came before it; null: there is no more.")


INSERT = """
    INSERT INTO audit (at, actor, actor_name, act, account_id, account_name, device_id, region_code, before, after)
    VALUES (clock_timestamp(), cast(:actor AS uuid), :actor_name, :act, cast(:account_id AS uuid), :account_name,
            cast(:device_id AS uuid), :region_code, cast(:before AS jsonb), cast(:after AS jsonb))
"""

KEEP_ACT = Statement.of(INSERT)

READ = """
    SELECT id, at, actor, actor_name, act, account_id, account_name, device_id, region_code, before, after
    FROM audit
    WHERE id < :before AND (cast(:regions AS text[]) IS NULL OR region_code = ANY(cast(:regions AS text[])))
    ORDER BY id DESC LIMIT :limit
"""

LAST = 2**63 - 1


async def keep_act(
    connection: AsyncConnection,
    actor: Actor,
    act: Act,
    person: Person | Thing,
    *,
    device_id: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down an act in the transaction that does it."""
    values = {
        "actor": actor.account_id,
        "actor_name": actor.name,
        "act": act,
        "account_id": person.account_id if isinstance(person, Person) else None,
        "account_name": person.username if isinstance(person, Person) else person.name,
        "device_id": device_id,
        "region_code": person.region_code,
        "before": None if before is None else orjson.dumps(before).decode(),
        "after": None if after is None else orjson.dumps(after).decode(),
    }
    await connection.execute(text(INSERT), values)


async def keep_act_on_record(
    connection: Connection,
    actor: Actor,
    act: Act,
    county_code: str,
    record_id: str,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down an act on the personal data of a record, which is named by its id and nothing else."""
    values: dict[str, Any] = {
        "actor": actor.account_id,
        "actor_name": actor.name,
        "act": act,
        "account_id": None,
        "account_name": record_id,
        "device_id": None,
        "region_code": county_code,
        "before": None,
        "after": None if after is None else orjson.dumps(after).decode(),
    }
    await KEEP_ACT.rows(connection, **values)


async def audit_page(
    connection: AsyncConnection, regions: Collection[str] | None, before: int | None, limit: int
) -> AuditPage:
    """Return the acts on accounts of these regions (None: of all), the newest first."""
    values = {
        "before": LAST if before is None else before,
        "regions": None if regions is None else sorted(regions),
        "limit": limit + 1,
    }
    rows = (await connection.execute(text(READ), values)).all()
    entries = [AuditEntry.model_validate(_shown(row)) for row in rows[:limit]]
    return AuditPage(entries=entries, before=entries[-1].id if len(rows) > limit else None)


def regions_below(tree: RegionTree, tops: Collection[str]) -> set[str]:
    """Return these regions and all below them, townships too."""
    found: set[str] = set()
    waiting = [*tops]
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting.extend(region.code for region in tree.children(code))
    return found


def _shown(row: Any) -> dict[str, Any]:
    return dict(row._mapping) | {  # noqa: SLF001 - the row as a mapping
        name: None if getattr(row, name) is None else str(getattr(row, name))
        for name in ("actor", "account_id", "device_id")
    }
