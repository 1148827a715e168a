"""Erase what names and places a person: every copy, in one transaction, with an entry that tells the phones so.

The chain stays as it is: it commits to personal parts by salted hashes, of which the commitments are kept and the salts
are not. What is counted is not touched. Later changes to personal fields of the record are refused by `sync.amend`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from backend.auth.audit import Act, Actor, keep_act_on_record
from backend.privacy.traces import ERASED, destroy_files, destroy_quarantined, forget_change_texts, named_files
from backend.service import Service
from schemas.canonical import canonical_sha256
from schemas.identifiers import change_id_of, moment_of
from schemas.masking import without_texts
from schemas.personal_data import Erased, ErasureAsked
from schemas.vocabulary import EntryAction, RecordKind
from sync.batch import Batch
from sync.ledger import Header, chained, lock_head
from sync.marks import MarkDeltas
from sync.personal import Sealed, commitment, payload_hash
from sync.push import CONNECTION_TIMEOUT_S
from sync.records import RecordState
from sync.state import load_record
from sync.statement import Connection, Statement, as_json
from sync.store import Arrival, Written, write_push

MAX_REPORTS = 1_000

READ_REPORTS = Statement.of("""
    SELECT cast(id AS text) AS id FROM record
    WHERE county_code = :county_code AND farm_id = cast(:record_id AS uuid) AND kind = 'report'
    ORDER BY id LIMIT cast(:rows AS int)
""")

READ_PARTS = Statement.of("""
    SELECT revision, salt, ciphertext, key_id FROM personal
    WHERE county_code = :county_code AND record_id = cast(:record_id AS uuid) AND revision < cast(:revision AS int)
""")

KEEP_COMMITMENTS = Statement.of("""
    WITH gone AS (
        DELETE FROM personal
        WHERE county_code = cast(:county_code AS text) AND record_id = cast(:record_id AS uuid)
          AND revision < cast(:revision AS int)
    )
    INSERT INTO personal_erased (county_code, record_id, revision, commitment)
    SELECT cast(:county_code AS text), cast(:record_id AS uuid), part.revision, decode(part.commitment, 'hex')
    FROM jsonb_to_recordset(cast(:parts AS jsonb)) AS part (revision int, commitment text)
    ON CONFLICT DO NOTHING
""")

INSERT_CHANGE = Statement.of("""
    INSERT INTO change (county_code, change_id, record_id, account, device_id, item_hash, item, schema_version,
                        received_at, outcome, result, replaced, decided_position)
    VALUES (:county_code, cast(:change_id AS uuid), cast(:record_id AS uuid), cast(:account AS uuid),
            cast(:device_id AS uuid), :item_hash, cast(:item AS jsonb), 1, :received_at, 'applied',
            cast(:result AS jsonb), '{}', :position)
""")

MARK_ERASED = Statement.of("""
    UPDATE record SET erased_position = :position
    WHERE county_code = :county_code AND id = cast(:record_id AS uuid)
""")


READ_ERASED = Statement.of("""
    SELECT erased_position FROM record WHERE county_code = :county_code AND id = cast(:record_id AS uuid)
""")


class NothingToEraseError(LookupError):
    """The county holds no such record, or one that names nobody."""


class TooManyReportsError(RuntimeError):
    """A farm with more reports than one transaction erases."""


@dataclass(frozen=True, slots=True)
class Order:
    """An erasure, and under whom it is written down."""

    asked: ErasureAsked
    account_id: str
    actor: Actor
    device_id: str


@dataclass(slots=True)
class Done:
    """What was erased so far."""

    ids: list[str] = field(default_factory=list)
    files: int = 0


async def erase(order: Order, service: Service) -> Erased:
    """Erase a record, a farm with its reports. Raises NothingToEraseError, LockNotAvailableError.

    What was erased before is not erased again: then nothing is written.
    """
    asked, now = order.asked, datetime.now(UTC)
    async with (
        service.locks.of(asked.county_code),
        service.pool.acquire(timeout=CONNECTION_TIMEOUT_S) as connection,
        connection.transaction(),
    ):
        await lock_head(connection, asked.county_code)
        first = await load_record(connection, asked.county_code, asked.record_id, service.vault)
        if first is None or (first.content.farm_id is None and first.kind is not RecordKind.FARM):
            raise NothingToEraseError(asked.record_id)
        done = Done()
        records = await _records(connection, first, asked.county_code, service)
        named = await named_files(connection, asked.county_code, [one.id for one in records])
        for record in records:
            if not record.is_erased:
                await _erase_record(connection, record, order, now, service, done)
        if asked.files:
            done.files = await destroy_files(connection, asked.county_code, named, service.desk.store)
        quarantined = await destroy_quarantined(connection, asked.county_code, done.ids, service.vault)
        [erased] = await READ_ERASED.rows(connection, county_code=asked.county_code, record_id=asked.record_id)
        if done.ids or done.files or quarantined:
            after = {"ground": str(asked.ground), "records": len(done.ids), "files": done.files}
            await keep_act_on_record(
                connection, order.actor, Act.PERSONAL_ERASED, asked.county_code, asked.record_id, after
            )
    return Erased(
        county_code=asked.county_code,
        record_id=asked.record_id,
        records=len(done.ids),
        position=erased["erased_position"],
        files=done.files,
        quarantined=quarantined,
        replayed=not done.ids,
    )


async def _records(
    connection: Connection, first: RecordState, county_code: str, service: Service
) -> Sequence[RecordState]:
    """Return the record and, of a farm, its reports."""
    if first.kind is not RecordKind.FARM:
        return [first]
    rows = await READ_REPORTS.rows(connection, county_code=county_code, record_id=first.id, rows=MAX_REPORTS + 1)
    if len(rows) > MAX_REPORTS:
        raise TooManyReportsError(first.id)
    reports = [await load_record(connection, county_code, row["id"], service.vault) for row in rows]
    return [first, *(one for one in reports if one is not None)]


async def _erase_record(
    connection: Connection, before: RecordState, order: Order, now: datetime, service: Service, done: Done
) -> None:
    """Write the revision without personal fields with its entry, and destroy what came before it."""
    county_code = order.asked.county_code
    head = await lock_head(connection, county_code)
    change_id = change_id_of(order.asked.request_id, before.id)
    named = {"name": ERASED} if before.kind is RecordKind.FARM else {}
    after = replace(
        before,
        revision=before.revision + 1,
        position=head.position + 1,
        last_change_id=change_id,
        content=replace(before.content, personal=named, area_mu=None),
        review=None if before.review is None else without_texts(before.review, ERASED),
    )
    batch = Batch()
    part = None
    if named:
        part = service.vault.seal(named, county_code, after.id, after.revision)
        batch.sealed.append((after, part))
    after = replace(after, payload_hash=payload_hash(after.content.public, named, None if part is None else part.salt))
    batch.records[after.id] = after
    header = Header(
        county_code, after.id, after.kind, after.revision, EntryAction.ERASE, change_id, order.account_id,
        order.device_id, after.payload_hash, (),
    )  # fmt: skip
    entries = chained(head, [header], now)
    written = Written(
        head, entries, batch, MarkDeltas.of([(before, after)], entries), [], service.reference.coefficient_version, [],
        service.vault,
    )  # fmt: skip
    await write_push(connection, county_code, written, Arrival(now, now))
    await _destroy_parts(connection, county_code, after, service)
    await forget_change_texts(connection, county_code, before, service.vault)
    await _keep_change(connection, after, order, now)
    await MARK_ERASED.rows(connection, county_code=county_code, record_id=after.id, position=after.position)
    done.ids.append(after.id)


async def _destroy_parts(connection: Connection, county_code: str, after: RecordState, service: Service) -> None:
    """Delete every earlier personal part with its salt, and keep what the ledger commits to."""
    place = {"county_code": county_code, "record_id": after.id, "revision": after.revision}
    parts = []
    for row in await READ_PARTS.rows(connection, **place):
        sealed = Sealed(bytes(row["salt"]), bytes(row["ciphertext"]), row["key_id"])
        personal = service.vault.open(sealed, county_code, after.id, row["revision"])
        parts.append({"revision": row["revision"], "commitment": commitment(sealed.salt, personal).hex()})
    await KEEP_COMMITMENTS.rows(connection, **place, parts=as_json(parts))


async def _keep_change(connection: Connection, after: RecordState, order: Order, now: datetime) -> None:
    """Write the change that the entry names; it says what was done and nothing that was."""
    item = {
        "change_id": after.last_change_id,
        "county_code": order.asked.county_code,
        "record_id": after.id,
        "kind": str(after.kind),
        "action": str(EntryAction.ERASE),
        "captured_at": moment_of(order.asked.request_id).isoformat(),
    }
    result = {
        "change_id": after.last_change_id,
        "outcome": "applied",
        "disposition": "terminal",
        "record_id": after.id,
        "position": after.position,
        "revision": after.revision,
    }
    await INSERT_CHANGE.rows(
        connection,
        county_code=order.asked.county_code,
        change_id=after.last_change_id,
        record_id=after.id,
        account=order.account_id,
        device_id=order.device_id,
        item_hash=canonical_sha256(item),
        item=as_json([item])[1:-1],
        received_at=now,
        result=as_json([result])[1:-1],
        position=after.position,
    )
