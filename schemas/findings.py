"""The wire models of findings: what the checks found, and what an office says of it."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.vocabulary import CheckLevel, FindingState, Indicator

EVIDENCE_PATTERN = r"^[0-9a-f]{32}$"


class FindingShown(BaseModel):
    """One finding: a question to an office, with why it is asked, zh and en."""

    model_config = ConfigDict(frozen=True)

    id: str
    code: str
    level: CheckLevel
    county_code: str = Field(description="The ledger; of a finding about a province, the province.")
    region_code: str
    region_name: str
    period: str
    indicator: Indicator | None
    record_id: str | None = Field(description="The report that it is about, where it is about one.")
    records: list[str] = Field(description="Some of the reports that show it.")
    title_zh: str
    title_en: str
    zh: str
    en: str
    params: dict[str, str]
    evidence: str = Field(description="Of what was found; to be named by whoever explains or dismisses it.")
    state: FindingState
    explanation: str | None
    office: str | None = Field(description="The office that explained or dismissed it.")
    decided_at: datetime | None
    first_seen: datetime
    last_seen: datetime
    may: list[FindingState] = Field(
        default_factory=list, description="What the caller may make of it: `explained`, `dismissed`, both or neither."
    )


class FindingsPage(BaseModel):
    """A page of findings, the newest first."""

    model_config = ConfigDict(frozen=True)

    findings: list[FindingShown]
    counts: dict[FindingState, int] = Field(description="By state, of all that the other filters let through.")
    after: str | None = Field(description="Ask for the next page after this; null on the last.")


class Explanation(BaseModel):
    """What an office says of a finding, and which evidence it has seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    explanation: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]
    evidence: Annotated[str, Field(pattern=EVIDENCE_PATTERN)]
