"""What is held on the person behind a record: every value, where it stands, since when, who saw or changed it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.farms import Farm
from schemas.indicators.translation import labels_at
from schemas.personal_data import HeldOnPerson, HeldRecord, HeldStep, HeldValue
from sync.leaves import flatten, unescape
from sync.personal import Sealed, Vault
from sync.sealing import form_of

NOTE_ZH = "本县账本中保存的、与该主体有关的全部个人信息，以及查阅、修改情况。其他县的账本须另行查询。"
NOTE_EN = (
    "All personal data that the ledger of this county keeps on this farm, and who read or changed them. The ledgers of "
    "other counties are asked by themselves."
)

READ_RECORDS = """
    SELECT cast(id AS text) AS id, kind, status, revision, township_code, indicator, level, payload, erased_position,
           EXISTS (SELECT FROM record AS plot WHERE plot.county_code = record.county_code AND plot.id = record.id
                   AND plot.geom IS NOT NULL) AS has_plot
    FROM record
    WHERE county_code = :county_code AND (id = cast(:record_id AS uuid) OR farm_id = cast(:record_id AS uuid))
    ORDER BY (id = cast(:record_id AS uuid)) DESC, id
"""

READ_PARTS = """
    SELECT cast(part.record_id AS text) AS record_id, part.revision, part.salt, part.ciphertext, part.key_id,
           (SELECT min(entry.recorded_at) FROM ledger_entry AS entry
            WHERE entry.county_code = part.county_code AND entry.record_id = part.record_id
              AND entry.revision = part.revision AND entry.action <> 'decide') AS since
    FROM personal AS part
    WHERE part.county_code = :county_code AND part.record_id = ANY(cast(:ids AS uuid[]))
    ORDER BY part.record_id, part.revision DESC
"""

READ_COPIES = """
    SELECT cast(record_id AS text) AS record_id, count(*) AS n FROM change
    WHERE county_code = :county_code AND record_id = ANY(cast(:ids AS uuid[])) AND sealed IS NOT NULL
    GROUP BY record_id
"""

READ_FILES = """
    SELECT cast(record_id AS text) AS record_id, encode(sha256, 'hex') AS sha256 FROM record_attachment
    WHERE county_code = :county_code AND record_id = ANY(cast(:ids AS uuid[])) ORDER BY sha256
"""

READ_STEPS = """
    SELECT cast(entry.record_id AS text) AS record_id, entry.recorded_at AS at, entry.action AS act,
           account.display_name AS by, cast(entry.device_id AS text) AS device_id, entry.position
    FROM ledger_entry AS entry LEFT JOIN account ON account.id = entry.actor
    WHERE entry.county_code = :county_code AND entry.record_id = ANY(cast(:ids AS uuid[]))
    UNION ALL
    SELECT audit.account_name, audit.at, audit.act, audit.actor_name, NULL, NULL FROM audit
    WHERE audit.region_code = :county_code AND audit.account_id IS NULL
      AND audit.account_name = ANY(cast(:ids AS text[]))
    ORDER BY at, position
"""

READ_FARMS = """
    SELECT cast(record.id AS text) AS id, record.revision, part.salt, part.ciphertext, part.key_id
    FROM record JOIN personal AS part
      ON part.county_code = record.county_code AND part.record_id = record.id AND part.revision = record.revision
    WHERE record.county_code = :county_code AND record.kind = 'farm'
"""


async def held_on(connection: AsyncConnection, county_code: str, record_id: str, vault: Vault) -> HeldOnPerson | None:
    """Return what is held on a farm, its reports with it, or on one report; None for a record that is not there."""
    place = {"county_code": county_code, "record_id": record_id}
    rows = (await connection.execute(text(READ_RECORDS), place)).all()
    if not rows or rows[0].id != record_id:
        return None
    asked = {"county_code": county_code, "ids": [row.id for row in rows]}
    parts = (await connection.execute(text(READ_PARTS), asked)).all()
    copies = {row.record_id: row.n for row in await connection.execute(text(READ_COPIES), asked)}
    files = (await connection.execute(text(READ_FILES), asked)).all()
    steps = (await connection.execute(text(READ_STEPS), asked)).all()
    return HeldOnPerson(
        county_code=county_code,
        record_id=record_id,
        made_at=datetime.now(UTC),
        note_zh=NOTE_ZH,
        note_en=NOTE_EN,
        records=[
            HeldRecord(
                record_id=row.id,
                kind=row.kind,
                status=row.status,
                revision=row.revision,
                township_code=row.township_code,
                erased_position=row.erased_position,
                public=row.payload,
                values=[one for part in parts if part.record_id == row.id for one in _values(row, part, vault, place)],
                copies={"change": copies.get(row.id, 0), "record.geom": int(row.has_plot)},
                files=[one.sha256 for one in files if one.record_id == row.id],
                history=[
                    HeldStep(at=one.at, act=one.act, by=one.by, device_id=one.device_id)
                    for one in steps
                    if one.record_id == row.id
                ],
            )
            for row in rows
        ],
    )


async def farms_with_phone(connection: AsyncConnection, county_code: str, phone: str, vault: Vault) -> list[str]:
    """Return the farms of a county whose phone number has these digits; every one has to be opened for it."""
    wanted = _digits(phone)
    found = []
    async for row in await connection.stream(text(READ_FARMS), {"county_code": county_code}):
        personal = vault.open(Sealed(b"", bytes(row.ciphertext), row.key_id), county_code, row.id, row.revision)
        if wanted and _digits(str(personal.get("phone", ""))) == wanted:
            found.append(row.id)
    return found


def _values(row: Any, part: Any, vault: Vault, place: Mapping[str, str]) -> list[HeldValue]:
    sealed = Sealed(bytes(part.salt), bytes(part.ciphertext), part.key_id)
    personal = vault.open(sealed, place["county_code"], row.id, part.revision)
    form = form_of(row.kind, row.indicator, row.level) or Farm
    values = []
    for pointer, value in flatten(personal).items():
        zh, en = labels_at(form, tuple(unescape(token) for token in pointer.split("/")[1:]))
        values.append(
            HeldValue(
                field=pointer,
                label_zh=zh,
                label_en=en,
                value=value,
                revision=part.revision,
                since=part.since,
                is_current=part.revision == row.revision,
                where="personal",
            )
        )
    return values


def _digits(phone: str) -> str:
    return "".join(one for one in phone if one.isdigit())
