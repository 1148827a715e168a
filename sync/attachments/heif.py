"""HEIC files (ISO/IEC 14496-12 and 23008-12): the EXIF block that they hold, and the file with all about it blank.

Every part of a HEIC is found by its offset from the start, so nothing is cut out: what is personal is overwritten with
zeros where it lies. How the picture is to be turned is a property of its own there and stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sync.attachments.exif import Exif, read_exif
from sync.attachments.media import BrokenFileError
from sync.attachments.pictures import EXIF_MARK, Picture

_KEPT_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"free", b"skip"})
"""Top-level boxes of a still picture; a video beside it, or a box of a maker's own, goes out blank."""
_PERSONAL_ITEMS = frozenset({b"Exif", b"mime", b"uri "})
MAX_ITEMS = 10_000
_EMPTY_EXIF = b"\0\0\0\0MM\0*\0\0\0\x08" + bytes(6)
"""An Exif item whose TIFF header follows at once and whose directory is empty."""


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    """Where its content begins."""
    end: int


class _Reader:
    """Reads big-endian numbers in order, never beyond its end."""

    def __init__(self, data: bytes | bytearray, start: int, end: int) -> None:
        self._data, self.at, self._end = data, start, end

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        part = bytes(self._data[self.at : self.at + size])
        self.at += size
        if self.at > self._end:
            raise BrokenFileError("a HEIC box that ends too early")
        return part


def read_heic(data: bytes) -> Picture:
    """Return a HEIC with EXIF, XMP and foreign boxes blank. Raises BrokenFileError."""
    served = bytearray(data)
    exif = Exif()
    has_picture = False
    for box in _boxes(data, 0, len(data)):
        if box.kind not in _KEPT_BOXES:
            _blank(served, box.start, box.end)
        if box.kind == b"meta":
            has_picture = True
            for kind, extents in _personal_extents(data, box):
                for start, end in extents:
                    _blank(served, start, end)
                if kind == b"Exif":
                    exif = _exif_of(b"".join(data[start:end] for start, end in extents))
                    _put_empty_exif(served, extents)
    if not has_picture:
        raise BrokenFileError("a HEIC without a picture")
    return Picture(exif, bytes(served))


def _blank(served: bytearray, start: int, end: int) -> None:
    served[start:end] = bytes(max(0, min(end, len(served)) - start))


def _put_empty_exif(served: bytearray, extents: list[tuple[int, int]]) -> None:
    """Let a blank item be an EXIF block without a tag: readers stumble over zeros."""
    for start, end in extents[:1]:
        if end - start >= len(_EMPTY_EXIF) and end <= len(served):
            served[start : start + len(_EMPTY_EXIF)] = _EMPTY_EXIF


def _exif_of(item: bytes) -> Exif:
    """Return the EXIF of an item: four bytes say how far its TIFF header lies behind them."""
    skipped = int.from_bytes(item[:4], "big")
    return read_exif(item[4 + skipped :].removeprefix(EXIF_MARK))


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    at = start
    while at < end:
        reader = _Reader(data, at, end)
        size, kind = reader.number(4), reader.take(4)
        if size == 1:
            size = reader.number(8)
        stop = end if size == 0 else at + size
        if stop > end or stop < reader.at:
            raise BrokenFileError("a HEIC box that leads out of the file")
        yield _Box(kind, reader.at, stop)
        at = stop


def _personal_extents(data: bytes, meta: _Box) -> Iterator[tuple[bytes, list[tuple[int, int]]]]:
    """Yield kind and byte ranges of every item that is data about the picture."""
    inner = {box.kind: box for box in _boxes(data, meta.start + 4, meta.end)}
    if b"iinf" not in inner or b"iloc" not in inner:
        raise BrokenFileError("a HEIC without a list of its items")
    kinds = dict(_item_kinds(data, inner[b"iinf"]))
    inside = inner[b"idat"].start if b"idat" in inner else None
    for item, method, extents in _locations(data, inner[b"iloc"]):
        if kinds.get(item) not in _PERSONAL_ITEMS:
            continue
        if method > 1 or (method == 1 and inside is None):
            raise BrokenFileError("a HEIC whose data about the picture cannot be found")
        base = inside or 0 if method == 1 else 0
        ranges = [(base + start, base + start + size if size else len(data)) for start, size in extents]
        yield kinds[item], ranges


def _item_kinds(data: bytes, box: _Box) -> Iterator[tuple[int, bytes]]:
    reader = _Reader(data, box.start, box.end)
    version = reader.number(4) >> 24
    reader.number(4 if version else 2)
    for entry in _boxes(data, reader.at, box.end):
        inner = _Reader(data, entry.start, entry.end)
        entry_version = inner.number(4) >> 24
        if entry.kind != b"infe" or entry_version < 2:
            continue
        item = inner.number(4 if entry_version == 3 else 2)
        inner.number(2)
        yield item, inner.take(4)


def _locations(data: bytes, box: _Box) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Yield item, construction method and (offset, size) of every extent."""
    reader = _Reader(data, box.start, box.end)
    version = reader.number(4) >> 24
    sizes = reader.number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    id_size = 4 if version == 2 else 2
    count = reader.number(id_size)
    if count > MAX_ITEMS:
        raise BrokenFileError("a HEIC of too many items")
    for _ in range(count):
        item = reader.number(id_size)
        method = reader.number(2) & 15 if version else 0
        reader.number(2)
        base = reader.number(base_size)
        extents = []
        for _ in range(reader.number(2)):
            reader.number(index_size)
            start = base + reader.number(offset_size)
            extents.append((start, reader.number(length_size)))
        yield item, method, extents
