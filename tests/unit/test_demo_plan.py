"""The demo's plan: the same for the same seed, large enough, and of the mixture that the demo promises."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from backend.demo.accounts import demo_accounts
from backend.demo.counties import DEMO_COUNTIES, CountyPlace
from backend.demo.draws import Draws
from backend.demo.farms import plot
from backend.demo.plan import plan_demo
from schemas.changes import MAX_ITEMS, ChangeItem
from schemas.identifiers import statement_id
from schemas.indicators.validation import PayloadRefused, read_farm, read_report
from schemas.vocabulary import Datum, Indicator, Level, Role


@pytest.fixture(scope="module")
def places():
    return [
        CountyPlace(
            code, "某县", farmland, ((f"{code}101", "甲镇"), (f"{code}102", "乙镇")), ((112.5, 29.5), (112.6, 29.6))
        )
        for code, farmland in DEMO_COUNTIES.items()
    ]


@pytest.fixture(scope="module")
def plan(places):
    return plan_demo(places, 2025)


def read(item):
    return (read_farm if item["kind"] == "farm" else read_report)(item["payload"])


def creates(plan):
    return [item for item in plan.items if item["action"] == "create"]


def test_the_same_seed_plans_the_same_bytes_and_another_seed_other_ids(places, plan):
    assert json.dumps(plan_demo(places, 2025).items) == json.dumps(plan.items)
    others = {item["change_id"] for item in plan_demo(places, 2026).items}
    assert not others & {item["change_id"] for item in plan.items}


def test_the_order_in_which_places_come_changes_nothing(places, plan):
    assert plan_demo(places[::-1], 2025).items == plan.items


def test_thirty_counties_and_three_thousand_reports_are_planned(plan):
    assert len(plan.counties) >= 36
    assert plan.reports >= 3000
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


def test_county_film_rates_lie_on_both_sides_of_the_goal(plan):
    rates = []
    for item in creates(plan):
        answers = item["payload"]
        if answers.get("indicator") != Indicator.FILM_RECOVERY or answers["level"] != Level.COUNTY:
            continue
        if answers["period"] == "2025":
            form, _ = read_report(answers)
            assert item["record_id"] == statement_id(item["county_code"], Indicator.FILM_RECOVERY, "2025")
            net = form.mulch_recovered_gross_t * (1 - form.mulch_impurity_rate) * (1 - form.mulch_moisture_rate)
            rates.append(net / form.mulch_used_t)
    below = sum(rate < Decimal("0.85") for rate in rates)
    assert 0.2 * len(rates) < below < 0.8 * len(rates)


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
