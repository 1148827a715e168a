"""What an account signs in with: sessions, the phones they are bound to, codes that enrol a phone; and the audit."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, text
from sqlmodel import Field, SQLModel

from schemas.tables import columns as c


class Session(SQLModel, table=True):
    """A sign-in and the family of refresh tokens that it lives by; of these only hashes are kept."""

    __tablename__ = "session"
    __table_args__ = (
        Index("session_of_account", "account_id"),
        Index("session_of_device", "device_id", postgresql_where=text("device_id IS NOT NULL")),
        Index("session_expires", "expires_at"),
    )

    id: str = c.uuid(primary_key=True)
    account_id: str = c.uuid()
    device_id: str | None = c.uuid(nullable=True, default=None)
    origin: str = c.text()
    """`password`, `enrolment` or `identity_provider`."""
    current_hash: bytes = c.digest()
    """Of the refresh token that was answered last."""
    previous_hash: bytes | None = c.digest(nullable=True, default=None)
    """Of the one that it was answered for: its answer may have been lost, so it holds until the current one is used."""
    created_at: datetime = c.moment()
    refreshed_at: datetime | None = c.moment(nullable=True, default=None)
    expires_at: datetime = c.moment()
    revoked_at: datetime | None = c.moment(nullable=True, default=None)
    revoked_for: str | None = c.text(nullable=True, default=None)


class Device(SQLModel, table=True):
    """A phone under an account that signed in on it."""

    __tablename__ = "device"

    device_id: str = c.uuid(primary_key=True)
    account_id: str = c.uuid(primary_key=True)
    known_at: datetime = c.moment()
    revoked_at: datetime | None = c.moment(nullable=True, default=None)


class Enrolment(SQLModel, table=True):
    """A code that signs one phone in as one account, once."""

    __tablename__ = "enrolment"
    __table_args__ = (
        Index("enrolment_code", "code_hash", unique=True),
        Index("enrolment_of_account", "account_id"),
    )

    id: str = c.uuid(primary_key=True)
    code_hash: bytes = c.digest()
    account_id: str = c.uuid()
    created_by: str | None = c.uuid(nullable=True, default=None)
    created_at: datetime = c.moment()
    expires_at: datetime = c.moment()
    cancelled_at: datetime | None = c.moment(nullable=True, default=None)
    redeemed_at: datetime | None = c.moment(nullable=True, default=None)
    session_id: str | None = c.uuid(nullable=True, default=None)


class SignInAttempts(SQLModel, table=True):
    """How often something was tried in vain, under a keyed hash of what and whence."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("sign_in_attempts_last", "last_at"),)

    key: bytes = c.digest(primary_key=True)
    failures: int
    last_at: datetime = c.moment()
    open_at: datetime = c.moment()
    """When the next attempt is heard."""


class Audit(SQLModel, table=True):
    """An administrative act, for ever."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_of_region", "region_code", "id"),)

    id: int = Field(sa_column_args=(Identity(always=True),), sa_type=BigInteger, primary_key=True)
    at: datetime = c.moment()
    actor: str | None = c.uuid(nullable=True, default=None)
    """NULL: the operator of the deployment, at its terminal."""
    actor_name: str = c.text()
    act: str = c.text()
    account_id: str | None = c.uuid(nullable=True, default=None)
    account_name: str = c.text()
    device_id: str | None = c.uuid(nullable=True, default=None)
    region_code: str = c.code(9)
    """Where the account that it was done to belongs, so that its offices see it."""
    before: dict[str, object] | None = c.document(nullable=True, default=None)
    after: dict[str, object] | None = c.document(nullable=True, default=None)
