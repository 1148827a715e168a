"""Pictures as phones make them, written by a library that is not ours."""

import hashlib
import io
import itertools
from base64 import b64encode
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD

from tests.support.offices import COUNTY

SERIAL = b"SERIAL-98217345"
OWNER = b"Zhang San the owner"
TAKEN_AT = "2025-10-03T09:12:30+08:00"
POSITION = (112.6512, 29.5123)
_NUMBER = itertools.count(1)


def exif_block(orientation: int = 6) -> Image.Exif:
    """Return what a phone writes: owner, serial number, time, position, orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = OWNER.decode()
    pictured = exif.get_ifd(IFD.Exif)
    pictured[0x9003] = "2025:10:03 09:12:30"
    pictured[0x9011] = "+08:00"
    pictured[0xA431] = SERIAL.decode()
    placed = exif.get_ifd(IFD.GPSInfo)
    placed[1], placed[2] = "N", (29.0, 30.0, 44.28)
    placed[3], placed[4] = "E", (112.0, 39.0, 4.32)
    return exif


def photo(kind: str = "JPEG", *, side: int = 64, exif: Image.Exif | None = None, **options: Any) -> bytes:
    """Return a picture of its own, whose content no other call repeats."""
    noise = Image.effect_noise((side, side), 60).convert("RGB")
    noise.putpixel((0, 0), (next(_NUMBER) % 256, 0, 0))
    body = io.BytesIO()
    noise.save(body, kind, exif=exif_block() if exif is None else exif, **options)
    return body.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def metadata(data: bytes, county: str = COUNTY, **more: str) -> str:
    """Return the `Upload-Metadata` of a file."""
    said = {"sha256": sha256(data), "county_code": county, "filename": "田间.jpg"} | more
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items())
