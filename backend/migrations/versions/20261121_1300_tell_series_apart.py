"""Tell the series of a figure apart, report a project once for ever, keep base values and published amounts."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1300"
down_revision = "20261121_1000"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"


def upgrade() -> None:
    op.add_column("county_figure", sa.Column("series", sa.Text(), nullable=False, server_default=""))
    op.alter_column("county_figure", "series", server_default=None)
    op.drop_constraint("county_figure_pkey", "county_figure", type_="primary")
    op.create_primary_key(
        "county_figure_pkey", "county_figure", ["county_code", "period", "indicator", "view", "series"]
    )
    op.add_column("record", sa.Column("project_id", sa.Text(), nullable=True))
    op.create_index(
        "record_one_live_project",
        "record",
        ["county_code", "project_id"],
        unique=True,
        postgresql_where=sa.text("project_id IS NOT NULL AND status <> 'withdrawn'"),
    )
    op.create_table(
        "baseline",
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('official', 'convention', 'unverified')", name="baseline_status"),
        sa.PrimaryKeyConstraint("region_code", "indicator", "series", "year"),
    )
    op.create_table(
        "published_input",
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("printed_value", sa.Numeric(), nullable=False),
        sa.Column("printed_unit", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "year", "region_code"),
    )
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        op.execute(f"GRANT SELECT ON baseline, published_input TO {SERVICE_ROLE}")


def downgrade() -> None:
    op.drop_table("published_input")
    op.drop_table("baseline")
    op.drop_index("record_one_live_project", "record")
    op.drop_column("record", "project_id")
    op.drop_constraint("county_figure_pkey", "county_figure", type_="primary")
    op.drop_column("county_figure", "series")
    op.create_primary_key("county_figure_pkey", "county_figure", ["county_code", "period", "indicator", "view"])
