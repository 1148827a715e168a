"""The commit of a planned import: the same push as a phone's, in batches; whole batches survive whatever happens."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.imports.cells import FileRefused
from backend.imports.plan import Frame, Planned, record_id_of
from backend.metrics import count_outcomes
from schemas.changes import MAX_ITEMS, SCHEMA_VERSION, ChangeOutcome, Push
from schemas.identifiers import uuid7
from schemas.imports import ImportOutcome
from schemas.vocabulary import Action
from sync.decision import Writer
from sync.push import PushContext, push

LOCK_IMPORT = "SELECT pg_try_advisory_xact_lock(hashtextextended('import ' || :county_code, 0))"


@asynccontextmanager
async def one_import_at_a_time(engine: AsyncEngine, county_code: str) -> AsyncIterator[None]:
    """Hold the county for one import over all processes: two of one file would both find its farms missing.

    Raises FileRefused where another one is under way. Phones are not held up: the lock is not the ledger's.
    """
    async with engine.begin() as connection:
        if not (await connection.execute(text(LOCK_IMPORT), {"county_code": county_code})).scalar_one():
            raise FileRefused("import_busy")
        yield


async def commit(
    planned: Sequence[Planned], frame: Frame, sha256: str, writer: Writer, context: PushContext
) -> dict[int, ChangeOutcome]:
    """Push what is new or changed and return the ledger's outcome by index into `planned`."""
    indices = [index for index, one in enumerate(planned) if one.outcome in (ImportOutcome.NEW, ImportOutcome.CHANGED)]
    outcomes: dict[int, ChangeOutcome] = {}
    for start in range(0, len(indices), MAX_ITEMS):
        batch = indices[start : start + MAX_ITEMS]
        now = datetime.now(UTC)
        changes = [_change(planned[index], frame, sha256, now) for index in batch]
        body = Push(device_id=writer.device_id, schema_version=SCHEMA_VERSION, sent_at=now.isoformat(), changes=changes)
        answers = await push(body, orjson.dumps(changes), writer, context)
        count_outcomes(answers)
        outcomes |= dict(zip(batch, answers, strict=True))
    return outcomes


def new_id() -> str:
    """Return a fresh UUIDv7."""
    return uuid7(time.time_ns() // 1_000_000)


def _change(one: Planned, frame: Frame, sha256: str, now: datetime) -> dict[str, Any]:
    """Return the change of one record as a phone would send it; its reason names the file."""
    record_id = record_id_of(one.record, frame) if one.record or frame.layout.is_statement else new_id()
    change: dict[str, Any] = {
        "change_id": new_id(),
        "county_code": frame.county_code,
        "record_id": record_id,
        "kind": str(frame.layout.kind),
        "captured_at": now.isoformat(),
        "reason": f"import sha256:{sha256}",
    }
    if one.record is None:
        return change | {"action": str(Action.CREATE), "payload": one.payload}
    return change | {
        "action": str(Action.AMEND),
        "base_change_id": one.record.last_change_id,
        "set": one.changes,
    }
