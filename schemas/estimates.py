"""The wire models of estimates from samples, of the designs behind them, and of inspections drawn by risk."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.summaries import GoalShown, WireModel
from schemas.vocabulary import Indicator

MAX_VILLAGES = 2000

Rounded = Annotated[str, Field(description="A number with six decimals as a JSON string.", examples=["0.861234"])]


class DrawnVillage(BaseModel):
    """A village of the sample: its stratum, how many villages that has in all, and its own households."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    village_code: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    stratum: Annotated[str, Field(min_length=1, max_length=40)]
    stratum_villages: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    households: Annotated[int, Field(ge=1, le=100_000, strict=True)]


class SampleDesign(BaseModel):
    """The villages that were drawn, whether they have answered or not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    villages: Annotated[list[DrawnVillage], Field(min_length=1, max_length=MAX_VILLAGES)]


class IntervalShown(WireModel):
    """An estimate with its 95 % interval; without an error where the sample cannot tell one."""

    value: Rounded
    standard_error: Rounded | None
    lower: Rounded | None
    upper: Rounded | None


class StratumShown(WireModel):
    """How much of a stratum was drawn and asked."""

    stratum: str
    villages: int
    drawn: int
    answered: int
    households_asked: int


class EstimateShown(WireModel):
    """What a county's sample says: the ratio of its households, and the county's rate with it."""

    county_code: str
    indicator: Indicator
    period: str
    households: IntervalShown = Field(
        description="Used over collectable straw of the households, without what was returned to the field."
    )
    counted: Rounded | None = Field(
        description="What is counted in full, over the collectable straw: direct return, market entities, sent out "
        "less bought in. Null without the county's statement."
    )
    rate: IntervalShown | None = Field(description="Households and `counted` together: the county's rate.")
    confidence: str
    degrees_of_freedom: int
    strata: list[StratumShown]
    households_left_out: int = Field(description="Households whose village is not of the design.")
    meets_minimum: bool = Field(description="Whether at least 6 villages and 120 households have answered.")
    goal: GoalShown | None
    verdict: str | None = Field(description="`met`, `below` or `undecided` at 95 %; null without a goal or a rate.")


class InspectedFarm(WireModel):
    """A farm to be visited: its weight, the chance that it had, and what stands open about it."""

    farm_id: str
    county_code: str
    township_code: str
    weight: int
    probability: Rounded
    findings: list[str] = Field(description="Codes of the open findings that weigh in.")


class InspectionList(WireModel):
    """A sample of farms drawn with chances proportional to their risk; the same seed draws it again."""

    county_code: str
    period: str
    indicator: Indicator | None
    seed: str
    size: int
    population: int
    total_weight: int
    weights: dict[str, int] = Field(description="What each open finding adds; every farm weighs 1, a warning adds 1.")
    digest: str = Field(
        description="SHA-256 of the lines `<farm_id>:<weight>`, sorted: what the sample was drawn from."
    )
    farms: list[InspectedFarm]
