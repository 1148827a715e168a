"""Fertiliser, pesticide, irrigation and green control: what adds up, what never meets, worked out by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import NONE_THIS_YEAR, Coefficients, Sums, Terms
from schemas.vocabulary import Indicator, View
from tests.unit.indicators.payloads import (
    accepted,
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
    sums_of,
)

NO_COEFFICIENTS = Coefficients({})


def terms(indicator, view, *payloads):
    sums = sums_of(*payloads)
    farm, statement = (sums, Sums()) if view is View.FARM else (Sums(), sums)
    return CATALOGUE[indicator].formula.terms(view, farm, statement, NO_COEFFICIENTS)


def measures(*payloads):
    spec = CATALOGUE[accepted(payloads[0]).indicator]
    sums = sums_of(*payloads)
    return {measure.code: measure.value(sums) for measure in spec.measures}


def test_fertiliser_is_nutrient_mass_product_times_share():
    form = accepted(fertiliser_farm())
    quantities = CATALOGUE[Indicator.FERTILISER_REDUCTION].quantities(form)
    assert quantities["n", "nutrient_t"] == Decimal("0.138")  # 300 kg x 46 %
    assert quantities["compound", "nutrient_t"] == Decimal("0.09")


def test_the_published_nutrients_of_2020_add_up():
    """1833.9 + 653.8 + 541.9 + 2221.0 x 10,000 t against 5250.7 printed; the rest is the yearbook's rounding."""
    amounts = {"n": "18339000", "p2o5": "6538000", "k2o": "5419000", "compound": "22210000"}
    nation = fertiliser_county(
        sown_area_mu="2512000000", fertilisers={kind: {"nutrient_t": amount} for kind, amount in amounts.items()}
    )
    found = terms(Indicator.FERTILISER_REDUCTION, View.STATEMENT, nation)
    assert found == {"": Terms(Decimal(52506000))}
    assert abs(found[""].numerator - Decimal(52507000)) <= 1000


def test_sampled_farms_say_nothing_of_a_countys_total():
    assert terms(Indicator.FERTILISER_REDUCTION, View.FARM, fertiliser_farm()) == {}
    assert terms(Indicator.PESTICIDE_REDUCTION, View.FARM, pesticide_farm()) == {}


def test_a_sample_gives_a_use_per_mu():
    found = measures(fertiliser_farm(), fertiliser_farm(sown_area_mu="30", fertilisers={}))
    assert found["nutrient_kg_per_mu"] == Decimal("5.7")  # 228 kg over 40 mu
    assert found["soil_testing_coverage"] == Decimal("0.4")
    assert measures(pesticide_farm())["product_kg_per_mu"] == Decimal("0.45")


def test_pesticide_of_different_bases_is_never_added():
    county = pesticide_county()
    assert terms(Indicator.PESTICIDE_REDUCTION, View.STATEMENT, county) == {"product": Terms(Decimal(460))}
    assert terms(Indicator.PESTICIDE_REDUCTION, View.STATEMENT, county, county | {"basis": "active"}) == {
        "product": Terms(Decimal(460)),
        "active": Terms(Decimal(460)),
    }


def test_a_county_that_used_none_has_none_on_either_basis():
    nothing = dict.fromkeys(key for key in pesticide_county() if key not in {"indicator", "level", "period"})
    found = terms(Indicator.PESTICIDE_REDUCTION, View.STATEMENT, pesticide_county(**nothing, none_this_year=True))
    assert found == {"product": Terms(Decimal(0)), "active": Terms(Decimal(0))}


def test_canal_lining_is_not_high_efficiency():
    assert terms(Indicator.IRRIGATION_NEW_AREA, View.FARM, irrigation_farm()) == {"": Terms(Decimal("600.5"))}
    assert terms(Indicator.IRRIGATION_NEW_AREA, View.STATEMENT, irrigation_county()) == {"": Terms(Decimal(5750))}
    assert measures(irrigation_county()) == {
        "micro_area_mu": Decimal(750),
        "canal_lining_area_mu": Decimal(3000),
    }


def test_green_control_is_capped_crop_by_crop():
    found = terms(
        Indicator.GREEN_CONTROL_COVERAGE,
        View.FARM,
        green_farm(green_control_area_mu="35"),
        green_farm("wheat", green_control_area_mu="5"),
    )
    assert found == {"rice": Terms(Decimal(20), Decimal(20)), "wheat": Terms(Decimal(5), Decimal(20))}


def test_a_county_that_planted_nothing_is_covered_and_adds_nothing():
    empty = green_county(report={"crops": {}, "none_this_year": True})
    assert terms(Indicator.GREEN_CONTROL_COVERAGE, View.STATEMENT, empty) == NONE_THIS_YEAR


def test_film_is_graded_by_thickness_and_followed_by_channel():
    quantities = CATALOGUE[Indicator.FILM_RECOVERY].quantities(
        accepted(film_farm(mulch_thickness_mm="0.015", recovery_channel="trade_in"))
    )
    assert quantities["mulch_film", "thick_used_t"] == Decimal("0.1")
    assert ("mulch_film", "substandard_used_t") not in quantities
    assert quantities["trade_in", "channel_net_t"] == Decimal("0.119")  # 81 kg mulch, 38 kg shed
    found = measures(film_county(mulch_thick_used_t="250", mulch_substandard_used_t="50"))
    assert (found["thick_share"], found["substandard_share"]) == (Decimal("0.5"), Decimal("0.1"))


@pytest.mark.parametrize(
    ("species", "heads"),
    [("dairy", 15), ("beef_cow", 30), ("sheep", 250), ("layer", 2500), ("duck_goose", 2500), ("sow", 100)],
)
def test_a_hundred_pig_equivalents_of_the_guideline(species, heads):
    count = "slaughter_head" if species == "sheep" else "stock_head"
    found = measures(manure_county(species={species: {count: heads}}))
    assert found["pig_equivalent"] == 100
    assert found["nitrogen_supply_t"] == Decimal("0.7")
    assert found["phosphorus_supply_t"] == Decimal("0.12")


def test_slaughtered_pigs_count_for_the_days_they_stood():
    found = measures(manure_county(species={"finishing_pig": {"slaughter_head": 365}}))
    assert found["pig_equivalent"] == 180


def test_the_equipment_rate_counts_farms_at_either_level():
    assert measures(manure_farm(), manure_farm(equipped=False))["equipment_rate"] == Decimal("0.5")
    assert measures(manure_county(registered_scale_farms=80, equipped_scale_farms=78))["equipment_rate"] == Decimal(
        "0.975"
    )


def test_every_measure_weighs_quantities_that_reports_add():
    for spec in CATALOGUE.values():
        for measure in spec.measures:
            for weights in (measure.numerator, measure.denominator or {}):
                for (subject, quantity), weight in weights.items():
                    assert quantity in spec.quantity_labels, measure.code
                    assert subject in spec.subject_labels or subject == "", measure.code
                    assert isinstance(weight, Fraction)
