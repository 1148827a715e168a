"""The signed statements of published figures."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import SQLModel

from schemas.tables import columns as c


class FigureStatementRow(SQLModel, table=True):
    """What was signed when a figure was published. Append-only: the service role may insert and read, nothing else."""

    __tablename__ = "figure_statement"
    __table_args__ = (Index("figure_statement_of", "region_code", "period", "indicator", "issued_at"),)

    region_code: str = c.code(primary_key=True)
    step_id: str = c.uuid(primary_key=True)
    """The step that published it."""
    period: str = c.text()
    indicator: str = c.text()
    issued_at: datetime = c.moment()
    key_id: str = c.text()
    document: dict[str, Any] = c.document()
    """As `schemas.figure_statements.FigureStatement` has it."""
