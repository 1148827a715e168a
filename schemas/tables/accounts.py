"""Who may do what: accounts and their grants."""

from datetime import datetime

from sqlalchemy import ARRAY, Index, Text
from sqlmodel import Field, SQLModel

from schemas.tables import columns as c
from schemas.vocabulary import Role


class Account(SQLModel, table=True):
    """A person or office that signs in."""

    __tablename__ = "account"
    __table_args__ = (Index("account_username", "username", unique=True),)

    id: str = c.uuid(primary_key=True)
    username: str = c.text()
    display_name: str = c.text()
    password_hash: str | None = c.text(nullable=True, default=None)
    """None: signs in by an enrolled phone, or by the identity provider, only."""
    disabled: bool
    created_at: datetime = c.moment()


class Grant(SQLModel, table=True):
    """A role within a region; read at every request, so that a revocation bites at once."""

    __tablename__ = "account_grant"
    __table_args__ = (c.one_of("role", Role, "account_grant_role"),)

    account_id: str = c.uuid(primary_key=True)
    role: str = c.text(primary_key=True)
    region_code: str = c.code(9, primary_key=True)
    basin_code: str = Field(default="", sa_type=Text, primary_key=True, sa_column_kwargs={"server_default": ""})
    """The key basin whose counties are read; '' for all of the region."""
    indicators: list[str] | None = Field(default=None, sa_type=ARRAY(Text()), nullable=True)
    """The indicators that the grant is about; NULL: all."""
    granted_at: datetime = c.moment()
