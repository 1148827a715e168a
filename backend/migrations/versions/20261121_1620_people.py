"""Bind phones to their people, rotate what they sign in with, keep what administrators did."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121_1620"
down_revision = "20261121_1610"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"

SERVICE_RIGHTS = {
    "SELECT, INSERT": "audit",
    "SELECT, INSERT, UPDATE": "account, device, enrolment",
    "SELECT, INSERT, UPDATE, DELETE": "account_grant, session, sign_in_attempts",
}
"""The audit is append-only for the service: whoever breaks into it cannot unsay what was done."""


def upgrade() -> None:
    op.alter_column("account", "password_hash", nullable=True)
    op.add_column("account_grant", sa.Column("basin_code", sa.Text(), nullable=False, server_default=""))
    op.add_column("account_grant", sa.Column("indicators", postgresql.ARRAY(sa.Text()), nullable=True))
    _key_grants("account_id", "role", "region_code", "basin_code")
    _create_sessions()
    _create_enrolments()
    _create_audit()
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        for rights, tables in SERVICE_RIGHTS.items():
            op.execute(f"GRANT {rights} ON {tables} TO {SERVICE_ROLE}")


def _key_grants(*columns: str) -> None:
    op.drop_constraint("account_grant_pkey", "account_grant")
    op.create_primary_key("account_grant_pkey", "account_grant", [*columns])


def _create_sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("device_id", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("current_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_for", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("session_of_account", "session", ["account_id"])
    op.create_index("session_of_device", "session", ["device_id"], postgresql_where=sa.text("device_id IS NOT NULL"))
    op.create_index("session_expires", "session", ["expires_at"])
    op.create_table(
        "device",
        sa.Column("device_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("device_id", "account_id"),
    )


def _create_enrolments() -> None:
    op.create_table(
        "enrolment",
        sa.Column("id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("created_by", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", sa.UUID(as_uuid=False), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("enrolment_code", "enrolment", ["code_hash"], unique=True)
    op.create_index("enrolment_of_account", "enrolment", ["account_id"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("sign_in_attempts_last", "sign_in_attempts", ["last_at"])


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("account_id", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("account_name", sa.Text(), nullable=False),
        sa.Column("device_id", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("region_code", sa.String(length=9), nullable=False),
        sa.Column("before", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("after", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_of_region", "audit", ["region_code", "id"])


def downgrade() -> None:
    for table in ("audit", "sign_in_attempts", "enrolment", "device", "session"):
        op.drop_table(table)
    op.execute("DELETE FROM account_grant WHERE basin_code <> '' OR indicators IS NOT NULL")
    op.execute("UPDATE account SET password_hash = '' WHERE password_hash IS NULL")
    _key_grants("account_id", "role", "region_code")
    op.drop_column("account_grant", "indicators")
    op.drop_column("account_grant", "basin_code")
    op.alter_column("account", "password_hash", nullable=False)
