"""The floor: the rows that the service wrote, inserted once more by nothing but one statement and one commit a batch.

Asyncpg with as many connections as there were phones, into a second database of the same cluster with the same tables
and indexes. No check, no lock, no chain, no sums, no stored answer: less than that no ledger can do.
"""

import asyncio
import time
from typing import Any

import asyncpg

RECORD_COLUMNS = """
    county_code text, id uuid, kind text, status text, revision int, position bigint, township_code text, farm_id uuid,
    indicator text, level text, period text, payload jsonb, quantities jsonb, warnings jsonb, geom text,
    area_mu numeric, payload_hash text, mark text, last_change_id uuid, account uuid, recorded_at timestamptz
"""

ENTRY_COLUMNS = """
    county_code text, position bigint, record_id uuid, kind text, revision int, action text, change_id uuid, actor uuid,
    device_id uuid, payload_hash text, deltas jsonb, recorded_at timestamptz, alg text, entry_hash text
"""

INSERT_ROWS = f"""
    WITH inserted AS (
        INSERT INTO record (county_code, id, kind, status, revision, position, township_code, farm_id, indicator, level,
                            period, payload, quantities, warnings, geom, area_mu, payload_hash, mark, last_change_id,
                            account, recorded_at, submitted_at)
        SELECT county_code, id, kind, status, revision, position, township_code, farm_id, indicator, level, period,
               payload, quantities, warnings, cast(geom AS geometry), area_mu, decode(payload_hash, 'hex'),
               decode(mark, 'hex'), last_change_id, account, recorded_at, recorded_at
        FROM jsonb_to_recordset($1::jsonb) AS r ({RECORD_COLUMNS})
    )
    INSERT INTO ledger_entry (county_code, position, record_id, kind, revision, action, change_id, actor, device_id,
                              payload_hash, deltas, recorded_at, alg, entry_hash)
    SELECT county_code, position, record_id, kind, revision, action, change_id, actor, device_id,
           decode(payload_hash, 'hex'), deltas, recorded_at, alg, decode(entry_hash, 'hex')
    FROM jsonb_to_recordset($2::jsonb) AS e ({ENTRY_COLUMNS})
"""

READ_RECORDS = """
    SELECT coalesce(jsonb_agg(to_jsonb(r) || jsonb_build_object(
               'geom', geom::text, 'payload_hash', encode(payload_hash, 'hex'),
               'mark', encode(mark, 'hex')) ORDER BY r.position), '[]')::text
    FROM record AS r WHERE r.county_code = $1 AND r.position > $2 AND r.position <= $3
"""

READ_ENTRIES = """
    SELECT coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object(
               'payload_hash', encode(payload_hash, 'hex'), 'entry_hash', encode(entry_hash, 'hex'))
               ORDER BY e.position), '[]')::text
    FROM ledger_entry AS e WHERE e.county_code = $1 AND e.position > $2 AND e.position <= $3
"""

Batch = tuple[str, str]
"""The records and the entries of one batch, as JSON."""


def insert_all(url: str, queues: list[list[Batch]]) -> float:
    """Insert every queue over a connection of its own; return the wall seconds."""
    return asyncio.run(_insert_all(url, queues))


async def _insert_all(url: str, queues: list[list[Batch]]) -> float:
    connections = [await asyncpg.connect(url) for _ in queues]
    try:
        prepared = [await one.prepare(INSERT_ROWS) for one in connections]
        start = time.perf_counter()
        await asyncio.gather(*(_insert(one, queue) for one, queue in zip(prepared, queues, strict=True)))
        return time.perf_counter() - start
    finally:
        for one in connections:
            await one.close()


async def _insert(statement: Any, queue: list[Batch]) -> None:
    for records, entries in queue:
        await statement.fetch(records, entries)
