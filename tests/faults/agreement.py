"""What must hold at the end of a run, read from the database itself and not through the pull that phones use."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.access import Grant
from backend.verify.ledgers import Checks, county_report
from mobile_contract.client import Phone
from mobile_contract.outbox import TAKEN, ChangeState, KeptChange
from schemas.vocabulary import Role
from sync.personal import Sealed
from tests.faults.counties import County

READ_RECORDS = """
    SELECT cast(id AS text) AS id, record.position, status, township_code, payload, record.revision, salt, ciphertext,
           key_id
    FROM record LEFT JOIN personal
      ON personal.county_code = record.county_code AND record_id = id AND personal.revision = record.revision
    WHERE record.county_code = :county_code
"""

READ_ENTRIES = """
    SELECT cast(change_id AS text) FROM ledger_entry WHERE county_code = :county_code AND action <> 'decide'
"""

READ_CHANGES = """
    SELECT cast(change_id AS text) AS change_id, outcome,
           item ->> 'action' = 'amend' AND replaced = '{}' AS says_nothing_new
    FROM change WHERE county_code = :county_code
"""


@dataclass(frozen=True)
class Held:
    """A record as somebody has it, with what is personal in it."""

    position: int
    status: str
    payload: dict[str, Any]


def within(county: County, township_code: str, grants: Iterable[Grant]) -> bool:
    """Return whether the grants let their holder see the records of a township."""
    return any(grant.region_code == (county.code if grant.role is Role.COUNTY else township_code) for grant in grants)


def held_by(phone: Phone, county: County) -> dict[str, Held]:
    """Return what a phone holds of a county."""
    return {one.id: Held(one.position, one.status, one.payload) for one in phone.mirror.records(county.code)}


def told_by(phones: Iterable[Phone], county: County) -> dict[str, KeptChange]:
    """Return the changes to a county, each with what its phone was told of it."""
    return {one.change_id: one for phone in phones for one in phone.outbox.all() if one.county_code == county.code}


async def seen_with(
    connection: AsyncConnection, county: County, grants: Iterable[Grant], checks: Checks
) -> dict[str, Held]:
    """Return what the holder of the grants has to hold of a county."""
    grants = list(grants)
    seen = {}
    for row in await connection.execute(text(READ_RECORDS), {"county_code": county.code}):
        if within(county, row.township_code, grants):
            personal = {}
            if row.ciphertext is not None:
                sealed = Sealed(bytes(row.salt), bytes(row.ciphertext), row.key_id)
                personal = checks.vault.open(sealed, county.code, row.id, row.revision)
            seen[row.id] = Held(row.position, row.status, row.payload | personal)
    return seen


async def ledger_faults(
    connection: AsyncConnection, county: County, told: Mapping[str, KeptChange], checks: Checks
) -> list[str]:
    """Return what in a county is not as its phones were `told`, or does not follow from its ledger."""
    values = {"county_code": county.code}
    times = Counter(await connection.scalars(text(READ_ENTRIES), values))
    stored = {row.change_id: row for row in await connection.execute(text(READ_CHANGES), values)}
    faults = [f"{change_id} stands {count} times" for change_id, count in times.items() if count > 1]
    for change_id, change in told.items():
        row = stored.get(change_id)
        faults += _differences(change, row, is_entered=change_id in times)
    faults += [f"{change_id} was never sent by a phone" for change_id in times if change_id not in told]
    report = await county_report(connection, county.code, checks)
    return faults + [f"{one.position} {one.code} {one.subject}" for one in report.named]


def _differences(change: KeptChange, row: Any, *, is_entered: bool) -> Iterable[str]:
    taken = change.state in TAKEN
    if taken and row is None:
        yield f"{change.change_id} was acknowledged and is not stored"
    if row is not None and row.outcome != change.state:
        yield f"{change.change_id} is {row.outcome}, its phone was told {change.state}"
    if row is not None and is_entered != (taken and not row.says_nothing_new):
        yield f"{change.change_id} is {row.outcome}, and entered: {is_entered}"
    if row is None and change.state is ChangeState.HELD:
        yield f"{change.change_id} was said to be held and is not stored"
