"""Quantities of any valid reports sum to what was sent, computed a second way; the terms of film follow the sums."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decimals import EXACT
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.manure_form import HEAD_COUNTS, Route
from schemas.indicators.spec import Sums
from schemas.indicators.straw_form import Use
from schemas.vocabulary import Indicator, View
from tests.unit.indicators.payloads import coefficients, film_farm, manure_farm, straw_household, straw_market, sums_of

MILLIONTHS = 1_000_000
PROPERTY = settings(deadline=None, max_examples=50)


def numbers(least: int, most: int):
    """Draw numbers of the wire format with up to six decimals."""
    drawn = st.integers(least * MILLIONTHS, most * MILLIONTHS)
    return drawn.map(lambda units: format(Decimal(units).scaleb(-6).normalize(), "f"))


AMOUNTS = numbers(0, 10_000_000)
SHARES = numbers(0, 1)

FILM = st.lists(
    st.builds(
        film_farm,
        mulch_used_kg=numbers(1, 10_000_000),
        mulch_recovered_gross_kg=AMOUNTS | st.none(),
        mulch_impurity_rate=SHARES,
        mulch_moisture_rate=SHARES | st.none(),
        mulch_covered_area_mu=AMOUNTS,
        biodegradable_used_kg=AMOUNTS | st.none(),
    ),
    min_size=1,
    max_size=6,
)
HOUSEHOLDS = st.lists(
    st.builds(
        straw_household,
        st.sampled_from(["early_rice", "wheat", "cotton"]),
        grain_kg=numbers(100, 500),
        sown_area_mu=numbers(1, 50),
        returned_area_mu=numbers(0, 1),
        use_fertiliser_kg=numbers(0, 20) | st.none(),
        use_feed_kg=numbers(0, 20),
        use_fuel_kg=numbers(0, 20),
    ),
    min_size=1,
    max_size=6,
)
MARKETS = st.lists(
    st.builds(
        straw_market,
        st.sampled_from(["early_rice", "wheat"]),
        use_material_kg=AMOUNTS,
        use_fuel_kg=numbers(1000, 2000),
        inbound_kg=numbers(0, 1000),
    ),
    max_size=4,
)
LIVESTOCK = st.lists(
    st.builds(
        manure_farm,
        equipped=st.booleans(),
        species=st.dictionaries(st.sampled_from(sorted(HEAD_COUNTS)), st.integers(1, 10**9), min_size=1).map(
            lambda heads: {species: {str(HEAD_COUNTS[species]): count} for species, count in heads.items()}
        ),
        biogas_kg=AMOUNTS,
        other_kg=AMOUNTS | st.none(),
    ),
    min_size=1,
    max_size=5,
)


def given_in(payload, name) -> Fraction:
    return Fraction(payload.get(name) or 0)


@PROPERTY
@given(FILM)
def test_film_sums_are_the_sums_of_what_was_sent(payloads):
    sums = sums_of(*payloads)
    used = sum(given_in(each, "mulch_used_kg") for each in payloads) / 1000
    net = (
        sum(
            given_in(each, "mulch_recovered_gross_kg")
            * (1 - given_in(each, "mulch_impurity_rate"))
            * (1 - given_in(each, "mulch_moisture_rate"))
            for each in payloads
        )
        / 1000
    )
    assert sums.of("mulch_film", "used_t") == used
    assert sums.of("mulch_film", "net_t") == net
    assert sums.over("covered_area_mu") == sum(given_in(each, "mulch_covered_area_mu") for each in payloads)
    assert (
        sums.of("biodegradable", "used_t") == sum(given_in(each, "biodegradable_used_kg") for each in payloads) / 1000
    )


@PROPERTY
@given(FILM, FILM)
def test_film_terms_of_two_townships_add_up_to_the_terms_of_both(one, other):
    terms = CATALOGUE[Indicator.FILM_RECOVERY].formula.terms
    apart = [terms(View.FARM, sums_of(*reports), Sums(), coefficients())["mulch_film"] for reports in (one, other)]
    both = terms(View.FARM, sums_of(*one, *other), Sums(), coefficients())["mulch_film"]
    assert both.numerator == EXACT.add(apart[0].numerator, apart[1].numerator)
    assert both.denominator == EXACT.add(apart[0].denominator, apart[1].denominator)


@PROPERTY
@given(HOUSEHOLDS, MARKETS)
def test_straw_sums_keep_sample_and_census_apart(households, markets):
    sums = sums_of(*households, *markets)
    expected: Counter = Counter()
    for payload in households:
        [(crop, entry)] = payload["crops"].items()
        expected[crop, "sample_grain_t"] += given_in(entry, "grain_kg") / 1000
        for use in Use:
            expected[crop, f"sample_use_{use}_t"] += given_in(entry, f"use_{use}_kg") / 1000
    for payload in markets:
        [(crop, entry)] = payload["crops"].items()
        expected[crop, "inbound_t"] += given_in(entry, "inbound_kg") / 1000
        for use in Use:
            expected[crop, f"market_use_{use}_t"] += given_in(entry, f"use_{use}_kg") / 1000
    areas = {"sample_sown_area_mu", "sample_returned_area_mu", "sampled_households"}
    found = {key: amount for key, amount in sums.amounts.items() if key[1] not in areas}
    assert found == {key: amount for key, amount in expected.items() if amount}
    assert sums.of("", "sampled_households") == len(households)


@PROPERTY
@given(LIVESTOCK)
def test_manure_sums_count_heads_masses_and_farms(payloads):
    sums = sums_of(*payloads)
    for species, count in HEAD_COUNTS.items():
        heads = sum(each["species"].get(species, {}).get(str(count), 0) for each in payloads)
        assert sums.of(species, count) == heads
    for route in Route:
        assert sums.of("", f"{route}_t") == sum(given_in(each, f"{route}_kg") for each in payloads) / 1000
    assert sums.of("", "registered_scale_farms") == len(payloads)
    assert sums.of("", "equipped_scale_farms") == sum(each["equipped"] for each in payloads)


@PROPERTY
@given(FILM)
def test_zeros_are_left_out_of_the_quantities(payloads):
    assert all(amount != 0 for amount in sums_of(*payloads).amounts.values())
