"""The shipped reference files, the loader's checks, and the rows of the register."""

from decimal import Decimal

import pytest

from backend.reference.regions import FIRST_YEAR, RegisterFiles, build_changes, build_regions
from schemas.reference import loader
from schemas.reference.loader import ReferenceDataError
from schemas.regions import BINGTUAN, NATION, Region, RegionTree
from schemas.vocabulary import BasinTier, GoalType, Indicator, RegionLevel, SourceStatus

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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"goals.csv line 1: the columns must be region_code,"),
        ("region,value\n", r"line 1: the columns must be"),
        (GOALS_HEADER + "100000,film_recovery\n", r"line 2: 11 cells expected, got 2"),
        (GOALS_HEADER + GOAL.replace("100000", "10000"), r"line 2, region_code"),
        (GOALS_HEADER + GOAL.replace("film_recovery", "film"), r"line 2, indicator"),
        (GOALS_HEADER + GOAL.replace("official", "sure"), r"line 2, status"),
        (GOALS_HEADER + GOAL.replace("0.85", "85%"), r"line 2, value: .*plain decimal"),
        (GOALS_HEADER + GOAL.replace("0.85", "NaN"), r"line 2, value: .*plain decimal"),
        (GOALS_HEADER + GOAL.replace("0.85", "1_000"), r"line 2, value: .*plain decimal"),
        (GOALS_HEADER + GOAL.replace("0.85", "85"), r"a floor is a share of at most 1, got 85"),
        (GOALS_HEADER + GOAL.replace("2025", "2020"), r"due_year lies before valid_from"),
        (GOALS_HEADER + GOAL.replace("a plan", ""), r"line 2, source"),
        (GOALS_HEADER + GOAL + GOAL, r"100000, film_recovery, plan, 2021, 2025 is given twice"),
        (GOALS_HEADER + '"100000', r"goals.csv line 2: unexpected end of data"),
    ],
)
def test_a_faulty_file_is_refused_naming_the_line(text, message):
    with pytest.raises(ReferenceDataError, match=message):
        loader.read_goals(text)


def test_a_byte_order_mark_and_empty_lines_do_no_harm():
    assert loader.read_goals("\ufeff" + GOALS_HEADER + "\n" + GOAL)[0].department == "a ministry"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": [1]}', '{"features": [{"properties": {}}]}'])
def test_a_file_that_is_no_feature_collection_is_refused(text):
    with pytest.raises(ReferenceDataError, match="not a GeoJSON FeatureCollection"):
        loader.read_basin_waters(text)


def prefecture(code, **counties):
    return {"code": code, "counties": counties}


REGISTER = RegisterFiles(
    divisions={
        "重庆市": {"code": "500000000000", "cities": {"": prefecture(None, 两江新区="500157000000")}},
        "广东省": {
            "code": "440000000000",
            "cities": {
                "广州市": prefecture("440100000000", 荔湾区="440103000000"),
                "东莞市": prefecture("441900000000"),
            },
        },
        "新疆维吾尔自治区": {"code": "650000000000", "cities": {"": prefecture(None, 石河子市="659001000000")}},
        "台湾省": {"code": "710000000000", "cities": {}},
    },
    townships={
        "500157000000": {"county": "两江新区", "townships": {"江北城街道": "500157005000"}},
        "440103000000": {"county": "荔湾区", "townships": {"沙面街道": "440103001000"}},
    },
    events=[
        {
            "year": 2025,
            "type": "撤销",
            "old": {"code": "500105000000", "name": "江北区"},
            "new": {"code": "500157000000", "name": "两江新区"},
            "doc_no": "渝府发〔2025〕15号",
        },
        {
            "year": 2013,
            "type": "新设",
            "old": {"code": None, "name": None},
            "new": {"code": "440103000000", "name": "x"},
        },
        {"year": 2024, "type": "划转", "old": {"code": None, "name": "a"}, "new": {"code": None, "name": "b"}},
    ],
)
RECODES = loader.read_recodes(
    "old_code,old_name,new_code,year,kind,source\n"
    "500105,江北区,500157,2025,撤销并入两江新区,渝府发\n"
    "500112,渝北区,500157,2025,撤销并入两江新区,渝府发\n"
)


def tree(year):
    rows = build_regions(REGISTER, RECODES)
    return RegionTree(
        Region(row.code, row.name, row.level, row.parent_code, row.ledger_codes, row.in_scope)
        for row in rows
        if row.valid_from <= year and (row.valid_to is None or year <= row.valid_to)
    )


def test_a_prefecture_without_counties_is_one_county_below_its_province():
    dongguan = tree(2025)["441900"]
    assert (dongguan.level, dongguan.parent_code) == (RegionLevel.COUNTY, "440000")
    assert dongguan.ledger_codes == ("441900",)


def test_counties_below_a_nameless_prefecture_stand_below_their_province():
    assert tree(2025)["500157"].parent_code == "500000"
    assert tree(2025)["440103"].parent_code == "440100"


def test_bingtuan_cities_belong_to_bingtuan_not_to_xinjiang():
    regions = tree(2025)
    assert regions["659001"].parent_code == BINGTUAN
    assert not regions.is_within("659001", "650000")
    assert regions[BINGTUAN].level is RegionLevel.PROVINCE


def test_taiwan_is_in_the_tree_but_not_in_the_scope_of_the_reports():
    assert not tree(2025)["710000"].in_scope
    assert tree(2025)["440000"].in_scope


def test_a_merged_county_sums_the_ledgers_of_the_codes_it_replaced():
    assert tree(2025)["500157"].ledger_codes == ("500157", "500105", "500112")
    assert tree(2025).get("500105") is None


def test_before_the_merger_the_old_counties_are_valid_and_the_new_one_is_not():
    before = tree(2024)
    assert before["500105"].ledger_codes == ("500105",)
    assert before["500112"].name == "渝北区"
    assert before.get("500157") is None
    assert tree(FIRST_YEAR).get("500105") is not None


def test_a_township_begins_with_its_county():
    assert tree(2025).county_of("500157005").code == "500157"
    assert tree(2024).get("500157005") is None
    assert tree(2024).county_of("440103001").code == "440103"


def test_the_history_keeps_every_event_with_a_code_and_adds_missing_recodes_once():
    changes = build_changes(REGISTER, RECODES, {"500157": "两江新区"})
    assert [(one.old_code, one.new_code, one.year) for one in changes] == [
        ("500105", "500157", 2025),
        ("", "440103", 2013),
        ("500112", "500157", 2025),
    ]
    assert [one.source for one in changes[::2]] == ["渝府发〔2025〕15号", "渝府发"]
