"""Identifiers: UUIDv7 drawn by clients, and those that follow from something else: of a statement, of bulk changes."""

import hashlib
import os
import re
import uuid
from datetime import UTC, datetime, timedelta

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
UUID7_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_UUID = re.compile(UUID_PATTERN, re.ASCII)
_UUID7 = re.compile(UUID7_PATTERN, re.ASCII)

LOWER_BITS = 62
"""Of a UUID, below its variant."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

STATEMENT_NAMESPACE = uuid.UUID("6f0d2a1e-5b0e-5c7a-9a53-6c1f0c9f4d10")
"""The UUIDv5 namespace of county statements."""


def is_uuid(text: str) -> bool:
    """Return whether `text` is a lower-case UUID of any version."""
    return _UUID.fullmatch(text) is not None


def is_uuid7(text: str) -> bool:
    """Return whether `text` is a lower-case UUIDv7 (RFC 9562)."""
    return _UUID7.fullmatch(text) is not None


def uuid7(unix_ms: int, random: bytes | None = None) -> str:
    """Return the UUIDv7 of a moment in milliseconds; `random` gives its ten random bytes, for reproducible runs."""
    noise = int.from_bytes(random if random is not None else os.urandom(10), "big")
    value = (unix_ms & (1 << 48) - 1) << 80 | noise & (1 << 76) - 1
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999; what an id may say beyond is taken as it."""


def moment_of(identifier: str) -> datetime:
    """Return the moment, UTC, that a UUIDv7 was drawn at by its own words."""
    milliseconds = min(int(identifier.replace("-", "")[:12], 16), LATEST_MS)
    return EPOCH + timedelta(milliseconds=milliseconds)


def statement_id(county_code: str, indicator: str, period: str) -> str:
    """Return the record id of a county statement: UUIDv5 of `county/indicator/period`."""
    return str(uuid.uuid5(STATEMENT_NAMESPACE, f"{county_code}/{indicator}/{period}"))


def lock_id(county_code: str, indicator: str, period: str) -> str:
    """Return what late reports wait for while their year is filed: UUIDv5 of `lock/ledger/indicator/period`."""
    return str(uuid.uuid5(STATEMENT_NAMESPACE, f"lock/{county_code}/{indicator}/{period}"))


def change_id_of(request_id: str, record_id: str) -> str:
    """Return the id of a request's change to a record: a UUIDv7 of the request's moment and first random bits."""
    digest = hashlib.sha256(f"{request_id}/{record_id}".encode()).digest()
    lower = int.from_bytes(digest[:8], "big") & (1 << LOWER_BITS) - 1
    return str(uuid.UUID(int=_first_of(request_id) | lower))


def change_ids_of(request_id: str) -> tuple[str, str]:
    """Return the lowest and the highest id that a change of the request can have."""
    first = _first_of(request_id)
    return str(uuid.UUID(int=first)), str(uuid.UUID(int=first | (1 << LOWER_BITS) - 1))


def _first_of(request_id: str) -> int:
    return uuid.UUID(request_id).int >> 64 << 64 | 0b10 << LOWER_BITS
