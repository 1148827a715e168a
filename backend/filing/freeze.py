"""What a step freezes, read behind the lock of the county's ledgers: positions, statement, figure, accepted sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from backend.filing.store import FilingKey, Frozen
from schemas.decimals import plain
from schemas.identifiers import statement_id
from schemas.indicators.spec import Key
from sync.statement import Connection, Statement

READ_BASIS = Statement.of("""
    SELECT (SELECT json_agg(one) FROM (
                SELECT id, revision, last_change_id, payload, quantities FROM record
                WHERE county_code = cast(:region_code AS text) AND id = cast(:statement_id AS uuid)
                  AND status <> 'withdrawn') AS one) AS statement,
           (SELECT json_agg(one ORDER BY one.county_code, one.view, one.series) FROM (
                SELECT county_code, view, series, cast(numerator AS text) AS numerator,
                       cast(denominator AS text) AS denominator, n, formula, coefficient_version
                FROM county_figure
                WHERE county_code = ANY(cast(:ledger_codes AS text[])) AND period = cast(:period AS text)
                  AND indicator = cast(:indicator AS text)) AS one) AS figure,
           (SELECT json_agg(one) FROM (
                SELECT subject, quantity, cast(sum(amount) AS text) AS amount FROM rollup_cell
                WHERE county_code = ANY(cast(:ledger_codes AS text[])) AND period = cast(:period AS text)
                  AND indicator = cast(:indicator AS text) AND level = 'farm' AND status = 'accepted'
                GROUP BY subject, quantity) AS one) AS accepted
""")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a statement of one indicator and period rests on, as it stands now."""

    statement: Mapping[str, Any] | None
    """Its record's id, revision, last change, payload and quantities."""
    figure: Sequence[Mapping[str, Any]]
    accepted: Mapping[Key, Decimal]
    """The sums over the accepted farm reports."""
    reports: int
    """How many there are."""

    @property
    def stated(self) -> dict[Key, Decimal] | None:
        """The quantities of the statement; None where there is none."""
        if self.statement is None:
            return None
        return {(subject, name): Decimal(amount) for subject, name, amount in self.statement["quantities"]}

    def frozen(self, positions: Mapping[str, int]) -> Frozen:
        """Return what a step records of it."""
        record = self.statement
        terms = ("numerator", "denominator")
        figure = [{**row, **{name: _plain(row[name]) for name in terms}} for row in self.figure]
        return Frozen(
            positions, None if record is None else record["id"], None if record is None else record["revision"], figure
        )


async def read_basis(connection: Connection, key: FilingKey) -> Basis:
    """Return what the statement of a filing rests on: one statement of SQL."""
    [row] = await READ_BASIS.rows(
        connection,
        **key.values,
        ledger_codes=list(key.ledger_codes),
        statement_id=statement_id(key.region_code, key.indicator, key.period),
    )
    sums = {(one["subject"], one["quantity"]): Decimal(one["amount"]) for one in _rows(row["accepted"])}
    reports = int(sums.pop(("", "reports"), 0))
    sums.pop(("", "flagged_reports"), None)
    statements = _rows(row["statement"])
    return Basis(
        statements[0] if statements else None,
        _rows(row["figure"]),
        {key_: amount for key_, amount in sums.items() if amount},
        reports,
    )


def _rows(text: str | list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return what `json_agg` gave, whichever connection read it."""
    if text is None:
        return []
    rows: list[dict[str, Any]] = orjson.loads(text) if isinstance(text, str) else text
    return rows


def _plain(number: str | None) -> str | None:
    return None if number is None else plain(Decimal(number))
