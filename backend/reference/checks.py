"""What rows of a file must agree with besides their own form: the catalogue, the regions, the basins. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from schemas.indicators.catalogue import CATALOGUE
from schemas.reference import loader
from schemas.reference.kinds import TableKind
from schemas.reference.rows import BaselineRow, BasinCountyRow, CoefficientFileRow, GoalRow, Row
from schemas.reference.sheet import Fault
from schemas.vocabulary import FigureKind, GoalType, RegionLevel

GOAL_TYPE_OF = {
    FigureKind.RATE: GoalType.FLOOR,
    FigureKind.CHANGE: GoalType.NO_INCREASE,
    FigureKind.CUMULATIVE: GoalType.CUMULATIVE_AMOUNT,
}
"""How the figures of each kind are held against a goal."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is in the database that rows refer to: region codes of any year with name and level, basin codes."""

    regions: Mapping[str, tuple[str, RegionLevel]]
    basins: Collection[str]


def row_faults(kind: TableKind, rows: Mapping[int, Row], around: Surroundings) -> list[Fault]:
    """Return the faults of rows that are well formed, by line."""
    faults: list[Fault] = []
    for number, row in rows.items():
        faults += _region_faults(number, row, kind, around)
        match row:
            case CoefficientFileRow():
                faults += _coefficient_faults(number, row)
            case BaselineRow():
                faults += _baseline_faults(number, row)
            case GoalRow():
                faults += _goal_faults(number, row)
            case BasinCountyRow() if row.basin_code not in around.basins:
                faults.append(
                    Fault(f"没有流域 {row.basin_code}", f"there is no basin {row.basin_code}", number, "basin_code")
                )
    return faults


def _region_faults(number: int, row: Row, kind: TableKind, around: Surroundings) -> Iterator[Fault]:
    for column in kind.region_columns:
        code = str(getattr(row, column))
        found = around.regions.get(code)
        if found is None:
            yield Fault(f"没有区划 {code}", f"there is no region {code}", number, column)
        elif kind.counties_only and found[1] is not RegionLevel.COUNTY:
            yield Fault(f"{code} {found[0]}不是县级区划", f"{code} {found[0]} is no county", number, column)


def _coefficient_faults(number: int, row: CoefficientFileRow) -> Iterator[Fault]:
    asking = [spec for spec in CATALOGUE.values() if row.name in spec.coefficient_labels]
    if not asking:
        names = sorted({name for spec in CATALOGUE.values() for name in spec.coefficient_labels})
        yield Fault(
            f"没有公式用到系数 {row.name}，可用的有：{'、'.join(names)}",
            f"no formula asks for {row.name}; there are {', '.join(names)}",
            number,
            "name",
        )
        return
    subjects = {subject for spec in asking for subject in spec.subject_labels}
    if row.subject and row.subject not in subjects:
        yield Fault(
            f"没有作物或畜种 {row.subject}，可用的有：{'、'.join(sorted(subjects))}",
            f"there is no subject {row.subject}; there are {', '.join(sorted(subjects))}",
            number,
            "subject",
        )
    units = {one.unit for one in loader.coefficients() if one.name == row.name}
    if units and row.unit not in units:
        yield _wrong_unit(number, row.unit, min(units))


def _baseline_faults(number: int, row: BaselineRow) -> Iterator[Fault]:
    spec = CATALOGUE[row.indicator]
    if spec.base_year is None:
        yield Fault(f"{spec.zh}不与基期相比", f"{spec.en} is not held against a base year", number, "indicator")
        return
    if row.year != spec.base_year:
        yield Fault(f"基期是 {spec.base_year} 年", f"the base year is {spec.base_year}", number, "year")
    if row.series not in spec.series:
        listed = "、".join(spec.series)
        yield Fault(f"系列只能是：{listed or '空'}", f"series is one of: {listed or 'empty'}", number, "series")
    if row.unit is not spec.numerator.unit:
        yield _wrong_unit(number, row.unit, spec.numerator.unit)


def _goal_faults(number: int, row: GoalRow) -> Iterator[Fault]:
    spec = CATALOGUE[row.indicator]
    wanted = GOAL_TYPE_OF[spec.kind]
    if row.type is not wanted:
        yield Fault(f"{spec.zh}的目标类型是 {wanted}", f"goals of {spec.en} are of the type {wanted}", number, "type")
    elif row.type is GoalType.CUMULATIVE_AMOUNT and row.unit is not spec.numerator.unit:
        yield _wrong_unit(number, row.unit, spec.numerator.unit)


def _wrong_unit(number: int, given: str, wanted: str) -> Fault:
    return Fault(f"单位应为 {wanted}，现为 {given}", f"the unit must be {wanted}, got {given}", number, "unit")
