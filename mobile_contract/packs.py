"""Packs of reference data as the phone keeps them: fetched when the server names another hash, never twice."""

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from mobile_contract.store import transaction
from mobile_contract.wire import UnreachableError, Wire
from schemas.changes import PackRef

PACK_PATH = "/v1/packs/{name}"


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

    def held(self) -> Mapping[str, str]:
        """Return the hash of every pack by name."""
        return dict(self._connection.execute("SELECT name, sha256 FROM pack ORDER BY name").fetchall())

    def find(self, name: str) -> KeptPack | None:
        """Return a pack, or None."""
        row = self._connection.execute("SELECT name, sha256, body FROM pack WHERE name = ?", (name,)).fetchone()
        return None if row is None else KeptPack(*row)

    def fetch(self, reference: PackRef, county_code: str) -> bool:
        """Get a pack unless the phone has it, and return whether it was fetched. Raises as `Wire.get` does.

        What does not fit its hash is not stored: a broken download never replaces a sound pack.
        """
        if self.held().get(reference.name) == reference.sha256:
            return False
        row = self._connection.execute("SELECT etag FROM pack WHERE name = ?", (reference.name,)).fetchone()
        path = PACK_PATH.format(name=reference.name) + f"?county={county_code}"
        response = self._wire.get(path, {"if-none-match": row[0]} if row else None)
        if response.status_code == 304:
            return False
        found = hashlib.sha256(response.content).hexdigest()
        if found != reference.sha256:
            raise UnreachableError(f"the pack {reference.name} does not fit its hash")
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO pack (name, etag, sha256, body) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " etag = excluded.etag, sha256 = excluded.sha256, body = excluded.body",
                (reference.name, response.headers.get("etag", ""), found, response.content),
            )
        return True
