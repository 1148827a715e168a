"""The one recovery path: which records a phone must hold, and those it lacks, read again."""

from collections.abc import Sequence

import orjson

from sync.reading import Reader, record_body, sealed_records
from sync.statement import Connection, Statement

MAX_ENTRIES = 5000

ENTRIES_OF_COUNTY = Statement.of("""
    SELECT cast(id AS text) AS id, encode(mark, 'hex') AS mark FROM record
    WHERE county_code = cast(:county_code AS text) AND id > cast(:after AS uuid)
      AND id <= 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    ORDER BY record.id LIMIT cast(:rows AS int)
""")
"""With an end to the ids, as in `sync.pull`, so that a page is read by the key and not the county for every page."""

ENTRIES_OF_TOWNSHIPS = Statement.of("""
    SELECT cast(listed.id AS text) AS id, encode(listed.mark, 'hex') AS mark
    FROM unnest(cast(:townships AS text[])) AS held (township_code)
    CROSS JOIN LATERAL (
        SELECT id, mark FROM record
        WHERE county_code = cast(:county_code AS text) AND township_code = held.township_code
          AND id > cast(:after AS uuid) OFFSET 0
    ) AS listed
    ORDER BY listed.id LIMIT cast(:rows AS int)
""")

WANTED_IDS = """
    SELECT wanted.id FROM unnest(cast(:ids AS uuid[])) AS wanted (id)
"""

WANTED_RECORDS = Statement.of(f"""
    SELECT json_agg(one) AS records FROM ({sealed_records(WANTED_IDS)}) AS one
    WHERE cast(:townships AS text[]) IS NULL OR one.township_code = ANY(cast(:townships AS text[]))
""")

BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


async def manifest_page(
    connection: Connection, county_code: str, after: str | None, limit: int, reader: Reader
) -> bytes:
    """Return a page of the scope's (id, mark) pairs by id, as the JSON of `schemas.changes.Manifest`."""
    values = {"county_code": county_code, "after": after or BEFORE_ALL, "rows": limit + 1}
    if reader.held is None:
        rows = await ENTRIES_OF_COUNTY.rows(connection, **values)
    else:
        rows = await ENTRIES_OF_TOWNSHIPS.rows(connection, **values, townships=reader.held)
    entries = [(row["id"], reader.mark(row["mark"])) for row in rows[:limit]]
    last = entries[-1][0] if len(rows) > limit else None
    return orjson.dumps({"county_code": county_code, "entries": entries, "after": last})


async def wanted_records(connection: Connection, county_code: str, ids: Sequence[str], reader: Reader) -> bytes:
    """Return those of the records that lie in the scope, as the JSON of `schemas.changes.FoundRecords`."""
    [row] = await WANTED_RECORDS.rows(
        connection,
        county_code=county_code,
        ids=sorted(set(ids)),
        townships=reader.held,
        sees_personal=reader.sees_personal,
    )
    found = orjson.loads(row["records"] or b"[]")
    return orjson.dumps({"records": [orjson.Fragment(record_body(one, county_code, reader)) for one in found]})
