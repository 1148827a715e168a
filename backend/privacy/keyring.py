"""The keys that personal data are sealed with: files of 32 random bytes, the newest seals, all of them open.

The first key of a deployment is derived from its master secret and needs no file; it stays in the ring until a rotation
has left nothing that it sealed.
"""

import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backend.keys import KeysError, load_keys
from backend.settings import Settings
from sync.personal import Vault, key_id_of

KEY_BYTES = 32
FOLDER = "personal"
DERIVED_RETIRED = "derived.retired"
"""An empty file: the key that follows from the master secret opens no more."""

_NAME = re.compile(r"([0-9]{4})-([0-9a-f]{16})\.key")


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key; `number` 0 is the one derived from the master secret."""

    number: int
    key: bytes
    made_at: datetime | None = None

    @property
    def key_id(self) -> str:
        """What rows that it sealed name it by."""
        return key_id_of(self.key)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a deployment: `home/keys/personal`, readable by the owner only."""

    folder: Path
    derived: bytes

    @classmethod
    def of(cls, settings: Settings) -> "KeyRing":
        """Return the ring of a deployment."""
        return cls(settings.home / "keys" / FOLDER, load_keys(settings).personal)

    def members(self) -> list[RingKey]:
        """Return the keys, the newest first. Raises KeysError for a file that is no key."""
        found = sorted((self._read(path) for path in self._files()), key=lambda one: -one.number)
        if not found or not (self.folder / DERIVED_RETIRED).exists():
            found.append(RingKey(0, self.derived))
        return found

    def material(self) -> list[bytes]:
        """Return the keys themselves, the newest first."""
        return [one.key for one in self.members()]

    def vault(self) -> Vault:
        """Return the vault of these keys; it looks again for a key that it does not know."""
        return Vault(self.material(), self.material)

    def add(self) -> RingKey:
        """Make a key, keep it, and return it: from now on it seals."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, key = self.members()[0].number + 1, secrets.token_bytes(KEY_BYTES)
        path = self.folder / f"{number:04d}-{key_id_of(key)}.key"
        unfinished = path.with_suffix(".new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key.hex())
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        return self._read(path)

    def retire(self, key: RingKey) -> None:
        """Forget a key that nothing is sealed with any more."""
        if key.number == 0:
            (self.folder / DERIVED_RETIRED).touch(mode=0o600)
        else:
            (self.folder / f"{key.number:04d}-{key.key_id}.key").unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return [path for path in self.folder.glob("*.key") if _NAME.fullmatch(path.name)]

    def _read(self, path: Path) -> RingKey:
        named = _NAME.fullmatch(path.name)
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (ValueError, OSError):
            key = b""
        if named is None or len(key) != KEY_BYTES or key_id_of(key) != named[2]:
            raise KeysError(
                f"个人信息密钥文件 {path} 不完整，请从备份恢复。\n"
                f"The key file {path} is not whole; bring it back from the backup."
            )
        return RingKey(int(named[1]), key, datetime.fromtimestamp(path.stat().st_mtime, UTC))
