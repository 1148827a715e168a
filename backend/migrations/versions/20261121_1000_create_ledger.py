"""Create the ledger, reference and account tables."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "20261121_1000"
down_revision = None
branch_labels = None
depends_on = None


SERVICE_ROLE = "qingtian_service"

SERVICE_RIGHTS = {
    "SELECT": (
        "account, account_grant, basin, basin_county, boundary_line, coefficient, county_geom, goal, map_layer, "
        "reference_load, region_change, region_version"
    ),
    "SELECT, INSERT": "ledger_entry, personal, quarantine",
    "SELECT, INSERT, UPDATE": "change, county_figure, record, rollup_cell",
    "SELECT, UPDATE": "ledger_head",
}
"""What the service may do. The ledger is append-only for it: whoever breaks into the service cannot rewrite history."""


def grant_service_rights() -> None:
    """Grant the service role its rights; a deployment with a single role has none to grant."""
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        for rights, tables in SERVICE_RIGHTS.items():
            op.execute(f"GRANT {rights} ON {tables} TO {SERVICE_ROLE}")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("account_username", "account", ["username"], unique=True)
    op.create_table(
        "account_grant",
        sa.Column("account_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(length=9), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('worker', 'township', 'county', 'prefecture', 'province', 'ministry', 'admin')",
            name="account_grant_role",
        ),
        sa.PrimaryKeyConstraint("account_id", "role", "region_code"),
    )
    op.create_table(
        "basin",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4490, spatial_index=False), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "basin_county",
        sa.Column("basin_code", sa.Text(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.CheckConstraint("tier IN ('core', 'extended', 'peripheral')", name="basin_county_tier"),
        sa.PrimaryKeyConstraint("basin_code", "county_code"),
    )
    op.create_table(
        "boundary_line",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("geom", Geometry("MULTILINESTRING", srid=4490, spatial_index=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "change",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("change_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("record_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("item_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("item", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("replaced", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("decided_position", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("outcome IN ('applied', 'merged', 'conflict', 'held', 'rejected')", name="change_outcome"),
        sa.PrimaryKeyConstraint("county_code", "change_id"),
    )
    op.create_index("change_of_record", "change", ["county_code", "record_id", "decided_position"], unique=False)
    op.create_table(
        "coefficient",
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('official', 'convention', 'unverified')", name="coefficient_status"),
        sa.PrimaryKeyConstraint("year", "region_code", "name", "subject"),
    )
    op.create_table(
        "county_figure",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("numerator", sa.Numeric(), nullable=True),
        sa.Column("denominator", sa.Numeric(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("coefficients", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "period", "indicator", "view"),
    )
    op.create_index("county_figure_by_period", "county_figure", ["period", "indicator", "county_code"], unique=False)
    op.create_table(
        "county_geom",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("in_scope", sa.Boolean(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4490, spatial_index=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("county_code"),
    )
    op.create_index(
        "county_geom_geom", "county_geom", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "goal",
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.SmallInteger(), nullable=False),
        sa.Column("due_year", sa.SmallInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('official', 'convention', 'unverified')", name="goal_status"),
        sa.CheckConstraint("type IN ('floor', 'cumulative_amount', 'no_increase')", name="goal_type"),
        sa.PrimaryKeyConstraint("region_code", "indicator", "scope", "valid_from", "due_year"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("change_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("actor", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("payload_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("deltas", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("action IN ('create', 'amend', 'withdraw')", name="ledger_entry_action"),
        sa.CheckConstraint("position > 0", name="ledger_entry_position"),
        sa.PrimaryKeyConstraint("county_code", "position"),
    )
    op.create_index("ledger_entry_record", "ledger_entry", ["county_code", "record_id", "position"], unique=False)
    op.create_table(
        "ledger_head",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_code"),
    )
    op.create_table(
        "map_layer",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "personal",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("record_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "record_id", "revision"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("problems", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("quarantine_once", "quarantine", ["account", "sha256"], unique=True)
    op.create_table(
        "record",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("township_code", sa.String(length=9), nullable=False),
        sa.Column("farm_id", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("indicator", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("payload", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("quantities", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("warnings", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column(
            "geom",
            Geometry(srid=4490, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"),
            nullable=True,
        ),
        sa.Column("area_mu", sa.Numeric(), nullable=True),
        sa.Column("payload_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("last_change_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("account", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('farm', 'report')", name="record_kind"),
        sa.CheckConstraint("status IN ('submitted', 'returned', 'accepted', 'withdrawn')", name="record_status"),
        sa.PrimaryKeyConstraint("county_code", "id"),
    )
    op.create_index("record_by_position", "record", ["county_code", "position"], unique=False)
    op.create_index("record_by_township", "record", ["county_code", "township_code", "position"], unique=False)
    op.create_index("record_geom", "record", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={})
    op.create_index(
        "record_one_live_report",
        "record",
        ["county_code", "farm_id", "indicator", "period"],
        unique=True,
        postgresql_where=sa.text("kind = 'report' AND level = 'farm' AND status <> 'withdrawn'"),
    )
    op.create_table(
        "reference_load",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind"),
    )
    op.create_table(
        "region_change",
        sa.Column("old_code", sa.String(length=6), nullable=False),
        sa.Column("new_code", sa.String(length=6), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("old_name", sa.Text(), nullable=False),
        sa.Column("new_name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("old_code", "new_code", "year"),
    )
    op.create_table(
        "region_version",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("valid_from", sa.SmallInteger(), nullable=False),
        sa.Column("valid_to", sa.SmallInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.String(length=9), nullable=True),
        sa.Column("ledger_codes", postgresql.ARRAY(sa.String(length=6)), nullable=False),
        sa.Column("in_scope", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "level IN ('nation', 'province', 'prefecture', 'county', 'township')", name="region_version_level"
        ),
        sa.PrimaryKeyConstraint("code", "valid_from"),
    )
    op.create_index("region_version_parent", "region_version", ["parent_code"], unique=False)
    op.create_table(
        "rollup_cell",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "period", "indicator", "level", "status", "subject", "quantity"),
    )
    grant_service_rights()


def downgrade() -> None:
    op.drop_table("rollup_cell")
    op.drop_index("region_version_parent", table_name="region_version")
    op.drop_table("region_version")
    op.drop_table("region_change")
    op.drop_table("reference_load")
    op.drop_index(
        "record_one_live_report",
        table_name="record",
        postgresql_where=sa.text("kind = 'report' AND level = 'farm' AND status <> 'withdrawn'"),
    )
    op.drop_index("record_geom", table_name="record", postgresql_using="gist", column_name="geom")
    op.drop_index("record_by_township", table_name="record")
    op.drop_index("record_by_position", table_name="record")
    op.drop_table("record")
    op.drop_index("quarantine_once", table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("personal")
    op.drop_table("map_layer")
    op.drop_table("ledger_head")
    op.drop_index("ledger_entry_record", table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_table("goal")
    op.drop_index("county_geom_geom", table_name="county_geom", postgresql_using="gist", column_name="geom")
    op.drop_table("county_geom")
    op.drop_index("county_figure_by_period", table_name="county_figure")
    op.drop_table("county_figure")
    op.drop_table("coefficient")
    op.drop_index("change_of_record", table_name="change")
    op.drop_table("change")
    op.drop_table("boundary_line")
    op.drop_table("basin_county")
    op.drop_table("basin")
    op.drop_table("account_grant")
    op.drop_index("account_username", table_name="account")
    op.drop_table("account")
