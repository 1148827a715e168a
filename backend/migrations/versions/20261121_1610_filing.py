"""Keep filings, their steps and the exceptions to their locks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_1610"
down_revision = "20261121_1600"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"

SERVICE_RIGHTS = {
    "SELECT, INSERT": "filing_step, filing_exception",
    "SELECT, INSERT, UPDATE": "filing, filing_lock",
}

STATES = "'open', 'filed', 'endorsed', 'accepted', 'published'"
ACTIONS = "'file', 'recall', 'endorse', 'accept', 'return', 'publish'"


def upgrade() -> None:
    _create_filing()
    _create_steps()
    _create_exceptions()
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        for rights, tables in SERVICE_RIGHTS.items():
            op.execute(f"GRANT {rights} ON {tables} TO {SERVICE_ROLE}")


def _create_filing() -> None:
    op.create_table(
        "filing",
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("positions", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("statement_id", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("statement_revision", sa.Integer(), nullable=True),
        sa.Column("figure", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name="filing_state"),
        sa.PrimaryKeyConstraint("region_code", "period", "indicator"),
    )
    op.create_index("filing_by_period", "filing", ["period", "indicator", "region_code"])
    op.create_table(
        "filing_lock",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("county_code", "period", "indicator"),
    )
    op.create_index("filing_lock_id", "filing_lock", ["county_code", "id"], unique=True)


def _create_steps() -> None:
    op.create_table(
        "filing_step",
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("reasons", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("differences", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("positions", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("statement_id", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("statement_revision", sa.Integer(), nullable=True),
        sa.Column("figure", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"action IN ({ACTIONS})", name="filing_step_action"),
        sa.PrimaryKeyConstraint("region_code", "id"),
    )
    op.create_index(
        "filing_step_in_order", "filing_step", ["region_code", "period", "indicator", "number"], unique=True
    )


def _create_exceptions() -> None:
    op.create_table(
        "filing_exception",
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until > granted_at", name="filing_exception_until"),
        sa.PrimaryKeyConstraint("region_code", "id"),
    )
    op.create_index("filing_exception_of", "filing_exception", ["region_code", "period", "indicator", "granted_at"])


def downgrade() -> None:
    for table in ("filing_exception", "filing_step", "filing_lock", "filing"):
        op.drop_table(table)
