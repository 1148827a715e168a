"""What the identity provider says of people: who is linked to which account, and sign-ins under way."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from schemas.tables import columns as c


class LinkedIdentity(SQLModel, table=True):
    """A person of the identity provider under an account."""

    __tablename__ = "identity"
    __table_args__ = (Index("identity_of_account", "account_id"),)

    issuer: str = c.text(primary_key=True)
    subject: str = c.text(primary_key=True)
    account_id: str = c.uuid()
    linked_at: datetime = c.moment()


class ProviderSignIn(SQLModel, table=True):
    """A sign-in by the identity provider under way, for some minutes; of its state only a hash is kept."""

    __tablename__ = "provider_sign_in"
    __table_args__ = (
        Index("provider_sign_in_browser", "browser_hash", unique=True),
        Index("provider_sign_in_expires", "expires_at"),
    )

    state_hash: bytes = c.digest(primary_key=True)
    browser_hash: bytes = c.digest()
    """Of the cookie that the browser holds: another browser cannot end what this one began."""
    nonce: str = c.text()
    verifier: str = c.text()
    redirect_uri: str = c.text()
    expires_at: datetime = c.moment()
    answered_at: datetime | None = c.moment(nullable=True, default=None)
    """When the browser came back: a state is taken once."""
    account_id: str | None = c.uuid(nullable=True, default=None)
    refusal: dict[str, object] | None = c.document(nullable=True, default=None)
    """The problem that it ended with: its code and parameters."""
