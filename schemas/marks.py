"""Marks: one number per record and position, so that a sum tells whether a phone holds what it should."""

import hashlib

MARK_BYTES = 8
MODULUS = 1 << (8 * MARK_BYTES)
ZERO_MARK = "0" * (2 * MARK_BYTES)
"""The sum over no records."""


def mark_of(record_id: str, position: int) -> int:
    """Return the first eight bytes, big-endian, of SHA-256("<id>:<position>")."""
    return int.from_bytes(hashlib.sha256(f"{record_id}:{position}".encode()).digest()[:MARK_BYTES], "big")


def mark_text(total: int) -> str:
    """Return a sum of marks modulo 2^64, in 16 hexadecimal digits."""
    return f"{total % MODULUS:0{2 * MARK_BYTES}x}"
