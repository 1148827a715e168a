"""The tree of regions of a year, made from the register and the recodes: mergers, renamings, Bingtuan."""

import pytest

from backend.reference.recodes import FIRST_YEAR, RecodeError
from backend.reference.regions import RegisterFiles, build_changes, build_regions
from schemas.reference.kinds import TABLES, ReferenceKind
from schemas.reference.loader import csv_sheet
from schemas.reference.sheet import read_table
from schemas.regions import BINGTUAN, Region, RegionTree
from schemas.vocabulary import RegionLevel


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

RECODE_HEADER = "old_code,old_name,new_code,new_name,year,kind,source\n"


def recodes_of(*lines):
    text = RECODE_HEADER + "\n".join(lines)
    found = read_table(csv_sheet(text, "region_recode.csv"), TABLES[ReferenceKind.REGION_RECODES])
    assert found.faults == []
    return list(found.rows.values())


RECODES = recodes_of(
    "500105,江北区,500157,两江新区,2025,撤销并入两江新区,渝府发",
    "500112,渝北区,500157,两江新区,2025,撤销并入两江新区,渝府发",
)


def tree(year, recodes=()):
    rows = build_regions(REGISTER, [*RECODES, *recodes])
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
    changes = build_changes(REGISTER, RECODES)
    assert [(one.old_code, one.new_code, one.year) for one in changes] == [
        ("500105", "500157", 2025),
        ("", "440103", 2013),
        ("500112", "500157", 2025),
    ]
    assert [one.source for one in changes[::2]] == ["渝府发〔2025〕15号", "渝府发"]


def test_a_later_merger_ends_the_old_codes_and_sums_their_ledgers():
    later = recodes_of("440103,荔湾区,440199,广佛新区,2027,撤并,文件", "441900,东莞市,440199,广佛新区,2027,撤并,文件")
    before, after = tree(2026, later), tree(2027, later)
    assert before["440103"].ledger_codes == ("440103",)
    assert before.get("440199") is None
    assert after.get("440103") is None
    assert after["440199"].ledger_codes == ("440199", "440103", "441900")
    assert (after["440199"].name, after["440199"].parent_code) == ("广佛新区", "440100")


def test_a_township_of_an_ended_county_stands_below_the_one_that_followed():
    later = recodes_of("440103,荔湾区,440199,广佛新区,2027,撤并,文件")
    assert tree(2026, later).county_of("440103001").code == "440103"
    assert tree(2027, later).county_of("440103001").code == "440199"


def test_a_county_may_take_in_another_and_keep_its_code():
    later = recodes_of("441900,东莞市,440103,荔湾区,2027,并入,文件")
    assert tree(2026, later)["440103"].ledger_codes == ("440103",)
    assert tree(2027, later)["440103"].ledger_codes == ("440103", "441900")
    assert tree(2027, later).get("441900") is None


def test_mergers_follow_one_another():
    later = recodes_of("440103,荔湾区,440199,甲区,2027,撤并,文件", "440199,甲区,440198,乙区,2029,撤并,文件")
    ledgers = [tree(year, later)[code].ledger_codes for year, code in ((2028, "440199"), (2029, "440198"))]
    assert ledgers == [("440199", "440103"), ("440198", "440199", "440103")]
    assert tree(2029, later).county_of("440103001").code == "440198"


def test_a_county_that_is_renamed_keeps_code_and_ledger():
    later = recodes_of("440103,荔湾区,440103,西关区,2027,更名,文件")
    assert [tree(year, later)["440103"].name for year in (2026, 2027)] == ["荔湾区", "西关区"]
    assert tree(2027, later)["440103"].ledger_codes == ("440103",)


def test_a_renaming_that_the_register_has_already_is_undone_before_its_year():
    earlier = recodes_of("440103,旧名区,440103,荔湾区,2020,更名,文件")
    assert [tree(year, earlier)["440103"].name for year in (2019, 2020)] == ["旧名区", "荔湾区"]
    assert tree(2019, earlier).county_of("440103001").code == "440103"


def test_a_county_stands_below_the_prefecture_that_its_code_of_the_year_says():
    later = recodes_of("441900,东莞市,440199,东莞区,2027,更码,文件", "440103,荔湾区,500198,荔湾区,2027,更码,文件")
    assert [tree(2026, later)[code].parent_code for code in ("441900", "440103")] == ["440000", "440100"]
    assert [tree(2027, later)[code].parent_code for code in ("440199", "500198")] == ["440100", "500000"]
    earlier = recodes_of("440999,老荔湾县,440103,荔湾区,2020,更码,文件", "659099,团场,441900,东莞市,2020,更码,文件")
    assert [tree(2019, earlier)[code].parent_code for code in ("440999", "659099")] == ["440000", BINGTUAN]
    assert [tree(2020, earlier)[code].parent_code for code in ("440103", "441900")] == ["440100", "440000"]


@pytest.mark.parametrize(
    ("line", "zh"),
    [
        ("111111,甲县,111112,乙县,2027,更码,文件", "区划表里既没有原代码 111111，也没有新代码 111112"),
        ("440100,广州市,440199,乙市,2027,更码,文件", "不是县级区划"),
        ("440103,荔湾区,440199,乙区,2015,更码,文件", "不能在 2015 年变更"),
        ("441900,东莞市,440100,广州市,2027,并入,文件", "不是县级区划"),
        ("500105,江北区,440199,乙区,2027,部分划出,文件", "账本不可分割"),
    ],
)
def test_a_change_that_does_not_fit_the_register_is_refused_with_its_reason(line, zh):
    with pytest.raises(RecodeError) as caught:
        tree(2027, recodes_of(line))
    assert zh in caught.value.zh
    assert caught.value.en
