"""The mirror: the records of the followed counties as last pulled, and the cursor up to which they are complete.

A reset starts a new generation: records pulled again carry it, and those the server no longer lists are dropped only
when the last page has come, so that a phone that dies halfway still shows what it had.
"""

import sqlite3
from dataclasses import dataclass

from schemas.changes import Pull, PulledRecord


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A record of the mirror."""

    county_code: str
    record: PulledRecord


class Mirror:
    """Records and cursors of one phone. Writers run inside a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def follow(self, county_code: str) -> None:
        """Pull this county from now on."""
        self._connection.execute(
            "INSERT INTO county_cursor (county_code) VALUES (?) ON CONFLICT DO NOTHING", (county_code,)
        )

    def counties(self) -> list[str]:
        """Return the codes of the followed counties."""
        rows = self._connection.execute("SELECT county_code FROM county_cursor ORDER BY county_code")
        return [code for (code,) in rows]

    def cursor(self, county_code: str) -> str | None:
        """Return the cursor up to which the mirror is complete; None: from the beginning."""
        row = self._connection.execute(
            "SELECT cursor FROM county_cursor WHERE county_code = ?", (county_code,)
        ).fetchone()
        return None if row is None else row[0]

    def start_again(self, county_code: str) -> None:
        """Forget the cursor, keep the records until the county has been read again."""
        self._connection.execute(
            "UPDATE county_cursor SET cursor = NULL, generation = generation + 1, rebuilding = 1 WHERE county_code = ?",
            (county_code,),
        )

    def store(self, page: Pull) -> None:
        """Take in a page and its cursor; after the last page of a rebuild drop what was not listed again."""
        generation, rebuilding = self._connection.execute(
            "SELECT generation, rebuilding FROM county_cursor WHERE county_code = ?", (page.county_code,)
        ).fetchone()
        self._connection.executemany(
            "INSERT INTO mirror (record_id, county_code, position, generation, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (county_code, record_id) DO UPDATE SET"
            " position = excluded.position, generation = excluded.generation, body = excluded.body"
            " WHERE excluded.generation > mirror.generation OR excluded.position >= mirror.position",
            [
                (record.id, page.county_code, record.position, generation, record.model_dump_json())
                for record in page.records
            ],
        )
        done = bool(rebuilding) and not page.more
        if done:
            self._connection.execute(
                "DELETE FROM mirror WHERE county_code = ? AND generation < ?", (page.county_code, generation)
            )
        self._connection.execute(
            "UPDATE county_cursor SET cursor = ?, rebuilding = ? WHERE county_code = ?",
            (page.cursor, int(rebuilding and not done), page.county_code),
        )

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
