"""Keep runs of jobs, reminders, how far ledgers were verified; send events to endpoints and keep what became of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_1660"
down_revision = "20261121_1650"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"

SERVICE_RIGHTS = {
    "SELECT, INSERT, UPDATE": "reminder, verified, webhook",
    "SELECT, INSERT, UPDATE, DELETE": "delivery, job_run, outbox",
}

RUN_STATES = "state IN ('running', 'done', 'failed', 'lost')"
DELIVERY_STATES = "state IN ('pending', 'delivered', 'dead')"
REMINDER_KINDS = (
    "kind IN ('filing_due', 'filing_waits', 'filing_returned', 'reports_returned', 'ledger_fault', 'webhook_paused')"
)


def upgrade() -> None:
    _widen_the_outbox()
    _create_webhooks()
    _create_runs()
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        for rights, tables in SERVICE_RIGHTS.items():
            op.execute(f"GRANT {rights} ON {tables} TO {SERVICE_ROLE}")


def _widen_the_outbox() -> None:
    op.drop_index("outbox_waiting", "outbox")
    for old, new in (("topic", "kind"), ("payload", "body"), ("delivered_at", "routed_at")):
        op.alter_column("outbox", old, new_column_name=new)
    op.execute("UPDATE outbox SET kind = 'checkpoint.issued' WHERE kind = 'checkpoint'")
    op.add_column("outbox", sa.Column("region_code", sa.String(length=6), nullable=True))
    op.add_column("outbox", sa.Column("webhook_id", sa.UUID(as_uuid=False), nullable=True))
    op.create_index("outbox_waiting", "outbox", ["id"], postgresql_where=sa.text("routed_at IS NULL"))


def _create_webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "delivery",
        sa.Column("webhook_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("event_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(DELIVERY_STATES, name="delivery_state"),
        sa.PrimaryKeyConstraint("webhook_id", "event_id"),
    )
    pending = sa.text("state = 'pending'")
    op.create_index("delivery_due", "delivery", ["webhook_id", "next_at"], postgresql_where=pending)
    op.create_index("delivery_of_event", "delivery", ["event_id"])


def _create_runs() -> None:
    op.create_table(
        "job_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("runner", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(RUN_STATES, name="job_run_state"),
        sa.PrimaryKeyConstraint("name", "due_at"),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("params", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(REMINDER_KINDS, name="reminder_kind"),
        sa.PrimaryKeyConstraint("id"),
    )
    stands = sa.text("closed_at IS NULL")
    op.create_index("reminder_once", "reminder", ["key"], unique=True, postgresql_where=stands)
    op.create_index("reminder_of_region", "reminder", ["region_code", "id"])
    op.create_table(
        "verified",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_code"),
    )


def downgrade() -> None:
    for table in ("verified", "reminder", "job_run", "delivery", "webhook"):
        op.drop_table(table)
    op.drop_index("outbox_waiting", "outbox")
    op.execute("DELETE FROM outbox WHERE kind <> 'checkpoint.issued'")
    op.execute("UPDATE outbox SET kind = 'checkpoint'")
    op.drop_column("outbox", "webhook_id")
    op.drop_column("outbox", "region_code")
    for new, old in (("topic", "kind"), ("payload", "body"), ("delivered_at", "routed_at")):
        op.alter_column("outbox", old, new_column_name=new)
    op.create_index("outbox_waiting", "outbox", ["id"], postgresql_where=sa.text("delivered_at IS NULL"))
