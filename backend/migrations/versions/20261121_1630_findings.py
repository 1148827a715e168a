"""Keep what the checks found, and what was said of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_1630"
down_revision = "20261121_1620"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"

SERVICE_RIGHTS = {
    "SELECT, INSERT": "finding_step",
    "SELECT, INSERT, UPDATE": "finding",
    "SELECT, INSERT, UPDATE, DELETE": "sample_village",
}

STATES = "state IN ('open', 'explained', 'dismissed', 'gone')"


def upgrade() -> None:
    _create_findings()
    _create_samples()
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        for rights, tables in SERVICE_RIGHTS.items():
            op.execute(f"GRANT {rights} ON {tables} TO {SERVICE_ROLE}")


def _create_findings() -> None:
    op.create_table(
        "finding",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=True),
        sa.Column("record_id", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("records", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("params", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level IN ('report', 'filing', 'province')", name="finding_level"),
        sa.CheckConstraint(STATES, name="finding_state"),
        sa.PrimaryKeyConstraint("county_code", "id"),
    )
    op.create_index("finding_by_id", "finding", ["id"])
    op.create_index("finding_of_region", "finding", ["region_code", "period", "state"])
    op.create_index(
        "finding_of_record",
        "finding",
        ["county_code", "record_id"],
        postgresql_where=sa.text("record_id IS NOT NULL"),
    )
    op.create_index("finding_of_sweep", "finding", ["year", "code"])
    op.create_table(
        "finding_step",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("finding_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=True),
        sa.CheckConstraint(STATES, name="finding_step_state"),
        sa.PrimaryKeyConstraint("county_code", "finding_id", "at"),
    )


def _create_samples() -> None:
    op.create_table(
        "sample_village",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("stratum_villages", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "indicator", "period", "village_code"),
    )


def downgrade() -> None:
    for table in ("sample_village", "finding_step", "finding"):
        op.drop_table(table)
