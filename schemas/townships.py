"""The wire models of townships: what the farms of each township of a county have reported."""

from pydantic import Field

from schemas.map_values import Value
from schemas.summaries import Exact, RegionName, WireModel
from schemas.vocabulary import Indicator, RecordStatus


class TownshipFigure(WireModel):
    """The field sum of a township; of a sample only the reports are counted, as it gives no township's total."""

    value: Value | None = Field(description="Percent of a rate; else the exact amount.")
    numerator: Exact | None
    denominator: Exact | None
    unit: str = Field(description="Of `value`.")
    reports: dict[RecordStatus, int] = Field(description="Farm reports of the period by state.")
    none_this_year: int = Field(description="Live reports saying that there is nothing to report this year.")


class TownshipRow(WireModel):
    """One township."""

    township_code: str
    name: str
    farms: int = Field(description="Live entities of the register.")
    indicators: dict[Indicator, TownshipFigure]


class Townships(WireModel):
    """The answer of `/v1/summaries/{county_code}/townships`."""

    county: RegionName
    period: str
    rows: list[TownshipRow] = Field(description="By code; townships without a farm or report too.")
    demo: bool
