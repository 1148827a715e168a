"""Records as a phone reads them: within the caller's townships, personal fields opened for those who may see them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.marks import sum_without_personal, without_personal
from schemas.masking import without_texts
from sync.personal import Sealed, Vault


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a county: the account, the townships it holds (None: all), and whether it sees personal fields."""

    account: str
    townships: Collection[str] | None
    sees_personal: bool
    vault: Vault

    @property
    def held(self) -> list[str] | None:
        """The townships as a statement takes them."""
        return None if self.townships is None else sorted(self.townships)

    def mark(self, kept: str) -> str:
        """Return a record's mark as this reader sees the record: without the personal fields it is another state."""
        return kept if self.sees_personal else without_personal(kept)

    def mark_sum(self, total: str, records: int) -> str:
        """Return the sum of the marks as this reader sees them, from that of the kept ones."""
        return total if self.sees_personal else sum_without_personal(total, records)


def sealed_records(keys: str) -> str:
    """Return the query of the records whose `id` the query `keys` gives, in ledger order, each looked up by itself.

    Parameters: `county_code`, `sees_personal`, and those of `keys`.
    """
    return f"""
        SELECT found.*, sealed.salt, sealed.ciphertext, sealed.key_id
        FROM ({keys}) AS wanted
        CROSS JOIN LATERAL (
            SELECT id, kind, status, revision, position, last_change_id, township_code, payload, warnings, review,
                   recorded_at, erased_position, encode(mark, 'hex') AS mark
            FROM record WHERE county_code = cast(:county_code AS text) AND id = wanted.id OFFSET 0
        ) AS found
        LEFT JOIN LATERAL (
            SELECT encode(salt, 'hex') AS salt, encode(ciphertext, 'hex') AS ciphertext, key_id
            FROM personal
            WHERE county_code = cast(:county_code AS text) AND record_id = found.id AND revision = found.revision
              AND cast(:sees_personal AS boolean) OFFSET 0
        ) AS sealed ON true
        ORDER BY found.position
    """


def _mask(row: dict[str, Any]) -> None:
    """Leave out what free text may say of a person; it is the county's to read."""
    row["payload"].pop("note", None)
    if row["review"] is not None:
        row["review"] = without_texts(row["review"])


def record_body(row: dict[str, Any], county_code: str, reader: Reader) -> bytes:
    """Return a row of `sealed_records` as the JSON of `schemas.changes.PulledRecord`."""
    salt, ciphertext, key_id = row.pop("salt"), row.pop("ciphertext"), row.pop("key_id")
    if ciphertext is not None:
        sealed = Sealed(bytes.fromhex(salt), bytes.fromhex(ciphertext), key_id)
        row["payload"] |= reader.vault.open(sealed, county_code, row["id"], row["revision"])
    if not reader.sees_personal:
        _mask(row)
    row["mark"] = reader.mark(row["mark"])
    return orjson.dumps(row)
