"""Packs of reference data as the phone keeps them: fetched when the server names another hash, never twice."""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from mobile_contract.store import transaction
from mobile_contract.wire import UnreachableError, Wire
from schemas.changes import PackRef

PACK_PATH = "/v1/packs/{name}?county={county}"


@dataclass(frozen=True, slots=True)
class KeptPack:
    """A pack as it was served."""

    name: str
    sha256: str
    body: bytes


class Packs:
    """The packs of one phone."""

    def __init__(self, connection: sqlite3.Connection, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire

    def digest(self, county_code: str) -> str:
        """Return what a pull says of the packs that the phone has; empty for none.

        SHA-256 of the sorted lines `<name>:<sha256>`, each ended by a line feed.
        """
        held = self._connection.execute("SELECT name, sha256 FROM pack WHERE county_code = ?", (county_code,))
        lines = sorted(f"{name}:{sha256}\n" for name, sha256 in held)
        return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else ""

    def find(self, county_code: str, name: str) -> KeptPack | None:
        """Return a pack, or None."""
        row = self._row(county_code, name)
        return None if row is None else KeptPack(name, row[1], row[2])

    def take(self, references: Sequence[PackRef], county_code: str) -> int:
        """Get the packs of a county that the phone has not, drop those not named, and return how many were fetched.

        Raises as `Wire.get` does. What does not fit its hash is not stored: a broken download never replaces a sound
        pack.
        """
        fetched = sum(self._fetch(reference, county_code) for reference in references)
        with transaction(self._connection):
            self._connection.execute(
                "DELETE FROM pack WHERE county_code = ? AND name NOT IN (SELECT value FROM json_each(?))",
                (county_code, json.dumps([reference.name for reference in references])),
            )
        return fetched

    def _fetch(self, reference: PackRef, county_code: str) -> bool:
        kept = self._row(county_code, reference.name)
        if kept is not None and kept[1] == reference.sha256:
            return False
        path = PACK_PATH.format(name=reference.name, county=county_code)
        response = self._wire.get(path, {"if-none-match": kept[0]} if kept and kept[0] else None)
        if response.status_code == 304:
            return False
        found = hashlib.sha256(response.content).hexdigest()
        if found != reference.sha256:
            raise UnreachableError(f"the pack {reference.name} does not fit its hash")
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO pack (county_code, name, etag, sha256, body) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (county_code, name) DO UPDATE SET"
                " etag = excluded.etag, sha256 = excluded.sha256, body = excluded.body",
                (county_code, reference.name, response.headers.get("etag", ""), found, response.content),
            )
        return True

    def _row(self, county_code: str, name: str) -> tuple[str, str, bytes] | None:
        row: tuple[str, str, bytes] | None = self._connection.execute(
            "SELECT etag, sha256, body FROM pack WHERE county_code = ? AND name = ?", (county_code, name)
        ).fetchone()
        return row
