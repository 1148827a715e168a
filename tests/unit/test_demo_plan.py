"""The demo's plan: the same for the same seed, large enough, and of the mixture that the demo promises."""

import json
from collections import Counter
from decimal import Decimal

import numpy as np
import pytest
import shapely

from backend.demo.accounts import demo_accounts
from backend.demo.counties import DEMO_COUNTIES, CountyPlace, Farmland
from backend.demo.draws import Draws
from backend.demo.land import Land
from backend.demo.pesticide import ON_ACTIVE_INGREDIENT
from backend.demo.plan import plan_demo
from backend.demo.plots import plot
from geo.datum import to_cgcs2000
from geo.misfits import Bounds, Placed, Side, misfits
from schemas.changes import MAX_ITEMS, ChangeItem
from schemas.identifiers import statement_id
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.pesticide_form import Basis
from schemas.indicators.spec import Coefficients, Sums
from schemas.indicators.validation import PayloadRefused, read_farm, read_report
from schemas.reference.loader import coefficients, goals
from schemas.vocabulary import Datum, GoalType, Indicator, Level, Role, View

SPOTS = tuple(
    (112.3 + x * 0.02, 29.3 + y * 0.02, 400.0 if x in (0, 11) else 4_000.0) for x in range(12) for y in range(12)
)
"""Two kilometres apart; those of two sides lie near the border."""


@pytest.fixture(scope="module")
def places():
    return [
        CountyPlace(code, "某县", farmland, ((f"{code}101", "甲镇"), (f"{code}102", "乙镇")), SPOTS)
        for code, farmland in DEMO_COUNTIES.items()
    ]


@pytest.fixture(scope="module")
def plan(places):
    return plan_demo(places, 2025)


def read(item):
    return (read_farm if item["kind"] == "farm" else read_report)(item["payload"])


def creates(plan):
    return [item for item in plan.items if item["action"] == "create"]


def stated(plan, indicator, period="2025"):
    """The county statements of an indicator and period, read, by county."""
    found = {}
    for item in creates(plan):
        answers = item["payload"]
        if answers.get("indicator") == indicator and answers["level"] == Level.COUNTY and answers["period"] == period:
            found[item["county_code"]], _ = read_report(answers)
            assert item["record_id"] == statement_id(item["county_code"], indicator, period)
    return found


def amounts(plan, indicator, period):
    """The terms that the counties' statements come to, by county."""
    spec = CATALOGUE[indicator]
    formula = spec.formulas[spec.current_formula]
    terms = {
        code: formula.terms(View.STATEMENT, Sums(), Sums(spec.quantities(form), reports=1), coefficients_of(code))
        for code, form in stated(plan, indicator, period).items()
    }
    return {code: list(of_county.values()) for code, of_county in terms.items()}


def coefficients_of(county_code):
    """The shipped coefficients that hold for a county: the nation's, and over them its province's."""
    regions = ("100000", f"{county_code[:2]}0000")
    ordered = sorted(coefficients(), key=lambda one: (one.region_code, one.year))
    return Coefficients({(one.name, one.subject): one for one in ordered if one.region_code in regions})


def rate(terms):
    return sum(one.numerator for one in terms) / sum(one.denominator for one in terms)


def floor(indicator, region):
    return next(
        goal.value
        for goal in goals()
        if (goal.indicator, goal.region_code, goal.type) == (indicator, region, GoalType.FLOOR)
    )


def test_the_same_seed_plans_the_same_bytes_and_another_seed_other_ids(places, plan):
    assert json.dumps(plan_demo(places, 2025).items) == json.dumps(plan.items)
    others = {item["change_id"] for item in plan_demo(places, 2026).items}
    assert not others & {item["change_id"] for item in plan.items}


def test_the_order_in_which_places_come_changes_nothing(places, plan):
    assert plan_demo(places[::-1], 2025).items == plan.items


def test_sixty_counties_and_five_thousand_reports_are_planned(plan):
    assert len(plan.counties) >= 60
    assert plan.reports >= 5000
    provinces = {county.county_code[:2] for county in plan.counties}
    assert provinces == {"12", "15", "32", "33", "41", "42", "43"}


def test_every_change_is_a_valid_item_with_an_id_of_its_own(plan):
    items = [ChangeItem.model_validate(item) for item in plan.items]
    assert len({item.change_id for item in items}) == len(items)


def test_only_the_mistyped_reports_are_refused_by_their_forms(plan):
    refused = Counter()
    for item in creates(plan):
        try:
            read(item)
        except PayloadRefused as error:
            refused.update(problem.code for problem in error.problems)
    assert set(refused) == {"number_format", "unknown_code", "returned_exceeds_sown"}
    assert sum(refused.values()) < 30


def test_doubtful_values_of_every_indicator_raise_warnings(plan):
    flagged = Counter()
    for item in creates(plan):
        if item["kind"] == "report":
            try:
                _, warnings = read(item)
            except PayloadRefused:
                continue
            flagged.update(warning.code for warning in warnings)
    expected = {"recovered_more_than_used", "impurity_zero", "use_without_harvest", "manure_without_animals"}
    expected |= {"film_below_standard", "nutrient_share_missing", "only_canal_lining"}
    assert expected <= set(flagged)
    assert sum(flagged.values()) < 0.05 * plan.reports


def test_a_step_fits_one_push(plan):
    assert max(len(step.items) for county in plan.counties for step in county.steps) <= MAX_ITEMS // 5


def test_what_an_amendment_builds_on_was_planned_before_it(plan):
    for county in plan.counties:
        seen = set()
        for step in county.steps:
            for item in step.items:
                assert item.get("base_change_id") is None or item["base_change_id"] in seen
                seen.add(item["change_id"])


def test_a_coordinate_never_travels_without_its_datum(plan):
    drawn = [item for item in creates(plan) if item["payload"].get("geometry")]
    assert {item.get("datum") for item in drawn} == {"gcj02", "wgs84", "cgcs2000", "bd09"}
    assert all("datum" not in item for item in creates(plan) if not item["payload"].get("geometry"))


def test_a_plot_in_gcj02_lies_hundreds_of_metres_from_the_same_plot_in_cgcs2000():
    here, shifted = (plot((112.5, 29.5), 6, datum)["coordinates"][0][0] for datum in (Datum.CGCS2000, Datum.GCJ02))
    assert 100 < abs(here[0] - shifted[0]) * 96_000 < 1000


def placed(item):
    """The plot of an item in CGCS2000, as it was meant."""
    datum = Datum(item["datum"])
    shape = shapely.from_geojson(json.dumps(item["payload"]["geometry"]))
    return shapely.transform(shape, lambda at: to_cgcs2000(at, datum))


def plots(plan, kind):
    """The plots of a kind of record that are sound and near, by county and record."""
    found = {}
    for item in creates(plan):
        if item["kind"] == kind and item["payload"].get("geometry") is not None:
            shape = placed(item)
            if shape.is_valid and shape.centroid.x < 113:
                found.setdefault(item["county_code"], {})[item["record_id"]] = (item, shape)
    return found


def test_registered_plots_lie_apart_inside_their_county_but_for_one_drawn_over_its_neighbour(plan):
    border = shapely.box(112.3, 29.3, 112.52, 29.52).buffer(0.04)
    overlaps = {}
    for county, registered in plots(plan, "farm").items():
        drawn = [shape for _, shape in registered.values()]
        assert len(drawn) >= 12
        assert all(border.contains(shape) for shape in drawn)
        for one, other in shapely.STRtree(drawn).query(drawn, predicate="intersects").T:
            if one < other:
                shared = shapely.area(shapely.intersection(drawn[one], drawn[other]))
                overlaps.setdefault(county, []).append(shared / min(drawn[one].area, drawn[other].area))
    assert len(overlaps) >= 8
    assert all(len(shares) == 1 and shares[0] > 0.15 for shares in overlaps.values())


def test_some_counties_have_a_phone_that_declares_another_datum_than_it_draws_in(plan):
    registered = plots(plan, "farm")
    told = {}
    for county, reports in plots(plan, "report").items():
        pairs = [(registered[county][item["payload"]["farm_id"]][1], shape) for item, shape in reports.values()]
        farms, shapes = (np.array(side) for side in zip(*pairs, strict=True))
        count = len(pairs)
        both = [Placed(one, [Datum.WGS84] * count, ["phone"] * count) for one in (shapes, farms)]
        told[county] = {(one.side, one.datum) for one in misfits(*both, Bounds(30, 3, 0.5))}
    assert len(told) >= 6
    assert all(found == {(Side.DRAWN, Datum.GCJ02)} for found in told.values())


def test_a_county_without_room_gives_no_plot():
    land = Land(CountyPlace("430623", "华容县", Farmland.DONGTING, (("430623101", "甲镇"),), ((112.5, 29.5, 300.0),)))
    assert land.take(400, 10) is None
    assert land.take(100, 100) == (112.5, 29.5)
    assert land.take(1, 1) is None


def test_county_film_rates_lie_on_both_sides_of_the_goal(plan):
    rates = [rate(terms) for terms in amounts(plan, Indicator.FILM_RECOVERY, "2025").values()]
    below = sum(one < Decimal("0.85") for one in rates)
    assert 0.2 * len(rates) < below < 0.8 * len(rates)


@pytest.mark.parametrize("indicator", [Indicator.STRAW_UTILISATION, Indicator.MANURE_UTILISATION])
def test_districts_of_tianjin_meet_the_national_goal_and_miss_the_stricter_one_of_tianjin(plan, indicator):
    national, own = floor(indicator, "100000"), floor(indicator, "120000")
    assert national < own
    districts = [terms for code, terms in amounts(plan, indicator, "2025").items() if code.startswith("12")]
    assert national <= rate([one for terms in districts for one in terms]) < own
    rates = [rate(terms) for terms in districts]
    assert sum(national <= one < own for one in rates) >= 2
    assert sum(one >= own for one in rates) >= 2


def test_tianjins_new_irrigation_falls_short_of_its_goal(plan):
    new_mu = sum(
        terms[0].numerator
        for year in range(2021, 2026)
        for code, terms in amounts(plan, Indicator.IRRIGATION_NEW_AREA, str(year)).items()
        if code.startswith("12")
    )
    goal = next(one for one in goals() if (one.indicator, one.region_code) == ("irrigation_new_area", "120000"))
    assert goal.value / 2 < new_mu < goal.value


@pytest.mark.parametrize("indicator", [Indicator.FERTILISER_REDUCTION, Indicator.PESTICIDE_REDUCTION])
def test_most_counties_use_less_than_in_2020_a_few_more_and_a_few_cannot_tell(plan, indicator):
    base, now = amounts(plan, indicator, "2020"), amounts(plan, indicator, "2025")
    compared = base.keys() & now.keys()
    risen = [code for code in compared if now[code][0].numerator > base[code][0].numerator]
    assert 2 <= len(risen) < 0.2 * len(compared)
    assert base.keys() - now.keys()
    assert now.keys() - base.keys()
    assert len(compared) >= 50


def test_use_per_mu_is_plausible(plan):
    for period in ("2020", "2025"):
        for form in stated(plan, Indicator.FERTILISER_REDUCTION, period).values():
            used_t = sum(used.nutrient_t for used in form.fertilisers.values())
            assert 15 < used_t * 1000 / form.sown_area_mu < 32


def test_two_counties_state_pesticide_as_active_ingredient_in_both_years(plan):
    for period in ("2020", "2025"):
        bases = {code: form.basis for code, form in stated(plan, Indicator.PESTICIDE_REDUCTION, period).items()}
        assert {code for code, basis in bases.items() if basis is Basis.ACTIVE} == ON_ACTIVE_INGREDIENT


def test_green_control_covers_two_fifths_to_two_thirds(plan):
    rates = [rate(terms) for terms in amounts(plan, Indicator.GREEN_CONTROL_COVERAGE, "2025").values()]
    assert len(rates) == len(plan.counties)
    assert all(Decimal("0.35") < one < Decimal("0.7") for one in rates)


def test_a_project_that_comes_up_again_is_the_only_one_reported_twice(plan):
    reports = [
        item["payload"]
        for item in creates(plan)
        if item["payload"].get("indicator") == Indicator.IRRIGATION_NEW_AREA and item["payload"]["level"] == Level.FARM
    ]
    times = Counter(answers["project_id"] for answers in reports)
    again = {answers["project_id"] for answers in reports if "note" in answers}
    assert again
    assert {project for project, count in times.items() if count > 1} == again
    assert {answers["period"] for answers in reports} == {"2021", "2022", "2023", "2024", "2025"}


def test_every_indicator_is_reported_by_farms_and_stated_by_counties(plan):
    reported = {(one["indicator"], one["level"]) for item in creates(plan) if "indicator" in (one := item["payload"])}
    assert reported == {(indicator, level) for indicator in Indicator for level in Level}


def test_the_offline_phone_queues_forty_farms_with_their_reports(plan):
    farms = [item["record_id"] for item in plan.offline if item["kind"] == "farm"]
    reports = [item["payload"]["farm_id"] for item in plan.offline if item["kind"] == "report"]
    assert len(farms) == len(set(farms)) == 40
    assert reports == farms
    assert len({item["payload"]["township_code"] for item in plan.offline}) == 1


def test_every_phone_number_is_plainly_made_up(plan):
    numbers = {item["payload"]["phone"] for item in creates(plan) if "phone" in item["payload"]}
    assert numbers
    assert all(number.startswith("1990000") and len(number) == 11 for number in numbers)


def test_there_is_an_account_for_every_role_and_two_for_every_county(places):
    accounts = demo_accounts(places)
    assert [account.role for account in accounts[: len(Role)]] == list(Role)
    assert len(accounts) == len(Role) + 2 * len(places)
    assert len({account.id for account in accounts}) == len({account.username for account in accounts}) == len(accounts)


def test_streams_of_different_names_do_not_disturb_each_other():
    one, other = Draws(7, "a"), Draws(7, "b")
    first = [one.whole(0, 10**9) for _ in range(3)]
    other.whole(0, 10**9)
    again = Draws(7, "a")
    assert [again.whole(0, 10**9) for _ in range(3)] == first
