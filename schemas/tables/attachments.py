"""Photos: stored once by content, uploaded in pieces, named by the reports that they belong to."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from schemas.tables import columns as c


class Attachment(SQLModel, table=True):
    """One file whose bytes are complete and fit their SHA-256; stored once, whoever sent it."""

    __tablename__ = "attachment"

    sha256: bytes = c.digest(primary_key=True)
    size: int = Field(sa_type=BigInteger(), description="Bytes.")
    media_type: str = c.text()
    """As sniffed from the content, never as declared."""
    evidence: dict[str, Any] | None = c.document(nullable=True, default=None)
    """Sealed: time and position as the file itself says them (EXIF); NULL where it says nothing."""
    completed_at: datetime = c.moment()


class AttachmentCounty(SQLModel, table=True):
    """Which counties hold a file: whoever may read a county's records may read its files."""

    __tablename__ = "attachment_county"

    county_code: str = c.code(primary_key=True)
    sha256: bytes = c.digest(primary_key=True)
    account: str = c.uuid()
    received_at: datetime = c.moment()


class Upload(SQLModel, table=True):
    """A file on its way (tus 1.0): how much of it has come, and until when it may be resumed."""

    __tablename__ = "upload"
    __table_args__ = (Index("upload_expires", "expires_at"),)

    id: str = c.uuid(primary_key=True)
    account: str = c.uuid()
    county_code: str = c.code()
    sha256: bytes | None = c.digest(nullable=True, default=None)
    """As the phone announced it; the content must fit."""
    length: int = Field(sa_type=BigInteger())
    received: int = Field(sa_type=BigInteger())
    """The offset: how many bytes lie safely in the store."""
    about: dict[str, str] = c.document()
    """The `Upload-Metadata` of its creation, decoded."""
    created_at: datetime = c.moment()
    expires_at: datetime = c.moment()
    completed_at: datetime | None = c.moment(nullable=True, default=None)
    generation: int
    """How often it was taken up; whoever did so last may write."""


class RecordAttachment(SQLModel, table=True):
    """The files that the current revision of a record names, whether they have come or not."""

    __tablename__ = "record_attachment"
    __table_args__ = (Index("record_attachment_by_file", "sha256"),)

    county_code: str = c.code(primary_key=True)
    record_id: str = c.uuid(primary_key=True)
    sha256: bytes = c.digest(primary_key=True)
