"""Send in again what could not be applied, once its cause is mended: by the same push, under whoever sent it."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import text

from backend.auth.accounts import access_of
from backend.metrics import count_outcomes
from backend.quarantine.listing import OF_COUNTY, regions_of
from backend.service import Service
from schemas.changes import MAX_ITEMS, ChangeOutcome, Push
from schemas.problems import Problem
from schemas.quarantine import ReplayOutcome
from schemas.vocabulary import Outcome
from sync.decision import NoRights, Writer
from sync.decode import PushRefused, decompressed, read_push
from sync.personal import Vault
from sync.push import push
from sync.quarantine import opened_body
from sync.sealing import ChangeText, joined, open_change

READ_BYTES = f"""
    SELECT kept.id, kept.account, kept.device_id, kept.schema_version, kept.body, kept.key_id, kept.received_at
    FROM quarantine AS kept
    WHERE kept.replayed_at IS NULL AND (cast(:id AS uuid) IS NULL OR kept.id = cast(:id AS uuid))
      AND (cast(:county_code AS text) IS NULL OR {OF_COUNTY})
    ORDER BY kept.received_at, kept.id
"""

READ_HELD = """
    SELECT change_id AS id, change_id, county_code, account, device_id, schema_version, item, sealed, sealed_key_id
    FROM change
    WHERE outcome = 'held' AND waits_for IS NULL AND (cast(:id AS uuid) IS NULL OR change_id = cast(:id AS uuid))
      AND (cast(:county_code AS text) IS NULL OR county_code = :county_code)
    ORDER BY received_at, change_id
"""

WRITE_REPLAY = """
    UPDATE quarantine SET replay = cast(:replay AS jsonb),
        replayed_at = CASE WHEN :is_taken THEN clock_timestamp() ELSE replayed_at END
    WHERE id = :id
"""

FIRST_VERSION = 1
"""The forms of what was kept before a version was kept with it."""

ENVELOPE_ONLY = frozenset({"changes", "device_id", "sent_at"})
"""What stands in the envelope of a push and in no item of one."""

KEPT = set(ReplayOutcome.model_fields)
"""What is kept of an outcome beside the bytes: nothing that a person answered."""

MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""How compressed bytes begin; they were kept as they came, without their header."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one thing: its outcomes, or why it still cannot be read."""

    id: str
    outcomes: tuple[ChangeOutcome, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_taken(self) -> bool:
        """Whether the ledger has all of it now, be it as changes that it refused or holds with a reason."""
        return bool(self.outcomes) and all(
            one.record_id is not None and (one.outcome is not Outcome.HELD or one.reason is not None)
            for one in self.outcomes
        )


async def replay_quarantine(
    service: Service, *, county_code: str | None = None, item_id: str | None = None
) -> list[Replayed]:
    """Send in again what lies in quarantine and say what became of it. Nothing is ever removed."""
    regions = regions_of(county_code, service.reference.tree) if county_code is not None else []
    values = {"county_code": county_code, "id": item_id, "regions": regions}
    async with service.engine.connect() as connection:
        kept = (await connection.execute(text(READ_BYTES), values)).all()
        held = (await connection.execute(text(READ_HELD), values)).all()
    done = [await _replay_bytes(row, service) for row in kept]
    for batch in _batches(held):
        done += await _replay_changes(batch, service)
    return done


async def _replay_bytes(row: Any, service: Service) -> Replayed:
    body = opened_body(service.vault, row)
    try:
        pushed = _push_of(row, decompressed(body, _encoding(body)))
    except PushRefused as refused:
        return Replayed(str(row.id), problems=(refused.problem, *refused.errors))
    outcomes = await _push_as(pushed, body, str(row.account), service)
    done = Replayed(str(row.id), tuple(outcomes))
    replay = orjson.dumps([one.model_dump(mode="json", include=KEPT) for one in outcomes]).decode()
    async with service.engine.begin() as connection:
        await connection.execute(text(WRITE_REPLAY), {"id": row.id, "replay": replay, "is_taken": done.is_taken})
    return done


async def _replay_changes(rows: Sequence[Any], service: Service) -> list[Replayed]:
    first, items = rows[0], [_whole_item(row, service.vault) for row in rows]
    pushed = _envelope(first, items, datetime.now(UTC))
    outcomes = await _push_as(pushed, orjson.dumps(items), str(first.account), service)
    return [Replayed(str(row.id), (outcome,)) for row, outcome in zip(rows, outcomes, strict=True)]


def _whole_item(row: Any, vault: Vault) -> Mapping[str, Any]:
    """Return a held change as it was sent."""
    hidden = open_change(vault, row._mapping, row.county_code)  # noqa: SLF001 - the row as a mapping
    return joined(ChangeText(row.item, {}, {}), hidden).item


async def _push_as(pushed: Push, body: bytes, account: str, service: Service) -> list[ChangeOutcome]:
    """Push under the account that sent it, with what it may do now."""
    access = await access_of(service.pool, account, service.reference)
    writer = Writer(account, pushed.device_id, access if access is not None else NoRights())
    outcomes = await push(pushed, body, writer, service.push_context, is_replay=True)
    count_outcomes(outcomes)
    return outcomes


def _push_of(row: Any, body: bytes) -> Push:
    """Return bytes as a push: they are one, or one item of one. Raises PushRefused."""
    try:
        parsed = json.loads(body)  # an item was kept as this parser read it, lone surrogates and all
    except (ValueError, RecursionError):
        return read_push(body)
    is_body = row.device_id is None or (isinstance(parsed, dict) and not ENVELOPE_ONLY.isdisjoint(parsed))
    return read_push(body) if is_body else _envelope(row, [parsed], row.received_at)


def _envelope(row: Any, items: Sequence[Any], sent_at: datetime) -> Push:
    return Push(
        device_id=str(row.device_id),
        schema_version=row.schema_version or FIRST_VERSION,
        sent_at=sent_at.isoformat(),
        changes=list(items),
    )


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Return runs of changes of one account, phone and version, in the order received, no larger than a push."""
    for _, run in itertools.groupby(rows, key=lambda row: (row.account, row.device_id, row.schema_version)):
        run_rows = list(run)
        for start in range(0, len(run_rows), MAX_ITEMS):
            yield run_rows[start : start + MAX_ITEMS]


def _encoding(body: bytes) -> str:
    return next((name for magic, name in MAGIC.items() if body.startswith(magic)), "")
