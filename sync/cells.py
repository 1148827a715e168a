"""What a record adds to the sums of its county, and the sums themselves: exact, never stale, kept by deltas."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.decimals import EXACT, ONE, ZERO, plain
from schemas.indicators.spec import WHOLE, Sums
from schemas.period import Period
from schemas.vocabulary import LIVE_STATUSES, Indicator, Level, RecordStatus
from sync.content import Content
from sync.ledger import Delta

REPORTS = "reports"
"""The quantity that counts reports, so that counts by status are sums like any other."""

FLAGGED = "flagged_reports"
"""The quantity that counts reports with at least one warning."""

ADD_TO_CELLS = """
    INSERT INTO rollup_cell AS cell (county_code, period, indicator, level, status, subject, quantity, amount, n)
    SELECT :county_code, d.period, d.indicator, d.level, d.status, d.subject, d.quantity, d.amount, d.n
    FROM jsonb_to_recordset(cast(:deltas AS jsonb)) AS d (
        period text, indicator text, level text, status text, subject text, quantity text, amount numeric, n int)
    ON CONFLICT (county_code, period, indicator, level, status, subject, quantity)
    DO UPDATE SET amount = cell.amount + excluded.amount, n = cell.n + excluded.n
"""

READ_CELLS = """
    SELECT cell.period, cell.indicator, cell.level, cell.subject, cell.quantity, sum(cell.amount) AS amount
    FROM rollup_cell AS cell
    JOIN jsonb_to_recordset(cast(:touched AS jsonb)) AS t (period text, indicator text) USING (period, indicator)
    WHERE cell.county_code = :county_code AND cell.status = ANY(:statuses)
    GROUP BY cell.period, cell.indicator, cell.level, cell.subject, cell.quantity
"""


@dataclass(frozen=True, slots=True)
class CellKey:
    """One cell of a county."""

    period: str
    indicator: Indicator
    level: Level
    status: str
    subject: str
    quantity: str


def contribution(status: RecordStatus, content: Content) -> dict[tuple[str, str, str], Decimal]:
    """Return what a report adds: (status, subject, quantity) -> amount; nothing for a farm."""
    if content.indicator is None:
        return {}
    amounts = {(str(status), subject, name): amount for (subject, name), amount in content.quantities.items()}
    amounts[str(status), WHOLE, REPORTS] = ONE
    if content.warnings:
        amounts[str(status), WHOLE, FLAGGED] = ONE
    return amounts


def deltas_between(
    before: Mapping[tuple[str, str, str], Decimal], after: Mapping[tuple[str, str, str], Decimal]
) -> tuple[Delta, ...]:
    """Return what must be added to the cells for them to hold `after` instead of `before`; sorted, without zeros."""
    deltas = []
    for key in sorted(before.keys() | after.keys()):
        amount = EXACT.subtract(after.get(key, ZERO), before.get(key, ZERO))
        if amount != 0:
            deltas.append((*key, plain(amount)))
    return tuple(deltas)


class CellDeltas:
    """The deltas of one transaction, added up so that each cell is touched once."""

    def __init__(self) -> None:
        self._amounts: dict[CellKey, Decimal] = {}
        self._counts: dict[CellKey, int] = {}
        self.touched: set[tuple[str, Indicator]] = set()
        """The (period, indicator) pairs whose figures must be computed again."""

    def replace(
        self,
        content: Content,
        before: Mapping[tuple[str, str, str], Decimal],
        after: Mapping[tuple[str, str, str], Decimal],
    ) -> None:
        """Take one record's old contribution out and put the new one in."""
        if content.indicator is None or content.level is None or content.period is None:
            return
        self.touched.add((content.period, content.indicator))
        for amounts, sign in ((before, -1), (after, 1)):
            for (status, subject, quantity), amount in amounts.items():
                key = CellKey(content.period, content.indicator, content.level, status, subject, quantity)
                signed = amount if sign > 0 else -amount
                self._amounts[key] = EXACT.add(self._amounts.get(key, ZERO), signed)
                self._counts[key] = self._counts.get(key, 0) + sign

    def rows(self) -> list[dict[str, str | int]]:
        """Return the deltas that change anything, one row a cell, in key order."""
        rows: list[dict[str, str | int]] = []
        for key, amount in self._amounts.items():
            if amount == 0 and self._counts[key] == 0:
                continue
            rows.append(
                {
                    "period": key.period,
                    "indicator": key.indicator,
                    "level": key.level,
                    "status": key.status,
                    "subject": key.subject,
                    "quantity": key.quantity,
                    "amount": plain(amount),
                    "n": self._counts[key],
                }
            )
        return sorted(rows, key=lambda row: tuple(str(value) for value in row.values()))


async def add_to_cells(connection: AsyncConnection, county_code: str, rows: Iterable[dict[str, str | int]]) -> None:
    """Add the deltas to the county's cells in one statement."""
    await connection.execute(
        text(ADD_TO_CELLS), {"county_code": county_code, "deltas": orjson.dumps(list(rows)).decode()}
    )


async def county_sums(
    connection: AsyncConnection, county_code: str, touched: Iterable[tuple[str, Indicator]]
) -> dict[tuple[str, Indicator, Level], Sums]:
    """Return the sums over live reports for each touched (period, indicator), by level."""
    pairs = [{"period": period, "indicator": indicator} for period, indicator in sorted(touched)]
    rows = await connection.execute(
        text(READ_CELLS),
        {
            "county_code": county_code,
            "touched": orjson.dumps(pairs).decode(),
            "statuses": sorted(str(status) for status in LIVE_STATUSES),
        },
    )
    amounts: dict[tuple[str, Indicator, Level], dict[tuple[str, str], Decimal]] = {}
    for row in rows:
        key = (row.period, Indicator(row.indicator), Level(row.level))
        amounts.setdefault(key, {})[row.subject, row.quantity] = row.amount
    return {key: _as_sums(by_quantity, Period.parse(key[0])) for key, by_quantity in amounts.items()}


def _as_sums(by_quantity: dict[tuple[str, str], Decimal], period: Period | None) -> Sums:
    reports = int(by_quantity.pop((WHOLE, REPORTS), ZERO))
    by_quantity.pop((WHOLE, FLAGGED), None)
    return Sums({key: amount for key, amount in by_quantity.items() if amount != 0}, reports, period)
