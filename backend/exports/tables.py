"""The tables of exported figures: one indicator with all its columns, or all indicators by their headlines. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.exports.figures import Figures, Line, figure_columns, figure_values, place_columns, place_values
from backend.exports.sheet import Column, RowDigest, Value
from schemas.indicators.catalogue import CATALOGUE
from schemas.vocabulary import Indicator

HEADLINE = frozenset(
    {
        "numerator", "denominator", "rate_percent", "change_percent", "goal_percent", "goal_amount", "distance_points",
        "distance_amount", "state",
    }
)  # fmt: skip
"""The columns of an indicator that stand for it where all indicators share a row."""

ROW_KIND = Column("row_kind", "行类型", "Kind of row")
TOTAL, ROW = "合计", "明细"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; the first `totals` rows are sums over the others and must not be added to them."""

    name: str
    zh: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    totals: int

    @property
    def sha256(self) -> str:
        """The digest over all rows."""
        digest = RowDigest()
        digest.add(self.rows)
        return digest.hex


def indicator_table(indicator: Indicator, figures: Figures) -> Table:
    """Return the table of one indicator: where each row lies, then its figures."""
    spec = CATALOGUE[indicator]
    columns = (ROW_KIND, *place_columns(figures), *figure_columns(spec, figures))
    rows = tuple((*_place(line, figures), *figure_values(spec, line, figures)) for line in figures.lines)
    return Table(indicator.value, spec.zh, columns, rows, len(figures.totals))


def headline_table(figures: Figures) -> Table:
    """Return one row a region: of one indicator all its columns, of several the headline of each."""
    if len(figures.indicators) == 1:
        return replace(indicator_table(figures.indicators[0], figures), name="figures")
    columns: list[Column] = [ROW_KIND, *place_columns(figures)]
    chosen: list[tuple[Indicator, list[int]]] = []
    for indicator in figures.indicators:
        spec = CATALOGUE[indicator]
        found = figure_columns(spec, figures)
        kept = [index for index, column in enumerate(found) if column.name in HEADLINE]
        columns += [_prefixed(found[index], indicator, spec.zh, spec.en) for index in kept]
        chosen.append((indicator, kept))
    rows = tuple(_headlines(line, figures, chosen) for line in figures.lines)
    return Table("figures", "清洁生产指标汇总", tuple(columns), rows, len(figures.totals))


def _place(line: Line, figures: Figures) -> list[Value]:
    return [TOTAL if line.total else ROW, *place_values(line, figures)]


def _headlines(line: Line, figures: Figures, chosen: Sequence[tuple[Indicator, Sequence[int]]]) -> tuple[Value, ...]:
    found = _place(line, figures)
    for indicator, kept in chosen:
        values = figure_values(CATALOGUE[indicator], line, figures)
        found += [values[index] for index in kept]
    return tuple(found)


def _prefixed(column: Column, indicator: Indicator, zh: str, en: str) -> Column:
    label = column.zh if column.zh != zh else "比率"
    return replace(column, name=f"{indicator}_{column.name}", zh=label, en=f"{en}: {column.en}", group=zh)
