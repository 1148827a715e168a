"""Keep filings, their steps and the exceptions to their locks."""

revision = "20261121_1610"
down_revision = "20261121_1600"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
