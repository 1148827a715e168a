"""Let held changes wait with a deadline, tell phones what left and what to hold, keep photos, anchors and devices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_1500"
down_revision = "20261121_1400"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"

SERVICE_RIGHTS = {
    "SELECT, INSERT": "attachment, checkpoint, record_exit, signing_key",
    "SELECT, INSERT, UPDATE": "attachment_county, outbox, township_mark",
    "SELECT, INSERT, UPDATE, DELETE": "device_sync, record_attachment, upload",
    "UPDATE (replayed_at, replay)": "quarantine",
}

HELD = "outcome = 'held'"

RECORD_MARKS = """
    UPDATE record SET mark = coalesce((
        SELECT substr(entry_hash, 1, 8) FROM ledger_entry
        WHERE county_code = record.county_code AND position = record.position), substr(sha256(''), 1, 8))
"""
"""What stands for the present state of the records that are there: the hash of the entry that wrote it."""

MARKS = """
    INSERT INTO township_mark (county_code, township_code, records, checksum)
    SELECT county_code, township_code, count(*), sum(number) % 18446744073709551616
    FROM (
        SELECT county_code, township_code,
               get_byte(mark, 0) * 72057594037927936::numeric + get_byte(mark, 1) * 281474976710656::numeric
               + get_byte(mark, 2) * 1099511627776 + get_byte(mark, 3) * 4294967296
               + get_byte(mark, 4) * 16777216::bigint
               + get_byte(mark, 5) * 65536 + get_byte(mark, 6) * 256 + get_byte(mark, 7) AS number
        FROM record
    ) AS marked
    GROUP BY county_code, township_code
"""
"""What the records that are there already add up to."""

WAITING = """
    UPDATE change SET
        waits_for = CASE result ->> 'reason'
            WHEN 'base_missing' THEN cast(item ->> 'base_change_id' AS uuid)
            WHEN 'farm_missing' THEN cast(item #>> '{payload,farm_id}' AS uuid) END,
        held_until = CASE WHEN result ->> 'reason' IN ('base_missing', 'farm_missing')
            THEN received_at + interval '5 days' END
    WHERE outcome = 'held'
"""


def upgrade() -> None:
    _widen_the_ledger()
    _widen_quarantine()
    _create_marks()
    _create_attachments()
    _create_anchors()
    _create_devices()
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        for rights, tables in SERVICE_RIGHTS.items():
            op.execute(f"GRANT {rights} ON {tables} TO {SERVICE_ROLE}")


def _widen_the_ledger() -> None:
    op.drop_constraint("ledger_entry_action", "ledger_entry")
    op.create_check_constraint(
        "ledger_entry_action", "ledger_entry", "action IN ('create', 'amend', 'withdraw', 'decide')"
    )
    op.add_column("change", sa.Column("waits_for", sa.UUID(as_uuid=False), nullable=True))
    op.add_column("change", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("change", sa.Column("settled_position", sa.BigInteger(), nullable=True))
    op.execute(WAITING)
    op.create_index("change_waiting", "change", ["county_code", "waits_for"], postgresql_where=sa.text(HELD))
    op.create_index("change_held", "change", ["held_until"], postgresql_where=sa.text(HELD))
    op.create_index(
        "change_settled_late",
        "change",
        ["county_code", "account", "settled_position"],
        postgresql_where=sa.text("settled_position IS NOT NULL"),
    )


def _widen_quarantine() -> None:
    op.add_column("quarantine", sa.Column("county_code", sa.String(length=6), nullable=True))
    op.add_column("quarantine", sa.Column("schema_version", sa.Integer(), nullable=True))
    op.add_column("quarantine", sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("quarantine", sa.Column("replay", postgresql.JSONB(none_as_null=True), nullable=True))
    op.create_index("quarantine_of_county", "quarantine", ["county_code", "id"])


def _create_marks() -> None:
    op.create_table(
        "record_exit",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("township_code", sa.String(length=9), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.UUID(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "township_code", "position"),
    )
    op.create_table(
        "township_mark",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("township_code", sa.String(length=9), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "township_code"),
    )
    op.add_column("record", sa.Column("mark", sa.LargeBinary(length=8), nullable=True))
    op.execute(RECORD_MARKS)
    op.alter_column("record", "mark", nullable=False)
    op.execute(MARKS)


def _create_attachments() -> None:
    op.create_table(
        "attachment",
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "attachment_county",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "sha256"),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("about", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("upload_expires", "upload", ["expires_at"])
    op.create_table(
        "record_attachment",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("record_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "record_id", "sha256"),
    )
    op.create_index("record_attachment_by_file", "record_attachment", ["sha256"])


def _create_anchors() -> None:
    op.create_table(
        "signing_key",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outbox_waiting", "outbox", ["id"], postgresql_where=sa.text("delivered_at IS NULL"))


def _create_devices() -> None:
    op.create_table(
        "device_sync",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("device_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("app_version", sa.Text(), nullable=True),
        sa.Column("schema_version", sa.Integer(), nullable=True),
        sa.Column("clock_skew_s", sa.Integer(), nullable=True),
        sa.Column("queued", sa.Integer(), nullable=True),
        sa.Column("oldest_queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_push_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_pull_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("county_code", "device_id", "account"),
    )


def downgrade() -> None:
    for table in ("device_sync", "outbox", "checkpoint", "signing_key", "record_attachment", "upload"):
        op.drop_table(table)
    for table in ("attachment_county", "attachment", "township_mark", "record_exit"):
        op.drop_table(table)
    op.drop_column("record", "mark")
    op.drop_index("quarantine_of_county", "quarantine")
    for column in ("replay", "replayed_at", "schema_version", "county_code"):
        op.drop_column("quarantine", column)
    for index in ("change_settled_late", "change_held", "change_waiting"):
        op.drop_index(index, "change")
    for column in ("settled_position", "held_until", "waits_for"):
        op.drop_column("change", column)
    op.drop_constraint("ledger_entry_action", "ledger_entry")
    op.create_check_constraint("ledger_entry_action", "ledger_entry", "action IN ('create', 'amend', 'withdraw')")
