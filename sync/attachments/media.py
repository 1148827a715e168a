"""What kind of file it is, as its own first bytes say; what a phone declares is never believed."""

from enum import StrEnum

SNIFFED_BYTES = 64
"""So many bytes tell every accepted type apart from all others."""

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})
"""ISO/IEC 23008-12: still pictures in HEVC; sequences have brands of their own and are not taken."""


class MediaType(StrEnum):
    """The types that are taken."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    PDF = "application/pdf"


SUFFIXES = {
    MediaType.JPEG: "jpg",
    MediaType.PNG: "png",
    MediaType.WEBP: "webp",
    MediaType.HEIC: "heic",
    MediaType.PDF: "pdf",
}


class BrokenFileError(Exception):
    """The file begins as one of the accepted types but is not built like one."""


def sniffed(head: bytes) -> MediaType | None:
    """Return the type of a file by its first SNIFFED_BYTES bytes; None for any type that is not taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head[4:8] == b"ftyp" and _brands(head) & _HEIC_BRANDS:
        return MediaType.HEIC
    return MediaType.PDF if head.startswith(b"%PDF-") else None


def _brands(head: bytes) -> set[bytes]:
    size = min(int.from_bytes(head[:4], "big"), SNIFFED_BYTES)
    return {head[8:12], *(head[at : at + 4] for at in range(16, size, 4))}
