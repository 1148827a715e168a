"""What receiving files needs: connections, the places where bytes lie, the key for what files tell, and the limits."""

import asyncio
from dataclasses import dataclass, field

from asyncpg import Pool

from sync.attachments.store import Staging, Store
from sync.personal import Sealed, Vault

MAX_WHOLE = 3
"""How many whole files one process holds in memory at a time."""

BOUND_TO = "attachment"
"""Stands where a sealed part names its county: what a file tells belongs to the file."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be, and how long an upload may rest."""

    max_bytes: int
    ttl_s: int
    """How long an unfinished upload can be resumed after its last byte."""
    idle_s: float
    """How long one request may send nothing."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Shared by all uploads and downloads of one process."""

    pool: Pool
    staging: Staging
    store: Store
    vault: Vault
    limits: Limits
    whole: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_WHOLE))


def sealed_evidence(vault: Vault, sha256: bytes, evidence: dict[str, object] | None) -> dict[str, str] | None:
    """Return what a file tells of time and place as it is stored."""
    if evidence is None:
        return None
    sealed = vault.seal(evidence, BOUND_TO, sha256.hex(), 0)
    return {"salt": sealed.salt.hex(), "ciphertext": sealed.ciphertext.hex(), "key_id": sealed.key_id}


def opened_evidence(vault: Vault, sha256: bytes, stored: dict[str, str] | None) -> dict[str, object] | None:
    """Return what was sealed."""
    if stored is None:
        return None
    sealed = Sealed(bytes.fromhex(stored["salt"]), bytes.fromhex(stored["ciphertext"]), stored["key_id"])
    return vault.open(sealed, BOUND_TO, sha256.hex(), 0)
