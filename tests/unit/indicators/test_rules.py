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
    fertiliser_county,
    fertiliser_farm,
    film_county,
    film_farm,
    green_county,
    green_farm,
    irrigation_county,
    irrigation_farm,
    manure_county,
    manure_farm,
    pesticide_county,
    pesticide_farm,
    refused,
    straw_county,
    straw_household,
    straw_market,
)

NO_FILM = {name: None for name in (*film_farm(), *film_county()) if name.startswith(("mulch", "shed", "bio"))}
NO_FARM_FILM = {name: None for name in NO_FILM if not name.endswith("_t")}
NO_COUNTY_FILM = {name: None for name in NO_FILM if not name.endswith("_kg")}
NO_MANURE = dict.fromkeys(("composting_return_kg", "slurry_return_kg"))
NO_COUNTY_MANURE = dict.fromkeys(
    (
        "composting_return_t",
        "commercial_fertiliser_t",
        "biogas_t",
        "registered_scale_farms",
        "equipped_scale_farms",
    )
)

AREAS = ("soil_testing_area_mu", "fertigation_area_mu", "deep_placement_area_mu", "organic_area_mu")
NO_FERTILISER = {"sown_area_mu": None, "fertilisers": {}} | dict.fromkeys(AREAS)
NO_CONTROL = dict.fromkeys(("basis", "sown_area_mu", "green_control_area_mu", "unified_control_area_mu"))
NO_PESTICIDE = NO_CONTROL | dict.fromkeys(("insecticide_kg", "fungicide_kg", "herbicide_kg"))
NO_COUNTY_PESTICIDE = NO_CONTROL | dict.fromkeys(("insecticide_t", "fungicide_t", "herbicide_t", "other_t"))
HIGH = ("sprinkler_area_mu", "drip_area_mu", "micro_spray_area_mu", "pipe_area_mu")
NO_IRRIGATION = dict.fromkeys((*HIGH, "canal_lining_area_mu"))
ONLY_LINING = dict.fromkeys(HIGH)

BLOCKED = [
    ("thickness_parts_exceed_used", film_county(mulch_thick_used_t="500.1"), "/payload/mulch_thick_used_t"),
    ("all_zero", fertiliser_farm(**NO_FERTILISER), "/payload/none_this_year"),
    ("all_zero", fertiliser_county(**NO_FERTILISER), "/payload/none_this_year"),
    ("none_contradicted", fertiliser_farm(none_this_year=True), "/payload/fertilisers/n/product_kg"),
    ("none_contradicted", fertiliser_county(none_this_year=True), "/payload/sown_area_mu"),
    ("area_exceeds_sown", fertiliser_county(organic_area_mu="1000000.1"), "/payload/organic_area_mu"),
    (
        "sown_area_missing",
        fertiliser_county(**({"sown_area_mu": None} | dict.fromkeys(AREAS))),
        "/payload/sown_area_mu",
    ),
    ("all_zero", pesticide_farm(**NO_PESTICIDE), "/payload/none_this_year"),
    ("all_zero", pesticide_county(**NO_COUNTY_PESTICIDE), "/payload/none_this_year"),
    ("none_contradicted", pesticide_farm(none_this_year=True), "/payload/insecticide_kg"),
    ("none_contradicted", pesticide_county(none_this_year=True), "/payload/insecticide_t"),
    ("basis_missing", pesticide_farm(basis=None), "/payload/basis"),
    ("basis_missing", pesticide_county(basis=None), "/payload/basis"),
    (
        "control_area_exceeds_sown",
        pesticide_county(green_control_area_mu="1000000.1"),
        "/payload/green_control_area_mu",
    ),
    (
        "pesticide_sown_area_missing",
        pesticide_county(sown_area_mu=None, green_control_area_mu=None, unified_control_area_mu=None),
        "/payload/sown_area_mu",
    ),
    ("all_zero", irrigation_farm(**NO_IRRIGATION), "/payload/none_this_year"),
    ("all_zero", irrigation_county(**NO_IRRIGATION), "/payload/none_this_year"),
    ("none_contradicted", irrigation_farm(none_this_year=True), "/payload/drip_area_mu"),
    ("none_contradicted", irrigation_county(none_this_year=True), "/payload/drip_area_mu"),
    ("project_needs_year", irrigation_farm(period="2025H1"), "/payload/period"),
    ("all_zero", green_farm(report={"crops": {}}), "/payload/none_this_year"),
    ("all_zero", green_county(report={"crops": {}}), "/payload/none_this_year"),
    ("none_contradicted", green_farm(report={"none_this_year": True}), "/payload/crops/rice/planted_area_mu"),
    ("none_contradicted", green_county(report={"none_this_year": True}), "/payload/crops/rice/planted_area_mu"),
    (
        "area_exceeds_planted",
        green_county(green_control_area_mu="200000.1"),
        "/payload/crops/rice/green_control_area_mu",
    ),
    (
        "area_exceeds_planted",
        green_county(unified_control_area_mu="200000.1"),
        "/payload/crops/rice/unified_control_area_mu",
    ),
    ("all_zero", film_farm(**NO_FARM_FILM), "/payload/none_this_year"),
    ("all_zero", film_farm(**(NO_FARM_FILM | {"mulch_used_kg": "0", "mulch_impurity_rate": "0.2"})), None),
    ("all_zero", film_county(**NO_COUNTY_FILM), "/payload/none_this_year"),
    ("all_zero", straw_household(report={"crops": {}}), None),
    ("all_zero", straw_market(use_fuel_kg="0", use_feed_kg="0", inbound_kg="0"), None),
    ("all_zero", straw_county(report={"crops": {}}), None),
    ("all_zero", manure_farm(species={"sow": {"stock_head": 0}}, **NO_MANURE), None),
    ("all_zero", manure_county(species={}, **NO_COUNTY_MANURE), None),
    (
        "none_contradicted",
        film_farm(**(NO_FARM_FILM | {"shed_used_kg": "1"}), none_this_year=True),
        "/payload/shed_used_kg",
    ),
    ("none_contradicted", film_county(none_this_year=True), "/payload/mulch_used_t"),
    ("none_contradicted", straw_market(report={"none_this_year": True}), "/payload/crops/early_rice/use_feed_kg"),
    ("none_contradicted", straw_county(report={"none_this_year": True}), None),
    ("none_contradicted", manure_farm(none_this_year=True), "/payload/species/sow/stock_head"),
    ("none_contradicted", manure_county(none_this_year=True), None),
    ("net_exceeds_used", film_county(mulch_used_t="416.499999"), "/payload/mulch_used_t"),
    ("film_half_answered", film_county(shed_used_t=None), "/payload/shed_used_t"),
    ("film_half_answered", film_county(mulch_recovered_gross_t=None), "/payload/mulch_recovered_gross_t"),
    ("share_not_given", film_county(mulch_moisture_rate=None), "/payload/mulch_moisture_rate"),
    ("not_asked_of_respondent", straw_household(inbound_kg="0"), "/payload/crops/early_rice/inbound_kg"),
    ("not_asked_of_respondent", straw_market(grain_kg="10"), "/payload/crops/early_rice/grain_kg"),
    ("harvest_missing", straw_household(grain_kg=None), "/payload/crops/early_rice/grain_kg"),
    ("harvest_missing", straw_household(sown_area_mu=None), "/payload/crops/early_rice/sown_area_mu"),
    ("yield_over_limit", straw_household(grain_kg="15000.000001"), "/payload/crops/early_rice/grain_kg"),
    ("yield_over_limit", straw_county(grain_output_t="150000.000001"), "/payload/crops/early_rice/grain_output_t"),
    ("grain_without_area", straw_household(sown_area_mu="0", returned_area_mu="0"), None),
    ("grain_without_area", straw_county(sown_area_mu="0", returned_area_mu="0"), None),
    ("returned_exceeds_sown", straw_household(returned_area_mu="10.1"), "/payload/crops/early_rice/returned_area_mu"),
    ("returned_exceeds_sown", straw_county(returned_area_mu="100001"), "/payload/crops/early_rice/returned_area_mu"),
    (
        "straw_grain_ratio_over_limit",
        straw_county(straw_grain_ratio="2.500001"),
        "/payload/crops/early_rice/straw_grain_ratio",
    ),
    ("inbound_exceeds_use", straw_market(inbound_kg="100000.1"), "/payload/crops/early_rice/inbound_kg"),
    ("inbound_exceeds_use", straw_county(inbound_t="6000.1"), "/payload/crops/early_rice/inbound_t"),
    ("uses_exceed_straw", straw_household(use_feed_kg="9700.1"), "/payload/crops/early_rice/grain_kg"),
    # 100,000 t at most, 60,000 of them returned: 40,000 are left.
    ("county_uses_exceed_straw", straw_county(market_use_fuel_t="36500.1"), "/payload/crops/early_rice/grain_output_t"),
    (
        "county_uses_exceed_straw",
        straw_county(straw_grain_ratio="1", collectable_coefficient="0.5"),
        "/payload/crops/early_rice/grain_output_t",
    ),
    ("county_use_without_harvest", straw_county(grain_output_t="0"), "/payload/crops/early_rice/grain_output_t"),
    ("wrong_head_count", manure_farm(species={"sow": {"stock_head": 1, "slaughter_head": 0}}), None),
    ("wrong_head_count", manure_county(species={"broiler": {"stock_head": 9}}), "/payload/species/broiler/stock_head"),
    ("heads_missing", manure_farm(species={"sow": {}}), "/payload/species/sow/stock_head"),
    ("heads_missing", manure_county(species={"broiler": {"stock_head": 9}}), "/payload/species/broiler/slaughter_head"),
    ("county_manure_without_animals", manure_county(species={}), "/payload/species"),
    ("equipped_exceeds_registered", manure_county(equipped_scale_farms=121), "/payload/equipped_scale_farms"),
]

WARNED = [
    ("film_below_standard", film_farm(mulch_thickness_mm="0.009999"), "/payload/mulch_thickness_mm"),
    (
        "nutrient_share_missing",
        fertiliser_farm(fertilisers={"n": {"product_kg": "1"}}),
        "/payload/fertilisers/n/nutrient_share",
    ),
    ("area_exceeds_sown", fertiliser_farm(organic_area_mu="10.1"), "/payload/organic_area_mu"),
    (
        "fertiliser_per_mu_unusual",
        fertiliser_farm(fertilisers={"n": {"product_kg": "2609", "nutrient_share": "0.46"}}),
        "/payload/fertilisers",
    ),
    (
        "fertiliser_per_mu_unusual",
        fertiliser_county(fertilisers={"n": {"nutrient_t": "120000.1"}}),
        "/payload/fertilisers",
    ),
    ("control_area_exceeds_sown", pesticide_farm(unified_control_area_mu="10.1"), "/payload/unified_control_area_mu"),
    ("pesticide_per_mu_unusual", pesticide_farm(insecticide_kg="47.6"), "/payload/insecticide_kg"),
    ("pesticide_per_mu_unusual", pesticide_county(insecticide_t="4741"), "/payload/insecticide_t"),
    ("only_canal_lining", irrigation_farm(**ONLY_LINING), "/payload/canal_lining_area_mu"),
    ("only_canal_lining", irrigation_county(**ONLY_LINING), "/payload/canal_lining_area_mu"),
    ("area_exceeds_planted", green_farm(green_control_area_mu="20.1"), "/payload/crops/rice/green_control_area_mu"),
    ("recovered_more_than_used", film_farm(mulch_used_kg="80.999999"), "/payload/mulch_used_kg"),
    ("recovered_more_than_used", film_farm(mulch_used_kg=None), "/payload/mulch_used_kg"),
    ("share_not_given", film_farm(shed_impurity_rate=None), "/payload/shed_impurity_rate"),
    ("impurity_zero", film_farm(shed_impurity_rate="0"), "/payload/shed_impurity_rate"),
    ("impurity_zero", film_county(shed_impurity_rate="0", shed_recovered_gross_t="70"), "/payload/shed_impurity_rate"),
    ("film_per_mu_unusual", film_farm(mulch_covered_area_mu="6.6"), "/payload/mulch_used_kg"),
    ("film_per_mu_unusual", film_farm(mulch_covered_area_mu="100.1"), "/payload/mulch_used_kg"),
    ("film_per_mu_unusual", film_county(mulch_covered_area_mu="500001"), "/payload/mulch_used_t"),
    ("use_without_harvest", straw_household(grain_kg="0"), "/payload/crops/early_rice/grain_kg"),
    ("manure_without_animals", manure_farm(species={}), "/payload/species"),
]

TAKEN_WITHOUT_A_WORD = [
    film_farm(mulch_thickness_mm="0.01", recovery_channel="trade_in"),
    film_county(mulch_thick_used_t="300", mulch_substandard_used_t="200", collection_points=41),
    fertiliser_farm(),
    fertiliser_farm(fertilisers={"n": {"product_kg": "1200", "nutrient_share": "1"}}),
    fertiliser_farm(**NO_FERTILISER, none_this_year=True),
    fertiliser_county(),
    fertiliser_county(organic_area_mu="1000000"),
    fertiliser_county(**NO_FERTILISER, none_this_year=True),
    pesticide_farm(),
    pesticide_farm(insecticide_kg="47.5"),
    pesticide_farm(**NO_PESTICIDE, none_this_year=True),
    pesticide_county(basis="active"),
    pesticide_county(**NO_COUNTY_PESTICIDE, none_this_year=True),
    irrigation_farm(),
    irrigation_farm(canal_lining_area_mu=None),
    irrigation_farm(**NO_IRRIGATION, none_this_year=True),
    irrigation_county(period="2025H1"),
    irrigation_county(**NO_IRRIGATION, none_this_year=True),
    green_farm(green_control_area_mu="20"),
    green_farm(report={"crops": {}, "none_this_year": True}),
    green_county(),
    green_county(report={"crops": {}, "none_this_year": True}),
    film_farm(),
    film_farm(**NO_FARM_FILM, none_this_year=True),
    film_farm(mulch_used_kg="81"),
    film_farm(mulch_covered_area_mu="100"),
    film_farm(mulch_used_kg="150", mulch_covered_area_mu="10"),
    film_farm(shed_used_kg=None, shed_recovered_gross_kg="0", shed_impurity_rate=None, shed_moisture_rate=None),
    film_county(),
    film_county(mulch_used_t="416.5"),
    film_county(**NO_COUNTY_FILM, none_this_year=True),
    straw_household(),
    straw_household(grain_kg="15000", returned_area_mu="10"),
    straw_household(grain_kg="0", use_fertiliser_kg=None, use_feed_kg=None),
    straw_household(use_feed_kg="9700"),
    straw_household(report={"crops": {}, "none_this_year": True}),
    straw_market(),
    straw_market(inbound_kg="100000"),
    straw_county(),
    straw_county(
        grain_output_t="150000",
        returned_area_mu="100000",
        household_use_feed_t="0",
        market_use_fuel_t="1000",
        outbound_t="0",
    ),
    straw_county(straw_grain_ratio="2.5", collectable_coefficient="1"),
    straw_county(market_use_fuel_t="36500"),
    # A power station that lives on bought straw uses more than the county grows.
    straw_county(market_use_fuel_t="900000", inbound_t="890000"),
    manure_farm(),
    manure_farm(species={}, **NO_MANURE, none_this_year=True),
    manure_county(),
    manure_county(species={}, **NO_COUNTY_MANURE, none_this_year=True),
    manure_county(equipped_scale_farms=120),
]


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
