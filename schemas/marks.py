"""Marks: eight bytes that tell a record's present state, so that one sum tells whether a phone holds what it should."""

from collections.abc import Iterable

MARK_BYTES = 8
MODULUS = 1 << (8 * MARK_BYTES)
ZERO_MARK = "0" * (2 * MARK_BYTES)
"""The sum over no records."""


def mark_of(entry_hash: bytes) -> str:
    """Return the mark of the record whose present state the entry wrote: 16 hexadecimal digits.

    The first eight bytes of the entry's hash, which commits to the record, its content and the whole ledger before it.
    """
    return entry_hash[:MARK_BYTES].hex()


def without_personal(mark: str) -> str:
    """Return the mark of the same state as it is read without its personal fields: all bits the other way.

    A phone whose right to see names changes then finds every record to be another, and reads all of them again.
    """
    return f"{int(mark, 16) ^ (MODULUS - 1):0{2 * MARK_BYTES}x}"


def sum_without_personal(total: str, records: int) -> str:
    """Return the sum of as many marks, each `without_personal`, from the sum of the marks."""
    return f"{(-records - int(total, 16)) % MODULUS:0{2 * MARK_BYTES}x}"


def mark_sum(added: Iterable[str], taken: Iterable[str] = (), to: str = ZERO_MARK) -> str:
    """Return a sum with marks added and others taken away: big-endian numbers modulo 2^64, in 16 hexadecimal digits."""
    total = int(to, 16) + sum(int(mark, 16) for mark in added) - sum(int(mark, 16) for mark in taken)
    return f"{total % MODULUS:0{2 * MARK_BYTES}x}"
