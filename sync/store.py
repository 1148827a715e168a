"""What a push writes into a county: every table its part, all of it in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import shapely

from schemas.decimals import plain, plain_or_none
from schemas.tables.columns import CGCS2000_SRID
from sync.batch import Batch, stored_outcome
from sync.cells import ADD_TO_CELLS
from sync.decision import Decision
from sync.figures import UPSERT_FIGURES, Figure, figure_rows
from sync.ledger import INSERT_ENTRIES, MOVE_HEAD, Entry, Head, entry_rows, head_after, timestamp
from sync.marks import ADD_TO_MARKS, INSERT_EXITS, MarkDeltas
from sync.personal import Sealed, Vault
from sync.records import RecordState
from sync.sealing import ERASED_HASH, ChangeText, form_of, form_of_item, seal_change, split
from sync.statement import Connection, Statement, as_json

UPSERT_CHANGES = """
    INSERT INTO change (county_code, change_id, record_id, account, device_id, item_hash, item, schema_version,
                        received_at, outcome, result, replaced, decided_position, waits_for, held_until,
                        settled_position, sealed, sealed_key_id)
    SELECT cast(:county_code AS text), c.change_id, c.record_id, c.account, c.device_id,
           decode(c.item_hash, 'hex'), c.item, c.schema_version, cast(:received_at AS timestamptz), c.outcome,
           c.result, c.replaced, c.decided_position, c.waits_for,
           CASE WHEN c.waits_for IS NOT NULL AND c.result ->> 'reason' <> 'year_locked'
               THEN cast(:held_until AS timestamptz) END,
           c.settled_position, decode(c.sealed, 'hex'), c.sealed_key_id
    FROM jsonb_to_recordset(cast(:changes AS jsonb)) AS c (
        change_id uuid, record_id uuid, account uuid, device_id uuid, item_hash text, item jsonb, schema_version int,
        outcome text, result jsonb, replaced jsonb, decided_position bigint, waits_for uuid, settled_position bigint,
        sealed text, sealed_key_id text)
    ON CONFLICT (county_code, change_id) DO UPDATE SET
        outcome = excluded.outcome, result = excluded.result, replaced = excluded.replaced,
        decided_position = excluded.decided_position, schema_version = excluded.schema_version,
        device_id = excluded.device_id, waits_for = excluded.waits_for,
        held_until = CASE WHEN excluded.held_until IS NOT NULL
            THEN coalesce(change.held_until, excluded.held_until) END,
        settled_position = excluded.settled_position, item = excluded.item, item_hash = excluded.item_hash,
        sealed = excluded.sealed, sealed_key_id = excluded.sealed_key_id
"""
"""A change that is sent again while it waits does not wait longer for it. What a filing locks out has no deadline."""

UPSERT_RECORDS = """
    INSERT INTO record (county_code, id, kind, status, revision, position, township_code, farm_id, indicator, level,
                        period, project_id, payload, quantities, warnings, geom, area_mu, payload_hash,
                        mark, last_change_id, account, recorded_at, submitted_at, review, reviewed_revision)
    SELECT cast(:county_code AS text), r.id, r.kind, r.status, r.revision, r.position, r.township_code, r.farm_id,
           r.indicator, r.level, r.period, r.project_id, r.payload, r.quantities, r.warnings,
           cast(r.geom AS geometry), r.area_mu, decode(r.payload_hash, 'hex'), decode(r.mark, 'hex'), r.last_change_id,
           r.account, cast(:recorded_at AS timestamptz), r.submitted_at, r.review, r.reviewed_revision
    FROM jsonb_to_recordset(cast(:records AS jsonb)) AS r (
        id uuid, kind text, status text, revision int, position bigint, township_code text, farm_id uuid,
        indicator text, level text, period text, project_id text, payload jsonb, quantities jsonb, warnings jsonb,
        geom text, area_mu numeric, payload_hash text, mark text, last_change_id uuid, account uuid,
        submitted_at timestamptz, review jsonb, reviewed_revision int)
    ON CONFLICT (county_code, id) DO UPDATE SET
        status = excluded.status, revision = excluded.revision, position = excluded.position,
        township_code = excluded.township_code, payload = excluded.payload, quantities = excluded.quantities,
        warnings = excluded.warnings, geom = excluded.geom, area_mu = excluded.area_mu,
        payload_hash = excluded.payload_hash, mark = excluded.mark, last_change_id = excluded.last_change_id,
        recorded_at = excluded.recorded_at, submitted_at = excluded.submitted_at, review = excluded.review,
        reviewed_revision = excluded.reviewed_revision
"""

INSERT_PERSONAL = """
    INSERT INTO personal (county_code, record_id, revision, salt, ciphertext, key_id)
    SELECT cast(:county_code AS text), p.record_id, p.revision, decode(p.salt, 'hex'), decode(p.ciphertext, 'hex'),
           p.key_id
    FROM jsonb_to_recordset(cast(:personal AS jsonb)) AS p (
        record_id uuid, revision int, salt text, ciphertext text, key_id text)
"""


FORGET_ATTACHMENTS = """
    DELETE FROM record_attachment AS known
    USING jsonb_to_recordset(cast(:attachments AS jsonb)) AS named (record_id uuid, files jsonb)
    WHERE known.county_code = cast(:county_code AS text) AND known.record_id = named.record_id
      AND NOT named.files ? encode(known.sha256, 'hex')
"""

INSERT_ATTACHMENTS = """
    INSERT INTO record_attachment (county_code, record_id, sha256)
    SELECT cast(:county_code AS text), named.record_id, decode(file, 'hex')
    FROM jsonb_to_recordset(cast(:attachments AS jsonb)) AS named (record_id uuid, files jsonb)
    CROSS JOIN LATERAL jsonb_array_elements_text(named.files) AS file
    ON CONFLICT DO NOTHING
"""

WRITE_PUSH = Statement.of(f"""
    WITH entries AS ({INSERT_ENTRIES}),
         head AS ({MOVE_HEAD}),
         records AS ({UPSERT_RECORDS}),
         personal_parts AS ({INSERT_PERSONAL}),
         cells AS ({ADD_TO_CELLS}),
         figures AS ({UPSERT_FIGURES}),
         marks AS ({ADD_TO_MARKS}),
         exits AS ({INSERT_EXITS}),
         forgotten_attachments AS ({FORGET_ATTACHMENTS}),
         attachments AS ({INSERT_ATTACHMENTS})
    {UPSERT_CHANGES}
""")
"""All that a push writes into a county, in one statement; every part of it has its own table."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the changes were received, and until when those of them wait that lack a base or a farm."""

    received_at: datetime
    held_until: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """What one push leaves in a county. `decisions` are those whose outcome has to be stored."""

    head: Head
    entries: Sequence[Entry]
    batch: Batch
    marks: MarkDeltas
    figures: Sequence[Figure]
    coefficient_version: int
    decisions: Sequence[Decision]
    vault: Vault


async def write_push(connection: Connection, county_code: str, written: Written, arrival: Arrival) -> None:
    """Write all of it; the head must be locked by this transaction."""
    head = head_after(written.head, written.entries)
    await WRITE_PUSH.rows(
        connection,
        county_code=county_code,
        entries=as_json(entry_rows(written.entries)),
        position=head.position,
        entry_hash=head.entry_hash,
        head_recorded_at=head.recorded_at,
        records=as_json(_record_rows(written.batch.records.values(), written.marks, timestamp(head.recorded_at))),
        recorded_at=head.recorded_at,
        personal=as_json(_personal_rows(written.batch.sealed)),
        cells=as_json(written.batch.cells.rows()),
        figures=as_json(figure_rows(written.figures)),
        coefficient_version=written.coefficient_version,
        marks=as_json(written.marks.rows()),
        exits=as_json(written.marks.exits),
        attachments=as_json(_attachment_rows(written.batch.records.values())),
        changes=as_json(_change_row(one, county_code, written.vault) for one in written.decisions),
        received_at=arrival.received_at,
        held_until=arrival.held_until,
    )


def _change_row(one: Decision, county_code: str, vault: Vault) -> dict[str, Any]:
    """Return a change as it is kept: what names a person sealed, or gone where its record was erased."""
    item = one.decoded.item
    whole = ChangeText(one.decoded.raw, one.replaced or {}, stored_outcome(one.answer))
    is_erased = one.is_of_erased or one.decoded.item_hash == ERASED_HASH
    content = one.decoded.content or (one.before.content if one.before is not None else None)
    form = form_of_item(one.decoded.raw) if content is None else form_of(item.kind, content.indicator, content.level)
    clear, hidden = split(whole, form, one.answer.outcome, is_checked=one.decoded.content is not None)
    sealed = seal_change(vault, hidden, county_code, item.change_id) if hidden and not is_erased else None
    return {
        "change_id": item.change_id,
        "record_id": item.record_id,
        "account": one.writer.account,
        "device_id": one.writer.device_id,
        "item_hash": (ERASED_HASH if is_erased else one.decoded.item_hash).hex(),
        "item": clear.item,
        "schema_version": one.decoded.schema_version,
        "outcome": one.answer.outcome,
        "result": clear.result,
        "replaced": clear.replaced,
        "decided_position": one.answer.position,
        "waits_for": one.waits_for,
        "settled_position": one.settled_position,
        "sealed": None if sealed is None else sealed.ciphertext.hex(),
        "sealed_key_id": None if sealed is None else sealed.key_id,
    }


def _record_rows(records: Iterable[RecordState], marks: MarkDeltas, recorded_at: str) -> list[dict[str, Any]]:
    return [
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
            "area_mu": plain_or_none(record.content.area_mu),
            "payload_hash": record.payload_hash.hex(),
            "mark": marks.mark_of(record),
            "last_change_id": record.last_change_id,
            "account": record.account,
            "submitted_at": record.submitted_at or recorded_at,
            "review": None if record.review is None else {"decided_at": recorded_at, **record.review},
            "reviewed_revision": record.reviewed_revision,
        }
        for record in records
    ]


def _personal_rows(sealed: Iterable[tuple[RecordState, Sealed]]) -> list[dict[str, Any]]:
    return [
        {
            "record_id": record.id,
            "revision": record.revision,
            "salt": one.salt.hex(),
            "ciphertext": one.ciphertext.hex(),
            "key_id": one.key_id,
        }
        for record, one in sealed
    ]


def _attachment_rows(records: Iterable[RecordState]) -> list[dict[str, Any]]:
    """Return the files that each record names now; an amended one that names none may have named some before."""
    named = ((record, record.content.personal.get("attachments", ())) for record in records)
    return [
        {"record_id": record.id, "files": [one["sha256"] for one in files]}
        for record, files in named
        if files or record.revision > 1
    ]


def _ewkb_hex(geometry: dict[str, Any] | None) -> str | None:
    """Return a stored GeoJSON geometry (CGCS2000) as hex EWKB for the spatial column."""
    if geometry is None:
        return None
    shape = shapely.from_geojson(orjson.dumps(geometry))
    return str(shapely.to_wkb(shapely.set_srid(shape, CGCS2000_SRID), hex=True, include_srid=True))
