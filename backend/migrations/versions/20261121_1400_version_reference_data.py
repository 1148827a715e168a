"""Keep every version of the reference data; let figures say under which version they were computed."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_1400"
down_revision = "20261121_1300"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"

KEYS = {
    "baseline": ("region_code", "indicator", "series", "year"),
    "basin": ("code",),
    "basin_county": ("basin_code", "county_code"),
    "boundary_line": ("id",),
    "coefficient": ("year", "region_code", "name", "subject"),
    "county_geom": ("county_code",),
    "goal": ("region_code", "indicator", "scope", "valid_from", "due_year"),
    "published_input": ("measure", "year", "region_code"),
}
"""The tables that get versions, with what makes a row the same row."""

NEW = {
    "designation": ("county_code", "kind", "year"),
    "region_recode": ("old_code", "new_code", "year"),
}

ADOPT = """
    INSERT INTO reference_version (kind, version, origin, source_name, sha256, rows, loaded_at, loaded_by, note)
    SELECT kind, 1, 'adopted', '', sha256, rows, loaded_at, '', '' FROM reference_load
    UNION ALL
    SELECT 'basin_counties', 1, 'adopted', '', sha256, rows, loaded_at, '', '' FROM reference_load
    WHERE kind = 'basins'
"""
"""What is there may hold rows that the deployment added by hand, so it counts neither as shipped nor as loaded."""


def upgrade() -> None:
    op.create_table(
        "reference_version",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("origin IN ('shipped', 'loaded', 'derived', 'adopted')", name="reference_version_origin"),
        sa.PrimaryKeyConstraint("kind", "version"),
    )
    op.execute(ADOPT)
    op.drop_table("reference_load")
    op.add_column("published_input", sa.Column("status", sa.Text(), nullable=False, server_default="unverified"))
    op.alter_column("published_input", "status", server_default=None)
    op.create_check_constraint(
        "published_input_status", "published_input", "status IN ('official', 'convention', 'unverified')"
    )
    for table, key in KEYS.items():
        _add_versions(table, key)
    _create_designation()
    _create_region_recode()
    for table, key in {**KEYS, **NEW}.items():
        _create_current_view(table, key)
    op.add_column("county_figure", sa.Column("coefficient_version", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("county_figure", "coefficient_version", server_default=None)
    op.create_index("county_figure_by_coefficients", "county_figure", ["coefficient_version"])
    _grant_reading()


def _add_versions(table: str, key: tuple[str, ...]) -> None:
    op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column(table, sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column(table, "version", server_default=None)
    op.alter_column(table, "withdrawn", server_default=None)
    op.drop_constraint(f"{table}_pkey", table, type_="primary")
    op.create_primary_key(f"{table}_pkey", table, [*key, "version"])


def _create_designation() -> None:
    kinds = (
        "'grain_production', 'livestock_aquaculture', 'protected_agriculture', 'speciality_products', "
        "'film_intensive', 'green_control', 'straw_whole_county', 'fragile_ecology', 'water_overuse'"
    )
    op.create_table(
        "designation",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(f"kind IN ({kinds})", name="designation_kind"),
        sa.CheckConstraint("status IN ('official', 'convention', 'unverified')", name="designation_status"),
        sa.PrimaryKeyConstraint(*NEW["designation"], "version"),
    )


def _create_region_recode() -> None:
    op.create_table(
        "region_recode",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("old_code", sa.String(length=6), nullable=False),
        sa.Column("new_code", sa.String(length=6), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("old_name", sa.Text(), nullable=False),
        sa.Column("new_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*NEW["region_recode"], "version"),
    )


def _create_current_view(table: str, key: tuple[str, ...]) -> None:
    columns = ", ".join(key)
    op.execute(
        f"CREATE VIEW current_{table} AS SELECT * FROM (SELECT DISTINCT ON ({columns}) * FROM {table} "
        f"ORDER BY {columns}, version DESC) AS latest WHERE NOT withdrawn"
    )


def _grant_reading() -> None:
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        readable = ["reference_version", *NEW, *(f"current_{table}" for table in (*KEYS, *NEW))]
        op.execute(f"GRANT SELECT ON {', '.join(readable)} TO {SERVICE_ROLE}")


def downgrade() -> None:
    """Go back to one row a key: the versions that were replaced are lost."""
    op.drop_index("county_figure_by_coefficients", table_name="county_figure")
    op.drop_column("county_figure", "coefficient_version")
    for table in (*KEYS, *NEW):
        op.execute(f"DROP VIEW current_{table}")
    op.drop_table("region_recode")
    op.drop_table("designation")
    for table, key in KEYS.items():
        same = " AND ".join(f"older.{column} = newer.{column}" for column in key)
        op.execute(
            f"DELETE FROM {table} AS older USING {table} AS newer WHERE {same} AND older.version < newer.version"
        )
        op.execute(f"DELETE FROM {table} WHERE withdrawn")
        op.drop_constraint(f"{table}_pkey", table, type_="primary")
        op.drop_column(table, "version")
        op.drop_column(table, "withdrawn")
        op.create_primary_key(f"{table}_pkey", table, list(key))
    op.drop_constraint("published_input_status", "published_input", type_="check")
    op.drop_column("published_input", "status")
    op.create_table(
        "reference_load",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind"),
    )
    op.execute(
        "INSERT INTO reference_load SELECT DISTINCT ON (kind) kind, sha256, rows, loaded_at FROM reference_version "
        "ORDER BY kind, version DESC"
    )
    op.drop_table("reference_version")
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        op.execute(f"GRANT SELECT ON reference_load TO {SERVICE_ROLE}")
