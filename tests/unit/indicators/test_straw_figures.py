"""Straw utilisation: the ledger's arithmetic on published and hand-worked cases."""

from decimal import Decimal
from fractions import Fraction

import pytest

from schemas.decimals import quotient, rounded, total
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import NONE_THIS_YEAR, Sums, Terms
from schemas.indicators.straw_balance import as_decimal, capability_index, crop_balances, industrialisation_index
from schemas.indicators.straw_form import Respondent, Use, respondent_of
from schemas.vocabulary import EntityKind, Indicator, View
from tests.unit.indicators.payloads import accepted, coefficients, straw_county, straw_household, straw_market, sums_of

STRAW = CATALOGUE[Indicator.STRAW_UTILISATION]
NO_FARMS = Sums()


def plain_rice():
    return coefficients(straw_grain_ratio__early_rice="1.25", collectable_coefficient="0.8")


def terms_of(view: View, farm: Sums, county: Sums, valid, version: str = "ledger-2"):
    return STRAW.formulas[version].terms(view, farm, county, valid)


def rate_of(terms) -> Decimal | None:
    return quotient(total(each.numerator for each in terms), total(each.denominator for each in terms))


def test_straw_2021_used_647_million_tonnes_at_88_1_percent():
    nation = straw_county(
        "other",
        grain_output_t="734400000",
        sown_area_mu="1000000000",
        returned_area_mu="0",
        household_use_feed_t="0",
        market_use_fuel_t="647000000",
        inbound_t="0",
        outbound_t="0",
        straw_grain_ratio="1",
        collectable_coefficient="1",
    )
    terms = terms_of(View.STATEMENT, NO_FARMS, sums_of(nation), coefficients())
    assert rounded(rate_of(terms.values()), 3) == Decimal("0.881")
    assert rounded(quotient(Decimal(647_000_000), Decimal("0.881")), -5) == Decimal("7344E5")


def test_straw_2005_collectable_sums_to_68595_and_is_0_81_of_the_theoretical_amount():
    bases = {"sown_area_mu": "1000000", "returned_area_mu": "0", "straw_grain_ratio": "1"}
    crops = {
        crop: {"grain_output_t": collectable, **bases, "collectable_coefficient": "1"}
        for crop, collectable in (("maize", "49231"), ("cotton", "16261"), ("sweet_potato", "3103"))
    }
    county = sums_of(straw_county(report={"crops": crops}))
    terms = terms_of(View.STATEMENT, NO_FARMS, county, coefficients())
    collectable = total(each.denominator for each in terms.values())
    assert collectable == 68595
    assert rounded(quotient(collectable, Decimal("84183.12")), 2) == Decimal("0.81")


def test_collectable_is_output_times_ratio_times_coefficient():
    balance = crop_balances(View.STATEMENT, NO_FARMS, sums_of(straw_county()), plain_rice())["early_rice"]
    assert balance.theoretical_t == 50000
    assert balance.collectable_t == 40000
    assert balance.direct_return_t == 24000  # 60,000 of 100,000 mu
    assert balance.used_t == 34000


def test_only_the_second_ledger_version_counts_straw_sent_out():
    county = sums_of(straw_county())
    with_outbound = terms_of(View.STATEMENT, NO_FARMS, county, plain_rice(), "ledger-2")
    without = terms_of(View.STATEMENT, NO_FARMS, county, plain_rice(), "ledger-1")
    assert with_outbound == {"early_rice": Terms(Decimal(33500), Decimal(40000))}
    assert without == {"early_rice": Terms(Decimal(33000), Decimal(40000))}
    assert STRAW.formula.version == "ledger-2"


def test_two_counties_at_90_and_10_percent_of_unequal_harvests_are_18_percent_not_50():
    nothing_else = dict.fromkeys(("household_use_feed_t", "market_use_fuel_t", "inbound_t", "outbound_t"), "0")
    own = {"straw_grain_ratio": "1", "collectable_coefficient": "1", "sown_area_mu": "100"}
    small = straw_county("other", grain_output_t="100", returned_area_mu="90", **own, **nothing_else)
    large = straw_county("other", grain_output_t="900", returned_area_mu="10", **own, **nothing_else)
    per_county = [
        each
        for payload in (small, large)
        for each in terms_of(View.STATEMENT, NO_FARMS, sums_of(payload), coefficients()).values()
    ]
    assert rate_of(per_county) == Decimal("0.18")
    province_sums = terms_of(View.STATEMENT, NO_FARMS, sums_of(small, large), coefficients())
    assert rate_of(province_sums.values()) == Decimal("0.5"), "the wrong way really differs"


def test_a_county_own_ratio_overrides_the_table_and_a_stated_zero_is_not_taken_for_unstated():
    own = sums_of(straw_county(straw_grain_ratio="1.5"))
    assert terms_of(View.STATEMENT, NO_FARMS, own, plain_rice())["early_rice"].denominator == 48000
    zero = straw_county(
        returned_area_mu="0",
        household_use_feed_t="0",
        market_use_fuel_t="0",
        inbound_t="0",
        outbound_t="0",
        collectable_coefficient="0",
    )
    assert terms_of(View.STATEMENT, NO_FARMS, sums_of(zero), plain_rice()) == NONE_THIS_YEAR


def test_a_missing_coefficient_of_one_crop_leaves_no_figure_and_is_remembered():
    crops = straw_county()["crops"] | straw_county("rapeseed", sown_area_mu="1000000")["crops"]
    valid = plain_rice()
    assert terms_of(View.STATEMENT, NO_FARMS, sums_of(straw_county(report={"crops": crops})), valid) == {}
    assert valid.missing == {("straw_grain_ratio", "rapeseed")}


def test_a_coefficient_of_the_crop_goes_before_the_one_for_all_crops():
    valid = coefficients(
        straw_grain_ratio__early_rice="1", collectable_coefficient="0.8", collectable_coefficient__early_rice="0.75"
    )
    assert terms_of(View.STATEMENT, NO_FARMS, sums_of(straw_county()), valid)["early_rice"].denominator == 30000
    assert {key: each.value for key, each in valid.used.items()} == {
        ("straw_grain_ratio", "early_rice"): Decimal(1),
        ("collectable_coefficient", "early_rice"): Decimal("0.75"),
    }


def test_sampled_households_give_a_ratio_that_is_raised_to_the_county():
    # 800 kg used of 4,000 kg grain, twice: a fifth of the grain, so 8,000 t of the county's 40,000 t.
    farm = sums_of(straw_household(), straw_household())
    balance = crop_balances(View.FARM, farm, sums_of(straw_county()), plain_rice())["early_rice"]
    assert balance.household_use_t == 8000
    assert balance.use_t(Use.FEED) == 5000
    assert balance.direct_return_t == 24000, "direct return comes from the county's areas, not from the sample"


def test_the_sample_ratio_equals_used_over_collectable_of_the_sampled_households():
    farm = sums_of(straw_household(), straw_household(grain_kg="7000", sown_area_mu="30", use_feed_kg="91.7"))
    county, valid = sums_of(straw_county()), plain_rice()
    balance = crop_balances(View.FARM, farm, county, valid)["early_rice"]
    sampled_used = Fraction("0.3") + Fraction("0.5") + Fraction("0.3") + Fraction("0.0917")
    sampled_collectable = Fraction(11) * Fraction("1.25") * Fraction("0.8")
    assert balance.household_use_t == sampled_used / sampled_collectable * balance.collectable_t


def test_market_entities_are_added_in_full_less_what_they_bought_in():
    farm = sums_of(straw_household(), straw_market(), straw_market(inbound_kg=None))
    terms = terms_of(View.FARM, farm, sums_of(straw_county()), plain_rice())
    # 24,000 direct + 8,000 households + 200 market - 15 bought in + 500 sent out by the county's books
    assert terms == {"early_rice": Terms(Decimal(32685), Decimal(40000))}


def test_the_farm_view_has_no_figure_without_the_county_bases():
    assert terms_of(View.FARM, sums_of(straw_household(), straw_market()), Sums(), plain_rice()) == {}


def test_a_crop_that_no_sampled_household_grew_is_missing_from_the_farm_view_not_zero():
    crops = straw_county()["crops"] | straw_county("wheat")["crops"]
    county = sums_of(straw_county(report={"crops": crops}))
    valid = coefficients(straw_grain_ratio="1.25", collectable_coefficient="0.8")
    assert set(terms_of(View.FARM, sums_of(straw_household()), county, valid)) == {"early_rice"}
    assert terms_of(View.FARM, sums_of(straw_market("maize", inbound_kg="100000")), county, valid) == {}


def test_straw_of_a_crop_the_county_does_not_grow_nets_out_when_all_was_bought_in():
    farm = sums_of(straw_household(), straw_market("wheat", inbound_kg="100000"))
    assert set(terms_of(View.FARM, farm, sums_of(straw_county()), plain_rice())) == {"early_rice"}


def test_a_county_without_crops_is_covered_and_adds_nothing():
    county = sums_of(straw_county(report={"crops": {}, "none_this_year": True}))
    assert terms_of(View.STATEMENT, NO_FARMS, county, coefficients()) == NONE_THIS_YEAR


def test_a_rate_exactly_at_its_goal_survives_shares_that_do_not_terminate():
    # A third returned, and 0.526666... of the rest of the ledger: exactly 86 % of 30,000 t.
    county = sums_of(
        straw_county(
            grain_output_t="30000",
            sown_area_mu="300000",
            returned_area_mu="100000",
            household_use_feed_t="15800",
            market_use_fuel_t="0",
            inbound_t="0",
            outbound_t="0",
            straw_grain_ratio="1",
            collectable_coefficient="1",
        )
    )
    thirds = sums_of(
        straw_household(grain_kg="3000", use_fertiliser_kg="1", use_feed_kg="1", use_fuel_kg="1"),
    )
    assert rate_of(terms_of(View.STATEMENT, NO_FARMS, county, coefficients()).values()) == Decimal("0.86")
    raised = crop_balances(View.FARM, thirds, county, coefficients())["early_rice"]
    assert raised.household_use_t == 30


def test_a_tiny_share_becomes_a_decimal_that_exact_sums_can_carry():
    tiny = as_decimal(Fraction(1, 3 * 10**20))
    assert tiny.as_tuple().exponent >= -24
    assert total([tiny, Decimal("999999999999.999999999")]) > Decimal("999999999999.999999999")


def test_the_indices_and_the_five_uses_follow_from_the_balance():
    balance = crop_balances(View.STATEMENT, NO_FARMS, sums_of(straw_county()), plain_rice())["early_rice"]
    assert capability_index([balance]) == Decimal("0.85")
    assert industrialisation_index([balance]) == Decimal("0.15")
    assert [balance.use_t(use) for use in Use] == [24000, 4000, 6000, 0, 0]
    assert sum(balance.use_t(use) for use in Use) == balance.used_t
    assert capability_index([]) is None


def test_a_household_adds_to_the_sample_and_a_market_entity_to_the_census():
    household = STRAW.quantities(accepted(straw_household()))
    assert household["early_rice", "sample_grain_t"] == 4
    assert household["", "sampled_households"] == 1
    assert household["early_rice", "sample_use_feed_t"] == Decimal("0.5")
    market = STRAW.quantities(accepted(straw_market()))
    assert market == {
        ("early_rice", "market_use_fuel_t"): 80,
        ("early_rice", "market_use_feed_t"): 20,
        ("early_rice", "inbound_t"): 15,
    }


@pytest.mark.parametrize("kind", EntityKind)
def test_growers_are_sampled_and_all_other_entities_counted(kind):
    grower = kind in {EntityKind.HOUSEHOLD, EntityKind.LARGE_GROWER}
    assert respondent_of(kind) is (Respondent.HOUSEHOLD if grower else Respondent.MARKET_ENTITY)
