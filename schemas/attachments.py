"""The wire models of attachments: which files a record names, and which of them have come."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Coordinate = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A longitude or latitude: coordinates alone are JSON numbers."""


class Evidence(BaseModel):
    """When and where a picture was taken, as one source says."""

    model_config = ConfigDict(frozen=True)

    taken_at: str | None = Field(
        default=None, description="ISO 8601; without an offset where the camera wrote none: its own local time."
    )
    position: list[float] | None = Field(
        default=None, description="[longitude, latitude]: of a file in WGS 84, of a report in CGCS2000."
    )


class AttachmentShown(BaseModel):
    """A file that a record names. Evidence is shown to those who see the record's personal fields."""

    model_config = ConfigDict(frozen=True)

    sha256: str = Field(description="64 hexadecimal digits.")
    has_come: bool
    size: int | None = Field(default=None, description="Bytes.")
    media_type: str | None = None
    received_at: datetime | None = None
    said_by_file: Evidence | None = Field(default=None, description="From EXIF.")
    said_by_report: Evidence | None = Field(default=None, description="From the payload.")


class RecordAttachments(BaseModel):
    """The files that the current revision of a record names."""

    model_config = ConfigDict(frozen=True)

    county_code: str
    record_id: str
    revision: int
    expected: int
    come: int
    is_complete: bool
    missing: list[str] = Field(description="The hashes of files that have not come.")
    files: list[AttachmentShown]
