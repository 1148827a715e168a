"""Count the farms of a county by an index, without reading its reports."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1750"
down_revision = "20261121_1670"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "record_farms",
        "record",
        ["county_code", "township_code"],
        postgresql_where=sa.text("kind = 'farm' AND status <> 'withdrawn'"),
    )


def downgrade() -> None:
    op.drop_index("record_farms", "record")
