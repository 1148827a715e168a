"""Every table that holds something sealed: how its rows are found, opened and sealed anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.attachments.desk import BOUND_TO
from sync.personal import Sealed, Vault, bound_to_revision
from sync.quarantine import bound_to_row
from sync.sealing import bound_to_change

UUIDS = frozenset({"id", "record_id", "change_id"})


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A place of sealed bytes; its statements take `known`, `rows`, and the row's key."""

    name: str
    key: Sequence[str]
    """Its primary key."""
    columns: tuple[str, str]
    """Where ciphertext and key id lie."""
    bound_to: Callable[[Mapping[str, Any]], str]
    is_document: bool = False
    """Whether both lie, in hexadecimal digits, in one JSONB column, which is then the first of `columns`."""

    @property
    def ciphertext(self) -> str:
        """The ciphertext as an expression of SQL: bytea."""
        column = self.columns[0]
        return f"decode({column} ->> 'ciphertext', 'hex')" if self.is_document else column

    @property
    def key_id(self) -> str:
        """The id of the key as an expression of SQL."""
        return f"{self.columns[0]} ->> 'key_id'" if self.is_document else self.columns[1]

    @property
    def read(self) -> str:
        """The statement of some rows that another key than the newest sealed."""
        key = ", ".join(f"cast({name} AS text) AS {name}" if name in UUIDS else name for name in self.key)
        return f"""
            SELECT {key}, {self.ciphertext} AS ciphertext, {self.key_id} AS key_id FROM {self.name}
            WHERE {self.key_id} <> :newest LIMIT :rows
        """

    @property
    def write(self) -> str:
        """The statement that puts a row's new ciphertext in place of the one that was read, and of no other."""
        where = " AND ".join(f"{name} = :{name}" for name in self.key)
        if self.is_document:
            new = (
                f"{self.columns[0]} = {self.columns[0]} || jsonb_build_object('ciphertext', "
                "encode(cast(:sealed AS bytea), 'hex'), 'key_id', cast(:newest AS text))"
            )
        else:
            new = f"{self.columns[0]} = :sealed, {self.columns[1]} = :newest"
        return f"UPDATE {self.name} SET {new} WHERE {where} AND {self.ciphertext} = :ciphertext"

    @property
    def count(self) -> str:
        """The statement of how many rows each key sealed."""
        return f"SELECT {self.key_id} AS key_id, count(*) AS n FROM {self.name} GROUP BY 1"

    def again(self, row: Mapping[str, Any], vault: Vault) -> bytes:
        """Return a row's ciphertext under the newest key."""
        bound_to = self.bound_to(row)
        sealed = Sealed(b"", bytes(row["ciphertext"]), row["key_id"])
        return vault.seal_bytes(vault.open_bytes(sealed, bound_to), bound_to).ciphertext


TABLES = (
    SealedTable(
        "personal",
        ("county_code", "record_id", "revision"),
        ("ciphertext", "key_id"),
        lambda row: bound_to_revision(row["county_code"], row["record_id"], row["revision"]),
    ),
    SealedTable(
        "change",
        ("county_code", "change_id"),
        ("sealed", "sealed_key_id"),
        lambda row: bound_to_change(row["county_code"], row["change_id"]),
    ),
    SealedTable("quarantine", ("id",), ("body", "key_id"), lambda row: bound_to_row(row["id"])),
    SealedTable(
        "attachment",
        ("sha256",),
        ("evidence", "evidence"),
        lambda row: bound_to_revision(BOUND_TO, bytes(row["sha256"]).hex(), 0),
        is_document=True,
    ),
)
