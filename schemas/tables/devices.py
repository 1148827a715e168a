"""How the phones of a county are: reported by themselves, kept for the county to see who may need help."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from schemas.tables import columns as c


class DeviceSync(SQLModel, table=True):
    """One phone under one account in one county, as it was last heard of."""

    __tablename__ = "device_sync"

    county_code: str = c.code(primary_key=True)
    device_id: str = c.uuid(primary_key=True)
    account: str = c.uuid(primary_key=True)
    app_version: str | None = c.text(nullable=True, default=None)
    schema_version: int | None = None
    clock_skew_s: int | None = Field(default=None, description="The phone's clock less the server's.")
    queued: int | None = Field(default=None, description="Changes waiting on the phone, as it said.")
    oldest_queued_at: datetime | None = c.moment(nullable=True, default=None)
    first_seen_at: datetime = c.moment()
    last_push_at: datetime | None = c.moment(nullable=True, default=None)
    last_pull_at: datetime | None = c.moment(nullable=True, default=None)
