"""A sealed stream: any number of bytes under a passphrase, written and read piece by piece.

A readable head of one line, then pieces of 64 KiB, each sealed by itself (ChaCha20-Poly1305) under a nonce that says
its number and whether it is the last: a piece that was changed, left out, moved or taken from another file does not
open, and an end that is missing is noticed. This is the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár.
"""

import base64
import json
import os
from collections.abc import Mapping
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from schemas.canonical import canonical_bytes

SCRYPT = {"n": 1 << 15, "r": 8, "p": 1}
"""32 MB and some tenths of a second on a phone: a guessed passphrase costs as much."""

MIN_PASSPHRASE = 8
PIECE_BYTES = 64 * 1024
TAG_BYTES = 16
PREFIX_BYTES = 7
MAX_HEAD_BYTES = 4096


class NotSealedError(ValueError):
    """The file is no sealed stream of this format, or it was cut off."""


class WrongPassphraseError(ValueError):
    """The passphrase is another one, or the file was changed."""


class SealedWriter:
    """Seals what is written to a file; what was written counts only once it is closed."""

    def __init__(self, target: BinaryIO, passphrase: str, head: Mapping[str, Any]) -> None:
        """`head` stays readable, and cannot be changed without breaking every piece."""
        salt, self._prefix = os.urandom(16), os.urandom(PREFIX_BYTES)
        self._head = canonical_bytes({**head, "scrypt": SCRYPT, "salt": _text(salt), "nonce": _text(self._prefix)})
        self._cipher = _cipher(passphrase, salt)
        self._target = target
        self._waiting = bytearray()
        self._number = 0
        target.write(self._head + b"\n")

    def write(self, plain: bytes) -> None:
        """Seal some more bytes."""
        self._waiting += plain
        while len(self._waiting) > PIECE_BYTES:
            self._seal(bytes(self._waiting[:PIECE_BYTES]), is_last=False)
            del self._waiting[:PIECE_BYTES]

    def close(self) -> None:
        """Seal the last piece; the file stays open."""
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, plain: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, is_last=is_last)
        self._target.write(self._cipher.encrypt(nonce, plain, self._head))
        self._number += 1


class SealedReader:
    """Opens what was sealed, piece by piece; every byte that it gives is known to be genuine."""

    def __init__(self, source: BinaryIO, passphrase: str, format_name: str) -> None:
        """Read the head. Raises NotSealedError; a wrong passphrase shows with the first piece."""
        line = source.readline(MAX_HEAD_BYTES)
        try:
            head = json.loads(line)
            salt, self._prefix = (base64.b64decode(head[name], validate=True) for name in ("salt", "nonce"))
            # Another cost than ours would let a file choose how long it keeps the opener busy.
            if head["format"] != format_name or head["scrypt"] != SCRYPT or len(self._prefix) != PREFIX_BYTES:
                raise NotSealedError
        except (ValueError, KeyError, TypeError):
            raise NotSealedError from None
        self._head = line.removesuffix(b"\n")
        self._cipher = _cipher(passphrase, salt)
        self._source = source
        self._opened = bytearray()
        self._number = 0
        self._next: bytes | None = source.read(PIECE_BYTES + TAG_BYTES)

    def read(self, size: int) -> bytes:
        """Return exactly so many bytes. Raises NotSealedError where the file ends before, and WrongPassphraseError."""
        while len(self._opened) < size:
            self._open_next()
        plain = bytes(self._opened[:size])
        del self._opened[:size]
        return plain

    def _open_next(self) -> None:
        piece = self._next
        if not piece:
            raise NotSealedError
        following = self._source.read(PIECE_BYTES + TAG_BYTES)
        nonce = _nonce(self._prefix, self._number, is_last=not following)
        try:
            self._opened += self._cipher.decrypt(nonce, piece, self._head)
        except InvalidTag:
            raise (WrongPassphraseError if self._number == 0 else NotSealedError) from None
        self._next, self._number = following, self._number + 1


def _cipher(passphrase: str, salt: bytes) -> ChaCha20Poly1305:
    scrypt = Scrypt(salt=salt, length=32, n=SCRYPT["n"], r=SCRYPT["r"], p=SCRYPT["p"])
    return ChaCha20Poly1305(scrypt.derive(passphrase.encode()))


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
