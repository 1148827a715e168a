"""The way out: what changed in a county since a cursor, in ledger order.

Everything of a page is read by one statement: a statement sees one moment, so it is a snapshot by itself, read without
a transaction around it. Every part of it starts from an index at the cursor and ends after one page, so that its cost
follows what is new and never the size of the county.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

import orjson

from schemas.changes import ChangeOutcome, PackFile, PackRef, ScopeChecksum
from schemas.marks import MODULUS
from sync.cursor import Cursor, prefix_of, scope_digest
from sync.reading import Reader, record_body, sealed_records
from sync.sealing import ChangeText, joined, open_change
from sync.statement import Connection, Statement

NEWER_IN_COUNTY = """
    SELECT id, position FROM record
    WHERE county_code = cast(:county_code AS text) AND position > cast(:since AS bigint) AND position <= head.position
    ORDER BY position LIMIT cast(:rows AS int)
"""
"""Bounded on both sides, as all that follows: without an end the planner, which does not know the values, takes a third
of the county to be new, and reads all of it for every phone."""

NEWER_IN_TOWNSHIPS = """
    SELECT newer.id, newer.position
    FROM unnest(cast(:townships AS text[])) AS held (township_code)
    CROSS JOIN LATERAL (
        SELECT id, position FROM record
        WHERE county_code = cast(:county_code AS text) AND township_code = held.township_code
          AND position > cast(:since AS bigint) AND position <= head.position
        ORDER BY position LIMIT cast(:rows AS int)
    ) AS newer
    ORDER BY newer.position LIMIT cast(:rows AS int)
"""

EXITS_OF_TOWNSHIPS = """
    SELECT gone.id, gone.position
    FROM unnest(cast(:townships AS text[])) AS held (township_code)
    CROSS JOIN LATERAL (
        SELECT record_id AS id, position FROM record_exit AS left_behind
        WHERE county_code = cast(:county_code AS text) AND township_code = held.township_code
          AND position > cast(:since AS bigint) AND position <= head.position
          AND NOT EXISTS (
              SELECT FROM record
              WHERE county_code = cast(:county_code AS text) AND id = left_behind.record_id
                AND township_code = ANY(cast(:townships AS text[]))
          )
        ORDER BY position LIMIT cast(:rows AS int)
    ) AS gone
    ORDER BY gone.position LIMIT cast(:rows AS int)
"""
"""What left the townships and did not come back into another of them; the rest is pulled as a record."""

LATE_OUTCOMES = """
    SELECT settled_position AS position, result, change_id, sealed, sealed_key_id FROM change
    WHERE county_code = cast(:county_code AS text) AND account = cast(:account AS uuid)
      AND settled_position > cast(:since AS bigint) AND settled_position <= head.position
    ORDER BY settled_position LIMIT cast(:rows AS int)
"""

MARKS = """
    SELECT json_build_object('records', coalesce(sum(records), 0), 'sum', cast(coalesce(sum(checksum), 0) AS text))
    FROM township_mark WHERE county_code = cast(:county_code AS text)
"""

READ_PAGE = """
    SELECT head.position, head.entry_hash,
           (SELECT entry_hash FROM ledger_entry
            WHERE county_code = cast(:county_code AS text) AND position = cast(:since AS bigint)) AS at_cursor,
           (SELECT bool_and(found.entry_hash IS NOT NULL AND starts_with(encode(found.entry_hash, 'hex'), said.prefix))
            FROM unnest(cast(:positions AS bigint[]), cast(:prefixes AS text[])) AS said (position, prefix)
            LEFT JOIN LATERAL (
                SELECT entry_hash FROM ledger_entry
                WHERE county_code = cast(:county_code AS text) AND position = said.position OFFSET 0
            ) AS found ON true) AS has_acknowledged,
           (SELECT json_agg(one) FROM ({records}) AS one) AS records,
           ({exits}) AS exits,
           (SELECT json_agg(one) FROM ({outcomes}) AS one) AS outcomes,
           ({marks}) AS marks
    FROM ledger_head AS head WHERE head.county_code = cast(:county_code AS text)
"""

PAGE_OF_COUNTY = Statement.of(
    READ_PAGE.format(
        records=sealed_records(NEWER_IN_COUNTY), exits="cast(NULL AS json)", outcomes=LATE_OUTCOMES, marks=MARKS
    )
)

PAGE_OF_TOWNSHIPS = Statement.of(
    READ_PAGE.format(
        records=sealed_records(NEWER_IN_TOWNSHIPS),
        exits=f"SELECT json_agg(one) FROM ({EXITS_OF_TOWNSHIPS}) AS one",
        outcomes=LATE_OUTCOMES,
        marks=f"{MARKS} AND township_code = ANY(cast(:townships AS text[]))",
    )
)

ENTRY_HASH_AT = Statement.of("""
    SELECT entry_hash FROM ledger_entry WHERE county_code = :county_code AND position = :position
""")
"""For a page that ends before the head. Entries never change, so it need not be read in the page's own statement."""

NEWEST_OUTCOMES = Statement.of("""
    SELECT result, change_id, sealed, sealed_key_id FROM (
        SELECT settled_position, result, change_id, sealed, sealed_key_id FROM change
        WHERE county_code = cast(:county_code AS text) AND account = cast(:account AS uuid)
          AND settled_position > cast(:since AS bigint)
        ORDER BY settled_position DESC LIMIT cast(:rows AS int)
    ) AS newest
    ORDER BY settled_position
""")

MAX_OUTCOMES_OF_A_RESET = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much a page may hold, in rows and, where the phone has a budget, bytes of JSON; and what it has proof of."""

    limit: int
    max_bytes: int | None = None
    heads: Sequence[str] = ()
    """Places of this ledger that receipts name, as `schemas.changes.HEAD_PATTERN` has them."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a page tells, with its place in the ledger; `part` is the member of the page it stands in."""

    position: int
    part: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a pull; its events are JSON already."""

    county_code: str
    events: Sequence[Event]
    cursor: str
    more: bool
    reset: bool
    checksum: ScopeChecksum | None

    def as_json(
        self, server_time: datetime, packs: Sequence[PackRef] | None, files: Sequence[PackFile] | None = None
    ) -> bytes:
        """Return the page as `schemas.changes.Pull` describes it."""
        parts: dict[str, list[orjson.Fragment]] = {"records": [], "exits": [], "outcomes": []}
        for event in self.events:
            parts[event.part].append(orjson.Fragment(event.body))
        return orjson.dumps(
            {
                "county_code": self.county_code,
                **parts,
                "cursor": self.cursor,
                "more": self.more,
                "reset": self.reset,
                "checksum": None if self.checksum is None else self.checksum.model_dump(),
                "packs": None if packs is None else [one.model_dump() for one in packs],
                "files": None if files is None else [one.model_dump() for one in files],
                "server_time": server_time,
            }
        )


async def changed_records(
    connection: Connection, county_code: str, cursor: Cursor | None, wanted: Wanted, reader: Reader, cursor_key: bytes
) -> Page:
    """Return what changed since the cursor: records, exits, and late outcomes of the reader's own changes.

    A cursor that does not fit this ledger or this scope any more, and a receipt of which this ledger knows nothing, are
    answered with `reset`: no record, and a cursor at the head as it is now, from which the phone goes on once it has
    gone through the manifest.
    """
    since = cursor.position if cursor is not None else 0
    said = [head.split(":") for head in wanted.heads]
    statement = PAGE_OF_COUNTY if reader.townships is None else PAGE_OF_TOWNSHIPS
    [row] = await statement.rows(
        connection,
        county_code=county_code,
        townships=reader.held,
        since=since,
        rows=wanted.limit + 1,
        account=reader.account,
        sees_personal=reader.sees_personal,
        positions=[int(position) for position, _ in said],
        prefixes=[prefix for _, prefix in said],
    )
    scope = scope_digest(reader.townships, sees_personal=reader.sees_personal)
    head = Cursor(county_code, row["position"], _prefix_at_head(row), scope)
    if row["has_acknowledged"] is False or not _fits(cursor, row, scope):
        outcomes = await _outcomes_of_a_reset(connection, county_code, cursor, row, reader)
        return Page(county_code, outcomes, head.encode(cursor_key), more=False, reset=True, checksum=None)
    events = sorted(_events(row, county_code, reader), key=attrgetter("position"))
    taken = first_page(events, wanted)
    if len(taken) == len(events):
        # Everything up to the head was examined, whatever the scope left out.
        return Page(
            county_code, taken, head.encode(cursor_key), more=False, reset=False, checksum=_checksum(row, reader)
        )
    end = taken[-1].position
    [entry] = await ENTRY_HASH_AT.rows(connection, county_code=county_code, position=end)
    place = Cursor(county_code, end, prefix_of(entry["entry_hash"]), scope)
    return Page(county_code, taken, place.encode(cursor_key), more=True, reset=False, checksum=None)


def first_page(events: Sequence[Event], wanted: Wanted) -> list[Event]:
    """Return the events that the page takes, all of a position or none; at least those of the first. Pure.

    `events` are in ledger order, and of every part there is one more than `limit` where there are more.
    """
    taken: list[Event] = []
    size = 0
    for _, together in groupby(events, key=attrgetter("position")):
        group = list(together)
        size += sum(len(event.body) + 1 for event in group)
        is_over = len(taken) + len(group) > wanted.limit or (wanted.max_bytes is not None and size > wanted.max_bytes)
        if taken and is_over:
            break
        taken += group
    return taken


def _events(row: Any, county_code: str, reader: Reader) -> Iterator[Event]:
    for one in orjson.loads(row["records"] or b"[]"):
        yield Event(one["position"], "records", record_body(one, county_code, reader))
    for one in orjson.loads(row["exits"] or b"[]"):
        yield Event(one["position"], "exits", orjson.dumps(one))
    for one in orjson.loads(row["outcomes"] or b"[]"):
        yield _outcome(one["position"], one, one["result"], county_code, reader)


def _outcome(position: int, row: Any, result: Any, county_code: str, reader: Reader) -> Event:
    """Return a stored outcome of the reader's own change, which leaves out what is as usual, as it is answered."""
    whole = joined(ChangeText({}, {}, result), open_change(reader.vault, row, county_code))
    return Event(position, "outcomes", ChangeOutcome.model_validate(whole.result).model_dump_json().encode())


async def _outcomes_of_a_reset(
    connection: Connection, county_code: str, cursor: Cursor | None, row: Any, reader: Reader
) -> list[Event]:
    """Return what the new cursor would pass by: late outcomes since the old one, where its place is still one."""
    since = cursor.position if cursor is not None and _is_of_this_ledger(cursor, row) else 0
    rows = await NEWEST_OUTCOMES.rows(
        connection, county_code=county_code, account=reader.account, since=since, rows=MAX_OUTCOMES_OF_A_RESET
    )
    return [_outcome(row["position"], one, orjson.loads(one["result"]), county_code, reader) for one in rows]


def _fits(cursor: Cursor | None, row: Any, scope: str) -> bool:
    return cursor is None or (cursor.scope == scope and _is_of_this_ledger(cursor, row))


def _is_of_this_ledger(cursor: Cursor, row: Any) -> bool:
    if cursor.position == 0:
        return True
    return row["at_cursor"] is not None and prefix_of(row["at_cursor"]) == cursor.hash_prefix


def _prefix_at_head(row: Any) -> str:
    return prefix_of(row["entry_hash"]) if row["position"] else ""


def _checksum(row: Any, reader: Reader) -> ScopeChecksum:
    marks = orjson.loads(row["marks"])
    records, total = marks["records"], f"{int(marks['sum'].partition('.')[0]) % MODULUS:016x}"
    return ScopeChecksum(records=records, sum=reader.mark_sum(total, records))
