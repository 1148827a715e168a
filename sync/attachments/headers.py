"""The headers of tus 1.0, read strictly and without a body: what is wrong with them is known before a byte is read."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.problems import Problem, problem

if TYPE_CHECKING:
    from hashlib import _Hash

TUS_VERSION = "1.0.0"
EXTENSIONS = ("creation", "creation-with-upload", "checksum", "expiration", "termination")
CHECKSUM_ALGORITHMS = ("sha1", "sha256")
BODY_TYPE = "application/offset+octet-stream"

MAX_METADATA_CHARACTERS = 4096
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_COUNTY = re.compile(r"[0-9]{6}", re.ASCII)


class HeaderRefused(Exception):  # noqa: N818 - it is an answer to the client, not a fault
    """A header says what cannot be taken."""

    def __init__(self, refusal: Problem) -> None:
        super().__init__(refusal.code)
        self.problem = refusal


@dataclass(frozen=True, slots=True)
class Announced:
    """What a client says of a file before it sends it."""

    length: int
    county_code: str
    sha256: bytes | None
    about: dict[str, str]


@dataclass(slots=True)
class Checksum:
    """The hash that a body must have, and the one that it has so far."""

    expected: bytes
    running: "_Hash"

    @property
    def fits(self) -> bool:
        """Whether the body that was read is the one that was meant."""
        return self.running.digest() == self.expected


def announced(headers: Mapping[str, str], max_bytes: int) -> Announced:
    """Return what a creation says. Raises HeaderRefused."""
    if "upload-defer-length" in headers:
        raise HeaderRefused(problem("tus_header", label="Upload-Defer-Length"))
    length = _number(headers, "Upload-Length")
    if length > max_bytes:
        raise HeaderRefused(problem("attachment_too_large", limit=max_bytes))
    if length == 0:
        raise HeaderRefused(problem("tus_header", label="Upload-Length"))
    about = _metadata(headers.get("upload-metadata", ""))
    county_code, sha256 = about.get("county_code", ""), about.get("sha256")
    if not _COUNTY.fullmatch(county_code):
        raise HeaderRefused(problem("tus_metadata", label="county_code"))
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise HeaderRefused(problem("tus_metadata", label="sha256"))
    return Announced(length, county_code, bytes.fromhex(sha256) if sha256 is not None else None, about)


def upload_offset(headers: Mapping[str, str]) -> int:
    """Return the position that a body claims to continue from. Raises HeaderRefused."""
    return _number(headers, "Upload-Offset")


def content_length(headers: Mapping[str, str]) -> int | None:
    """Return how long the body says it is; None where it comes in chunks."""
    return _number(headers, "Content-Length") if "content-length" in headers else None


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Return the checksum that a body must have, where one is given. Raises HeaderRefused."""
    given = headers.get("upload-checksum")
    if given is None:
        return None
    algorithm, _, encoded = given.partition(" ")
    try:
        expected = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        expected = b""
    if algorithm not in CHECKSUM_ALGORITHMS or not expected:
        raise HeaderRefused(problem("tus_header", label="Upload-Checksum"))
    return Checksum(expected, hashlib.new(algorithm, usedforsecurity=False))


def metadata_header(about: Mapping[str, str]) -> str:
    """Return metadata as a header, as it was sent."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}".rstrip() for key, value in about.items())


def _number(headers: Mapping[str, str], name: str) -> int:
    given = headers.get(name.lower(), "")
    if not _NUMBER.fullmatch(given):
        raise HeaderRefused(problem("tus_header", label=name))
    return int(given)


def _metadata(header: str) -> dict[str, str]:
    about: dict[str, str] = {}
    if len(header) > MAX_METADATA_CHARACTERS:
        raise HeaderRefused(problem("tus_header", label="Upload-Metadata"))
    for pair in header.split(",") if header else ():
        key, _, encoded = pair.strip().partition(" ")
        try:
            value = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, ValueError):
            raise HeaderRefused(problem("tus_metadata", label=key[:64])) from None
        if not _KEY.fullmatch(key) or key in about or "\0" in value:
            raise HeaderRefused(problem("tus_metadata", label=key[:64]))
        about[key] = value
    return about
