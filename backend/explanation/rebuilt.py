"""County figures computed anew from ledger entries up to given positions, under the coefficients of then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.explanation.standpoint import FrozenFiling, Standpoint
from backend.rollup.source import Source
from schemas.decimals import EXACT, ZERO, plain
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import Coefficient, Formula
from schemas.vocabulary import LIVE_STATUSES, Indicator, Level, RecordStatus, SourceStatus
from sync.cells import CellSums
from sync.figures import figure_rows, figures_of
from sync.reference import Reference
from sync.statement import as_json

READ_CELLS = """
    SELECT record.county_code, record.period, record.level, delta ->> 0 AS status, delta ->> 1 AS subject,
           delta ->> 2 AS quantity, sum(cast(delta ->> 3 AS numeric)) AS amount
    FROM unnest(cast(:codes AS text[]), cast(:positions AS bigint[])) AS held (code, position)
    JOIN record ON record.county_code = held.code AND record.kind = 'report'
               AND record.indicator = :indicator AND record.period = ANY(cast(:periods AS text[]))
    JOIN ledger_entry AS entry ON entry.county_code = record.county_code AND entry.record_id = record.id
                              AND entry.position <= held.position
    CROSS JOIN LATERAL jsonb_array_elements(entry.deltas) AS delta
    GROUP BY 1, 2, 3, 4, 5, 6
"""
"""The sums as of a position are the sums of what the entries up to it added. What a report is about never changes."""

READ_KEPT_CELLS = """
    SELECT county_code, period, level, status, subject, quantity, amount FROM rollup_cell
    WHERE county_code = ANY(cast(:codes AS text[])) AND indicator = :indicator
      AND period = ANY(cast(:periods AS text[]))
"""

READ_COEFFICIENTS = """
    SELECT year, region_code, name, subject, value, unit, source, status, version, withdrawn FROM coefficient
    ORDER BY version
"""

AS_FIGURES = """
    SELECT * FROM jsonb_to_recordset(cast(:at_figures AS jsonb)) AS figure (
        county_code text, period text, indicator text, view text, series text, numerator numeric,
        denominator numeric, n int, formula text, coefficients jsonb, coefficient_version int)
"""

AS_CELLS = """
    SELECT * FROM jsonb_to_recordset(cast(:at_cells AS jsonb)) AS cell (
        county_code text, period text, indicator text, level text, status text, subject text, quantity text,
        amount numeric)
"""

AS_BASELINES = """
    SELECT * FROM (
        SELECT DISTINCT ON (region_code, indicator, series, year) * FROM baseline WHERE version <= :at_baselines
        ORDER BY region_code, indicator, series, year, version DESC
    ) AS latest WHERE NOT withdrawn
"""

AS_HEADS = """
    SELECT entry.county_code, entry.position, entry.entry_hash, entry.recorded_at
    FROM unnest(cast(:at_codes AS text[]), cast(:at_positions AS bigint[])) AS held (code, position)
    JOIN ledger_entry AS entry ON entry.county_code = held.code AND entry.position = held.position
"""

AS_FILINGS = """
    SELECT last.region_code, last.period, last.indicator, last.to_state AS state, frozen.figure
    FROM (
        SELECT DISTINCT ON (region_code, period, indicator) * FROM filing_step
        WHERE indicator = :at_indicator AND taken_at <= :at_moment
        ORDER BY region_code, period, indicator, number DESC
    ) AS last
    LEFT JOIN LATERAL (
        SELECT figure FROM filing_step AS step
        WHERE step.region_code = last.region_code AND step.period = last.period
          AND step.indicator = last.indicator AND step.number <= last.number AND step.action = 'file'
        ORDER BY step.number DESC LIMIT 1
    ) AS frozen ON true
"""

CellKey = tuple[str, Level, RecordStatus]
Cells = dict[str, dict[CellKey, dict[tuple[str, str], Decimal]]]
"""ledger -> (period, level, status) -> (subject, quantity) -> amount, of one indicator."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is rebuilt: one indicator over some periods."""

    indicator: Indicator
    periods: Sequence[str]


async def cells_at(connection: AsyncConnection, wanted: Wanted, positions: Mapping[str, int]) -> Cells:
    """Return the sums of the ledgers up to the positions, from what the entries added: one statement."""
    return await _read(connection, READ_CELLS, wanted, list(positions), {"positions": list(positions.values())})


async def kept_cells(connection: AsyncConnection, wanted: Wanted, codes: Iterable[str]) -> Cells:
    """Return the sums of the ledgers as they are kept: one statement."""
    return await _read(connection, READ_KEPT_CELLS, wanted, list(codes), {})


async def _read(
    connection: AsyncConnection, statement: str, wanted: Wanted, codes: list[str], more: Mapping[str, Any]
) -> Cells:
    values = {"codes": codes, "indicator": str(wanted.indicator), "periods": list(wanted.periods), **more}
    cells: Cells = {}
    for row in await connection.execute(text(statement), values):
        key = (row.period, Level(row.level), RecordStatus(row.status))
        cells.setdefault(row.county_code, {}).setdefault(key, {})[row.subject, row.quantity] = row.amount
    return cells


def live_sums(
    cells: Mapping[CellKey, Mapping[tuple[str, str], Decimal]],
    indicator: Indicator,
    farm: frozenset[RecordStatus] = LIVE_STATUSES,
) -> CellSums:
    """Return a ledger's sums over live reports; of farm reports over those in the states `farm` alone."""
    sums: CellSums = {}
    for (period, level, status), amounts in cells.items():
        if status not in (farm if level is Level.FARM else LIVE_STATUSES):
            continue
        into = sums.setdefault((period, indicator, level), {})
        for key, amount in amounts.items():
            into[key] = EXACT.add(into.get(key, ZERO), amount)
    return sums


class PastReference:
    """The reference data with the coefficients of any version, read once."""

    def __init__(self, present: Reference, rows: Sequence[Any]) -> None:
        self._present = present
        self._rows = rows
        self._by_version: dict[int, Reference] = {}

    @classmethod
    async def read(cls, connection: AsyncConnection, present: Reference) -> "PastReference":
        """Read every row that was ever loaded: one statement."""
        return cls(present, (await connection.execute(text(READ_COEFFICIENTS))).all())

    def of(self, version: int) -> Reference:
        """Return the reference data with the coefficients that held under a version."""
        if version not in self._by_version:
            held = {}
            for row in self._rows:
                if row.version <= version:
                    held[row.year, row.region_code, row.name, row.subject] = row
            coefficients = tuple(_coefficient(row) for row in held.values() if not row.withdrawn)
            self._by_version[version] = replace(self._present, coefficients=coefficients, coefficient_version=version)
        return self._by_version[version]


def _coefficient(row: Any) -> Coefficient:
    status = SourceStatus(row.status)
    return Coefficient(
        row.year, row.region_code, row.name, row.subject, row.value, row.unit, row.source, status, row.version
    )


def rebuilt_figures(
    cells: Cells, indicator: Indicator, standpoint: Standpoint, past: PastReference
) -> list[dict[str, Any]]:
    """Return the figures of every ledger as rows of `county_figure`, computed as a push computes them.

    A filing says under which coefficients and by which formula its figure was computed; else those of the moment serve.
    """
    rows: list[dict[str, Any]] = []
    for code, of_ledger in sorted(cells.items()):
        version, formula = computed_under(standpoint, code, indicator)
        reference = past.of(version)
        touched = {(period, indicator) for period, _, _ in of_ledger}
        formulas = {} if formula is None else {indicator: formula}
        figures = figures_of(code, touched, live_sums(of_ledger, indicator), reference, formulas)
        rows += [{**row, "county_code": code, "coefficient_version": version} for row in figure_rows(figures)]
    return rows


def computed_under(standpoint: Standpoint, code: str, indicator: Indicator) -> tuple[int, Formula | None]:
    """Return the version of the coefficients of a ledger's figure, and its formula where that is not the current one.

    What a filing froze says so itself; else the moment does.
    """
    frozen = next((one for one in standpoint.filings if code in one.positions), None)
    said = next((row for row in frozen.figure if row["county_code"] == code), None) if frozen is not None else None
    if said is None:
        return standpoint.versions.coefficients, None
    return int(said["coefficient_version"]), CATALOGUE[indicator].formulas.get(said["formula"])


def source_of(
    standpoint: Standpoint, cells: Cells, figures: Sequence[Mapping[str, Any]], indicator: Indicator
) -> Source:
    """Return what summaries read in place of the tables."""
    moment: datetime = standpoint.moment
    return Source(
        queries={
            "county_figure": AS_FIGURES,
            "rollup_cell": AS_CELLS,
            "current_baseline": AS_BASELINES,
            "ledger_head": AS_HEADS,
            "filing": AS_FILINGS,
        },
        values={
            "at_figures": as_json(figures),
            "at_cells": as_json(_cell_rows(cells, indicator)),
            "at_baselines": standpoint.versions.baselines,
            "at_codes": list(standpoint.positions),
            "at_positions": list(standpoint.positions.values()),
            "at_indicator": str(indicator),
            "at_moment": moment,
        },
    )


def _cell_rows(cells: Cells, indicator: Indicator) -> Iterable[dict[str, str]]:
    for code, of_ledger in cells.items():
        for (period, level, status), amounts in of_ledger.items():
            for (subject, quantity), amount in amounts.items():
                if amount:
                    yield {
                        "county_code": code,
                        "period": period,
                        "indicator": indicator,
                        "level": level,
                        "status": status,
                        "subject": subject,
                        "quantity": quantity,
                        "amount": plain(amount),
                    }


COMPARED = ("numerator", "denominator", "n", "formula", "coefficient_version")


def frozen_agrees(one: FrozenFiling, figures: Sequence[Mapping[str, Any]], period: str) -> bool:
    """Whether the figure that a filing froze is the one rebuilt, in every ledger, view and series of the period."""
    names = ("county_code", "view", "series")
    again = {
        tuple(str(row[name]) for name in names): row
        for row in figures
        if row["period"] == period and row["county_code"] in one.positions
    }
    said = {tuple(str(row[name]) for name in names): row for row in one.figure}
    return said.keys() == again.keys() and all(
        row[column] == again[key][column] for key, row in said.items() for column in COMPARED
    )
