"""The review page of the desk in a real browser: a county works its queue by keyboard, and nothing is claimed early."""

import json
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.pages.office import PHONE, Office, Offices
from tests.support.offices import COUNTY
from tests.support.reports import Item, amend, farm, film

THICKER = {"mulch_used_kg": "3000"}
"""150 kg on a mu: worth a look."""


def hand_in(office: Office, period: str, *names: str, **answers: Any) -> list[Item]:
    """Register farms and hand in a film report of each."""
    farms = [farm(name=name) for name in names]
    reports = [film(one["record_id"], period=period, **answers) for one in farms]
    office.apply(*farms, *reports)
    return reports


def rows(page: Page) -> list[str]:
    names: list[str] = page.locator(".list .row-head b").all_text_contents()
    return names


def chosen(page: Page, name: str) -> None:
    """Expect a report to be shown whole."""
    expect(page.locator(".detail-body h2")).to_have_text(name)
    expect(page.locator(".list [aria-current]")).to_contain_text(name)


def stands(office: Office, report: Item) -> dict[str, Any]:
    found: dict[str, Any] = office.ask(f"/v1/counties/{COUNTY}/reviews/{report['record_id']}")
    return found


def test_a_county_works_through_its_queue_by_keyboard_alone(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    plain = hand_in(worker, "2015", "甲户", "乙户")
    [flagged] = hand_in(worker, "2015", "厚膜户", **THICKER)
    page = county.open("#review?period=2015")
    expect(page.locator(".list li")).to_have_count(3)
    assert rows(page)[0] == "厚膜户"
    county.press("j")
    chosen(page, "厚膜户")
    expect(page.locator(".why-warning")).to_be_visible()
    county.press("r")
    expect(page.locator(".warned .column-extra input")).to_be_focused()
    page.keyboard.type("亩均用量过大，请核对单位")
    county.press("Control+Enter")
    county.says("已退回：厚膜户")
    expect(page.locator(".list li")).to_have_count(2)
    for name in rows(page):
        chosen(page, name)
        county.press("a")
        county.says(f"已通过：{name}")
    expect(page.locator(".list-pane .empty")).to_be_visible()
    expect(page.locator(".list-summary")).to_contain_text("共 0 份")
    review = stands(county, flagged)["review"]
    assert (review["decision"], review["reasons"][0]["text"]) == ("return", "亩均用量过大，请核对单位")
    assert review["reasons"][0]["field"].startswith("/mulch_")
    assert [stands(county, one)["status"] for one in plain] == ["accepted", "accepted"]


def test_a_report_that_moved_is_not_decided_and_shows_what_changed(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    [report] = hand_in(worker, "2014", "改数户")
    page = county.open(f"#review?period=2014&record={report['record_id']}")
    chosen(page, "改数户")
    worker.apply(amend(report, {"/mulch_used_kg": "150"}))
    county.press("a")
    conflict = page.locator(".conflict")
    expect(conflict).to_contain_text("内容已变化，未办理")
    expect(conflict.locator("del")).to_have_text("100")
    expect(conflict.locator("ins")).to_have_text("150")
    assert stands(county, report)["status"] == "submitted"
    county.press("a")
    county.says("已通过：改数户")
    assert stands(county, report)["status"] == "accepted"


def test_nothing_is_said_to_be_done_before_the_server_said_so_and_a_repeat_is_the_same_request(
    offices: Offices,
) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    [report] = hand_in(worker, "2013", "断网户")
    page = county.open(f"#review?period=2013&record={report['record_id']}")
    chosen(page, "断网户")
    sent: list[dict[str, Any]] = []

    def lose_the_answer(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or ""))
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/reviews", lose_the_answer)
    county.press("a")
    expect(page.locator(".outcome [role=alert]")).to_contain_text("未办成")
    expect(page.locator("#announcer")).not_to_contain_text("已通过")
    page.locator(".outcome button").focus()
    county.press("Enter")
    county.says("已通过：断网户")
    assert sent[0] == sent[1]
    assert [one["action"] for one in stands(county, report)["history"]] == ["create", "accept"]


def test_what_changed_since_the_last_decision_is_marked(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    [report] = hand_in(worker, "2012", "重报户")
    page = county.open(f"#review?period=2012&record={report['record_id']}")
    chosen(page, "重报户")
    county.press("r")
    page.keyboard.type("请核对")
    county.press("Control+Enter")
    county.says("已退回：重报户")
    worker.apply(amend(report, {"/mulch_used_kg": "120"}))
    page = county.open(f"#review?period=2012&status=submitted&record={report['record_id']}")
    expect(page.locator("tr.differs")).to_have_count(1)
    expect(page.locator("tr.differs del")).to_have_text("100")
    expect(page.locator("tr.differs")).to_contain_text("120")
    expect(page.locator(".why-returned")).to_contain_text("请核对")
    expect(page.locator(".history li")).to_have_count(3)


def test_many_are_accepted_without_the_flagged_ones_unless_that_is_said(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    hand_in(worker, "2011", "丙户", "丁户")
    [flagged] = hand_in(worker, "2011", "再厚膜户", **THICKER)
    page = county.open("#review?period=2011")
    page.get_by_role("button", name="批量通过").focus()
    county.press("Enter")
    dialog = page.locator("dialog.sheet")
    expect(dialog).to_contain_text("全部指标 · 全部乡镇 · 2011 年")
    expect(dialog).to_contain_text("其中 1 份有提示")
    expect(dialog.locator("input:checked")).to_have_value("plain")
    county.press("Control+Enter")
    county.says("已批量通过 2 份")
    county.press("Escape")
    expect(page.locator(".list li")).to_have_count(1)
    page.get_by_role("button", name="批量退回").focus()
    county.press("Enter")
    expect(dialog.locator("textarea")).to_be_focused()
    page.keyboard.type("请按亩均用量核对")
    county.press("Control+Enter")
    county.says("已批量退回 1 份")
    assert stands(county, flagged)["review"]["reasons"] == [{"field": None, "text": "请按亩均用量核对"}]


def test_a_countys_correction_is_its_own_revision_with_its_reason(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    [report] = hand_in(worker, "2025H1", "更正户")
    page = county.open(f"#review?period=2025H1&record={report['record_id']}")
    chosen(page, "更正户")
    county.press("e")
    page.locator('[data-field="/mulch_used_kg"] input').fill("101.5")
    county.press("Control+Enter")
    assert page.locator("textarea").evaluate("area => area.validity.valueMissing")
    page.locator(".panel textarea").fill("与供销台账核对")
    county.press("Control+Enter")
    county.says("更正已记入")
    expect(page.locator('[data-field="/mulch_used_kg"]')).to_contain_text("101.5")
    last = stands(county, report)["history"][-1]
    assert (last["action"], last["by"], last["reason"]) == ("amend", "county", "与供销台账核对")


def test_a_township_prechecks_and_cannot_accept(offices: Offices) -> None:
    worker, township = offices.seat("worker"), offices.seat("township")
    [report] = hand_in(worker, "2025Q1", "初核户")
    page = township.open(f"#review?period=2025Q1&record={report['record_id']}")
    chosen(page, "初核户")
    expect(page.locator("#pages a:not(.to-map)")).to_have_text(["审核", "人员"])
    expect(page.locator(".act-bar button")).to_contain_text(["初核", "退回"])
    expect(page.locator(".page-acts")).to_be_hidden()
    township.press("a", "p")
    township.says("已初核：初核户")
    expect(page.locator(".history")).to_contain_text("初核")


def test_the_desk_fits_a_phone_and_speaks_english(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county", PHONE)
    [report] = hand_in(worker, "2025Q2", "手机户", **THICKER)
    page = county.open("#review?period=2025Q2")
    expect(page.locator(".detail-pane")).to_be_hidden()
    page.locator(".list a").first.click()
    chosen_here = page.locator(".detail-body h2")
    expect(chosen_here).to_have_text("手机户")
    expect(page.locator(".list-pane")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#language").click()
    expect(page.locator(".act-bar")).to_contain_text("Accept")
    expect(page.locator("caption")).to_have_text("Answers")
    page.locator(".back").click()
    expect(page.locator(".list-pane")).to_be_visible()
    assert "record" not in page.url
    assert report["record_id"]


def test_keys_are_told_and_rest_while_something_is_typed(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    [report] = hand_in(worker, "2024H1", "按键户")
    page = county.open(f"#review?period=2024H1&record={report['record_id']}")
    chosen(page, "按键户")
    county.press("?")
    expect(page.locator("dialog.sheet")).to_contain_text("审核通过")
    county.press("Escape")
    county.press("r")
    page.keyboard.type("a ? j")
    expect(page.locator(".column-extra input").first).to_have_value("a ? j")
    county.press("Escape")
    expect(page.locator(".writing-host")).to_be_empty()
    assert stands(county, report)["status"] == "submitted"
