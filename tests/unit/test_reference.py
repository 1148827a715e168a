"""The shipped reference files, the loader's checks, and the rows of the register."""

from decimal import Decimal

import pytest

from schemas.reference import loader
from schemas.reference.designations import DESIGNATION_NAMES, DesignationKind
from schemas.reference.kinds import TABLES, ReferenceKind
from schemas.reference.loader import ReferenceDataError, csv_sheet
from schemas.reference.sheet import read_table
from schemas.regions import NATION
from schemas.vocabulary import BasinTier, GoalType, Indicator, SourceStatus

GOALS_HEADER = "region_code,indicator,scope,valid_from,due_year,type,value,unit,source,status,department\n"
GOAL = "100000,film_recovery,plan,2021,2025,floor,0.85,1,a plan,official,a ministry\n"


def goals_of(region_code):
    return {goal.indicator: goal for goal in loader.goals() if goal.region_code == region_code}


def values_of(name, region_code):
    found = [one for one in loader.coefficients() if (one.name, one.region_code) == (name, region_code)]
    return {(one.subject, one.year): one.value for one in found}


def test_the_national_goals_are_those_of_the_plan():
    national = goals_of(NATION)
    floors = {indicator: goal for indicator, goal in national.items() if goal.type is GoalType.FLOOR}
    assert {indicator: goal.value for indicator, goal in floors.items()} == {
        Indicator.FILM_RECOVERY: Decimal("0.85"),
        Indicator.STRAW_UTILISATION: Decimal("0.86"),
        Indicator.MANURE_UTILISATION: Decimal("0.80"),
    }
    for goal in floors.values():
        assert (goal.valid_from, goal.due_year) == (2021, 2025)
        assert goal.status is SourceStatus.OFFICIAL
        assert "1524号" in goal.source

    irrigation = national[Indicator.IRRIGATION_NEW_AREA]
    assert (irrigation.type, irrigation.value, irrigation.unit) == (GoalType.CUMULATIVE_AMOUNT, 60_000_000, "mu")


def test_that_inputs_must_not_rise_is_said_to_be_a_convention():
    for indicator in (Indicator.FERTILISER_REDUCTION, Indicator.PESTICIDE_REDUCTION):
        goal = goals_of(NATION)[indicator]
        assert (goal.type, goal.value, goal.status) == (GoalType.NO_INCREASE, 0, SourceStatus.CONVENTION)


def test_tianjin_has_goals_of_its_own_marked_unverified():
    tianjin, national = goals_of("120000"), goals_of(NATION)
    assert [str(goal.value) for goal in tianjin.values()] == ["0.85", "0.98", "0.90", "90000"]
    for indicator, goal in tianjin.items():
        # Its new irrigation is 节水, not 高效节水: another scope, shown beside the national one.
        same_scope = indicator is not Indicator.IRRIGATION_NEW_AREA
        assert (goal.scope == national[indicator].scope) is same_scope
        assert goal.status is SourceStatus.UNVERIFIED


def test_straw_grain_ratios_follow_the_six_regions():
    ratios = {code: values_of("straw_grain_ratio", code) for code in ("430000", "150000", "660000", "540000")}
    assert ratios["430000"] == {
        ("early_rice", 2010): Decimal("1.28"),
        ("middle_late_rice", 2010): Decimal("1.28"),
        ("double_late_rice", 2010): Decimal("1.28"),
        ("wheat", 2010): Decimal("1.38"),
        ("maize", 2010): Decimal("2.05"),
    }
    assert ratios["150000"]["maize", 2010] == Decimal("1.86")
    assert ratios["660000"] == {("wheat", 2010): Decimal("1.23"), ("maize", 2010): Decimal("1.52")}
    assert ratios["540000"]["early_rice", 2010] == Decimal("1.00")


def test_every_province_in_scope_has_a_maize_ratio_and_no_ratio_is_claimed_official():
    ratios = [one for one in loader.coefficients() if one.name == "straw_grain_ratio"]
    assert len({one.region_code for one in ratios if one.subject == "maize"}) == 32
    assert {one.status for one in ratios} == {SourceStatus.UNVERIFIED}


def test_the_collectable_coefficient_is_national_and_dated():
    assert values_of("collectable_coefficient", NATION) == {("", 2005): Decimal("0.81"), ("", 2017): Decimal("0.833")}


def test_every_species_has_all_three_manure_coefficients():
    species = {"finishing_pig", "sow", "dairy", "beef_cow", "finishing_beef", "layer", "broiler", "sheep", "duck_goose"}
    for name in ("dung_kg_per_day", "waste_water_l_per_day", "days"):
        assert {subject for subject, _ in values_of(name, NATION)} == species
    days = {subject: value for (subject, _), value in values_of("days", NATION).items()}
    assert (days["finishing_pig"], days["sow"], days["broiler"]) == (180, 365, 45)


def test_a_coefficient_that_the_table_lacks_is_a_zero_by_convention():
    zeros = [one for one in loader.coefficients() if one.value == 0]
    assert {(one.name, one.subject, one.status) for one in zeros} == {
        ("waste_water_l_per_day", "sheep", SourceStatus.CONVENTION),
        ("waste_water_l_per_day", "duck_goose", SourceStatus.CONVENTION),
    }


def test_each_basin_has_core_counties_and_an_outline():
    basins = {basin.code for basin in loader.basins()}
    assert basins == {"dongting", "danjiangkou", "taihu", "ulansuhai"}
    assert {water.code for water in loader.basin_waters()} == basins
    members = loader.basin_counties()
    assert len(members) == 150
    assert {member.basin_code for member in members if member.tier is BasinTier.CORE} == basins
    assert all(member.source for member in members)


def goals_in(text):
    return read_table(csv_sheet(text, "goals.csv"), TABLES[ReferenceKind.GOALS])


@pytest.mark.parametrize(
    ("text", "line", "column", "zh"),
    [
        ("", None, None, "表头不对"),
        ("region,value\n", 1, None, "不认识 region"),
        (GOALS_HEADER.replace(",department", "") + GOAL, 1, None, "缺少 department"),
        (GOALS_HEADER + GOAL.replace("\n", ",more\n"), 2, None, "有 12 格，表头只有 11 列"),
        (GOALS_HEADER + GOAL.replace("100000", "10000"), 2, "region_code", "不是六位区划代码"),
        (GOALS_HEADER + GOAL.replace("film_recovery", "film"), 2, "indicator", "只能是 film_recovery、"),
        (GOALS_HEADER + GOAL.replace("official", "sure"), 2, "status", "只能是 official、convention、unverified"),
        (GOALS_HEADER + GOAL.replace("0.85", "85%"), 2, "value", "“85%”不是数"),
        (GOALS_HEADER + GOAL.replace("0.85", "NaN"), 2, "value", "不是数"),
        (GOALS_HEADER + GOAL.replace("0.85", "1_000"), 2, "value", "不是数"),
        (GOALS_HEADER + GOAL.replace("0.85", "85"), 2, "value", "不超过 1"),
        (GOALS_HEADER + GOAL.replace("2025", "2020"), 2, "due_year", "到期年早于生效年"),
        (GOALS_HEADER + GOAL.replace("2025", "２０２５"), 2, "due_year", "不是 1949 至 2100 之间的年份"),
        (GOALS_HEADER + GOAL.replace("a plan", ""), 2, "source", "不能为空"),
        (GOALS_HEADER + GOAL + GOAL, 3, "region_code", "与第 2 行是同一条"),
    ],
)
def test_a_fault_names_its_line_and_column_in_both_languages(text, line, column, zh):
    found = goals_in(text)
    (fault,) = found.faults
    assert (fault.line, fault.column) == (line, column)
    assert zh in fault.zh
    assert fault.en
    assert fault.en.isascii() or "“" not in fault.en


def test_no_fault_hides_another():
    bad = GOAL.replace("film_recovery", "film").replace("0.85", "x").replace("official", "sure")
    faults = goals_in(GOALS_HEADER + bad + bad).faults
    assert [(one.line, one.column) for one in faults] == [
        (line, column) for line in (2, 3) for column in ("indicator", "value", "status")
    ]


def test_a_byte_order_mark_empty_lines_and_comments_do_no_harm():
    found = goals_in("\ufeff# 说明\n" + GOALS_HEADER + "\n" + GOAL)
    assert (found.faults, list(found.rows)) == ([], [4])


def test_columns_may_stand_in_any_order_under_chinese_names_with_one_for_the_eye():
    heading = "责任部门,区划代码,地区,指标,口径,起始年,到期年,类型,数值,单位,来源,状态\n"
    row = "农业农村部,100000,全国,film_recovery,plan,2021,2025,floor,0.85,1,文件,official\n"
    (goal,) = goals_in(heading + row).rows.values()
    assert (goal.department, goal.region_code, goal.value) == ("农业农村部", "100000", Decimal("0.85"))


def test_a_row_is_withdrawn_by_its_key_alone():
    found = goals_in(GOALS_HEADER.strip() + ",withdrawn\n100000,film_recovery,plan,2021,2025,,,,,,,是\n")
    assert found.faults == []
    assert found.rows == {}
    assert found.withdrawn == {2: ("100000", Indicator.FILM_RECOVERY, "plan", 2021, 2025)}


@pytest.mark.parametrize("kind", TABLES)
def test_every_shipped_file_is_without_fault(kind):
    table = TABLES[kind]
    found = read_table(csv_sheet(loader.packaged(table.file), table.file), table)
    assert found.faults == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": [1]}', '{"features": [{"properties": {}}]}'])
def test_a_file_that_is_no_feature_collection_is_refused(text):
    with pytest.raises(ReferenceDataError, match="not a GeoJSON FeatureCollection"):
        loader.read_basin_waters(text)


def test_a_designation_may_be_said_in_chinese():
    text = "county_code,kind,year,source,status\n430623,粮食主产区,2023,文件,official\n"
    found = read_table(csv_sheet(text, "x.csv"), TABLES[ReferenceKind.DESIGNATIONS])
    assert [row.kind for row in found.rows.values()] == [DesignationKind.GRAIN_PRODUCTION]
    assert set(DESIGNATION_NAMES) == set(DesignationKind)
