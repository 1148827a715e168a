"""Manure utilisation: produced by coefficients, used by routes, worked out by hand."""

from decimal import Decimal

import pytest

from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.manure import elapsed_days, produced_t
from schemas.indicators.manure_form import HEAD_COUNTS, SPECIES_NAMES, HeadCount, Species
from schemas.indicators.spec import NONE_THIS_YEAR, Sums, Terms
from schemas.period import Period
from schemas.vocabulary import Indicator, View
from tests.unit.indicators.payloads import coefficients, manure_county, manure_farm, sums_of

MANURE = CATALOGUE[Indicator.MANURE_UTILISATION]

TABLE = {
    "finishing_pig": ("2", "10", "180"),
    "sow": ("2", "10", "365"),
    "dairy": ("20", "48", "365"),
    "beef_cow": ("10", "24", "365"),
    "finishing_beef": ("10", "24", "365"),
    "layer": ("0.1", "0.25", "365"),
    "broiler": ("0.1", "0.25", "45"),
    "sheep": ("2.6", "0", "365"),
    "duck_goose": ("0.13", "0", "365"),
}


def table():
    values = {}
    for species, (dung, water, days) in TABLE.items():
        values |= {
            f"dung_kg_per_day__{species}": dung,
            f"waste_water_l_per_day__{species}": water,
            f"days__{species}": days,
        }
    return coefficients(**values)


def thousand(species: str, period: str = "2025") -> Sums:
    return Sums({(species, HEAD_COUNTS[species].value): Decimal(1000)}, 1, Period.parse(period))


@pytest.mark.parametrize(
    ("species", "tonnes"),
    [
        ("finishing_pig", "2160"),  # 1000 x 12 x 180 / 1000
        ("sow", "4380"),
        ("dairy", "24820"),
        ("beef_cow", "12410"),
        ("finishing_beef", "12410"),
        ("layer", "127.75"),
        ("broiler", "15.75"),
        ("sheep", "949"),
        ("duck_goose", "47.45"),
    ],
)
def test_a_thousand_heads_produce_by_the_table(species, tonnes):
    assert produced_t(species, thousand(species), table()) == Decimal(tonnes)


def test_the_species_are_counted_as_the_field_counts_them():
    slaughtered = {species for species, count in HEAD_COUNTS.items() if count is HeadCount.SLAUGHTER}
    assert slaughtered == {"finishing_pig", "finishing_beef", "broiler", "sheep"}
    assert set(HEAD_COUNTS) == set(SPECIES_NAMES) == set(Species)


def test_the_rate_divides_all_routes_by_all_species():
    terms = MANURE.formula.terms(View.FARM, sums_of(manure_farm()), Sums(), table())
    assert terms == {"": Terms(Decimal(1750), Decimal(2598))}  # 2160 of pigs and 438 of sows


def test_the_statement_view_reads_the_statement():
    terms = MANURE.formula.terms(View.STATEMENT, sums_of(manure_farm()), sums_of(manure_county()), table())
    assert terms == {"": Terms(Decimal(150000), Decimal(217898))}


def test_animals_in_stock_produce_only_on_the_days_that_have_passed():
    half_year = produced_t("sow", thousand("sow", "2025H1"), table())
    assert half_year == Decimal(2172)  # 1000 x 12 x 181 / 1000
    assert produced_t("finishing_pig", thousand("finishing_pig", "2025H1"), table()) == Decimal(2160)
    assert [elapsed_days(Period.parse(f"2025{part}")) for part in ("Q1", "H1", "Q2", "Q3", "Q4", "")] == [
        90,
        181,
        181,
        273,
        365,
        365,
    ]


def test_a_missing_coefficient_leaves_no_figure():
    valid = coefficients(dung_kg_per_day__finishing_pig="2", days__finishing_pig="180")
    assert MANURE.formula.terms(View.FARM, sums_of(manure_farm()), Sums(), valid) == {}
    assert ("waste_water_l_per_day", "finishing_pig") in valid.missing


def test_a_view_without_reports_has_no_figure_and_an_empty_farm_adds_nothing():
    assert MANURE.formula.terms(View.STATEMENT, sums_of(manure_farm()), Sums(), table()) == {}
    empty = manure_farm(species={}, composting_return_kg=None, slurry_return_kg=None, none_this_year=True)
    assert MANURE.formula.terms(View.FARM, sums_of(empty), Sums(), table()) == NONE_THIS_YEAR
