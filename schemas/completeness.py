"""The wire models of completeness: how far a region's counties are before a date. Of offices, never of persons."""

from datetime import date, datetime

from pydantic import Field

from schemas.summaries import RegionName, WireModel
from schemas.vocabulary import FilingState, Indicator, Role


class IndicatorDue(WireModel):
    """By when an indicator is filed."""

    indicator: Indicator
    zh: str
    en: str
    due: date | None = Field(description="Null where the deployment sets no date for it.")
    days_left: int | None = Field(description="From today, China Standard Time; negative once it is past.")


class Phones(WireModel):
    """The phones of a region's field staff, counted."""

    known: int = Field(description="Signed in and not revoked.")
    silent: int = Field(description="Of them, not heard of for `silent_days`, or never.")
    queued: int = Field(description="Of them, with unsent work when last heard of.")


class StuckAt(WireModel):
    """With which tier filings lie too long."""

    role: Role
    counties: int


class Progress(WireModel):
    """How far the counties of a row are with one indicator."""

    counties: dict[FilingState, int] = Field(description="Counties by state; together all of them.")
    returned: int = Field(description="Of the open ones: sent back and not filed again.")
    late: int = Field(description="Open ones once the date is past.")
    stuck: int = Field(description="Filings that wait with an office for longer than `wait_days`.")
    stuck_since: datetime | None = Field(description="Since when the oldest of them waits.")
    stuck_at: list[StuckAt]
    reports: int = Field(description="Live farm reports of the period.")
    unreviewed: int = Field(description="Of them, waiting for the county.")
    returned_reports: int = Field(description="Of them, sent back to the field.")
    none_this_year: int = Field(description="Of them, saying that there is nothing to report this year.")
    silent_counties: int = Field(description="Open counties without any live report or statement of the period.")


class CompletenessRow(WireModel):
    """One region and its indicators."""

    region: RegionName
    counties: int
    farms: int = Field(description="Live entities of the register, whatever they have to report on.")
    farms_without: int = Field(description="Of them, without a live report of the period, whatever the indicator.")
    phones: Phones
    indicators: dict[Indicator, Progress]


class Completeness(WireModel):
    """The answer of `/v1/completeness`."""

    region: RegionName
    period: str
    today: date
    silent_days: int
    wait_days: int
    indicators: list[IndicatorDue]
    total: CompletenessRow
    rows: list[CompletenessRow]
