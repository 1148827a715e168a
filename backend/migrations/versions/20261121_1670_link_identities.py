"""Link people of an identity provider to accounts, and keep sign-ins by it while they are under way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_1670"
down_revision = "20261121_1660"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"

SERVICE_RIGHTS = {
    "SELECT, INSERT, UPDATE, DELETE": "identity, provider_sign_in",
}


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("identity_of_account", "identity", ["account_id"])
    op.create_table(
        "provider_sign_in",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("refusal", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("state_hash"),
    )
    op.create_index("provider_sign_in_browser", "provider_sign_in", ["browser_hash"], unique=True)
    op.create_index("provider_sign_in_expires", "provider_sign_in", ["expires_at"])
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        for rights, tables in SERVICE_RIGHTS.items():
            op.execute(f"GRANT {rights} ON {tables} TO {SERVICE_ROLE}")


def downgrade() -> None:
    op.drop_table("provider_sign_in")
    op.drop_table("identity")
