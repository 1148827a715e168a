"""The kinds of reference data: what each is called, which file holds it, and what makes a row the same row."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.reference.rows import (
    BaselineRow,
    BasinCountyRow,
    BasinRow,
    CoefficientFileRow,
    DesignationRow,
    GoalRow,
    PublishedInputRow,
    RecodeRow,
    Row,
)


class ReferenceKind(StrEnum):
    """What can be loaded."""

    GOALS = "goals"
    COEFFICIENTS = "coefficients"
    BASELINES = "baselines"
    PUBLISHED_INPUTS = "published_inputs"
    DESIGNATIONS = "designations"
    BASINS = "basins"
    BASIN_COUNTIES = "basin_counties"
    REGION_RECODES = "region_recodes"
    BOUNDARIES = "boundaries"


REGIONS = "regions"
"""What is worked out from the register and the recodes; it has versions, and is never loaded by hand."""

KIND_NAMES: Mapping[str, tuple[str, str]] = {
    ReferenceKind.GOALS: ("目标", "goals"),
    ReferenceKind.COEFFICIENTS: ("系数", "coefficients"),
    ReferenceKind.BASELINES: ("基期值", "base values"),
    ReferenceKind.PUBLISHED_INPUTS: ("年鉴投入品用量", "published inputs"),
    ReferenceKind.DESIGNATIONS: ("县域名录", "designations"),
    ReferenceKind.BASINS: ("重点流域", "key basins"),
    ReferenceKind.BASIN_COUNTIES: ("流域县份", "counties of basins"),
    ReferenceKind.REGION_RECODES: ("区划变更", "code changes"),
    ReferenceKind.BOUNDARIES: ("边界", "boundaries"),
    REGIONS: ("区划", "regions"),
}


@dataclass(frozen=True, slots=True)
class TableKind:
    """A kind that is a table: its rows, its key, the shipped file, and the column that holds a region's code."""

    kind: ReferenceKind
    row: type[Row]
    key: tuple[str, ...]
    file: str
    region_columns: tuple[str, ...] = ()
    counties_only: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its files."""
        return tuple(self.row.model_fields)


_TABLES = (
    TableKind(
        ReferenceKind.GOALS,
        GoalRow,
        ("region_code", "indicator", "scope", "valid_from", "due_year"),
        "goals.csv",
        ("region_code",),
    ),
    TableKind(
        ReferenceKind.COEFFICIENTS,
        CoefficientFileRow,
        ("year", "region_code", "name", "subject"),
        "coefficients.csv",
        ("region_code",),
    ),
    TableKind(
        ReferenceKind.BASELINES,
        BaselineRow,
        ("region_code", "indicator", "series", "year"),
        "baselines.csv",
        ("region_code",),
    ),
    TableKind(
        ReferenceKind.PUBLISHED_INPUTS,
        PublishedInputRow,
        ("measure", "year", "region_code"),
        "published_inputs.csv",
        ("region_code",),
    ),
    TableKind(
        ReferenceKind.DESIGNATIONS,
        DesignationRow,
        ("county_code", "kind", "year"),
        "designations.csv",
        ("county_code",),
        counties_only=True,
    ),
    TableKind(ReferenceKind.BASINS, BasinRow, ("code",), "basins.csv"),
    TableKind(
        ReferenceKind.BASIN_COUNTIES,
        BasinCountyRow,
        ("basin_code", "county_code"),
        "basin_counties.csv",
        ("county_code",),
        counties_only=True,
    ),
    TableKind(ReferenceKind.REGION_RECODES, RecodeRow, ("old_code", "new_code", "year"), "region_recode.csv"),
)
TABLES: Mapping[ReferenceKind, TableKind] = {one.kind: one for one in _TABLES}

COLUMN_NAMES: Mapping[str, tuple[str, str]] = {
    "region_code": ("区划代码", "region code"),
    "county_code": ("县代码", "county code"),
    "indicator": ("指标", "indicator"),
    "scope": ("口径", "scope"),
    "valid_from": ("起始年", "first year"),
    "due_year": ("到期年", "due year"),
    "type": ("类型", "type"),
    "value": ("数值", "value"),
    "unit": ("单位", "unit"),
    "source": ("来源", "source"),
    "status": ("状态", "status"),
    "department": ("责任部门", "department"),
    "year": ("年份", "year"),
    "name": ("名称", "name"),
    "subject": ("作物或畜种", "subject"),
    "series": ("系列", "series"),
    "measure": ("项目", "measure"),
    "kind": ("类别", "kind"),
    "code": ("代码", "code"),
    "zh": ("中文名", "Chinese name"),
    "en": ("英文名", "English name"),
    "basin_code": ("流域代码", "basin code"),
    "tier": ("层级", "tier"),
    "confidence": ("把握程度", "confidence"),
    "old_code": ("原代码", "old code"),
    "old_name": ("原名称", "old name"),
    "new_code": ("新代码", "new code"),
    "new_name": ("新名称", "new name"),
    "withdrawn": ("撤销", "withdrawn"),
    "amount": ("折算值", "amount"),
    "printed_value": ("原值", "printed value"),
    "printed_unit": ("原单位", "printed unit"),
    "name_en": ("英文名", "English name"),
    "geom": ("图形", "outline"),
}
"""Column -> what it is called, zh and en; a file may head its columns in Chinese."""
