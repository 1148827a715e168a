"""Issue checkpoints: every night by a job, at any time by a command. Each leaves the database as a file too."""

import os
import tempfile
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.period import CHINA_STANDARD_TIME
from schemas.receipts import Signer
from sync.checkpoints import keep_checkpoint, lock, lock_if_due, signed_heads


async def issue_checkpoint(engine: AsyncEngine, signer: Signer, home: Path) -> Path:
    """Issue a checkpoint now and return its file."""
    async with engine.begin() as connection:
        await lock(connection)
        document = await signed_heads(connection, signer)
        # The file first: a checkpoint in the table always has one, and a file alone is as good an anchor.
        path = write_checkpoint(home, document)
        await keep_checkpoint(connection, document)
    return path


async def issue_if_due(engine: AsyncEngine, signer: Signer, home: Path, at: time) -> Path | None:
    """Issue the checkpoint of the last night where there is none yet; several processes issue one together."""
    async with engine.begin() as connection:
        if not await lock_if_due(connection, datetime.now(UTC), at):
            return None
        document = await signed_heads(connection, signer)
        path = write_checkpoint(home, document)
        await keep_checkpoint(connection, document)
    return path


def write_checkpoint(home: Path, document: dict[str, Any]) -> Path:
    """Write a checkpoint whole or not at all, and to the disk; return its path.

    It is named by its day, China Standard Time; further ones of a day by their time too. None is ever overwritten.
    """
    folder = home / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    moment = datetime.fromisoformat(document["issued_at"]).astimezone(CHINA_STANDARD_TIME)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        path = _linked(part, folder, [f"{moment:%Y-%m-%d}", f"{moment:%Y-%m-%dT%H%M%S}", document["id"]])
    finally:
        part.unlink()
    _sync_folder(folder)
    return path


def _linked(part: Path, folder: Path, names: list[str]) -> Path:
    """Give a written file the first name that is free; a link, unlike a rename, replaces nothing."""
    for name in names:
        path = folder / f"{name}.json"
        try:
            path.hardlink_to(part)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(folder / f"{names[-1]}.json")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
