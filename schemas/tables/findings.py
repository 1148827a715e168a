"""What the checks found, what offices said of it, and the design behind sampled figures."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from schemas.tables import columns as c
from schemas.vocabulary import CheckLevel, FindingState


class Finding(SQLModel, table=True):
    """One thing worth a look: of a report, of what a county files, or of a province. Its id follows from what it is."""

    __tablename__ = "finding"
    __table_args__ = (
        c.one_of("level", CheckLevel, "finding_level"),
        c.one_of("state", FindingState, "finding_state"),
        Index("finding_by_id", "id"),
        Index("finding_of_region", "region_code", "period", "state"),
        Index("finding_of_record", "county_code", "record_id", postgresql_where=text("record_id IS NOT NULL")),
        Index("finding_of_sweep", "year", "code"),
    )

    county_code: str = c.code(primary_key=True)
    """The ledger; of a finding about a province, the province."""
    id: str = c.uuid(primary_key=True)
    code: str = c.text()
    level: str = c.text()
    region_code: str = c.code()
    """The county of the year that the ledger belongs to, or the province."""
    year: int = c.year()
    period: str = c.text()
    indicator: str | None = c.text(nullable=True)
    record_id: str | None = c.uuid(nullable=True)
    """The report that it is about, where it is about one."""
    records: list[str] = c.document()
    """Some of the reports that show it."""
    params: dict[str, str] = c.document()
    evidence: str = c.text()
    """A digest of what was found; another one opens the finding again."""
    state: str = c.text()
    explanation: str | None = c.text(nullable=True)
    office: str | None = c.text(nullable=True)
    account: str | None = c.uuid(nullable=True)
    decided_at: datetime | None = c.moment(nullable=True)
    first_seen: datetime = c.moment()
    last_seen: datetime = c.moment()


class FindingStep(SQLModel, table=True):
    """One change of a finding's state, by an office or by a sweep. Append-only."""

    __tablename__ = "finding_step"
    __table_args__ = (c.one_of("state", FindingState, "finding_step_state"),)

    county_code: str = c.code(primary_key=True)
    finding_id: str = c.uuid(primary_key=True)
    at: datetime = c.moment_key()
    state: str = c.text()
    evidence: str = c.text()
    explanation: str | None = c.text(nullable=True)
    office: str | None = c.text(nullable=True)
    account: str | None = c.uuid(nullable=True)


class SampleVillage(SQLModel, table=True):
    """A village drawn into a county's sample of a period: its stratum, and how many households it has."""

    __tablename__ = "sample_village"

    county_code: str = c.code(primary_key=True)
    indicator: str = c.text(primary_key=True)
    period: str = c.text(primary_key=True)
    village_code: str = c.code(12, primary_key=True)
    stratum: str = c.text()
    stratum_villages: int = Field(description="How many villages the stratum has, drawn or not.")
    households: int = Field(description="How many households the village has.")
