"""Every rule fires where it should, on the level and with the severity that the field wants, and nowhere else."""

from decimal import Decimal

import pytest

from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.findings import county_findings, missing_coefficients, report_findings
from schemas.indicators.spec import Terms
from schemas.indicators.straw_form import CROP_LIMITS, Crop
from schemas.indicators.validation import read_report
from schemas.vocabulary import Indicator, Level, Severity
from tests.unit.indicators.payloads import (
    accepted,
    coefficients,
    film_county,
    film_farm,
    manure_county,
    manure_farm,
    refused,
    straw_county,
    straw_household,
    straw_market,
)
from tests.unit.indicators.rule_cases import BLOCKED, TAKEN_WITHOUT_A_WORD, WARNED


def case_id(case):
    code, payload, _ = case
    return f"{code}-{payload['indicator']}-{payload['level']}"


@pytest.mark.parametrize("case", BLOCKED, ids=case_id)
def test_the_impossible_is_refused_at_its_field(case):
    code, payload, field = case
    found = [each for each in refused(payload) if each.code == code]
    assert found
    assert field is None or field in {each.field for each in found}


@pytest.mark.parametrize("case", WARNED, ids=case_id)
def test_the_doubtful_is_taken_with_a_flag(case):
    code, payload, field = case
    _, warnings = read_report(payload)
    assert (code, field) in {(each.code, each.field) for each in warnings}


@pytest.mark.parametrize(
    "payload", TAKEN_WITHOUT_A_WORD, ids=lambda payload: f"{payload['indicator']}-{payload['level']}"
)
def test_the_possible_up_to_its_limit_is_taken_without_a_word(payload):
    assert read_report(payload)[1] == []


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("indicator", Indicator)
def test_every_rule_is_seen_to_fire_at_its_severity(indicator, level):
    seen = {
        severity: {code for code, payload, _ in cases if (payload["indicator"], payload["level"]) == (indicator, level)}
        for severity, cases in ((Severity.BLOCK, BLOCKED), (Severity.WARN, WARNED))
    }
    declared = {
        severity: {rule.code for rule in CATALOGUE[indicator].rules if rule.severity(level) is severity}
        for severity in Severity
    }
    assert seen == declared


@pytest.mark.parametrize("crop", Crop)
def test_the_hard_limits_of_the_ledger_hold_for_every_crop(crop):
    limits = CROP_LIMITS[crop]
    nothing = dict.fromkeys(
        ("household_use_feed_t", "market_use_fuel_t", "inbound_t", "outbound_t", "returned_area_mu"), "0"
    )
    at_limit = limits.yield_kg_per_mu / 1000  # t from one mu
    county = {"grain_output_t": str(at_limit), "sown_area_mu": "1", "straw_grain_ratio": str(limits.straw_grain_ratio)}
    accepted(straw_county(crop, **(nothing | county)))
    over = nothing | county | {"grain_output_t": str(at_limit + Decimal("0.000001"))}
    assert {each.code for each in refused(straw_county(crop, **over))} == {"yield_over_limit"}
    over = nothing | county | {"straw_grain_ratio": str(limits.straw_grain_ratio + Decimal("0.000001"))}
    assert {each.code for each in refused(straw_county(crop, **over))} <= {
        "straw_grain_ratio_over_limit",
        "out_of_range",
    }


def test_the_hard_limits_are_the_ministry_table():
    table = {crop: (limits.yield_kg_per_mu, limits.straw_grain_ratio) for crop, limits in CROP_LIMITS.items()}
    assert {crop: (int(most), str(ratio)) for crop, (most, ratio) in table.items()} == {
        "early_rice": (1500, "2.5"),
        "middle_late_rice": (1800, "2.5"),
        "double_late_rice": (1800, "2.5"),
        "wheat": (1200, "2.5"),
        "maize": (2300, "3"),
        "potato": (11000, "2.5"),
        "sweet_potato": (7500, "2.5"),
        "cassava": (14000, "2.5"),
        "peanut": (1200, "3"),
        "rapeseed": (500, "3"),
        "soybean": (700, "3"),
        "cotton": (600, "6"),
        "sugar_cane": (21000, "0.5"),
        "other": (21000, "6"),
    }


@pytest.mark.parametrize(("value", "taken"), [("0", True), ("1", True), ("1.000001", False), ("-0.1", False)])
def test_the_collectable_coefficient_lies_from_0_to_1(value, taken):
    idle = dict.fromkeys(("household_use_feed_t", "market_use_fuel_t", "inbound_t", "outbound_t"), "0")
    payload = straw_county(collectable_coefficient=value, **idle, returned_area_mu="0")
    if taken:
        accepted(payload)
    else:
        assert refused(payload)[0].field == "/payload/crops/early_rice/collectable_coefficient"


def test_a_message_names_the_crop_and_the_numbers():
    [problem] = refused(straw_county(returned_area_mu="100001"))
    assert problem.zh == "早稻秸秆直接还田面积 100001 亩大于播种面积 100000 亩，请核对。"
    assert problem.en == "Early rice: 100001 mu with straw returned exceeds 100000 mu sown; please check."
    [problem] = refused(film_county(mulch_used_t="400"))
    assert problem.zh.startswith("地膜净回收量 416.5 吨大于使用量 400 吨，回收率超过 100%")
    [problem] = refused(straw_county(market_use_fuel_t="36500.1"))
    assert "直接还田 60000 吨，加上农户、市场主体利用和调出（扣除调入）40000.1 吨" in problem.zh
    assert "最多可能有的 100000 吨" in problem.zh
    [problem] = refused(straw_household(grain_kg="20000"))
    assert problem.zh == "早稻折合亩产 2000 公斤，超过台账上限 1500 公斤，请核对产量和播种面积及其单位。"
    [problem] = refused(straw_market(sown_area_mu="3"))
    assert problem.zh == "“早稻·播种面积”由农户填写，市场主体不填，请清空此项或更正填报对象。"
    assert "'Early rice: Sown area' is asked of growers, not of market entities" in problem.en
    assert [each.zh for each in refused(manure_farm(species={"sow": {"slaughter_head": 5}}))] == [
        "“能繁母猪·出栏量”不用填，该畜种按“能繁母猪·存栏量”填报，请清空此项。",
        "“能繁母猪·存栏量”未填写，没有的填 0。",
    ]


def test_a_statement_over_100_percent_by_its_coefficients_is_found():
    straw = CATALOGUE[Indicator.STRAW_UTILISATION]
    form = accepted(straw_county())
    low = coefficients(straw_grain_ratio="1", collectable_coefficient="0.5")
    [problem] = report_findings(straw, form, low)
    assert problem.code == "rate_over_one"
    assert problem.zh == "早稻利用量（含调出，扣除调入） 21500 吨，超过可收集量 20000 吨（占 107.5%），请核对。"
    assert problem.en.startswith(
        "Early rice: straw used, plus sent out, less bought in 21500 t exceeds collectable straw"
    )
    assert report_findings(straw, form, coefficients(straw_grain_ratio="1", collectable_coefficient="0.9")) == []


def test_manure_used_over_produced_is_found_on_a_farm_and_on_a_statement():
    manure = CATALOGUE[Indicator.MANURE_UTILISATION]
    little = coefficients(dung_kg_per_day="1", waste_water_l_per_day="0", days="1")
    for payload in (manure_farm(), manure_county()):
        [problem] = report_findings(manure, accepted(payload), little)
        assert problem.zh.startswith("畜禽粪污利用量 ")


def test_a_straw_household_alone_makes_no_figure_and_no_finding():
    straw = CATALOGUE[Indicator.STRAW_UTILISATION]
    assert report_findings(straw, accepted(straw_household()), coefficients()) == []


def test_film_leaves_its_findings_to_its_rules():
    film = CATALOGUE[Indicator.FILM_RECOVERY]
    assert report_findings(film, accepted(film_farm(mulch_used_kg="1")), coefficients()) == []
    [problem] = county_findings(film, {"mulch_film": Terms(Decimal(3), Decimal(0))})
    assert problem.zh == "地膜净回收量 3 吨，超过使用量 0 吨（占 —），请核对。"
    assert county_findings(film, {"mulch_film": Terms(Decimal(3), Decimal(3))}) == []


def test_a_missing_coefficient_is_said_with_crop_and_name():
    straw = CATALOGUE[Indicator.STRAW_UTILISATION]
    valid = coefficients(collectable_coefficient="0.8")
    assert report_findings(straw, accepted(straw_county("peanut")), valid) == []
    [problem] = missing_coefficients(straw, valid)
    assert problem.zh.startswith("系数表中没有“花生”的草谷比，暂不能计算比率。")
    assert problem.en.startswith("The coefficient table has no straw:grain ratio for 'Peanut'")
