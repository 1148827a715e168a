"""The mirror: the records of the followed counties as last pulled, and the cursor up to which they are complete.

Beside each county stands the sum of its records' marks, moved by the statement that moves the records, so that the
server's checksum is compared without reading the mirror. A mirror that no longer fits is recovered in steps, each of
them stored, so that a phone that dies halfway still shows what it had and goes on where it stopped.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.changes import FoundRecords, Manifest, Pull, PulledRecord, RecordExit, ScopeChecksum
from schemas.marks import ZERO_MARK, mark_sum


class Recovery(StrEnum):
    """How far the recovery of a county has come."""

    NONE = "none"
    DUE = "due"
    """The cursor is lost: the county is pulled from the start, then listed."""
    LISTING = "listing"
    FETCHING = "fetching"


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A record of the mirror."""

    county_code: str
    record: PulledRecord


@dataclass(frozen=True, slots=True)
class Held:
    """The state in which the phone has a record."""

    position: int
    mark: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A county that the phone pulls, and where it stands in it."""

    county_code: str
    cursor: str | None
    checksum: ScopeChecksum
    """Of what the phone holds."""
    recovery: Recovery
    listed_after: str | None
    """The last id of the manifest that has been stored."""


class Mirror:
    """Records and cursors of one phone. Writers run inside a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def follow(self, county_code: str) -> None:
        """Pull this county from now on."""
        self._connection.execute("INSERT INTO followed (county_code) VALUES (?) ON CONFLICT DO NOTHING", (county_code,))

    def counties(self) -> list[str]:
        """Return the codes of the followed counties."""
        rows = self._connection.execute("SELECT county_code FROM followed ORDER BY county_code")
        return [code for (code,) in rows]

    def followed(self, county_code: str) -> Followed:
        """Return where the phone stands in a county. Raises LookupError for one it does not follow."""
        row = self._connection.execute(
            "SELECT county_code, cursor, records, mark_sum, recovery, listed_after FROM followed WHERE county_code = ?",
            (county_code,),
        ).fetchone()
        if row is None:
            raise LookupError(county_code)
        checksum = ScopeChecksum(records=row[2], sum=row[3])
        return Followed(row[0], row[1], checksum, Recovery(row[4]), row[5])

    def cursor(self, county_code: str) -> str | None:
        """Return the cursor up to which the mirror is complete; None: from the beginning."""
        row = self._connection.execute("SELECT cursor FROM followed WHERE county_code = ?", (county_code,)).fetchone()
        return None if row is None else row[0]

    def store(self, page: Pull) -> None:
        """Take in a page and its cursor; an older state never replaces a newer one."""
        known = self._held(page.county_code, [record.id for record in page.records])
        fresh = [
            record for record in page.records if record.id not in known or record.position >= known[record.id].position
        ]
        self._put(page.county_code, fresh)
        self._drop_left(page.county_code, page.exits)
        self._connection.execute(
            "UPDATE followed SET cursor = ? WHERE county_code = ?", (page.cursor, page.county_code)
        )

    def lose_cursor(self, county_code: str) -> None:
        """Forget a cursor that the server no longer reads; the county is pulled from the start and then listed."""
        self._move(county_code, Recovery.DUE, None)
        self._connection.execute("UPDATE followed SET cursor = NULL WHERE county_code = ?", (county_code,))

    def begin_listing(self, county_code: str, resume_cursor: str) -> None:
        """Begin to read the manifest; once all of it fits, pulling goes on from `resume_cursor`."""
        self._connection.execute("DELETE FROM listed WHERE county_code = ?", (county_code,))
        self._move(county_code, Recovery.LISTING, None)
        self._connection.execute(
            "UPDATE followed SET resume_cursor = ? WHERE county_code = ?", (resume_cursor, county_code)
        )

    def list_page(self, page: Manifest) -> None:
        """Take in a page of the manifest; after the last one the differences are fetched."""
        self._connection.executemany(
            "INSERT INTO listed (county_code, record_id, mark) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET mark = excluded.mark",
            [(page.county_code, record_id, mark) for record_id, mark in page.entries],
        )
        self._move(page.county_code, Recovery.FETCHING if page.after is None else Recovery.LISTING, page.after)

    def differing(self, county_code: str, limit: int) -> list[str]:
        """Return up to `limit` ids of listed records that the phone lacks or holds in another state."""
        rows = self._connection.execute(
            "SELECT listed.record_id FROM listed LEFT JOIN mirror USING (county_code, record_id)"
            " WHERE listed.county_code = ? AND mirror.mark IS NOT listed.mark"
            " ORDER BY listed.record_id LIMIT ?",
            (county_code, limit),
        )
        return [record_id for (record_id,) in rows]

    def replace(self, county_code: str, wanted: Iterable[str], found: FoundRecords) -> None:
        """Take in fetched records whatever their position; a wanted one that was not found has left the scope."""
        self._put(county_code, found.records)
        self._connection.executemany(
            "UPDATE listed SET mark = ? WHERE county_code = ? AND record_id = ?",
            [(record.mark, county_code, record.id) for record in found.records],
        )
        gone = set(wanted).difference(record.id for record in found.records)
        self._connection.executemany(
            "DELETE FROM listed WHERE county_code = ? AND record_id = ?",
            [(county_code, record_id) for record_id in gone],
        )

    def end_recovery(self, county_code: str) -> None:
        """Drop what was not listed, and go on from where the listing was made."""
        self._forget(
            county_code,
            self._connection.execute(
                "SELECT record_id, mark FROM mirror WHERE county_code = ? AND NOT EXISTS ("
                "SELECT 1 FROM listed WHERE listed.county_code = mirror.county_code"
                " AND listed.record_id = mirror.record_id)",
                (county_code,),
            ).fetchall(),
        )
        self._connection.execute("DELETE FROM listed WHERE county_code = ?", (county_code,))
        self._connection.execute(
            "UPDATE followed SET cursor = resume_cursor, resume_cursor = NULL, recovery = ?, listed_after = NULL"
            " WHERE county_code = ?",
            (Recovery.NONE, county_code),
        )

    def leave(self, county_code: str) -> int:
        """Drop all of a county's records and return how many they were.

        The cursor stays: should the county be granted again, it tells whether the ledger was restored meanwhile.
        """
        self._connection.execute("DELETE FROM listed WHERE county_code = ?", (county_code,))
        self._connection.execute(
            "UPDATE followed SET resume_cursor = NULL, recovery = ?, listed_after = NULL, records = 0,"
            " mark_sum = ? WHERE county_code = ?",
            (Recovery.NONE, ZERO_MARK, county_code),
        )
        return self._connection.execute("DELETE FROM mirror WHERE county_code = ?", (county_code,)).rowcount

    def find(self, record_id: str) -> Mirrored | None:
        """Return a record as last pulled, or None."""
        row = self._connection.execute(
            "SELECT county_code, body FROM mirror WHERE record_id = ?", (record_id,)
        ).fetchone()
        return None if row is None else Mirrored(row[0], PulledRecord.model_validate_json(row[1]))

    def records(self, county_code: str) -> list[PulledRecord]:
        """Return the records of a county as last pulled, by position."""
        rows = self._connection.execute(
            "SELECT body FROM mirror WHERE county_code = ? ORDER BY position, record_id", (county_code,)
        )
        return [PulledRecord.model_validate_json(body) for (body,) in rows]

    def _move(self, county_code: str, recovery: Recovery, listed_after: str | None) -> None:
        self._connection.execute(
            "UPDATE followed SET recovery = ?, listed_after = ? WHERE county_code = ?",
            (recovery, listed_after, county_code),
        )

    def _held(self, county_code: str, record_ids: list[str]) -> dict[str, Held]:
        rows = self._connection.execute(
            "SELECT record_id, position, mark FROM mirror"
            " WHERE county_code = ? AND record_id IN (SELECT value FROM json_each(?))",
            (county_code, json.dumps(record_ids)),
        )
        return {record_id: Held(position, mark) for record_id, position, mark in rows}

    def _put(self, county_code: str, records: Iterable[PulledRecord]) -> None:
        """Insert or replace records and move the sum by what that changes."""
        latest = {record.id: record for record in records}
        held = self._held(county_code, list(latest))
        self._connection.executemany(
            "INSERT INTO mirror (record_id, county_code, position, mark, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (county_code, record_id)"
            " DO UPDATE SET position = excluded.position, mark = excluded.mark, body = excluded.body",
            [(one.id, county_code, one.position, one.mark, one.model_dump_json()) for one in latest.values()],
        )
        self._count(county_code, [one.mark for one in latest.values()], [one.mark for one in held.values()])

    def _drop_left(self, county_code: str, exits: Iterable[RecordExit]) -> None:
        """Drop what left the phone's townships, unless the phone has it from later."""
        left = {one.id: one.position for one in exits}
        held = self._held(county_code, list(left))
        self._forget(county_code, [(one, was.mark) for one, was in held.items() if was.position < left[one]])

    def _forget(self, county_code: str, held: Sequence[tuple[str, str]]) -> None:
        """Drop records, given with their marks, and take these from the sum."""
        self._connection.executemany(
            "DELETE FROM mirror WHERE county_code = ? AND record_id = ?",
            [(county_code, record_id) for record_id, _ in held],
        )
        self._count(county_code, [], [mark for _, mark in held])

    def _count(self, county_code: str, added: Sequence[str], taken: Sequence[str]) -> None:
        (before,) = self._connection.execute(
            "SELECT mark_sum FROM followed WHERE county_code = ?", (county_code,)
        ).fetchone() or (ZERO_MARK,)
        self._connection.execute(
            "UPDATE followed SET records = records + ?, mark_sum = ? WHERE county_code = ?",
            (len(added) - len(taken), mark_sum(added, taken, before), county_code),
        )
