"""Seal what was kept in the clear before copies were sealed. It may be broken off and run again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.masking import without_values
from schemas.problems import Problem
from schemas.vocabulary import Outcome
from sync.personal import Vault
from sync.quarantine import bound_to_row
from sync.sealing import ChangeText, form_of, form_of_item, seal_change, split

ROWS_AT_A_TIME = 500
FIRST = "00000000-0000-0000-0000-000000000000"

READ_CHANGES = """
    SELECT change.county_code, cast(change.change_id AS text) AS change_id, change.item, change.replaced, change.result,
           change.outcome, record.kind, record.indicator, record.level
    FROM change LEFT JOIN record ON record.county_code = change.county_code AND record.id = change.record_id
    WHERE change.sealed IS NULL AND change.item_hash <> decode(repeat('00', 32), 'hex')
      AND (change.county_code, change.change_id) > (cast(:county_code AS text), cast(:change_id AS uuid))
    ORDER BY change.county_code, change.change_id LIMIT :rows
    FOR UPDATE OF change
"""

WRITE_CHANGE = """
    UPDATE change SET item = cast(:item AS jsonb), replaced = cast(:replaced AS jsonb), result = cast(:result AS jsonb),
        sealed = :sealed, sealed_key_id = :key_id
    WHERE county_code = :county_code AND change_id = :change_id
"""

READ_BODIES = """
    SELECT cast(id AS text) AS id, body, problems FROM quarantine
    WHERE key_id IS NULL ORDER BY id LIMIT :rows FOR UPDATE
"""

WRITE_BODY = """
    UPDATE quarantine SET body = :body, key_id = :key_id, problems = cast(:problems AS jsonb) WHERE id = :id
"""


@dataclass(slots=True)
class Resealed:
    """How many rows were found in the clear."""

    changes: int = 0
    bodies: int = 0


async def seal_clear_copies(
    engine: AsyncEngine, vault: Vault, progress: Callable[[int], None] = lambda _: None
) -> Resealed:
    """Seal, in batches of one transaction each, what changes and quarantined bytes say in the clear; as the owner."""
    done = Resealed()
    place = {"county_code": "", "change_id": FIRST}
    while True:
        async with engine.begin() as connection:
            rows = (await connection.execute(text(READ_CHANGES), place | {"rows": ROWS_AT_A_TIME})).all()
            for row in rows:
                sealed = _sealed(row, vault)
                if sealed is not None:
                    await connection.execute(text(WRITE_CHANGE), sealed)
                    done.changes += 1
        if not rows:
            break
        place = {"county_code": rows[-1].county_code, "change_id": rows[-1].change_id}
        progress(len(rows))
    while True:
        async with engine.begin() as connection:
            rows = (await connection.execute(text(READ_BODIES), {"rows": ROWS_AT_A_TIME})).all()
            for row in rows:
                body = vault.seal_bytes(bytes(row.body), bound_to_row(row.id))
                problems = [without_values(Problem.model_validate(one)).model_dump() for one in row.problems]
                values = {"id": row.id, "body": body.ciphertext, "key_id": body.key_id, "problems": _json(problems)}
                await connection.execute(text(WRITE_BODY), values)
                done.bodies += 1
        if not rows:
            return done


def _sealed(row: Any, vault: Vault) -> dict[str, Any] | None:
    """Return a row of `READ_CHANGES` as it is to be kept, or None where it names nobody."""
    outcome = Outcome(row.outcome)
    form = form_of_item(row.item) if row.kind is None else form_of(row.kind, row.indicator, row.level)
    is_checked = outcome in (Outcome.APPLIED, Outcome.MERGED)
    clear, hidden = split(ChangeText(row.item, row.replaced, row.result), form, outcome, is_checked=is_checked)
    if not hidden:
        return None
    sealed = seal_change(vault, hidden, row.county_code, row.change_id)
    return {
        "county_code": row.county_code,
        "change_id": row.change_id,
        "item": _json(clear.item),
        "replaced": _json(clear.replaced),
        "result": _json(clear.result),
        "sealed": sealed.ciphertext,
        "key_id": sealed.key_id,
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
