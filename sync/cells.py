"""What a record adds to the sums of its county, and the sums themselves: exact, never stale, kept by deltas."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

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
    SELECT cast(:county_code AS text), d.period, d.indicator, d.level, d.status, d.subject, d.quantity, d.amount, d.n
    FROM jsonb_to_recordset(cast(:cells AS jsonb)) AS d (
        period text, indicator text, level text, status text, subject text, quantity text, amount numeric, n int)
    ON CONFLICT (county_code, period, indicator, level, status, subject, quantity)
    DO UPDATE SET amount = cell.amount + excluded.amount, n = cell.n + excluded.n
"""

TOUCHED = """
    SELECT t.period, t.indicator FROM jsonb_to_recordset(cast(:touched AS jsonb)) AS t (period text, indicator text)
    UNION
    SELECT own.period, own.indicator FROM unnest(cast(:record_ids AS uuid[])) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT period, indicator FROM record
        WHERE county_code = cast(:county_code AS text) AND id = wanted.id AND kind = 'report' OFFSET 0
    ) AS own
"""
"""Every (period, indicator) that is touched, by name or through a record."""


def live_sums_of(touched: str) -> str:
    """Return the statement for the sums over live reports of what `touched`, a statement too, finds."""
    return f"""
    SELECT found.period, found.indicator, found.level, found.subject, found.quantity,
           cast(sum(found.amount) AS text) AS amount
    FROM ({touched}) AS touched
    CROSS JOIN LATERAL (
        SELECT period, indicator, level, subject, quantity, amount FROM rollup_cell
        WHERE county_code = cast(:county_code AS text) AND period = touched.period AND indicator = touched.indicator
          AND status = ANY(cast(:live_statuses AS text[])) OFFSET 0
    ) AS found
    GROUP BY found.period, found.indicator, found.level, found.subject, found.quantity
"""


LIVE = sorted(str(status) for status in LIVE_STATUSES)

CellSums = dict[tuple[str, Indicator, Level], dict[tuple[str, str], Decimal]]
"""(period, indicator, level) -> (subject, quantity) -> the sum over live reports."""


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

    def added_to(self, before: CellSums) -> CellSums:
        """Return the sums over live reports as they stand once these deltas are in."""
        after = {key: dict(amounts) for key, amounts in before.items()}
        for key, amount in self._amounts.items():
            if key.status in LIVE_STATUSES:
                amounts = after.setdefault((key.period, key.indicator, key.level), {})
                within = (key.subject, key.quantity)
                amounts[within] = EXACT.add(amounts.get(within, ZERO), amount)
        return after


def cell_sums(rows: Iterable[Mapping[str, str]]) -> CellSums:
    """Return the rows of `live_sums_of` as sums."""
    sums: CellSums = {}
    for row in rows:
        key = (row["period"], Indicator(row["indicator"]), Level(row["level"]))
        sums.setdefault(key, {})[row["subject"], row["quantity"]] = Decimal(row["amount"])
    return sums


def as_sums(amounts: Mapping[tuple[str, str], Decimal], period: str) -> Sums:
    """Return one level's sums as the formulas read them: without counts, without what is 0."""
    counts = {(WHOLE, REPORTS), (WHOLE, FLAGGED)}
    kept = {key: amount for key, amount in amounts.items() if amount != 0 and key not in counts}
    return Sums(kept, int(amounts.get((WHOLE, REPORTS), ZERO)), Period.parse(period))
