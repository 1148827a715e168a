"""Make room for sealed copies of what names a person, and for its erasure."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1650"
down_revision = "20261121_1640"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"

SERVICE_RIGHTS = {
    "DELETE": "attachment, attachment_county, personal, quarantine",
    "SELECT, INSERT": "personal_erased",
}
"""The service erases personal parts where the county says so; the ledger itself stays append-only for it."""

ACTIONS_BEFORE = "action IN ('create', 'amend', 'withdraw', 'accept', 'return', 'precheck', 'decide')"
ACTIONS = "action IN ('create', 'amend', 'withdraw', 'accept', 'return', 'precheck', 'erase', 'decide')"


def upgrade() -> None:
    op.drop_constraint("ledger_entry_action", "ledger_entry")
    op.create_check_constraint("ledger_entry_action", "ledger_entry", ACTIONS)
    op.add_column("change", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.add_column("change", sa.Column("sealed_key_id", sa.Text(), nullable=True))
    op.add_column("change", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("record", sa.Column("erased_position", sa.BigInteger(), nullable=True))
    op.add_column("quarantine", sa.Column("key_id", sa.Text(), nullable=True))
    op.create_table(
        "personal_erased",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("record_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "record_id", "revision"),
    )
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        for rights, tables in SERVICE_RIGHTS.items():
            op.execute(f"GRANT {rights} ON {tables} TO {SERVICE_ROLE}")


def downgrade() -> None:
    op.drop_table("personal_erased")
    op.drop_column("quarantine", "key_id")
    op.drop_column("record", "erased_position")
    for column in ("forgotten_at", "sealed_key_id", "sealed"):
        op.drop_column("change", column)
    op.drop_constraint("ledger_entry_action", "ledger_entry")
    op.create_check_constraint("ledger_entry_action", "ledger_entry", ACTIONS_BEFORE)
