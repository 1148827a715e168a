"""The other pages of the desk: findings, people, turnaround; who sees which, and how it says that something failed."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.office import PHONE, Offices
from tests.support.offices import COUNTY
from tests.support.program import run_program
from tests.support.reports import farm, film
from tests.support.servers import LiveServer


def sweep(server: LiveServer, year: int) -> None:
    """Run every check over a year, as an operator does."""
    done = run_program("checks", "run", "--year", str(year), environment=server.environment)
    assert done.returncode == 0, done.stderr


def test_a_finding_is_explained_by_keyboard_and_leaves_the_open_ones(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    homestead = farm(name="两年相同户")
    report = film(homestead["record_id"], period="2020", mulch_used_kg="77")
    worker.apply(homestead, film(homestead["record_id"], period="2019", mulch_used_kg="77"), report)
    sweep(offices.server, 2020)
    page = county.open("#findings?period=2020")
    expect(page.locator(".list-group")).to_have_text(["与上年数据完全相同"])
    county.press("j")
    expect(page.locator(".lead")).not_to_be_empty()
    expect(page.locator(".records a")).to_have_attribute(
        "href", f"#review?county={COUNTY}&record={report['record_id']}"
    )
    county.press("x")
    expect(page.locator(".panel textarea")).to_be_focused()
    page.keyboard.type("已电话核实，两年确实相同。")
    county.press("Control+Enter")
    county.says("说明已记录")
    expect(page.locator(".list-pane .empty")).to_be_visible()
    page = county.open("#findings?period=2020&state=explained")
    expect(page.locator(".list li a")).to_have_count(1)
    county.press("j")
    expect(page.locator(".why-returned")).to_contain_text("已电话核实，两年确实相同。")
    page = county.open(f"#review?county={COUNTY}&record={report['record_id']}")
    expect(page.locator(".why-finding")).to_contain_text("与上年数据完全相同")


def test_inspections_are_drawn_again_by_their_seed(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    farms = [farm(name=f"抽查户{number}") for number in range(8)]
    worker.apply(*farms, *(film(one["record_id"], period="2018") for one in farms))
    page = county.open("#findings?period=2018")
    drawn = []
    for _ in range(2):
        page.get_by_role("button", name="抽查名单").click()
        dialog = page.locator("dialog.sheet")
        dialog.get_by_label("抽取户数").fill("3")
        dialog.get_by_label("随机种子").fill("2018-复核")
        county.press("Enter")
        expect(dialog.locator("dd").first).to_have_text("2018-复核")
        expect(dialog.locator("tbody tr")).to_have_count(3)
        drawn.append(dialog.locator("tbody").inner_text())
        county.press("Escape")
    assert drawn[0] == drawn[1]
    assert "抽查户" in drawn[0]


def test_a_county_opens_an_account_enrols_its_phone_and_the_audit_knows(offices: Offices) -> None:
    county = offices.seat("county")
    page = county.open("#people")
    county.press("n")
    page.keyboard.type("操军镇农技员")
    page.get_by_label("用户名").last.fill("caojun")
    dialog = page.locator("dialog.sheet")
    dialog.get_by_label("地区代码").fill("110105")
    county.press("Control+Enter")
    expect(dialog.locator("[role=alert]")).to_contain_text("未办成")
    dialog.get_by_label("地区代码").fill("430623101")
    county.press("Control+Enter")
    county.says("账号已建立：操军镇农技员")
    expect(page.locator(".detail-body h2")).to_have_text("操军镇农技员")
    page.get_by_role("button", name="生成开通码").click()
    county.press("Enter")
    code = page.locator("output.secret")
    expect(code).to_have_text(re.compile("^[0-9A-Z]{4}-[0-9A-Z]{4}$"))
    image = page.locator("img.qr")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    county.press("Escape")
    page.get_by_role("button", name="停用账号").click()
    county.says("账号已停用")
    expect(page.locator(".title-line .mark")).to_contain_text("已停用")
    page.get_by_role("button", name="操作审计").click()
    expect(page.locator(".audit li").first).to_contain_text("停用账号")
    expect(page.locator(".audit")).to_contain_text("生成开通码")


def test_turnaround_is_of_offices(offices: Offices) -> None:
    county = offices.seat("county", PHONE)
    page = county.open("#turnaround")
    expect(page.locator("caption")).to_have_text("华容县审核时效")
    expect(page.locator("tr.total th")).to_have_text("华容县")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize(
    ("office", "pages"),
    [
        ("county", ["审核", "报送", "核查", "人员", "时效"]),
        ("township", ["审核", "人员"]),
        ("province", ["报送", "核查", "时效"]),
        ("ministry", ["报送", "核查", "时效"]),
        ("admin", ["报送", "核查", "人员", "时效"]),
        ("worker", []),
    ],
)
def test_each_office_sees_the_pages_it_has_a_use_for(offices: Offices, office: str, pages: list[str]) -> None:
    page = offices.seat(office).open("#review")
    expect(page.locator("#pages a:not(.to-map)")).to_have_text(pages)
    if not pages:
        expect(page.locator("#main")).to_contain_text("没有可办事项")


def test_a_server_that_fails_is_said_and_asked_again(offices: Offices) -> None:
    county = offices.seat("county")
    page = county.open("#filing")
    page.route("**/v1/counties/*/reviews?*", lambda route: route.abort())
    page.goto(f"{offices.server.url}/desk#review")
    failed = page.locator(".list-state [role=alert]")
    expect(failed).to_contain_text("未办成")
    page.unroute("**/v1/counties/*/reviews?*")
    failed.get_by_role("button", name="重试").click()
    expect(failed).to_have_count(0)


def test_a_sign_in_that_is_over_is_asked_for_again_and_what_was_written_stays(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    homestead = farm(name="过期户")
    report = film(homestead["record_id"], period="2024Q3")
    worker.apply(homestead, report)
    page = county.open(f"#review?period=2024Q3&record={report['record_id']}")
    expect(page.locator(".detail-body h2")).to_have_text("过期户")
    county.press("r")
    page.keyboard.type("请核对用量")
    refuse = {"status": 401, "content_type": "application/json", "body": "{}"}
    page.route("**/v1/reviews", lambda route: route.fulfill(**refuse))
    page.route("**/v1/auth/token", lambda route: route.fulfill(**refuse))
    county.press("Control+Enter")
    expect(page.locator("#session")).to_be_visible()
    page.unroute("**/v1/reviews")
    page.unroute("**/v1/auth/token")
    username, password = offices.server.accounts["county"]
    page.locator("#session [name=username]").fill(username)
    page.locator("#session [name=password]").fill(password)
    county.press("Enter")
    expect(page.locator("#session")).to_be_hidden()
    first = page.locator(".column-extra input").first
    expect(first).to_have_value("请核对用量")
    first.focus()
    county.press("Control+Enter")
    county.says("已退回：过期户")


def test_signing_out_leaves_nothing_on_the_page(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    homestead = farm(name="隐私户")
    report = film(homestead["record_id"], period="2023H1")
    worker.apply(homestead, report)
    page = county.open(f"#review?period=2023H1&record={report['record_id']}")
    expect(page.locator(".detail-body h2")).to_have_text("隐私户")
    page.get_by_role("button", name="退出").click()
    expect(page.locator("#session")).to_be_visible()
    expect(page.locator("#main")).to_be_empty()
    expect(page.locator("#pages")).to_be_empty()


def test_an_address_that_names_nothing_says_so(offices: Offices) -> None:
    county = offices.seat("county")
    page = county.open("#review?record=01928f3c-0000-7000-8000-000000000001")
    expect(page.locator(".detail-pane [role=alert]")).to_contain_text("未办成")
