"""The records and changes of a county in the database: loaded once before the decision, written once after it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import shapely
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.changes import ChangeOutcome
from schemas.decimals import plain
from schemas.problems import Problem
from schemas.tables.columns import CGCS2000_SRID
from schemas.vocabulary import Action, Indicator, Level, RecordKind, RecordStatus
from sync.content import Content
from sync.decision import Decision
from sync.decode import Decoded
from sync.personal import Sealed, Vault
from sync.records import CountyState, KnownChange, RecordState

READ_CHANGES = """
    SELECT change_id, record_id, account, item_hash, result, decided_position, replaced
    FROM change WHERE county_code = :county_code AND change_id = ANY(cast(:change_ids AS uuid[]))
"""

READ_LATER_CHANGES = """
    SELECT later.change_id, later.record_id, later.account, later.item_hash, later.result, later.decided_position,
           later.replaced
    FROM change AS base
    JOIN change AS later
      ON later.county_code = base.county_code AND later.record_id = base.record_id
     AND later.decided_position > base.decided_position
    WHERE base.county_code = :county_code AND base.change_id = ANY(cast(:base_ids AS uuid[]))
"""

READ_RECORDS = """
    SELECT record.id, record.kind, record.status, record.revision, record.position, record.township_code,
           record.farm_id, record.indicator, record.level, record.period, record.project_id, record.payload,
           record.quantities, record.warnings, record.area_mu, record.payload_hash, record.last_change_id,
           record.account,
           personal.salt, personal.ciphertext, personal.key_id
    FROM record LEFT JOIN personal
      ON personal.county_code = record.county_code AND personal.record_id = record.id
     AND personal.revision = record.revision
    WHERE record.county_code = :county_code AND record.id = ANY(cast(:record_ids AS uuid[]))
"""

READ_LIVE_REPORTS = """
    SELECT id, farm_id, indicator, period, project_id FROM record
    WHERE county_code = :county_code AND farm_id = ANY(cast(:farm_ids AS uuid[]))
      AND kind = 'report' AND level = 'farm' AND status <> 'withdrawn'
    UNION
    SELECT id, farm_id, indicator, period, project_id FROM record
    WHERE county_code = ANY(:merged_codes) AND project_id = ANY(:project_ids) AND status <> 'withdrawn'
"""

UPSERT_CHANGES = """
    INSERT INTO change (county_code, change_id, record_id, account, device_id, item_hash, item, schema_version,
                        received_at, outcome, result, replaced, decided_position)
    SELECT :county_code, c.change_id, c.record_id, :account, :device_id, decode(c.item_hash, 'hex'), c.item,
           c.schema_version, :received_at, c.outcome, c.result, c.replaced, c.decided_position
    FROM jsonb_to_recordset(cast(:changes AS jsonb)) AS c (
        change_id uuid, record_id uuid, item_hash text, item jsonb, schema_version int, outcome text, result jsonb,
        replaced jsonb, decided_position bigint)
    ON CONFLICT (county_code, change_id) DO UPDATE SET
        outcome = excluded.outcome, result = excluded.result, replaced = excluded.replaced,
        decided_position = excluded.decided_position, schema_version = excluded.schema_version
"""

UPSERT_RECORDS = """
    INSERT INTO record (county_code, id, kind, status, revision, position, township_code, farm_id, indicator, level,
                        period, project_id, payload, quantities, warnings, geom, area_mu, payload_hash,
                        last_change_id, account, recorded_at)
    SELECT :county_code, r.id, r.kind, r.status, r.revision, r.position, r.township_code, r.farm_id, r.indicator,
           r.level, r.period, r.project_id, r.payload, r.quantities, r.warnings, cast(r.geom AS geometry), r.area_mu,
           decode(r.payload_hash, 'hex'), r.last_change_id, r.account, :recorded_at
    FROM jsonb_to_recordset(cast(:records AS jsonb)) AS r (
        id uuid, kind text, status text, revision int, position bigint, township_code text, farm_id uuid,
        indicator text, level text, period text, project_id text, payload jsonb, quantities jsonb, warnings jsonb,
        geom text, area_mu numeric, payload_hash text, last_change_id uuid, account uuid)
    ON CONFLICT (county_code, id) DO UPDATE SET
        status = excluded.status, revision = excluded.revision, position = excluded.position,
        township_code = excluded.township_code, payload = excluded.payload, quantities = excluded.quantities,
        warnings = excluded.warnings, geom = excluded.geom, area_mu = excluded.area_mu,
        payload_hash = excluded.payload_hash, last_change_id = excluded.last_change_id,
        recorded_at = excluded.recorded_at
"""

INSERT_PERSONAL = """
    INSERT INTO personal (county_code, record_id, revision, salt, ciphertext, key_id)
    SELECT :county_code, p.record_id, p.revision, decode(p.salt, 'hex'), decode(p.ciphertext, 'hex'), p.key_id
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS p (
        record_id uuid, revision int, salt text, ciphertext text, key_id text)
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose changes are stored, from which phone, received when."""

    account: str
    device_id: str
    received_at: datetime


async def load_county_state(
    connection: AsyncConnection,
    county_code: str,
    position: int,
    items: Sequence[Decoded],
    vault: Vault,
    merged_codes: Sequence[str],
) -> CountyState:
    """Return all that the decision on `items` needs, in four statements whatever their number.

    `merged_codes` are the ledgers of today's county, in all of which a project may have been reported.
    """
    state = CountyState(position)
    change_ids = {one.item.change_id for one in items}
    base_ids = {one.item.base_change_id for one in items if one.item.base_change_id}
    farm_ids = {one.content.farm_id for one in items if one.content is not None and one.content.farm_id}
    project_ids = {one.content.project_id for one in items if one.content is not None and one.content.project_id}
    withdrawn = {one.item.record_id for one in items if one.item.action is Action.WITHDRAW}
    record_ids = {one.item.record_id for one in items} | farm_ids
    scope = {"county_code": county_code}
    known = await connection.execute(text(READ_CHANGES), scope | {"change_ids": sorted(change_ids | base_ids)})
    later = await connection.execute(text(READ_LATER_CHANGES), scope | {"base_ids": sorted(base_ids)})
    for row in (*later, *known):
        state.changes[str(row.change_id)] = known_change(row)
    for row in await connection.execute(text(READ_RECORDS), scope | {"record_ids": sorted(record_ids)}):
        state.records[str(row.id)] = _record_state(row, county_code, vault)
    live = {"farm_ids": sorted(farm_ids | withdrawn), "merged_codes": merged_codes, "project_ids": sorted(project_ids)}
    for row in await connection.execute(text(READ_LIVE_REPORTS), scope | live):
        state.live_reports[str(row.farm_id), row.indicator, row.period] = str(row.id)
        if row.project_id is not None:
            state.live_projects[row.project_id] = str(row.id)
    return state


def known_change(row: Row[Any]) -> KnownChange:
    """Return a row of `change` as the decision sees it."""
    return KnownChange(
        change_id=str(row.change_id),
        record_id=str(row.record_id),
        account=str(row.account),
        item_hash=bytes(row.item_hash),
        answer=ChangeOutcome.model_validate(row.result),
        decided_position=row.decided_position,
        replaced=row.replaced,
    )


def _record_state(row: Row[Any], county_code: str, vault: Vault) -> RecordState:
    personal: dict[str, Any] = {}
    if row.ciphertext is not None:
        sealed = Sealed(bytes(row.salt), bytes(row.ciphertext), row.key_id)
        personal = vault.open(sealed, county_code, str(row.id), row.revision)
    content = Content(
        public=row.payload,
        personal=personal,
        township_code=row.township_code,
        farm_id=None if row.farm_id is None else str(row.farm_id),
        indicator=None if row.indicator is None else Indicator(row.indicator),
        level=None if row.level is None else Level(row.level),
        period=row.period,
        project_id=row.project_id,
        quantities={(subject, name): Decimal(amount) for subject, name, amount in row.quantities},
        area_mu=row.area_mu,
        warnings=tuple(Problem.model_validate(one) for one in row.warnings),
    )
    return RecordState(
        id=str(row.id),
        kind=RecordKind(row.kind),
        status=RecordStatus(row.status),
        revision=row.revision,
        position=row.position,
        last_change_id=str(row.last_change_id),
        account=str(row.account),
        content=content,
        payload_hash=bytes(row.payload_hash),
    )


async def store_changes(
    connection: AsyncConnection,
    county_code: str,
    decisions: Iterable[Decision],
    sender: Sender,
) -> None:
    """Store every newly decided item with its outcome, in one statement."""
    rows = [
        {
            "change_id": one.decoded.item.change_id,
            "record_id": one.decoded.item.record_id,
            "item_hash": one.decoded.item_hash.hex(),
            "item": one.decoded.raw,
            "schema_version": one.decoded.schema_version,
            "outcome": one.answer.outcome,
            "result": one.answer.model_dump(mode="json", exclude_defaults=True),
            "replaced": one.replaced or {},
            "decided_position": one.answer.position,
        }
        for one in decisions
    ]
    await connection.execute(
        text(UPSERT_CHANGES),
        {
            "county_code": county_code,
            "account": sender.account,
            "device_id": sender.device_id,
            "received_at": sender.received_at,
            "changes": orjson.dumps(rows).decode(),
        },
    )


async def store_records(
    connection: AsyncConnection, county_code: str, records: Iterable[RecordState], recorded_at: datetime
) -> None:
    """Store the final state of every record that this transaction changed, in one statement."""
    rows = [
        {
            "id": record.id,
            "kind": record.kind,
            "status": record.status,
            "revision": record.revision,
            "position": record.position,
            "township_code": record.content.township_code,
            "farm_id": record.content.farm_id,
            "indicator": record.content.indicator,
            "level": record.content.level,
            "period": record.content.period,
            "project_id": record.content.project_id,
            "payload": record.content.public,
            "quantities": [
                [subject, name, plain(amount)] for (subject, name), amount in sorted(record.content.quantities.items())
            ],
            "warnings": [one.model_dump() for one in record.content.warnings],
            "geom": _ewkb_hex(record.content.personal.get("geometry")),
            "area_mu": None if record.content.area_mu is None else plain(record.content.area_mu),
            "payload_hash": record.payload_hash.hex(),
            "last_change_id": record.last_change_id,
            "account": record.account,
        }
        for record in records
    ]
    await connection.execute(
        text(UPSERT_RECORDS),
        {"county_code": county_code, "records": orjson.dumps(rows).decode(), "recorded_at": recorded_at},
    )


async def store_personal(
    connection: AsyncConnection, county_code: str, sealed: Iterable[tuple[RecordState, Sealed]]
) -> None:
    """Store the sealed personal part of each new revision, in one statement."""
    rows = [
        {
            "record_id": record.id,
            "revision": record.revision,
            "salt": one.salt.hex(),
            "ciphertext": one.ciphertext.hex(),
            "key_id": one.key_id,
        }
        for record, one in sealed
    ]
    await connection.execute(text(INSERT_PERSONAL), {"county_code": county_code, "rows": orjson.dumps(rows).decode()})


def _ewkb_hex(geometry: dict[str, Any] | None) -> str | None:
    """Return a stored GeoJSON geometry (CGCS2000) as hex EWKB for the spatial column."""
    if geometry is None:
        return None
    shape = shapely.from_geojson(orjson.dumps(geometry))
    return str(shapely.to_wkb(shapely.set_srid(shape, CGCS2000_SRID), hex=True, include_srid=True))
