"""Keep the signed statements of published figures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_1640"
down_revision = "20261121_1630"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"


def upgrade() -> None:
    op.create_table(
        "figure_statement",
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("step_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "step_id"),
    )
    op.create_index("figure_statement_of", "figure_statement", ["region_code", "period", "indicator", "issued_at"])
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        op.execute(f"GRANT SELECT, INSERT ON figure_statement TO {SERVICE_ROLE}")


def downgrade() -> None:
    op.drop_table("figure_statement")
