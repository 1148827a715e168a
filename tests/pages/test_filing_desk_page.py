"""The filing page of the desk: a county's figure goes up by keyboard, tier by tier, and comes back with reasons."""

from playwright.sync_api import Page, expect

from tests.pages.office import Office, Offices
from tests.support.offices import COUNTY
from tests.support.reports import farm, film, film_statement, statement

FILM = f"{COUNTY}%3Afilm_recovery"


def accepted_report(offices: Offices, period: str, **answers: str) -> None:
    """Hand in a report of 100 kg of mulch film and accept it."""
    worker, county = offices.seat("worker"), offices.seat("county")
    homestead = farm()
    report = film(homestead["record_id"], period=period, **answers)
    worker.apply(homestead, report)
    page = county.open(f"#review?period={period}&record={report['record_id']}")
    expect(page.locator(".act-bar")).to_contain_text("通过")
    county.press("a")
    county.says("已通过")


def expect_state(page: Page, word: str) -> None:
    expect(page.locator(".report-head .title-line .mark").first).to_contain_text(word)


def steps(office: Office, period: str) -> list[str]:
    found = office.ask(f"/v1/filings/{COUNTY}/film_recovery/{period}")
    return [one["action"] for one in found["steps"]]


def give_reasons(office: Office, text: str) -> None:
    """Type a reason beside every difference, and send."""
    inputs = office.page.locator(".column-extra input")
    for number in range(inputs.count()):
        inputs.nth(number).focus()
        office.page.keyboard.type(f"{text} {number + 1}")
    office.press("Control+Enter")


def forward(office: Office, address: str, act: str, said: str) -> None:
    """Take the next step of a filing by keyboard."""
    page = office.open(address)
    page.reload()
    expect(page.locator(".act-bar")).to_contain_text(act)
    office.press("a")
    expect(page.locator(".panel textarea")).to_be_focused()
    office.press("Control+Enter")
    office.says(said)


def test_a_figure_goes_up_comes_back_with_reasons_and_goes_up_again(offices: Offices) -> None:
    accepted_report(offices, "2025")
    county, prefecture, province = (offices.seat(name) for name in ("county", "prefecture", "province"))
    county.apply(film_statement(period="2025", mulch_used_t="130"))
    address = f"#filing?period=2025&filing={FILM}"

    page = county.open(address)
    expect(page.locator(".answers tr.differs").first).to_contain_text("不一致")
    county.press("f")
    expect(page.locator(".column-extra input").first).to_be_focused()
    county.press("Control+Enter")
    expect(page.locator(".panel-refused [role=alert]")).to_contain_text("原因")
    give_reasons(county, "全县台账")
    county.says("已报送：华容县")
    expect_state(page, "已报送")
    expect(page.locator(".given").first).to_contain_text("全县台账 1")

    forward(prefecture, address, "复核", "已复核")
    expect(prefecture.page.locator(".list [aria-current]")).to_contain_text("已复核")

    page = province.open(address)
    expect(page.locator(".act-bar")).to_contain_text("退回")
    province.press("r")
    expect(page.locator(".column-extra input").first).to_be_focused()
    province.press("Control+Enter")
    expect(page.locator(".panel-refused [role=alert]")).to_be_visible()
    page.locator(".column-extra input").first.focus()
    page.keyboard.type("请附台账说明")
    province.press("Control+Enter")
    province.says("已退回")

    page = county.open(address)
    page.reload()
    expect(page.locator(".title-line")).to_contain_text("退回待重报")
    expect(page.locator(".history")).to_contain_text("请附台账说明")
    county.press("f")
    give_reasons(county, "全县台账")
    assert page.locator(".panel textarea").evaluate("area => area.validity.valueMissing")
    page.locator(".panel textarea").fill("已补充台账说明")
    county.press("Control+Enter")
    county.says("已报送")

    forward(prefecture, address, "复核", "已复核")
    forward(province, address, "审核通过", "已通过：华容县")
    assert steps(county, "2025") == ["file", "endorse", "return", "file", "endorse", "accept"]


def test_a_step_on_a_state_that_has_moved_is_refused_and_the_present_one_shown(offices: Offices) -> None:
    county, prefecture = offices.seat("county"), offices.seat("prefecture")
    county.apply(film_statement(period="2024"))
    address = f"#filing?period=2024&filing={FILM}"
    page = county.open(address)
    county.press("f")
    page.locator(".answers .writing input").fill("按供销台账核定")
    county.press("Control+Enter")
    county.says("已报送")
    above = prefecture.open(address)
    expect(above.locator(".act-bar")).to_contain_text("复核")
    county.press("u")
    county.press("Control+Enter")
    county.says("已撤回")
    prefecture.press("a")
    prefecture.press("Control+Enter")
    expect(above.locator(".outcome [role=alert]")).to_contain_text("未办成")
    expect_state(above, "未报送")
    assert steps(county, "2024") == ["file", "recall"]


def test_a_statement_is_filled_in_from_the_accepted_reports_and_amended(offices: Offices) -> None:
    accepted_report(offices, "2023")
    county = offices.seat("county")
    page = county.open(f"#filing?period=2023&filing={FILM}")
    expect(page.locator(".answers")).to_contain_text("县级报表尚未填报")
    page.get_by_role("button", name="填写县级报表").click()
    used = page.get_by_label("地膜使用量（吨）", exact=True)
    expect(used).to_have_value("0.1")
    page.get_by_label("地膜含杂率").fill("0.1")
    page.get_by_label("地膜含水率").fill("0.1")
    county.press("Control+Enter")
    county.says("县级报表已提交")
    page.get_by_role("button", name="修改县级报表").click()
    used.fill("0.2")
    page.get_by_label("修改理由").fill("补计漏报")
    county.press("Control+Enter")
    county.says("县级报表已提交")
    draft = county.ask(f"/v1/counties/{COUNTY}/statements/film_recovery/2023/draft")
    assert (draft["statement"]["mulch_used_t"], draft["statement_revision"]) == ("0.2", 2)
    expect(page.locator(".answers tr.differs")).to_contain_text(["地膜使用量"])


def test_a_refused_statement_names_the_field(offices: Offices) -> None:
    county = offices.seat("county")
    page = county.open(f"#filing?period=2022&filing={FILM}")
    page.get_by_role("button", name="填写县级报表").click()
    page.get_by_label("地膜使用量（吨）", exact=True).fill("12,5")
    county.press("Control+Enter")
    refused = page.locator(".panel-refused [role=alert]")
    expect(refused).to_contain_text("未办理")
    expect(refused).to_contain_text("地膜使用量")


def test_what_came_late_is_held_and_let_in_by_the_office_that_holds_the_filing(offices: Offices) -> None:
    worker, county, prefecture = (offices.seat(name) for name in ("worker", "county", "prefecture"))
    county.apply(statement("fertiliser_reduction", "2021", sown_area_mu="1000", fertilisers={"n": {"nutrient_t": "9"}}))
    county.apply(film_statement(period="2021"))
    page = county.open(f"#filing?period=2021&filing={FILM}")
    county.press("f")
    page.locator(".answers .writing input").fill("按供销台账核定")
    county.press("Control+Enter")
    county.says("已报送")
    homestead = farm()
    worker.apply(homestead)
    with worker.asking() as client:
        late = film(homestead["record_id"], period="2021")
        sent = {"device_id": late["change_id"], "schema_version": 1, "sent_at": late["captured_at"], "changes": [late]}
        assert client.post("/v1/sync/push", json=sent).json()["outcomes"][0]["outcome"] == "held"
    above = prefecture.open(f"#filing?period=2021&filing={FILM}")
    expect(above.locator(".held summary")).to_have_text("逾期变更（1）")
    above.get_by_role("button", name="准许限期补报").click()
    above.get_by_label("准许理由").fill("水灾地区补报")
    prefecture.press("Control+Enter")
    prefecture.says("准许补报已记录")
    expect(above.locator(".exception")).to_contain_text("水灾地区补报")


def test_readiness_can_be_copied(offices: Offices) -> None:
    county = offices.seat("county")
    page = county.open("#filing?period=2026")
    expect(page.locator(".list li")).to_have_count(7)
    county.press("c")
    area = page.locator("dialog textarea")
    expect(area).to_have_value(county.ask(f"/v1/counties/{COUNTY}/readiness", period="2026")["text"]["zh"])
    county.press("Enter")
    expect(page.locator("#announcer")).to_contain_text("已")
