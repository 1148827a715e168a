"""Every state of the page has an address, is open to screen readers and prints; guests see what was published."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pages.visit import Visit

HUNAN = "#/430000?indicator=film_recovery&period=2024&view=headline"
HUARONG = f"{HUNAN}&chosen=430623"
GUEST = "sessionStorage['qingtian.session'] ??= JSON.stringify({ guest: true })"
STATES = {
    "nation": "#/100000?indicator=film_recovery&period=2025&view=headline",
    "official": "#/430000?indicator=film_recovery&period=2024&view=official",
    "prefectures": f"{HUNAN}&by=prefecture",
    "trend": f"{HUARONG}&panel=trend",
    "gap": f"{HUNAN}&panel=gap",
    "progress": f"{HUNAN}&panel=progress",
    "findings": f"{HUNAN}&panel=findings",
    "basin": "#/basin/dongting?indicator=film_recovery&period=2024&view=headline",
    "yearbook": "#/100000?indicator=film_recovery&period=2025&view=published",
}
SERIOUS = {"serious", "critical"}


def settled(visit: Visit, address: str) -> Page:
    page = visit.open(address)
    expect(page.locator("#panel[aria-busy]")).to_have_count(0)
    return page


def serious(page: Page) -> list[str]:
    """Return what axe-core finds serious, with where."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']}" for one in found if one["impact"] in SERIOUS for node in one["nodes"]]


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_open_to_screen_readers(visit: Visit, artifacts: Path, state: str) -> None:
    page = settled(visit, STATES[state])
    page.screenshot(path=artifacts / f"dashboard-{state}.png")
    assert serious(page) == []


def test_the_years_of_a_county_stand_beside_their_goal_and_lead_to_what_they_are_made_of(
    visit: Visit, api: httpx.Client
) -> None:
    page = settled(visit, STATES["trend"])
    asked = {"indicator": "film_recovery", "view": "headline"}
    years = api.get("/v1/summaries/430623/trend", params=asked).json()["years"]
    shown = page.locator(".trend-table tbody tr").first.locator("td").all_text_contents()
    assert shown == [f"{year['value']}%" if year["value"] else "—" for year in years]
    page.locator(".trend-table .explained").first.click()
    expect(page.locator("#sheet h1")).to_contain_text("数字说明")


def test_townships_stand_beneath_their_county(visit: Visit, api: httpx.Client) -> None:
    page = settled(visit, HUARONG)
    answered = api.get("/v1/summaries/430623/townships", params={"period": "2024"}).json()["rows"]
    named = {row["name"] for row in answered if row["farms"]}
    expect(page.locator('tr[data-code="430623"] + tr.township')).to_have_count(1)
    assert named <= set(page.locator("tr.township th").all_text_contents())


def test_progress_tells_silence_from_nothing_to_report_from_work_that_waits(visit: Visit, api: httpx.Client) -> None:
    page = settled(visit, STATES["progress"])
    asked = {"region": "430000", "period": "2024", "indicator": "film_recovery"}
    total = api.get("/v1/completeness", params=asked).json()["total"]
    told = total["indicators"]["film_recovery"]
    waiting = told["unreviewed"] + told["returned_reports"]
    shown = page.locator("#panel .fact-value").all_text_contents()
    phones = f"{total['phones']['silent']}／{total['phones']['known']} 部"
    assert shown == [phones, f"{told['none_this_year']} 户", f"{waiting} 份", f"{told['stuck']} 个县"]


def test_panels_are_reached_by_keyboard_and_kept_in_the_address(visit: Visit) -> None:
    page = settled(visit, HUNAN)
    page.locator("#tab-overview").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tab-findings")).to_be_focused()
    expect(page.locator("#panel")).to_contain_text("到工作台处理")
    assert page.url.endswith("&panel=findings")
    page.reload()
    expect(page.locator("#tab-findings")).to_have_attribute("aria-selected", "true")


def test_the_way_down_leads_by_the_prefecture_and_back(visit: Visit) -> None:
    page = settled(visit, STATES["prefectures"])
    page.locator('#table tr[data-code="430600"] button').click()
    expect(page.locator("h1")).to_have_text("岳阳市")
    expect(page.locator("#crumbs li")).to_have_text(["全国", "湖南省", "岳阳市"])
    page.locator("#crumbs button", has_text="湖南省").click()
    expect(page.locator("h1")).to_have_text("湖南省")


def test_whoever_has_not_signed_in_sees_what_was_published(visit: Visit, artifacts: Path) -> None:
    page = visit.page
    page.add_init_script(GUEST)
    answers: list[str] = []
    page.on("request", lambda sent: answers.append(sent.headers.get("authorization", "")))
    settled(visit, "#/100000?indicator=film_recovery&period=2024&view=farm")
    expect(page.locator("#session")).to_be_hidden()
    expect(page.locator("#guest")).to_contain_text("未登录：本页只显示已公布的数字。")
    expect(page.locator("#table caption")).to_have_text("全国 · 废旧农膜回收率 · 2024 年 · 已公布")
    assert set(answers) == {""}
    with httpx.Client(base_url=visit.url, trust_env=False) as anybody:
        told = anybody.get("/v1/summaries/100000", params={"period": "2024", "by": "province"}).json()
    rate = told["total"]["indicators"]["film_recovery"]["headline"]["rate_percent"]
    expect(page.locator("#table tfoot .column-rate")).to_have_text(rate)
    expect(page.locator("#panels [role=tab]:visible")).to_have_text(["概况", "历年"])
    assert serious(page) == []
    page.screenshot(path=artifacts / "dashboard-guest.png")
    page.locator("#guest-sign-in").click()
    expect(page.locator("#session")).to_be_visible()
    page.locator("#session-leave").click()
    expect(page.locator("#session")).to_be_hidden()


@pytest.mark.parametrize("address", [STATES["nation"], HUARONG])
def test_it_prints_on_one_page(visit: Visit, artifacts: Path, address: str) -> None:
    page = settled(visit, address)
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    (artifacts / f"dashboard-{address[2:8]}.pdf").write_bytes(pdf)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


@pytest.mark.parametrize("context", [{"width": 390, "height": 844}], ids=["phone"], indirect=True)
@pytest.mark.parametrize("state", ["trend", "gap", "progress"])
def test_panels_fit_a_phone(visit: Visit, artifacts: Path, state: str) -> None:
    page = settled(visit, STATES[state])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path=artifacts / f"dashboard-{state}-phone.png", full_page=True)
