"""What an EXIF block says of time, place and orientation, and a block that says the orientation alone.

EXIF (CIPA DC-008) is a TIFF: directories of tags at offsets that anybody may have written. Every offset and count is
checked; a block that is not sound tells nothing.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

ORIENTATION = 0x0112
EXIF_DIRECTORY = 0x8769
GPS_DIRECTORY = 0x8825
TAKEN_AT = 0x9003
TAKEN_OFFSET = 0x9011
LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE = 1, 2, 3, 4

MAX_TAGS = 500
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
"""Bytes of one value by TIFF type."""
_SHORT, _LONG, _RATIONAL, _TEXT = 3, 4, 5, 2
_UPRIGHT = 1

_TIME = re.compile(r"(\d{4}):([01]\d):([0-3]\d) ([0-2]\d):([0-5]\d):([0-5]\d)", re.ASCII)
_OFFSET = re.compile(r"[+-][01]\d:[0-5]\d", re.ASCII)

Tags = Mapping[int, tuple[int, bytes]]
"""Tag -> (TIFF type, its values' bytes)."""


class _UnsoundError(Exception):
    """An offset leads out of the block."""


@dataclass(frozen=True, slots=True)
class Exif:
    """What is read of a block; `position` is (longitude, latitude) in degrees, WGS 84 as EXIF defines it."""

    orientation: int = _UPRIGHT
    taken_at: str | None = None
    """ISO 8601; without an offset where the camera wrote none: its own local time."""
    position: tuple[float, float] | None = None


def read_exif(tiff: bytes) -> Exif:
    """Return what an EXIF block (from its TIFF header on) says; nothing of a block that is not sound."""
    try:
        order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
        if order is None:
            return Exif()
        main = _directory(tiff, order, _number(tiff, order, 4, 4))
        pictured = _below(tiff, order, main, EXIF_DIRECTORY)
        placed = _below(tiff, order, main, GPS_DIRECTORY)
        return Exif(_orientation(main, order), _taken_at(pictured), _position(placed, order))
    except _UnsoundError:
        return Exif()


def orientation_block(orientation: int) -> bytes | None:
    """Return an EXIF block that says nothing but how to turn the picture; None where it stands upright."""
    if orientation == _UPRIGHT:
        return None
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, _SHORT, 1, orientation, 0, 0)


def _number(tiff: bytes, order: str, at: int, size: int) -> int:
    part = tiff[at : at + size]
    if len(part) < size:
        raise _UnsoundError
    return int.from_bytes(part, "little" if order == "<" else "big")


def _directory(tiff: bytes, order: str, at: int) -> Tags:
    count = _number(tiff, order, at, 2)
    if count > MAX_TAGS:
        raise _UnsoundError
    return dict(_tag(tiff, order, at + 2 + 12 * index) for index in range(count))


def _tag(tiff: bytes, order: str, at: int) -> tuple[int, tuple[int, bytes]]:
    tag, kind = _number(tiff, order, at, 2), _number(tiff, order, at + 2, 2)
    size = _SIZES.get(kind, 0) * _number(tiff, order, at + 4, 4)
    start = at + 8 if size <= 4 else _number(tiff, order, at + 8, 4)
    return tag, (kind, tiff[start : start + size])


def _below(tiff: bytes, order: str, main: Tags, tag: int) -> Tags:
    kind, value = main.get(tag, (0, b""))
    return _directory(tiff, order, _number(value, order, 0, 4)) if kind == _LONG else {}


def _orientation(main: Tags, order: str) -> int:
    kind, value = main.get(ORIENTATION, (0, b""))
    found = _number(value, order, 0, 2) if kind == _SHORT else _UPRIGHT
    return found if 1 <= found <= 8 else _UPRIGHT


def _text(tags: Tags, tag: int) -> str:
    kind, value = tags.get(tag, (0, b""))
    return value.split(b"\0")[0].decode("ascii", "replace").strip() if kind == _TEXT else ""


def _taken_at(pictured: Tags) -> str | None:
    found = _TIME.fullmatch(_text(pictured, TAKEN_AT))
    if found is None:
        return None
    year, month, day, hour, minute, second = found.groups()
    offset = _text(pictured, TAKEN_OFFSET)
    zone = offset if _OFFSET.fullmatch(offset) else ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone}"


def _position(placed: Tags, order: str) -> tuple[float, float] | None:
    longitude = _degrees(placed, order, LONGITUDE, LONGITUDE_REF, "EW")
    latitude = _degrees(placed, order, LATITUDE, LATITUDE_REF, "NS")
    if longitude is None or latitude is None or abs(longitude) > 180 or abs(latitude) > 90:
        return None
    return longitude, latitude


def _degrees(placed: Tags, order: str, tag: int, reference: int, letters: str) -> float | None:
    kind, value = placed.get(tag, (0, b""))
    side = _text(placed, reference)
    if kind != _RATIONAL or len(value) != 24 or len(side) != 1 or side not in letters:
        return None
    parts: tuple[int, ...] = struct.unpack(f"{order}6I", value)
    if not all(parts[1::2]):
        return None
    degrees = parts[0] / parts[1] + parts[2] / parts[3] / 60 + parts[4] / parts[5] / 3600
    return round(-degrees if side == letters[1] else degrees, 7)
