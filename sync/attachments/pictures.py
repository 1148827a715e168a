"""The containers of JPEG, PNG and WebP: the EXIF block that they hold, and the picture without anything personal.

Nothing is decoded or compressed again: of every container only the parts are kept that the picture needs, so an
unknown part never goes out. Behind the picture's end some phones append a video or a second picture with a position of
its own; that goes too. How the picture is to be turned is kept.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from sync.attachments.exif import Exif, orientation_block, read_exif
from sync.attachments.media import BrokenFileError

EXIF_MARK = b"Exif\0\0"

_START_OF_SCAN, _END = 0xDA, 0xD9
_APP0, _APP15, _COMMENT = 0xE0, 0xEF, 0xFE
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length."""
_KEPT_APPLICATION = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
"""JPEG application segments that say how colours are meant."""
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
"""The next marker within compressed data, where FF 00 is a byte and FF D0 to FF D7 only keep step."""

_PNG_HEAD = 8
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
"""Flags of VP8X."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a file says of itself, and the file as it may be served."""

    exif: Exif
    served: bytes


def read_jpeg(data: bytes) -> Picture:
    """Return a JPEG (ITU-T T.81) without application data and comments. Raises BrokenFileError."""
    exif = Exif()
    kept: list[bytes] = []
    has_picture = False
    for marker, segment in _jpeg_segments(data):
        body = segment[4:]
        if marker == 0xE1 and body.startswith(EXIF_MARK):
            exif = read_exif(body[len(EXIF_MARK) :])
        if _APP0 <= marker <= _APP15 or marker == _COMMENT:
            if any(marker == known and body.startswith(mark) for known, mark in _KEPT_APPLICATION):
                kept.append(segment)
            continue
        has_picture = has_picture or marker == _START_OF_SCAN
        kept.append(segment)
    if not has_picture:
        raise BrokenFileError("a JPEG without a picture")
    turned = orientation_block(exif.orientation)
    if turned is not None:
        block = EXIF_MARK + turned
        kept.insert(0, b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
    return Picture(exif, b"\xff\xd8" + b"".join(kept) + b"\xff\xd9")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield every segment between the start and the end of the first picture; a scan with its compressed data."""
    at = 2
    while True:
        found = re.compile(rb"\xff+([^\x00\xff])").match(data, at)
        if found is None:
            raise BrokenFileError("no JPEG marker where one belongs")
        marker, start = found[1][0], found.end() - 2
        if marker == _END:
            return
        if marker in _ALONE:
            at = found.end()
            continue
        size = int.from_bytes(data[start + 2 : start + 4], "big")
        end = start + 2 + size
        if size < 2 or end > len(data):
            raise BrokenFileError("a JPEG segment that leads out of the file")
        if marker == _START_OF_SCAN:
            following = _AFTER_SCAN.search(data, end)
            if following is None:  # cut off: whatever is there belongs to the picture
                yield marker, data[start:]
                return
            end = following.start()
        yield marker, data[start:end]
        at = end


def read_png(data: bytes) -> Picture:
    """Return a PNG (W3C) with its critical chunks and those about colour. Raises BrokenFileError."""
    exif = Exif()
    kept = [data[:_PNG_HEAD]]
    at = _PNG_HEAD
    kind = b""
    while kind != b"IEND":
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + size + 12
        if len(kind) < 4 or end > len(data):
            raise BrokenFileError("a PNG chunk that leads out of the file")
        if kind == b"eXIf":
            exif = read_exif(data[at + 8 : end - 4])
        if kind in _PNG_KEPT:
            kept.append(data[at:end])
        at = end
    turned = orientation_block(exif.orientation)
    if turned is not None:
        kept.insert(2, _png_chunk(b"eXIf", turned))
    return Picture(exif, b"".join(kept))


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def read_webp(data: bytes) -> Picture:
    """Return a WebP (RFC 9649) with its picture, animation and colour chunks. Raises BrokenFileError."""
    exif = Exif()
    kept: list[bytes] = []
    end_of_riff = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    at = 12
    while at < end_of_riff:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size
        if len(kind) < 4 or end > len(data):
            raise BrokenFileError("a WebP chunk that leads out of the file")
        body = data[at + 8 : end]
        if kind == b"EXIF":
            exif = read_exif(body.removeprefix(EXIF_MARK))
        if kind in _WEBP_KEPT:
            kept.append(_webp_chunk(kind, body))
        at = end + size % 2
    if not any(chunk[:4] in (b"VP8 ", b"VP8L", b"ANMF") for chunk in kept):
        raise BrokenFileError("a WebP without a picture")
    turned = orientation_block(exif.orientation)
    if kept[0][:4] == b"VP8X":
        flags = kept[0][8] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if turned else 0)
        kept[0] = kept[0][:8] + bytes([flags]) + kept[0][9:]
        if turned is not None:
            kept.append(_webp_chunk(b"EXIF", turned))
    body = b"WEBP" + b"".join(kept)
    return Picture(exif, b"RIFF" + struct.pack("<I", len(body)) + body)


def _webp_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
