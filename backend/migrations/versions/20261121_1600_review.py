"""Keep what an office decided of a report."""

revision = "20261121_1600"
down_revision = "20261121_1500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
