"""A whole file looked at: its type, what it says of time and place, and the bytes that may be served of it."""

from dataclasses import dataclass

from sync.attachments.exif import Exif
from sync.attachments.heif import read_heic
from sync.attachments.media import SNIFFED_BYTES, MediaType, sniffed
from sync.attachments.pictures import Picture, read_jpeg, read_png, read_webp

STRIPPING = 1
"""Goes up when the same file is served with other bytes, so that no cache mixes the two."""

_READERS = {
    MediaType.JPEG: read_jpeg,
    MediaType.PNG: read_png,
    MediaType.WEBP: read_webp,
    MediaType.HEIC: read_heic,
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file of an accepted type."""

    media_type: MediaType
    evidence: dict[str, object] | None
    """`taken_at` and `position` [longitude, latitude] in WGS 84, as far as the file says them."""
    served: bytes


def inspected(data: bytes) -> Inspected | None:
    """Return what a file holds; None for a type that is not taken. Raises BrokenFileError.

    A PDF has no EXIF and goes out as it came.
    """
    media_type = sniffed(data[:SNIFFED_BYTES])
    if media_type is None:
        return None
    reader = _READERS.get(media_type)
    picture = reader(data) if reader is not None else Picture(Exif(), data)
    return Inspected(media_type, _evidence(picture.exif), picture.served)


def _evidence(exif: Exif) -> dict[str, object] | None:
    said: dict[str, object] = {}
    if exif.taken_at is not None:
        said["taken_at"] = exif.taken_at
    if exif.position is not None:
        said["position"] = list(exif.position)
    return said or None
