"""Any one byte changed in any row of a ledger is found: every row, every column, at places drawn at random."""

import random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.verify.ledgers import county_report
from schemas.tables import metadata
from tests.integration.conftest import Caller, Offices
from tests.integration.test_verify_ledger import drop_checks, history
from tests.support.offices import COUNTY
from tests.support.soundness import checks_of

pytestmark = pytest.mark.anyio

COLUMNS = [column.name for column in metadata.tables["ledger_entry"].columns]
NUMBERS = ("position", "revision")
PLACES = 2
"""How many bytes of each column of each row are changed, one after another."""

READ_TYPES = """
    SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'ledger_entry'
"""


def other_text(draw: random.Random, value: str) -> str:
    """Return a text of which one character is another one of its kind, so that it may still be what it was."""
    places = [index for index, sign in enumerate(value) if sign.isalnum()]
    if not places:
        return "{}"  # of an entry that changed no sum
    place = draw.choice(places)
    signs = "0123456789" if value[place].isdigit() else "abcdef"
    sign = draw.choice([one for one in signs if one != value[place]])
    return value[:place] + sign + value[place + 1 :]


def other_value(draw: random.Random, kind: str, value: Any) -> Any:
    if kind == "bytea":
        changed = bytearray.fromhex(value)
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
        return changed.hex()
    if kind in ("integer", "bigint"):
        return str(int(value) ^ (1 << draw.randrange(8)))
    return other_text(draw, value)


def as_text(column: str, kind: str) -> str:
    return f"encode({column}, 'hex')" if kind == "bytea" else f"cast({column} AS text)"


def from_text(kind: str) -> str:
    return "decode(:value, 'hex')" if kind == "bytea" else f"cast(cast(:value AS text) AS {kind})"


async def changed(connection: AsyncConnection, draw: random.Random, column: str, kind: str, position: int) -> bool:
    """Change one byte; False where the database itself refuses what would then stand there."""
    read = f"SELECT {as_text(column, kind)} FROM ledger_entry WHERE position = :position"
    before = (await connection.execute(text(read), {"position": position})).scalar_one()
    value = other_value(draw, kind, before)
    write = f"UPDATE ledger_entry SET {column} = {from_text(kind)} WHERE position = :position"
    try:
        async with connection.begin_nested():
            await connection.execute(text(write), {"position": position, "value": value})
    except DBAPIError:
        return False
    after = await connection.execute(
        text(f"SELECT count(*) FROM ledger_entry WHERE position = :position AND {as_text(column, kind)} = :before"),
        {"position": position, "before": before},
    )
    return after.scalar_one() == 0


async def test_one_byte_of_any_row_of_the_ledger_is_found(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    await history(worker, county)
    checks = checks_of(offices.app.state.service)
    draw = random.Random(8)
    missed, tried = [], dict.fromkeys(COLUMNS, 0)
    async with owner_engine.connect() as connection:
        await drop_checks(connection)
        kinds = {row.column_name: row.data_type for row in await connection.execute(text(READ_TYPES))}
        for position in range(1, 9):
            for column in COLUMNS * PLACES:
                async with connection.begin_nested() as change:
                    if await changed(connection, draw, column, kinds[column], position):
                        tried[column] += 1
                        report = await county_report(connection, COUNTY, checks)
                        if not report.faults:
                            missed.append((position, column))
                    await change.rollback()
        await connection.rollback()
    assert missed == []
    assert min(tried.values()) >= 8, tried
