"""Film recovery: net mass, quantities and terms, worked out by hand."""

from decimal import Decimal
from fractions import Fraction

from schemas.decimals import quotient, total
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import NONE_THIS_YEAR, Sums, Terms
from schemas.vocabulary import Indicator, View
from tests.unit.indicators.payloads import accepted, coefficients, film_county, film_farm, sums_of

FILM = CATALOGUE[Indicator.FILM_RECOVERY]


def terms_of(view: View, farm: Sums, county: Sums):
    return FILM.formula.terms(view, farm, county, coefficients())


def test_a_farm_report_adds_tonnes_with_soil_and_water_taken_out_exactly():
    assert FILM.quantities(accepted(film_farm(biodegradable_used_kg="7.5"))) == {
        ("mulch_film", "used_t"): Decimal("0.1"),
        ("mulch_film", "gross_t"): Decimal("0.12"),
        ("mulch_film", "net_t"): Decimal("0.081"),  # 120 kg x 0.75 x 0.9
        ("mulch_film", "covered_area_mu"): Decimal(20),
        ("shed_film", "used_t"): Decimal("0.05"),
        ("shed_film", "gross_t"): Decimal("0.04"),
        ("shed_film", "net_t"): Decimal("0.038"),
        ("biodegradable", "used_t"): Decimal("0.0075"),
    }


def test_the_largest_numbers_of_the_wire_format_multiply_without_rounding():
    form = accepted(
        film_farm(
            mulch_used_kg="999999999999",
            mulch_recovered_gross_kg="999999999998.999999",
            mulch_impurity_rate="0.000001",
            mulch_moisture_rate="0.000001",
        )
    )
    share = 1 - Fraction(1, 1_000_000)
    assert FILM.quantities(form)["mulch_film", "net_t"] == Fraction("999999999998.999999") / 1000 * share * share


def test_a_county_statement_is_taken_in_tonnes_as_it_stands():
    found = FILM.quantities(accepted(film_county()))
    assert found["mulch_film", "used_t"] == 500
    assert found["mulch_film", "net_t"] == Decimal("416.5")  # 700 x 0.7 x 0.85
    assert found["biodegradable", "used_t"] == Decimal("12.5")


def test_the_rate_weighs_both_kinds_by_mass_and_leaves_biodegradable_film_out():
    terms = terms_of(View.STATEMENT, Sums(), sums_of(film_county()))
    assert terms == {
        "mulch_film": Terms(Decimal("416.5"), Decimal(500)),
        "shed_film": Terms(Decimal("76.342"), Decimal(80)),
    }
    numerator = total(each.numerator for each in terms.values())
    denominator = total(each.denominator for each in terms.values())
    assert round(quotient(numerator, denominator), 6) == Decimal("0.849728")  # 492.842 / 580


def test_each_view_reads_only_its_own_reports():
    farm, county = sums_of(film_farm(), film_farm(mulch_used_kg="300")), sums_of(film_county())
    assert terms_of(View.FARM, farm, county)["mulch_film"] == Terms(Decimal("0.162"), Decimal("0.4"))
    assert terms_of(View.STATEMENT, farm, county)["mulch_film"].denominator == 500


def test_a_view_without_reports_has_no_figure():
    assert terms_of(View.STATEMENT, sums_of(film_farm()), Sums()) == {}
    assert terms_of(View.FARM, Sums(), sums_of(film_county())) == {}


def test_none_this_year_is_covered_and_adds_nothing():
    none = {name: None for name in film_county() if name.startswith(("mulch", "shed", "bio"))}
    county = sums_of(film_county(**none, none_this_year=True))
    assert terms_of(View.STATEMENT, Sums(), county) == NONE_THIS_YEAR


def test_a_collection_point_that_uses_no_film_adds_what_it_recovered():
    point = film_farm(mulch_used_kg=None, shed_used_kg=None, shed_recovered_gross_kg=None)
    terms = terms_of(View.FARM, sums_of(point, film_farm(mulch_recovered_gross_kg="0")), Sums())
    assert terms["mulch_film"] == Terms(Decimal("0.081"), Decimal("0.1"))
