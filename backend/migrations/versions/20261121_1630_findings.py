"""Keep what the checks found, and what was said of it."""

revision = "20261121_1630"
down_revision = "20261121_1620"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
