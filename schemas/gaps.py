"""The wire models of gaps: what counties state beside what their farms report, and how much of the county that is."""

from pydantic import Field

from schemas.estimates import Rounded
from schemas.summaries import Exact, RegionName, WireModel
from schemas.vocabulary import Indicator, Standing


class FarmCover(WireModel):
    """How many farms stand behind the field sum."""

    reported: int = Field(description="Live farm reports of the period; a farm reports once.")
    registered: int = Field(description="Live entities of the register, whatever they have to report on.")


class BaseCover(WireModel):
    """How much of what the county states its farms cover, over the counties that have both."""

    farm: Exact | None = Field(description="Denominator of the field sum.")
    statement: Exact | None = Field(description="Denominator of the statements.")
    share_percent: Exact | None = Field(description="The one of the other, rounded to two decimals.")
    unit: str | None


class GapEstimate(WireModel):
    """What a sample says of a county: the ratio of its households with its 95 % interval, as shares."""

    county_code: str
    value: Rounded
    lower: Rounded | None
    upper: Rounded | None
    confidence: str
    is_rate: bool = Field(description="Whether it is the county's rate; else that of its households alone.")
    meets_minimum: bool


class GapRow(WireModel):
    """One region: both views over the counties that have both, and how far they lie apart."""

    region: RegionName
    statement: Exact | None = Field(description="Percent, rounded to two decimals.")
    farm: Exact | None
    gap_points: Exact | None = Field(description="Statement minus field sum; null where nothing can be said.")
    flagged: bool = Field(description="Whether the gap is larger than the tolerance.")
    farms: FarmCover
    base: BaseCover
    counties: int
    compared: int = Field(description="Counties that have a statement and a field sum.")
    estimate: GapEstimate | None = Field(description="Of a sampled indicator, and a county that has a design.")


class Gaps(WireModel):
    """The answer of `/v1/summaries/{region_code}/gaps`."""

    region: RegionName
    indicator: Indicator
    period: str
    standing: Standing
    tolerance_points: Exact
    comparable: bool = Field(description="Whether a gap says anything: of a rate whose reports are no sample.")
    zh: str
    en: str
    total: GapRow
    rows: list[GapRow]
    demo: bool
