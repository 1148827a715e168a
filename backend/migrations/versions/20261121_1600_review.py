"""Keep what an office decided of a report, and since when the report waits for it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_1600"
down_revision = "20261121_1500"
branch_labels = None
depends_on = None

ACTIONS_BEFORE = "action IN ('create', 'amend', 'withdraw', 'decide')"
ACTIONS = "action IN ('create', 'amend', 'withdraw', 'accept', 'return', 'precheck', 'decide')"

SUBMITTED = """
    UPDATE record SET submitted_at = coalesce((
        SELECT min(recorded_at) FROM ledger_entry
        WHERE county_code = record.county_code AND record_id = record.id AND action = 'create'), recorded_at)
"""
"""Nothing was decided before: what is there waits since it was created."""


def upgrade() -> None:
    op.drop_constraint("ledger_entry_action", "ledger_entry")
    op.create_check_constraint("ledger_entry_action", "ledger_entry", ACTIONS)
    op.add_column("record", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("record", sa.Column("review", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column("record", sa.Column("reviewed_revision", sa.Integer(), nullable=True))
    op.execute(SUBMITTED)
    op.alter_column("record", "submitted_at", nullable=False)
    op.create_index(
        "record_to_review",
        "record",
        ["county_code", "status", "submitted_at", "id"],
        postgresql_where=sa.text("kind = 'report' AND level = 'farm'"),
    )


def downgrade() -> None:
    op.drop_index("record_to_review", "record")
    for column in ("reviewed_revision", "review", "submitted_at"):
        op.drop_column("record", column)
    op.drop_constraint("ledger_entry_action", "ledger_entry")
    op.create_check_constraint("ledger_entry_action", "ledger_entry", ACTIONS_BEFORE)
