"""The signed statement of a published figure, for keeping outside the database and verifying without the server."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.changes import ReceiptHead
from schemas.receipts import Hex128
from schemas.summaries import Exact
from schemas.vocabulary import FigureKind, GoalState, GoalType, Indicator, Role, SourceStatus, Unit, View

FIGURE_ALGORITHM = "qt1-figure-ed25519"


class Signed(BaseModel):
    """Base of what is signed: nothing may stand in it that is not known here."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StatedTerm(Signed):
    """The figure of one ledger, view and series as the filing froze it."""

    county_code: str
    view: View
    series: str
    numerator: Exact | None
    denominator: Exact | None
    n: int
    formula: str
    coefficient_version: int


class StatedValue(Signed):
    """The figure: over all ledgers of the county, unrounded."""

    numerator: Exact | None
    denominator: Exact | None
    rate: Exact | None = Field(description="A share, or of a change (amount - base) / base; 34 digits.")
    rate_percent: Exact | None
    amount: Exact | None
    unit: Unit
    state: GoalState


class StatedGoal(Signed):
    """The goal that the figure was held against."""

    region_code: str
    scope: str
    type: GoalType
    value: Exact
    unit: str
    due_year: int
    source: str
    status: SourceStatus
    met: bool | None = Field(description="Null where the goal is not due, or there is no figure.")


class StatedCoefficient(Signed):
    """A coefficient that went into the figure."""

    name: str
    subject: str
    region_code: str
    year: int
    version: int
    value: Exact
    status: SourceStatus


class StatedStep(Signed):
    """The step that published the figure."""

    id: str
    number: int
    role: Role
    office: str
    taken_at: str = Field(description="UTC, microseconds.")


class FigureStatement(Signed):
    """A published figure. Signed (Ed25519) is the RFC 8785 form of the document without its `signature`."""

    alg: Literal["qt1-figure-ed25519"]
    key_id: str
    issued_at: str = Field(description="UTC, whole seconds.", examples=["2026-02-03T18:00:00Z"])
    region_code: str
    region_name: str
    indicator: Indicator
    period: str
    kind: FigureKind
    terms: list[StatedTerm]
    value: StatedValue
    goal: StatedGoal | None
    formula: str
    coefficients: list[StatedCoefficient]
    coefficient_versions: list[int]
    goal_version: int
    baseline_version: int
    filed_step: str = Field(description="The step that filed and froze the positions.")
    step: StatedStep
    heads: list[ReceiptHead] = Field(description="The last entry of each ledger that the filing froze.")
    signature: Hex128
