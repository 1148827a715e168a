"""The map page in a real browser against a real server: what a reader sees, hears and reaches by keyboard."""

import json
import math
import random
import time
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import httpx
import pyproj
import pytest
from playwright.sync_api import Page, expect

from tests.pages.visit import NATION, PATIENCE_S, Visit

OUTSIDE_THE_REPORTS = ("710000", "810000", "820000")


def eventually(found: Callable[[], Any], wanted: Callable[[], Any]) -> None:
    """Wait until both sides agree: the demo may still be filling."""
    until = time.monotonic() + PATIENCE_S
    while (seen := found()) != (expected := wanted()):
        assert time.monotonic() < until, f"{seen} is not {expected}"
        time.sleep(0.5)


def rows_shown(page: Page) -> list[list[str]]:
    """Return [code, rate, reports] of each row as it stands in the table."""
    shown: list[list[str]] = page.locator("#table tbody").evaluate(
        """body => [...body.rows].map(row => [row.dataset.code,
             row.querySelector('.column-rate').textContent, row.querySelector('.column-reports').textContent])"""
    )
    return shown


def rows_answered(api: httpx.Client, code: str, by: str, indicator: str = "film_recovery") -> list[list[str]]:
    """Return the same of the interface."""
    summary = api.get(f"/v1/summaries/{code}", params={"period": "2025", "by": by}).json()
    rows = []
    for row in summary["rows"]:
        figure = row["indicators"][indicator]
        rate = figure["headline"]["rate_percent"]
        live = sum(count for status, count in figure["reports"].items() if status != "withdrawn")
        rows.append([row["region"]["code"], "无数据" if rate is None else f"{Decimal(rate):.2f}", f"{live:,}"])
    return rows


def codes_shown(page: Page) -> list[str]:
    return [row[0] for row in rows_shown(page)]


def test_the_map_of_china_shows_all_of_its_territory(visit: Visit, api: httpx.Client) -> None:
    page = visit.open()
    regions = page.locator("#map-land > .region")
    expect(regions).to_have_count(34)
    for code in OUTSIDE_THE_REPORTS:
        outside = page.locator(f'.region[data-code="{code}"]')
        expect(outside).to_have_attribute("data-fill", "out-of-scope")
        expect(outside).to_have_attribute("role", "img")
    assert regions.evaluate_all("shapes => shapes.every(shape => shape.getAttribute('d').startsWith('M'))")
    lines = api.get("/v1/map/layers/boundary-lines").json()["features"]
    expect(page.locator("#map-lines > .boundary-line")).to_have_count(len(lines))
    expect(page.locator("#map-source")).to_have_text("数据来源：天地图 GS(2024)0650号")


def test_the_inset_holds_the_islands_and_the_dashed_line_and_hides_nothing(visit: Visit) -> None:
    page = visit.open()
    expect(page.locator(".inset .inset-title")).to_have_text("南海诸岛")
    held = page.evaluate(
        """() => {
          const inset = document.querySelector('.inset svg').viewBox.baseVal;
          const frame = document.querySelector('.inset-frame').getBBox();
          const lines = document.querySelector('#map-lines').getBBox();
          const hainan = document.querySelector('.region[data-code="460000"]').getBBox();
          const taiwan = document.querySelector('.region[data-code="710000"]').getBBox();
          const low = inset.y + inset.height;
          return {
            lines: lines.y + lines.height < low,
            islands: hainan.y + hainan.height < low,
            below: lines.y + lines.height > frame.y + frame.height,
            taiwan: taiwan.x + taiwan.width < frame.x || taiwan.y + taiwan.height < frame.y,
            drawn: [...document.querySelectorAll('.inset use')].map(use => use.getAttribute('href')),
          };
        }"""
    )
    assert held == {
        "lines": True, "islands": True, "below": True, "taiwan": True, "drawn": ["#map-land", "#map-lines"],
    }  # fmt: skip
    visit.open("#/460000?period=2025")
    expect(page.locator(".inset .inset-title")).to_have_text("南海诸岛")
    visit.open("#/430000?period=2025")
    expect(page.locator(".inset .inset-title")).to_have_count(0)


def test_demo_data_are_marked_on_every_page(visit: Visit) -> None:
    page = visit.open()
    expect(page).to_have_title("全国 · 清田 · 农业清洁生产统计地图")
    for address in (NATION, "#/430000?period=2025", "#/basin/taihu?period=2025"):
        visit.open(address)
        expect(page.locator("#demo-mark strong")).to_have_text("演示数据")
        expect(page.locator("#watermark")).to_be_visible()


def test_the_table_says_what_the_interface_says(visit: Visit, api: httpx.Client) -> None:
    page = visit.open()
    eventually(lambda: rows_shown(page), lambda: rows_answered(api, "100000", "province"))
    expect(page.locator("#table caption")).to_contain_text("全国 · 废旧农膜回收率 · 2025 年")
    expect(page.locator("#table tfoot th")).to_have_text("合计")
    assert "660000" in codes_shown(page)
    expect(page.locator("#map-missing")).to_contain_text("新疆生产建设兵团")


def test_no_data_is_neither_zero_nor_a_colour_alone(visit: Visit, api: httpx.Client) -> None:
    page = visit.open()
    silent = [code for code, rate, _ in rows_answered(api, "100000", "province") if rate == "无数据"]
    drawn = [code for code in silent if code != "660000"]
    assert drawn, "a demo in which every province reports cannot show this"
    shape = page.locator(f'.region[data-code="{drawn[0]}"]')
    expect(shape).to_have_attribute("fill", "url(#texture-no-data)")
    assert "无数据" in (shape.get_attribute("aria-label") or "")


def test_another_indicator_and_language_change_map_table_and_address(visit: Visit, api: httpx.Client) -> None:
    page = visit.open()
    page.locator('.card[data-indicator="straw_utilisation"]').click()
    expect(page.locator("#table caption")).to_contain_text("秸秆综合利用率")
    eventually(lambda: rows_shown(page), lambda: rows_answered(api, "100000", "province", "straw_utilisation"))
    assert "indicator=straw_utilisation" in page.url
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("China")
    expect(page.locator("#demo-mark strong")).to_have_text("Demo data")
    expect(page.locator('#table tr[data-code="430000"] th')).to_have_text("Hunan")
    names = {each["code"]: each["en"] for each in api.get("/v1/deployment").json()["indicators"]}
    heard = f"Map of China: {names['straw_utilisation']}, 2025"
    expect(page.locator(".map-drawing")).to_have_attribute("aria-label", heard)
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("全国")


def test_the_keyboard_goes_from_table_to_map_into_hunan_and_back(visit: Visit, api: httpx.Client) -> None:
    page = visit.open()
    page.locator('#table tr[data-code="430000"] button').focus()
    page.keyboard.press("m")
    expect(page.locator('.region[data-code="430000"]')).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator('.region[data-code="420000"]')).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator('.region[data-code="430000"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("湖南省")
    expect(page.locator(".region:focus")).to_have_count(1)
    eventually(lambda: rows_shown(page), lambda: rows_answered(api, "430000", "county"))
    page.keyboard.press("t")
    expect(page.locator("#table tbody button:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("h1")).to_have_text("全国")


def test_going_back_leads_to_the_place_before_and_not_to_a_setting(visit: Visit) -> None:
    page = visit.open()
    page.locator('.region[data-code="430000"]').click()
    expect(page.locator("h1")).to_have_text("湖南省")
    page.locator('#views label[data-view="farm"]').click()
    page.locator("#period").select_option("2024")
    expect(page.locator("#table caption")).to_have_text("湖南省 · 废旧农膜回收率 · 2024 年 · 主体汇总")
    assert page.url.endswith("#/430000?indicator=film_recovery&period=2024&view=farm")
    page.go_back()
    expect(page.locator("#table caption")).to_have_text("全国 · 废旧农膜回收率 · 2025 年 · 综合")


def test_an_address_that_nobody_knows_is_refused_in_words(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.url}/#/999999?period=2025&indicator=unknown")
    expect(page.locator("#notice [role=alert]")).to_have_text("没有代码为“999999”的行政区划。")
    page.get_by_role("button", name="回到我的地区").click()
    expect(page.locator("h1")).to_have_text("全国")
    assert [fault for fault in visit.faults if "404" not in fault] == []
    visit.faults.clear()


def test_a_county_opens_its_detail(visit: Visit) -> None:
    page = visit.open("#/430000?period=2025")
    page.locator('#table tr[data-code="430623"] button').click()
    expect(page.locator("#detail h2")).to_have_text("华容县 · 废旧农膜回收率")
    expect(page.locator("#detail")).to_contain_text("参考线")
    expect(page.locator('#table tr[data-code="430623"]')).to_have_attribute("aria-current", "true")
    page.locator(".detail-close").click()
    expect(page.locator("#detail h2")).to_have_text("湖南省 · 废旧农膜回收率")


def test_sorting_orders_the_figures_and_keeps_missing_ones_last(visit: Visit) -> None:
    page = visit.open("#/430000?period=2025")
    header = page.locator("#table thead .column-rate")
    page.locator("#table thead .column-rate button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    rates = [row[1] for row in rows_shown(page)]
    known = [Decimal(rate) for rate in rates if rate != "无数据"]
    assert known == sorted(known)
    assert all(rate == "无数据" for rate in rates[len(known) :])
    page.locator("#table thead .column-rate button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#announcer")).to_have_text("已按完成率 %降序排列")


def test_a_basin_is_outlined_and_opens_with_its_counties(visit: Visit, api: httpx.Client) -> None:
    page = visit.open()
    outlined = page.locator(".basin-core[data-basin]")
    expect(outlined).to_have_count(4)
    page.locator('.basin-button[data-basin="dongting"]').click()
    expect(page.locator("h1")).to_have_text("洞庭湖流域重点县")
    answered = api.get("/v1/basins/dongting/summary", params={"period": "2025"}).json()
    assert sorted(codes_shown(page)) == sorted(row["region"]["code"] for row in answered["rows"])
    expect(page.locator("#table tfoot th")).to_have_text("核心区合计")
    expect(page.locator(".basin-extended[data-basin=dongting]")).to_have_count(1)


def test_a_worker_is_told_whom_the_map_is_for(visit: Visit, api: httpx.Client) -> None:
    page = visit.open()
    accounts = api.get("/v1/deployment").json()["demo_accounts"]
    names = {account["role"]: account["username"] for account in accounts}
    page.locator("#reader").select_option(names["worker"])
    expect(page.locator("#notice h2")).to_have_text("统计图供县级及以上查看")
    expect(page.locator("#workspace")).to_be_hidden()
    page.locator("#reader").select_option(names["province"])
    expect(page.locator("h1")).to_have_text("湖南省")
    expect(page.locator("#crumbs li")).to_have_count(0)
    expect(page.locator('.basin-button[data-basin="taihu"]')).to_be_disabled()


def test_the_page_asks_for_new_figures_by_itself(visit: Visit) -> None:
    page = visit.open()
    with page.expect_request(lambda sent: "/v1/summaries/100000" in sent.url, timeout=10_000):
        pass


def test_a_stale_sign_in_is_renewed_without_a_word(visit: Visit) -> None:
    page = visit.open()
    page.evaluate("sessionStorage.setItem('qingtian.session', JSON.stringify({token: 'stale', username: 'x'}))")
    page.reload()
    expect(page.locator("h1")).to_have_text("全国")
    assert [fault for fault in visit.faults if "401" not in fault] == []
    visit.faults.clear()


def test_the_projection_is_that_of_proj(visit: Visit) -> None:
    page = visit.open()
    albers = pyproj.Transformer.from_crs(
        "EPSG:4490", "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80", always_xy=True
    )
    places = [(73.5, 39.4), (135.1, 48.4), (112.28, 3.86), (105.0, 36.0), (121.5, 25.0), (87.6, 53.5)]
    drawn = page.evaluate(
        """places => import('/static/projection.js').then(({ project }) => places.map(at => project(...at)))""",
        [list(place) for place in places],
    )
    for place, at in zip(places, drawn, strict=True):
        assert math.dist(albers.transform(*place), at) < 0.001


def test_decimals_are_computed_as_decimals(visit: Visit) -> None:
    page = visit.open()
    draw = random.Random(20251003)
    pairs = [(f"{draw.randint(-99999, 99999) / 1000:.3f}", f"{draw.randint(0, 9999) / 100:.2f}") for _ in range(200)]
    computed = page.evaluate(
        """pairs => import('/static/numbers.js').then(({ subtract, round }) =>
             pairs.map(([a, b]) => [subtract(a, b), round(a, 2)]))""",
        pairs,
    )
    for (a, b), (difference, rounded) in zip(pairs, computed, strict=True):
        assert Decimal(difference) == Decimal(a) - Decimal(b), json.dumps([a, b, difference])
        assert Decimal(rounded) == Decimal(a).quantize(Decimal("0.01"), ROUND_HALF_EVEN), json.dumps([a, rounded])


@pytest.mark.parametrize(
    "context", [{"width": 1440, "height": 900}, {"width": 390, "height": 844}], ids=["desk", "phone"], indirect=True
)
def test_the_page_fits_its_screen(visit: Visit, artifacts: Path) -> None:
    page = visit.open()
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#map .map-drawing").evaluate("map => map.getBoundingClientRect().height") >= 280
    page.screenshot(path=artifacts / f"map-{width}.png", full_page=width < 1000)
    assert (artifacts / f"map-{width}.png").stat().st_size > 40_000
