"""Keep the shapes that the map's vector tiles are cut from, and the hash of them."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "20261122_1700"
down_revision = "20261121_1670"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"


def upgrade() -> None:
    op.create_table(
        "tile_shape",
        sa.Column("zoom", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("feature_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("in_scope", sa.Boolean(), nullable=True),
        sa.Column("geom", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
        sa.PrimaryKeyConstraint("zoom", "layer", "code", "tier"),
    )
    op.create_index("tile_shape_geom", "tile_shape", ["geom"], postgresql_using="gist")
    # Coordinates hardly compress, and every tile would unpack them again.
    op.execute("ALTER TABLE tile_shape ALTER COLUMN geom SET STORAGE EXTERNAL")
    op.create_table(
        "tile_set",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("bounds", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        op.execute(f"GRANT SELECT ON tile_shape, tile_set TO {SERVICE_ROLE}")


def downgrade() -> None:
    op.drop_table("tile_set")
    op.drop_table("tile_shape")
