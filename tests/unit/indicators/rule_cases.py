"""Payloads at and beyond every limit: what blocks, what warns, what passes without a word."""

from tests.unit.indicators.payloads import (
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
