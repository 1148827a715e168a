"""Whatever is changed behind the ledger's back is found and named, down to a byte of a column."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.jobs.checkpoints import issue_checkpoint
from backend.verify.anchors import anchor_faults, kept_keys, read_anchors, states
from backend.verify.chain import READ_HEAD
from backend.verify.faults import WORDS
from backend.verify.ledgers import county_report
from schemas.marks import MODULUS
from schemas.receipts import SignatureState
from schemas.tables import metadata
from sync.ledger import READ_ENTRIES, Head, Header, chained, entry_rows
from sync.recompute import differing_marks
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.receipts import document_of
from tests.support.reports import amend, farm, film, film_statement, square, withdraw
from tests.support.soundness import checks_of, verified

pytestmark = pytest.mark.anyio


async def history(worker: Caller, county: Caller) -> dict[str, dict[str, Any]]:
    """File a small history: positions 1 to 8; every table has a row of it."""
    homestead = farm(name="甲户", phone="13800000001", geometry=square())
    report, other = film(homestead["record_id"]), film(homestead["record_id"], period="2024")
    await worker.apply(homestead, report, other)
    renamed = amend(homestead, {"/name": "乙户", "/geometry": square(side=0.001)}, datum="cgcs2000")
    more = amend(report, {"/mulch_used_kg": "120"})
    await worker.apply(renamed, more, withdraw(other))
    await worker.apply(amend(more, {"/mulch_recovered_gross_kg": "91.5"}))
    await worker.outcomes(farm(entity_kind="castle"), amend(renamed, {"/name": "乙户"}))
    await county.apply(film_statement())
    return {"farm": homestead, "report": report, "other": other}


async def damage(engine: AsyncEngine, statement: str, **values: Any) -> None:
    """Change something as whoever owns the database can, without a constraint in the way."""
    async with engine.begin() as connection:
        assert (await connection.execute(text(statement), values)).rowcount == 1, statement


async def test_a_ledger_that_nobody_touched_is_sound(offices: Offices, worker: Caller, county: Caller) -> None:
    await history(worker, county)
    report = await verified(offices.app.state.service)
    assert report.named == []
    assert (report.faults, report.entries, report.records, report.changes) == (0, 8, 4, 10)


UNCOMMITTED = {
    "change": {"schema_version", "received_at", "waits_for", "held_until", "settled_position", "forgotten_at"},
    "record": {"warnings"},
}
"""What nothing commits to: when and in which form version a change came, and the texts of warnings, whose presence the
deltas tell. `settled_position` and what a change waits for are those of held changes."""

FLIPPED: dict[str, str] = {
    "uuid": "cast(overlay(cast({column} AS text) PLACING 'fffe' FROM 25 FOR 4) AS uuid)",
    "bytea": "set_byte({column}, 0, get_byte({column}, 0) # 1)",
    "integer": "{column} + 1",
    "bigint": "{column} + 1000",
    "numeric": "{column} + 0.0001",
    "timestamp with time zone": "{column} - interval '1 microsecond'",
    "text": "overlay({column} PLACING '9' FROM length({column}))",
    "character varying": "overlay({column} PLACING '9' FROM length({column}))",
    "USER-DEFINED": "ST_Translate({column}, 0.0000001, 0)",
}

SPECIAL: dict[tuple[str, str], str] = {
    ("ledger_entry", "kind"): "'farm'",
    ("ledger_entry", "action"): "'create'",
    ("ledger_entry", "deltas"): """jsonb_set(deltas, '{0,3}', '"20.5"')""",
    ("record", "kind"): "'farm'",
    ("record", "status"): "'accepted'",
    ("record", "indicator"): "'pesticide_reduction'",
    ("record", "level"): "'county'",
    ("record", "project_id"): "'P1'",
    ("record", "payload"): """jsonb_set(payload, '{mulch_used_kg}', '"121"')""",
    ("record", "quantities"): "quantities #- '{0}'",
    ("record", "warnings"): """'[{"code": "x"}]'""",
    ("record", "review"): """'{"decision": "accept", "reasons": [], "office": "x", "position": 7, "revision": 2}'""",
    ("record", "reviewed_revision"): "2",
    ("personal", "revision"): "9",
    ("personal", "key_id"): "'ffffffffffffffff'",
    ("record", "erased_position"): "7",
    ("change", "sealed"): "cast('x' AS bytea)",
    ("change", "sealed_key_id"): "'ffffffffffffffff'",
    ("change", "outcome"): "'merged'",
    ("change", "item"): """jsonb_set(item, '{captured_at}', '"2025-10-03T09:12:01+08:00"')""",
    ("change", "result"): "jsonb_set(result, '{revision}', '3')",
    ("change", "replaced"): """jsonb_set(replaced, '{/mulch_used_kg}', '"101"')""",
}

REPORT_ROW = "kind = 'report' AND period = '2025' AND level = 'farm'"
ROWS = {
    "ledger_entry": "position = 5",
    "record": REPORT_ROW,
    "change": "decided_position = 5",
    "personal": "revision = 1",
    "ledger_head": f"county_code = '{COUNTY}'",
}
OF_FARM = {"geom", "area_mu"}
"""Columns that only the farm has a value in."""


def columns(table: str) -> list[str]:
    return [one.name for one in metadata.tables[table].columns if one.name not in UNCOMMITTED.get(table, set())]


async def flip(connection: AsyncConnection, table: str, column: str) -> None:
    where = "kind = 'farm'" if column in OF_FARM else ROWS[table]
    types = await connection.execute(
        text("SELECT data_type FROM information_schema.columns WHERE table_name = :table AND column_name = :column"),
        {"table": table, "column": column},
    )
    value = SPECIAL.get((table, column)) or FLIPPED[types.scalar_one()].format(column=column)
    changed = await connection.execute(text(f"UPDATE {table} SET {column} = {value} WHERE {where}"))
    assert changed.rowcount == 1


async def drop_checks(connection: AsyncConnection) -> None:
    """Take the constraints away, as whoever owns the database can."""
    checks = await connection.execute(
        text("SELECT cast(conrelid AS regclass), conname FROM pg_constraint WHERE contype = 'c'"
             " AND conrelid IN ('ledger_entry'::regclass, 'record'::regclass, 'change'::regclass)")
    )  # fmt: skip
    for table, name in checks.all():
        await connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))


POSITIONS = {"ledger_entry": 5, "record": 7, "change": 5, "personal": 1, "ledger_head": 8}
POSITIONS_OF: dict[tuple[str, str], int | None] = {
    ("ledger_head", "county_code"): None,  # the county has no ledger any more
    ("ledger_head", "position"): 9,  # the first entry that the head speaks of and that is not there
    ("record", "geom"): 4,
    ("record", "area_mu"): 4,
    ("change", "replaced"): 2,  # the revision that it leads back to
}


@pytest.mark.parametrize("table", list(ROWS))
async def test_one_byte_of_any_column_is_found_and_named(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine, table: str
) -> None:
    await history(worker, county)
    missed = {}
    for column in columns(table):
        async with owner_engine.connect() as connection:
            await drop_checks(connection)
            await flip(connection, table, column)
            report = await county_report(connection, COUNTY, checks_of(offices.app.state.service))
            await connection.rollback()
        expected = POSITIONS_OF.get((table, column), POSITIONS[table])
        if expected not in {fault.position for fault in report.named}:
            missed[column] = report.named
        assert all(fault.words[0] and fault.words[1] for fault in report.named)
    assert missed == {}


DELETED: dict[str, tuple[int | None, str]] = {
    "DELETE FROM ledger_entry WHERE position = 4": (4, "entry_missing"),
    "DELETE FROM ledger_entry WHERE position = 8": (8, "entry_missing"),
    "DELETE FROM record WHERE kind = 'farm'": (1, "entry_without_record"),
    "DELETE FROM change WHERE decided_position = 3": (3, "entry_without_change"),
    "DELETE FROM personal WHERE revision = 2": (4, "content_hash"),
    "UPDATE rollup_cell SET amount = amount + 0.000001 WHERE quantity = 'net_t' AND level = 'farm' AND period = '2025'":
        (None, "cell"),
    "UPDATE county_figure SET numerator = numerator + 0.000001 WHERE view = 'farm' AND period = '2025'":
        (None, "figure"),
    "DELETE FROM county_figure WHERE view = 'statement' AND period = '2025'": (None, "figure"),
}  # fmt: skip


async def test_what_was_deleted_or_added_to_is_named_where_it_stood(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    await history(worker, county)
    found = {}
    for statement in DELETED:
        async with owner_engine.connect() as connection:
            assert (await connection.execute(text(statement))).rowcount == 1, statement
            first = (await county_report(connection, COUNTY, checks_of(offices.app.state.service))).first
            await connection.rollback()
        found[statement] = (first.position, first.code) if first is not None else None
    assert found == DELETED


async def test_two_entries_that_changed_places_are_found(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    await history(worker, county)
    async with owner_engine.begin() as connection:
        for before, after in ((3, 9_003), (4, 3), (9_003, 4)):
            await connection.execute(
                text("UPDATE ledger_entry SET position = :after WHERE position = :before"),
                {"before": before, "after": after},
            )
    first = (await verified(offices.app.state.service)).first
    assert first is not None
    assert (first.position, first.code) == (3, "entry_hash")


async def test_a_record_that_no_entry_knows_is_found(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    await history(worker, county)
    await damage(
        owner_engine,
        """INSERT INTO record SELECT (jsonb_populate_record(record, jsonb_build_object(
               'id', '01928f3c-0000-7000-8000-00000000abcd', 'position', 99))).* FROM record WHERE kind = 'farm'""",
    )
    first, *marks = (await verified(offices.app.state.service)).named
    assert (first.code, first.position) == ("record_without_entry", 99)
    assert {fault.code for fault in marks} == {"mark"}


async def test_the_first_of_very_many_faults_is_named_and_all_are_counted(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    farms = [farm() for _ in range(150)]
    await worker.apply(*farms)
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE record SET township_code = '430623199' WHERE position > 2"))
    report = await verified(offices.app.state.service)
    assert report.faults == 150, "148 records, and the marks of the two townships"
    assert [fault.position for fault in report.named] == list(range(3, 53))


async def rewrite(engine: AsyncEngine) -> None:
    """Rewrite the whole chain consistently: another time for everything, every hash and the head made anew."""
    async with engine.begin() as connection:
        rows = (await connection.execute(text(READ_ENTRIES), {"county_code": COUNTY})).all()
        head = Head(0, bytes(32), rows[0].recorded_at)
        headers = [
            Header(COUNTY, str(row.record_id), row.kind, row.revision, row.action, str(row.change_id), str(row.actor),
                   str(row.device_id), bytes(row.payload_hash), tuple(tuple(delta) for delta in row.deltas))
            for row in rows
        ]  # fmt: skip
        entries = chained(head, headers, max(row.recorded_at for row in rows))
        for entry, said in zip(entries, entry_rows(entries), strict=True):
            await connection.execute(
                text("""UPDATE ledger_entry SET recorded_at = :recorded_at, entry_hash = decode(:entry_hash, 'hex')
                        WHERE county_code = '430623' AND position = :position"""),
                {"recorded_at": entry.recorded_at, "entry_hash": said["entry_hash"], "position": entry.position},
            )
        last = entries[-1]
        await connection.execute(
            text("UPDATE record SET recorded_at = :moment, submitted_at = :moment"), {"moment": last.recorded_at}
        )
        await connection.execute(text(
            "UPDATE record SET mark = substr(entry_hash, 1, 8) FROM ledger_entry AS entry"
            " WHERE entry.county_code = record.county_code AND entry.position = record.position"
        ))  # fmt: skip
        for mark in await differing_marks(connection, [COUNTY]):
            await connection.execute(
                text("UPDATE township_mark SET checksum = :sum WHERE township_code = :township"),
                {"sum": mark.recomputed, "township": mark.township_code},
            )
        await connection.execute(
            text("UPDATE ledger_head SET entry_hash = :hash, recorded_at = :moment WHERE county_code = '430623'"),
            {"hash": last.entry_hash, "moment": last.recorded_at},
        )
        [kept] = await connection.execute(text(READ_HEAD), {"county_code": COUNTY})
        assert bytes(kept.entry_hash) == last.entry_hash


async def test_a_chain_rewritten_as_a_whole_is_found_by_a_checkpoint_and_by_a_receipt(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    await history(worker, county)
    last = farm()
    answer = (await worker.push(last)).json()
    receipt = tmp_path / "receipt.json"
    receipt.write_bytes(orjson.dumps(document_of(answer, [last])))
    service = offices.app.state.service
    checkpoint = await issue_checkpoint(service.engine, service.signer, tmp_path)
    assert (await verified(offices.app.state.service, receipt, checkpoint)).named == []
    await rewrite(owner_engine)
    assert (await verified(offices.app.state.service)).named == []
    for anchor in (receipt, checkpoint):
        report = await verified(offices.app.state.service, anchor)
        assert [(fault.code, fault.position) for fault in report.named] == [("anchor_head", 9)]


async def test_a_ledger_cut_back_to_an_earlier_backup_is_found_by_a_receipt(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    await worker.apply(farm())
    last = farm()
    answer = (await worker.push(last)).json()
    path = tmp_path / "receipt.json"
    path.write_bytes(orjson.dumps([document_of(answer, [last])]))
    async with owner_engine.begin() as connection:
        marks = text("SELECT records, checksum FROM township_mark")
        records, checksum = (await connection.execute(marks)).one()
        [mark] = await connection.scalars(text("SELECT encode(mark, 'hex') FROM record WHERE position = 2"))
        for table, column in (("ledger_entry", "position"), ("record", "position"), ("change", "decided_position")):
            await connection.execute(text(f"DELETE FROM {table} WHERE {column} = 2"))
        await connection.execute(text("DELETE FROM personal WHERE record_id = :id"), {"id": last["record_id"]})
        # As an integer: the remainder of a negative Decimal is negative.
        before = (int(checksum) - int(mark, 16)) % MODULUS
        await connection.execute(
            text("UPDATE township_mark SET records = :records, checksum = :checksum"),
            {"records": records - 1, "checksum": before},
        )
        await connection.execute(
            text("""UPDATE ledger_head SET position = 1, entry_hash = entry.entry_hash, recorded_at = entry.recorded_at
                    FROM ledger_entry AS entry WHERE entry.county_code = ledger_head.county_code""")
        )
    assert (await verified(offices.app.state.service)).named == []
    named = (await verified(offices.app.state.service, path)).named
    assert {(fault.code, fault.position) for fault in named} == {("anchor_head", 2), ("anchor_item", 2)}


async def test_a_receipt_finds_another_change_in_its_place(
    worker: Caller, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    homestead = farm()
    path = tmp_path / "receipt.json"
    path.write_bytes(orjson.dumps(document_of((await worker.push(homestead)).json(), [homestead])))
    [anchor] = read_anchors(path)

    async def codes(damage: str) -> list[str]:
        async with owner_engine.connect() as connection:
            await connection.execute(text(f"UPDATE change SET {damage}"))
            assert states([anchor], await kept_keys(connection)) == [SignatureState.HOLDS]
            found = [fault.code async for fault in anchor_faults(connection, anchor)]
            await connection.rollback()
        return found

    assert await codes("outcome = outcome") == []
    for damage in (
        "item_hash = decode(repeat('00', 32), 'hex')",
        "account = cast('01928f3c-0000-7000-8000-00000000abcd' AS uuid)",
        "outcome = 'merged'",
        "decided_position = 2",
    ):
        assert await codes(damage) == ["anchor_item"], damage


def test_every_fault_has_words_in_both_languages() -> None:
    assert all(zh and en and zh != en for zh, en in WORDS.values())
