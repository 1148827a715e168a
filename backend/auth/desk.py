"""Accounts from the terminal: whoever holds the database acts as its operator; every act is in the audit."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth import people
from backend.auth.access import Grant
from backend.auth.audit import Actor, audit_page
from backend.auth.enrolments import create_enrolment
from backend.auth.password_policy import password_problem
from backend.auth.passwords import hash_password
from backend.db import make_engine
from backend.keys import load_keys
from backend.service import read_reference
from backend.settings import Settings
from schemas.accounts import AccountShown
from schemas.regions import RegionTree
from schemas.vocabulary import Indicator, Role

MOST_LISTED = 10_000
READ_BASINS = "SELECT code FROM current_basin"


@dataclass(frozen=True, slots=True)
class Desk:
    """A transaction as the owner, with today's regions and basins."""

    connection: AsyncConnection
    tree: RegionTree
    basins: frozenset[str]


def grant_asked(role: Role, region: str, indicators: list[Indicator] | None, basin: str | None) -> Grant:
    """Return a grant as it was typed."""
    return Grant(role, region, frozenset(indicators) if indicators else None, basin)


async def list_people(settings: Settings, console: Console, region: str | None) -> int:
    """Print the accounts, of a region's grants where one is named."""
    async with _desk(settings) as desk:
        found = await people.people_page(
            desk.connection, desk.tree, None if region is None else {region}, "", MOST_LISTED
        )
    for _, account in found:
        _tell(console, account)
    return 0


async def create(
    settings: Settings, console: Console, username: str, display_name: str, grant: Grant, password: str | None
) -> int:
    """Create an account with one grant. Raises PeopleError."""
    found = None if password is None else password_problem(password, username)
    if found is not None:
        raise people.PeopleError(found)
    hashed = None if password is None else hash_password(password)
    async with _desk(settings) as desk:
        people.check_grant(grant, desk.tree, desk.basins, None)
        await people.open_account(desk.connection, Actor(), username, display_name, hashed, [grant])
        _tell(console, (await people.find_person(desk.connection, desk.tree, username=username))[1])
    return 0


async def set_disabled(settings: Settings, console: Console, username: str, *, disabled: bool) -> int:
    """Disable an account or enable it. Raises PeopleError."""
    async with _desk(settings) as desk:
        person, _ = await people.find_person(desk.connection, desk.tree, username=username)
        await people.set_disabled(desk.connection, Actor(), person, disabled=disabled)
        _tell(console, (await people.find_person(desk.connection, desk.tree, username=username))[1])
    return 0


async def change_grant(settings: Settings, console: Console, username: str, grant: Grant, *, give: bool) -> int:
    """Give an account a grant or take it. Raises PeopleError."""
    async with _desk(settings) as desk:
        person, _ = await people.find_person(desk.connection, desk.tree, username=username)
        if give:
            people.check_grant(grant, desk.tree, desk.basins, None)
            await people.add_grant(desk.connection, Actor(), person, grant)
        else:
            await people.remove_grant(desk.connection, Actor(), person, grant)
        _tell(console, (await people.find_person(desk.connection, desk.tree, username=username))[1])
    return 0


async def reset_password(settings: Settings, console: Console, username: str) -> int:
    """Give an account a new password, drawn and shown this once. Raises PeopleError."""
    password = secrets.token_urlsafe(12)
    async with _desk(settings) as desk:
        person, _ = await people.find_person(desk.connection, desk.tree, username=username)
        await people.set_password(desk.connection, Actor(), person, hash_password(password))
    console.print(f"{escape(username)}：{escape(password)}", soft_wrap=True)
    return 0


async def enrol(settings: Settings, console: Console, username: str) -> int:
    """Draw a code that enrols a phone of a person. Raises PeopleError."""
    key = load_keys(settings).sign_in
    async with _desk(settings) as desk:
        person, _ = await people.find_person(desk.connection, desk.tree, username=username)
        drawn = await create_enrolment(desk.connection, Actor(), person, key)
    console.print(f"{drawn.code}  {drawn.expires_at.isoformat(timespec='minutes')}", soft_wrap=True)
    return 0


async def show_audit(settings: Settings, console: Console, limit: int) -> int:
    """Print what was done to accounts, the newest first."""
    async with _desk(settings) as desk:
        page = await audit_page(desk.connection, None, None, limit)
    for one in page.entries:
        what = f"{one.act} {one.account_name} {one.before or ''} {one.after or ''}"
        console.print(
            escape(f"{one.at.isoformat(timespec='seconds')}  {one.actor_name}  {what.strip()}"), soft_wrap=True
        )
    return 0


def _tell(console: Console, account: AccountShown) -> None:
    held = "；".join(
        f"{grant.role} {grant.region_code} {grant.region_name}"
        + (f" [{'、'.join(grant.indicators)}]" if grant.indicators else "")
        + (f" {grant.basin_code}" if grant.basin_code else "")
        for grant in account.grants
    )
    state = "  已停用 disabled" if account.disabled else ""
    console.print(escape(f"{account.username}  {account.display_name}  {held}{state}"), soft_wrap=True)


@asynccontextmanager
async def _desk(settings: Settings) -> AsyncIterator[Desk]:
    if settings.owner_database_url is None:
        raise ValueError("call locate first")
    engine = make_engine(settings.owner_database_url, pool_size=2)
    try:
        tree = (await read_reference(engine)).tree
        async with engine.begin() as connection:
            basins = frozenset(await connection.scalars(text(READ_BASINS)))
            yield Desk(connection, tree, basins)
    finally:
        await engine.dispose()
