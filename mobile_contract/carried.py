"""A carried outbox: what is unsent on one phone, sealed in a file that a colleague's phone can take to a network.

Carrying is transport and nothing else: docs/decisions/0017. The file opens with a passphrase of its author into an
outbox of its own that stays its author's; it is sent under the author's sign-in or not at all.
"""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from mobile_contract.client import Phone
from mobile_contract.outbox import PENDING
from schemas.canonical import canonical_bytes

FORMAT = "qingtian-outbox-1"
SCRYPT = {"n": 1 << 15, "r": 8, "p": 1}
"""32 MB and some tenths of a second on a phone: a guessed passphrase costs as much."""
MIN_PASSPHRASE = 8
MAX_FILE_BYTES = 50_000_000


class CarriedError(Exception):
    """The file cannot be sealed or opened; `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file held once it was opened."""

    username: str
    device_id: str
    changes: tuple[Mapping[str, Any], ...]


def seal(phone: Phone, passphrase: str) -> bytes:
    """Return the phone's unsent changes as a sealed file. The phone keeps them: whichever way is first counts once.

    Raises CarriedError where the passphrase is too short, nobody has signed in, or nothing waits.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise CarriedError(
            f"口令至少 {MIN_PASSPHRASE} 个字符。", f"A passphrase has at least {MIN_PASSPHRASE} characters."
        )
    if phone.username is None:
        raise CarriedError("本机还没有账号，请先登录一次。", "This phone has no account yet; sign in once.")
    waiting = [change for change in phone.outbox.all() if change.state in PENDING]
    if not waiting:
        raise CarriedError("没有待发送的内容。", "Nothing waits to be sent.")
    content = {
        "username": phone.username,
        "device_id": phone.device_id,
        "changes": [{"schema_version": change.schema_version, "item": change.item} for change in waiting],
    }
    salt, nonce = os.urandom(16), os.urandom(12)
    head = {"format": FORMAT, "scrypt": SCRYPT, "salt": _text(salt), "nonce": _text(nonce), "username": phone.username}
    plain = json.dumps(content, ensure_ascii=False).encode()
    sealed = ChaCha20Poly1305(_key(passphrase, salt)).encrypt(nonce, plain, canonical_bytes(head))
    return json.dumps(head | {"sealed": _text(sealed)}, ensure_ascii=False).encode()


def open_sealed(file: bytes, passphrase: str) -> Carried:
    """Return what a sealed file holds. Raises CarriedError for a wrong passphrase or a changed file."""
    damaged = CarriedError("不是随行发件箱文件，或已损坏。", "Not a carried outbox, or damaged.")
    if len(file) > MAX_FILE_BYTES:
        raise damaged
    try:
        whole = json.loads(file)
        sealed = base64.b64decode(whole.pop("sealed"), validate=True)
        salt, nonce = (base64.b64decode(whole[name], validate=True) for name in ("salt", "nonce"))
        # Another cost than ours would let a file choose how long it keeps the opener busy.
        if whole["format"] != FORMAT or whole["scrypt"] != SCRYPT:
            raise damaged
        plain = ChaCha20Poly1305(_key(passphrase, salt)).decrypt(nonce, sealed, canonical_bytes(whole))
    except InvalidTag:
        raise CarriedError("口令不对，或文件被改动过。", "A wrong passphrase, or the file was changed.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged from None
    content = json.loads(plain)
    return Carried(content["username"], content["device_id"], tuple(content["changes"]))


def unpack(carried: Carried, path: Path, base_url: str) -> Phone:
    """Return an outbox of its own at `path` that holds the carried changes, as their author's and their device's.

    Nobody but the author can sign in to it, so that nothing goes out under another name. Raises OtherAccountError
    where the file at `path` is another person's already.
    """
    phone = Phone(path, base_url, device_id=carried.device_id)
    try:
        phone.claim(carried.username)
        for change in carried.changes:
            phone.keep([json.loads(change["item"])], schema_version=change["schema_version"])
    except BaseException:
        phone.close()
        raise
    return phone


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=SCRYPT["n"], r=SCRYPT["r"], p=SCRYPT["p"]).derive(passphrase.encode())


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
