"""A carried outbox: what is unsent on one phone, sealed in a file that a colleague's phone can take to a network.

Carrying is transport and nothing else: docs/decisions/0017. The file opens with a passphrase of its author into an
outbox of its own that stays its author's; its changes are sent under the author's sign-in or not at all. Its photos go
by any sign-in that writes in their county: a file is known by its content, and the report says whose it is.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from mobile_contract.client import Phone
from mobile_contract.outbox import PENDING
from mobile_contract.photos import CHUNK_BYTES
from mobile_contract.sealed_stream import (
    MIN_PASSPHRASE,
    NotSealedError,
    SealedReader,
    SealedWriter,
    WrongPassphraseError,
)

FORMAT = "qingtian-outbox-1"
LENGTH_BYTES = 8
MAX_CONTENT_BYTES = 50_000_000
"""Of the changes, which are held in memory; photos pass through in pieces, however many there are."""


class CarriedError(Exception):
    """The file cannot be sealed or opened; `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was put into a file."""

    changes: int
    photos: int
    photo_bytes: int


@dataclass(frozen=True, slots=True)
class CarriedPhoto:
    """A photo of a file; its bytes follow the changes, photo after photo."""

    sha256: str
    size: int
    county_code: str
    file_name: str
    captured_at: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file holds. The photos are still to be read from it, once and in order."""

    username: str
    device_id: str
    changes: tuple[Mapping[str, Any], ...]
    photos: tuple[CarriedPhoto, ...]
    reader: SealedReader = field(repr=False)

    def pieces(self, photo: CarriedPhoto) -> Iterator[bytes]:
        """Yield the bytes of the next photo. Raises NotSealedError where the file ends before."""
        left = photo.size
        while left:
            piece = self.reader.read(min(left, CHUNK_BYTES))
            left -= len(piece)
            yield piece


def seal(phone: Phone, passphrase: str, target: BinaryIO, *, with_photos: bool = True) -> Sealed:
    """Write the phone's unsent changes and photos as a sealed file and say how much that is.

    The phone keeps them: whichever way is first counts once. Photos are read and sealed piece by piece. Raises
    CarriedError where the passphrase is too short, nobody has signed in, or nothing waits.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise CarriedError(
            f"口令至少 {MIN_PASSPHRASE} 个字符。", f"A passphrase has at least {MIN_PASSPHRASE} characters."
        )
    if phone.username is None:
        raise CarriedError("本机还没有账号，请先登录一次。", "This phone has no account yet; sign in once.")
    waiting = [change for change in phone.outbox.all() if change.state in PENDING]
    photos = phone.photos.waiting() if with_photos else []
    if not waiting and not photos:
        raise CarriedError("没有待发送的内容。", "Nothing waits to be sent.")
    content = {
        "username": phone.username,
        "device_id": phone.device_id,
        "changes": [{"schema_version": change.schema_version, "item": change.item} for change in waiting],
        "photos": [{name: getattr(photo, name) for name in CarriedPhoto.__dataclass_fields__} for photo in photos],
    }
    whole = json.dumps(content, ensure_ascii=False).encode()
    if len(whole) > MAX_CONTENT_BYTES:
        raise CarriedError("待发送的内容太多，装不进一个文件。", "Too much waits to be sent for one file.")
    writer = SealedWriter(target, passphrase, {"format": FORMAT, "username": phone.username})
    writer.write(len(whole).to_bytes(LENGTH_BYTES, "big") + whole)
    for photo in photos:
        with phone.photos.path_of(photo).open("rb") as file:
            while piece := file.read(CHUNK_BYTES):
                writer.write(piece)
    writer.close()
    return Sealed(len(waiting), len(photos), sum(photo.size for photo in photos))


def open_sealed(source: BinaryIO, passphrase: str) -> Carried:
    """Return what a sealed file holds; the photos are left in it. Raises CarriedError.

    That is for a wrong passphrase, and for a file that is another, was changed or lacks a part of the changes.
    """
    try:
        reader = SealedReader(source, passphrase, FORMAT)
        length = int.from_bytes(reader.read(LENGTH_BYTES), "big")
        content = json.loads(reader.read(length) if length <= MAX_CONTENT_BYTES else b"")
    except WrongPassphraseError:
        raise CarriedError("口令不对，或文件被改动过。", "A wrong passphrase, or the file was changed.") from None
    except ValueError:
        raise CarriedError("不是随行发件箱文件，或已损坏。", "Not a carried outbox, or damaged.") from None
    photos = tuple(CarriedPhoto(**photo) for photo in content["photos"])
    return Carried(content["username"], content["device_id"], tuple(content["changes"]), photos, reader)


def unpack(carried: Carried, path: Path, base_url: str) -> Phone:
    """Return an outbox of its own at `path` that holds what was carried, as its author's and their device's.

    Nobody but the author can sign in to it, so that no change goes out under another name. Of a file that was cut off
    in transport the changes are taken all the same, and the photos that are whole; `missing_photos` says what is not.
    Raises OtherAccountError where the file at `path` is another person's already, StoreFullError.
    """
    phone = Phone(path, base_url, device_id=carried.device_id)
    try:
        phone.claim(carried.username)
        for change in carried.changes:
            phone.keep([json.loads(change["item"])], schema_version=change["schema_version"])
        with suppress(NotSealedError):
            for photo in carried.photos:
                _take_photo(phone, carried, photo)
    except BaseException:
        phone.close()
        raise
    return phone


def missing_photos(carried: Carried, phone: Phone) -> list[CarriedPhoto]:
    """Return the photos that the unpacked outbox does not have whole; they are still on their author's phone."""
    held = {photo.sha256 for photo in phone.photos.all()}
    return [photo for photo in carried.photos if photo.sha256 not in held]


def _take_photo(phone: Phone, carried: Carried, photo: CarriedPhoto) -> None:
    pieces = carried.pieces(photo)
    try:
        phone.photos.take_in(pieces, photo.file_name, photo.county_code, photo.captured_at, photo.sha256)
    except NotSealedError:
        raise
    except ValueError:
        # Broken on its author's phone already: the next one begins where it ends.
        for _ in pieces:
            pass
