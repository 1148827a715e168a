"""The sums that the ledger keeps, exact to the last digit and never stale."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from schemas.tables import columns as c


class RollupCell(SQLModel, table=True):
    """One sum of one county, kept by deltas in the transaction that appends to its ledger."""

    __tablename__ = "rollup_cell"

    county_code: str = c.code(primary_key=True)
    period: str = c.text(primary_key=True)
    indicator: str = c.text(primary_key=True)
    level: str = c.text(primary_key=True)
    status: str = c.text(primary_key=True)
    subject: str = c.text(primary_key=True)
    quantity: str = c.text(primary_key=True)
    amount: Decimal = c.amount()
    n: int
    """How many records add to the sum."""


class CountyFigure(SQLModel, table=True):
    """The numerator and denominator of one county, from `county_terms`; only these are summed upward.

    A change and a cumulative flow hold the amount of their period as numerator, and no denominator.
    """

    __tablename__ = "county_figure"
    __table_args__ = (
        Index("county_figure_by_period", "period", "indicator", "county_code"),
        Index("county_figure_by_coefficients", "coefficient_version"),
    )

    county_code: str = c.code(primary_key=True)
    period: str = c.text(primary_key=True)
    indicator: str = c.text(primary_key=True)
    view: str = c.text(primary_key=True)
    series: str = c.text(primary_key=True)
    """Amounts that are never added to one another, such as the bases of pesticide mass; empty where there is one."""
    numerator: Decimal | None = c.amount(nullable=True, default=None)
    """NULL where the view has no figure."""
    denominator: Decimal | None = c.amount(nullable=True, default=None)
    n: int = Field(description="How many reports stand behind the figure.")
    formula: str = c.text()
    coefficients: list[Any] = c.document()
    """[name, subject, region_code, year, version] of every coefficient used."""
    coefficient_version: int
    """The version of all coefficients that the figure was computed under; an older one is computed again by a job."""
