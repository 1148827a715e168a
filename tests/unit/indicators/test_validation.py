"""What a phone is told about a payload that cannot be read: the field, a stable code, and words that help."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.changes import ChangeItem, Push
from schemas.indicators.translation import MAX_PROBLEMS
from schemas.indicators.validation import PayloadRefused, read_farm, read_report, translate, unstorable
from tests.unit.indicators.payloads import (
    FARM_ID,
    film_county,
    film_farm,
    manure_farm,
    refused,
    straw_county,
    straw_household,
)

NUMBER_ZH = '应写成带引号的十进制数，如 "12.5"：至多 12 位整数、6 位小数，不用科学记数法。'


def without(payload, name):
    return {key: value for key, value in payload.items() if key != name}


GOLDEN = [
    (without(film_farm(), "indicator"), "/payload/indicator", "missing", "“指标”未填写。"),
    (film_farm(indicator="film"), "/payload/indicator", "unknown_code", "“指标”没有“film”这个代码。"),
    (film_farm(level=1), "/payload/level", "wrong_type", "“填报层级”的类型不对，应为文字代码。"),
    (film_farm(level="village"), "/payload/level", "unknown_code", "“填报层级”没有“village”这个代码。"),
    (without(film_farm(), "farm_id"), "/payload/farm_id", "missing", "“所属主体”未填写。"),
    (film_farm(farm_id=FARM_ID.upper()[:-1] + "A"), "/payload/farm_id", "not_uuid7", "“所属主体”应为小写 UUIDv7。"),
    (film_farm(farm_id=7), "/payload/farm_id", "wrong_type", "“所属主体”的类型不对，应为文字。"),
    (film_farm(township_code="43062310"), "/payload/township_code", "code_digits", "“乡镇代码”应为 9 位数字。"),
    (
        film_farm(township_code="４３０６２３１０１"),
        "/payload/township_code",
        "code_digits",
        "“乡镇代码”应为 9 位数字。",
    ),
    (
        film_farm(period="2025H3"),
        "/payload/period",
        "invalid_period",
        "统计期“2025H3”无效，应为 2025、2025H1 或 2025Q3 这样的写法。",
    ),
    (
        film_farm(period="20２５"),
        "/payload/period",
        "invalid_period",
        "统计期“20２５”无效，应为 2025、2025H1 或 2025Q3 这样的写法。",
    ),
    (film_farm(mulch_used_kg=12.5), "/payload/mulch_used_kg", "number_format", f"“地膜使用量”{NUMBER_ZH}"),
    (film_farm(mulch_used_kg=12), "/payload/mulch_used_kg", "number_format", f"“地膜使用量”{NUMBER_ZH}"),
    (film_farm(mulch_used_kg="1e3"), "/payload/mulch_used_kg", "number_format", f"“地膜使用量”{NUMBER_ZH}"),
    (film_farm(mulch_used_kg="NaN"), "/payload/mulch_used_kg", "number_format", f"“地膜使用量”{NUMBER_ZH}"),
    (film_farm(mulch_used_kg="1_000"), "/payload/mulch_used_kg", "number_format", f"“地膜使用量”{NUMBER_ZH}"),
    (film_farm(mulch_used_kg="-1"), "/payload/mulch_used_kg", "number_format", f"“地膜使用量”{NUMBER_ZH}"),
    (film_farm(mulch_used_kg="12\n"), "/payload/mulch_used_kg", "number_format", f"“地膜使用量”{NUMBER_ZH}"),
    (
        film_farm(mulch_used_kg="999999999999.5"),
        "/payload/mulch_used_kg",
        "out_of_range",
        "“地膜使用量”应在 0 至 999999999999 之间，收到 999999999999.5。",
    ),
    (
        film_farm(mulch_impurity_rate="25"),
        "/payload/mulch_impurity_rate",
        "share_out_of_range",
        "“地膜含杂率”请用 0 至 1 之间的小数填写，如 15% 填 0.15；收到 25。",
    ),
    (
        film_farm(none_this_year="是"),
        "/payload/none_this_year",
        "wrong_type",
        "“今年无”的类型不对，应为“是”或“否”（true 或 false）。",
    ),
    (film_farm(note="长" * 501), "/payload/note", "text_too_long", "“备注”最多 500 个字符。"),
    (film_farm(geometry="POINT(1 2)"), "/payload/geometry", "wrong_type", "“地块”的类型不对，应为一个 JSON 对象。"),
    (film_farm(mulch_used_t="1"), "/payload/mulch_used_t", "unknown_field", "不认识的字段“mulch_used_t”。"),
    (film_farm(**{"a/b~c": 1}), "/payload/a~1b~0c", "unknown_field", "不认识的字段“a/b~c”。"),
    (film_county(farm_id=FARM_ID), "/payload/farm_id", "unknown_field", "不认识的字段“farm_id”。"),
    (
        film_farm(note="a\0b"),
        "/payload/note",
        "illegal_character",
        "“备注”含有不能保存的字符（空字符或不成对的代理字符）。",
    ),
    (
        straw_household(grain_kg=1),
        "/payload/crops/early_rice/grain_kg",
        "number_format",
        f"“早稻·产量”{NUMBER_ZH}",
    ),
    (
        straw_household(tonnes="1"),
        "/payload/crops/early_rice/tonnes",
        "unknown_field",
        "不认识的字段“早稻·tonnes”。",
    ),
    (straw_household("rice"), "/payload/crops/rice", "unknown_code", "“作物”没有“rice”这个代码。"),
    (
        straw_household(report={"crops": {"wheat": "1"}}),
        "/payload/crops/wheat",
        "wrong_type",
        "“小麦”的类型不对，应为一个 JSON 对象。",
    ),
    (straw_household(report={"crops": []}), "/payload/crops", "wrong_type", "“作物”的类型不对，应为一个 JSON 对象。"),
    (
        straw_household(report={"respondent": "farmer"}),
        "/payload/respondent",
        "unknown_code",
        "“填报对象”没有“farmer”这个代码。",
    ),
    (
        without(straw_household(), "respondent"),
        "/payload/respondent",
        "missing",
        "“填报对象”未填写。",
    ),
    (
        straw_county(report={"crops": {"wheat": {"grain_output_t": "1", "sown_area_mu": "1"}}}),
        "/payload/crops/wheat/returned_area_mu",
        "missing",
        "“小麦·秸秆直接还田面积”未填写。",
    ),
    (
        straw_county(collectable_coefficient="1.2"),
        "/payload/crops/early_rice/collectable_coefficient",
        "out_of_range",
        "“早稻·本县可收集系数”应在 0 至 1 之间，收到 1.2。",
    ),
    (
        manure_farm(species={"sow": {"stock_head": 1.0}}),
        "/payload/species/sow/stock_head",
        "wrong_type",
        "“能繁母猪·存栏量”的类型不对，应为整数。",
    ),
    (
        manure_farm(species={"sow": {"stock_head": True}}),
        "/payload/species/sow/stock_head",
        "wrong_type",
        "“能繁母猪·存栏量”的类型不对，应为整数。",
    ),
    (
        manure_farm(species={"sow": {"stock_head": -1}}),
        "/payload/species/sow/stock_head",
        "out_of_range",
        "“能繁母猪·存栏量”应在 0 至 999999999999 之间，收到 -1。",
    ),
    (
        without(manure_farm(), "equipped"),
        "/payload/equipped",
        "missing",
        "“粪污处理设施装备已配套”未填写。",
    ),
    (manure_farm(species={"猪": {"stock_head": 1}}), "/payload/species/猪", "unknown_code", "“畜种”没有“猪”这个代码。"),
]


@pytest.mark.parametrize(
    ("payload", "field", "code", "zh"), GOLDEN, ids=lambda part: part if isinstance(part, str) else ""
)
def test_one_fault_gives_one_problem_that_names_the_field_in_chinese(payload, field, code, zh):
    [problem] = refused(payload)
    assert (problem.field, problem.code, problem.zh) == (field, code, zh)
    assert problem.type == f"/problems/{code}"


def test_english_texts_use_english_labels():
    [problem] = refused(straw_household(grain_kg="x"))
    assert problem.en.startswith("'Early rice: Output' must be a decimal number in a JSON string")
    assert "早稻" not in problem.en


def test_all_faults_of_a_payload_are_named_at_once():
    found = refused(film_farm(period="x", farm_id="y", mulch_used_kg="z", extra=1))
    assert {each.field for each in found} == {
        "/payload/period",
        "/payload/farm_id",
        "/payload/mulch_used_kg",
        "/payload/extra",
    }


def test_an_unknown_crop_is_named_once_whatever_stands_below_it():
    [problem] = refused(straw_household("rice", grain_kg=1, bogus=2))
    assert problem.field == "/payload/crops/rice"


def test_null_stands_for_an_answer_that_was_not_given():
    form, _ = read_report(film_farm(shed_used_kg=None, shed_recovered_gross_kg=None, note=None))
    assert form.shed_used_kg is None


@pytest.mark.parametrize("text", ["\0", "\ud800", "地\udfff膜"])
def test_texts_that_cannot_be_stored_are_refused_wherever_they_stand(text):
    for payload, field in (
        (film_farm(note=text), "/payload/note"),
        (film_farm(geometry={"type": text}), "/payload/geometry/type"),
        (film_farm(geometry={"coordinates": [[text]]}), "/payload/geometry/coordinates/0/0"),
        (film_farm(indicator=text), "/payload/indicator"),
    ):
        [problem] = refused(payload)
        assert (problem.field, problem.code) == (field, "illegal_character")
    [problem] = refused(film_farm(**{text: 1}))
    assert problem.code == "illegal_character"
    orjson.dumps(problem.model_dump())


def test_deep_nesting_is_refused_without_recursion():
    deep: dict = {}
    here = deep
    for _ in range(100_000):
        here["a"] = {}
        here = here["a"]
    [problem] = refused(film_farm(geometry=deep))
    assert (problem.code, problem.field) == ("too_deep", "/payload")


def test_a_flood_of_faults_is_answered_with_the_first_of_them():
    assert len(refused(film_farm(**{f"x{number}": 1 for number in range(5000)}))) == MAX_PROBLEMS
    assert len(refused(film_farm(geometry={"coordinates": ["\0"] * 5000}))) == MAX_PROBLEMS


def test_a_long_unknown_code_is_not_echoed_at_length():
    [problem] = refused(film_farm(indicator="x" * 10_000))
    assert len(problem.zh) < 100


@pytest.mark.parametrize("payload", [[], "text", None, 3])
def test_a_payload_that_is_no_object_is_refused(payload):
    with pytest.raises(PayloadRefused) as refusal:
        read_report(payload)
    [problem] = refusal.value.problems
    assert (problem.code, problem.field) == ("wrong_type", "/payload")


def test_a_farm_is_read_by_its_own_form():
    farm = read_farm(
        {"entity_kind": "large_grower", "township_code": "430623101", "name": "张家湾", "area_mu": "120.5"}
    )
    assert str(farm.area_mu) == "120.5"
    with pytest.raises(PayloadRefused) as refusal:
        read_farm({"entity_kind": "village", "township_code": "1", "name": "", "area_mu": "10000001", "x": 1})
    assert [(each.field, each.zh) for each in refusal.value.problems] == [
        ("/payload/entity_kind", "“主体类型”没有“village”这个代码。"),
        ("/payload/township_code", "“乡镇代码”应为 9 位数字。"),
        ("/payload/name", "“名称”不能为空。"),
        ("/payload/area_mu", "“经营面积”应在 0 至 10000000 之间，收到 10000001。"),
        ("/payload/x", "不认识的字段“x”。"),
    ]


def test_faults_of_a_change_are_translated_below_their_own_root():
    item = {
        "change_id": "1",
        "county_code": "43",
        "record_id": FARM_ID,
        "kind": "report",
        "action": "create",
        "captured_at": "2025-10-03 9:12",
        "base_change_id": 3,
    }
    with pytest.raises(ValidationError) as error:
        ChangeItem.model_validate(item)
    found = translate(error.value, ChangeItem, "")
    assert [(each.field, each.code) for each in found] == [
        ("/change_id", "not_uuid7"),
        ("/county_code", "code_digits"),
        ("/captured_at", "not_aware_time"),
        ("/base_change_id", "not_uuid7"),
    ]
    assert found[1].zh == "“county_code”应为 6 位数字。"


def test_a_check_of_the_whole_change_names_the_field_it_means():
    item = {
        "change_id": FARM_ID,
        "county_code": "430623",
        "record_id": FARM_ID,
        "kind": "report",
        "action": "create",
        "captured_at": "2025-10-03T09:12:00+08:00",
    }
    with pytest.raises(ValidationError) as error:
        ChangeItem.model_validate(item)
    [problem] = translate(error.value, ChangeItem, "/changes/0")
    assert (problem.field, problem.code, problem.zh) == ("/changes/0/payload", "missing", "“payload”未填写。")


def test_faults_of_the_envelope_are_translated():
    envelope = {"device_id": "x", "schema_version": 0, "sent_at": "now", "changes": {}}
    with pytest.raises(ValidationError) as error:
        Push.model_validate(envelope)
    assert [(each.field, each.code) for each in translate(error.value, Push, "")] == [
        ("/device_id", "not_uuid7"),
        ("/schema_version", "below_minimum"),
        ("/sent_at", "not_aware_time"),
        ("/changes", "wrong_type"),
    ]


def test_any_json_value_can_be_asked_whether_it_can_be_stored():
    assert unstorable({"set": {"/note": "好"}, "n": [1, 2.5, None, True]}, "") == []
    [problem] = unstorable(["好", "\0"], "/set")
    assert problem.field == "/set/1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(categories=None), max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(sorted({*film_farm(), *film_county(), *straw_household(), *manure_farm(), "geometry", "note"}))


@settings(deadline=None)
@given(
    base=st.sampled_from([film_farm(), film_county(), straw_household(), straw_county(), manure_farm()]),
    changes=st.dictionaries(NAMES | st.text(max_size=8), JSON, max_size=4),
)
def test_whatever_is_sent_is_read_or_refused_in_words_that_can_be_sent_back(base, changes):
    payload = {**base, **changes}
    problems = problems_of(payload)
    assert problems is None or problems
    for each in problems or ():
        assert each.field == "/payload" or each.field.startswith("/payload/")
        orjson.dumps(each.model_dump())


def problems_of(payload):
    """Return why a payload is refused, or None where it is taken."""
    try:
        read_report(payload)
    except PayloadRefused as refusal:
        return refusal.problems
    return None
