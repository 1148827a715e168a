"""Published amounts as a view of the map in a real browser: marked, counted, linked to, and never below a province."""

from decimal import ROUND_HALF_EVEN, Decimal

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.pages.visit import Visit

PUBLISHED = "#/100000?indicator=film_recovery&period=2025&view=published&measure=mulch_film_use&year=2020"


def amounts_answered(api: httpx.Client, measure: str, year: int) -> dict[str, str]:
    """Return what the interface says of each region, in 10,000 t or mu as the page shows it."""
    query = {"by": "province", "measure": measure, "year": year}
    found = api.get("/v1/published/100000", params=query).json()
    places = Decimal("0.01")
    shown = {one["region_code"]: (Decimal(one["amount"]) / 10000).quantize(places, ROUND_HALF_EVEN) for one in found}
    return {code: f"{amount:,f}".rstrip("0").rstrip(".") for code, amount in shown.items()}


def cells_shown(page: Page, column: str) -> dict[str, str]:
    shown: dict[str, str] = page.locator("#table tbody").evaluate(
        """(body, column) => Object.fromEntries([...body.rows].map(row =>
             [row.dataset.code, row.querySelector(`.column-${column}`).textContent]))""",
        column,
    )
    return shown


def choose(page: Page, view: str) -> None:
    page.locator(f'#views label[data-view="{view}"]').click()


def test_the_yearbooks_amounts_are_a_view_of_the_map(visit: Visit, api: httpx.Client) -> None:
    page = visit.open()
    choose(page, "published")
    expect(page.locator("#published-bar .published-mark")).to_have_text("年鉴公布数据，非填报数")
    expect(page.locator(".published-source")).to_have_text("来源：中国农村统计年鉴官方文件")
    expect(page.locator("#table caption")).to_have_text("全国 · 农用塑料薄膜使用量，2021 年 · 年鉴公布，非填报数")
    expect(page.locator("#watermark")).to_have_text("年鉴公布")
    answered = amounts_answered(api, "film_use", 2021)
    nation = answered.pop("100000")
    shown = cells_shown(page, "amount")
    assert shown.pop("660000") == "无公布数"
    assert shown == answered
    expect(page.locator("#table tfoot .column-amount")).to_have_text(nation)
    expect(page.locator('#table tr[data-code="430000"] .column-printed')).to_contain_text("吨")
    heard = page.locator('.region[data-code="430000"]').get_attribute("aria-label")
    assert heard == f"湖南省，农用塑料薄膜使用量，2021 年，年鉴公布：{answered['430000']} 万吨"
    expect(page.locator("#announcer")).to_have_text(f"全国，农用塑料薄膜使用量，2021 年，年鉴公布：{nation} 万吨")


def test_the_legend_counts_in_the_unit_of_the_table_and_holds_every_colour(visit: Visit) -> None:
    page = visit.open(PUBLISHED)
    expect(page.locator(".legend-heading")).to_have_text("年鉴公布：地膜使用量，2020 年（万吨）")
    steps = [Decimal(tick) for tick in page.locator("#legend .tick").all_text_contents()]
    assert steps == sorted(set(steps))
    assert len(steps) == 4
    amounts = {code: amount for code, amount in cells_shown(page, "amount").items() if amount != "无公布数"}
    fills = page.locator('.region[role="button"]').evaluate_all(
        "shapes => Object.fromEntries(shapes.map(shape => [shape.dataset.code, shape.dataset.fill]))"
    )
    assert {fills[code] for code in amounts} == {f"printed-{step}" for step in range(1, 6)}
    for code, amount in amounts.items():
        if Decimal(amount) not in steps:
            assert fills[code] == f"printed-{1 + sum(Decimal(amount) > step for step in steps)}"


def test_measure_year_and_language_are_chosen_by_keyboard_and_kept_in_the_address(
    visit: Visit,
    api: httpx.Client,
) -> None:
    page = visit.open(PUBLISHED)
    expect(page.locator("#measure")).to_have_value("mulch_film_use")
    expect(page.locator("#year option")).to_have_text(["2015 年", "2020 年", "2021 年"])
    page.locator("#measure").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#table caption")).to_contain_text("地膜覆盖面积，2020 年")
    expect(page.locator("#measure")).to_be_focused()
    page.locator("#year").select_option("2015")
    expect(page.locator("#table caption")).to_contain_text("地膜覆盖面积，2015 年")
    assert page.url.endswith("view=published&measure=mulch_film_area&year=2015")
    answered = amounts_answered(api, "mulch_film_area", 2015)
    assert cells_shown(page, "amount")["650000"] == answered["650000"]
    page.reload()
    expect(page.locator("#table caption")).to_contain_text("地膜覆盖面积，2015 年")
    page.locator("#language").click()
    expect(page.locator("#published-bar .published-mark")).to_have_text("Yearbook data, not reported here")
    expect(page.locator("#table thead .column-amount")).to_have_text("Published, × 10,000 mu")
    expect(page.locator("#year")).to_have_value("2015")


def test_where_nothing_is_published_the_view_is_not_offered(visit: Visit) -> None:
    page = visit.open(PUBLISHED)
    page.locator('.card[data-indicator="straw_utilisation"]').click()
    expect(page.locator("#published-bar")).to_be_hidden()
    expect(page.locator('#views label[data-view="published"]')).to_have_count(0)
    expect(page.locator("#table caption")).to_have_text("全国 · 秸秆综合利用率 · 2025 年 · 综合")
    expect(page.locator("#watermark")).to_have_text("演示数据")
    page.locator('.card[data-indicator="pesticide_reduction"]').click()
    expect(page.locator('#views label[data-view="published"]')).to_have_count(1)
    visit.open("#/100000?indicator=manure_utilisation&period=2025&view=published&measure=film_use&year=2020")
    expect(page.locator("#table caption")).to_have_text("全国 · 畜禽粪污综合利用率 · 2025 年 · 综合")
    assert page.url.endswith("indicator=manure_utilisation&period=2025&view=headline")


def test_below_a_province_the_page_says_that_nothing_is_published(visit: Visit) -> None:
    page = visit.open(PUBLISHED)
    page.locator('#table tr[data-code="430000"] button').focus()
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("湖南省")
    expect(page.locator("#map-note")).to_have_text("年鉴只公布到省级，以下各级没有公布数，本系统不作推算。")
    assert set(cells_shown(page, "amount").values()) == {"无公布数"}
    expect(page.locator("#table tfoot .column-amount")).not_to_have_text("无公布数")
    expect(page.locator("#detail .facts-published")).to_be_visible()
    page.locator("#table tbody button").first.click()
    expect(page.locator("#detail .published-none")).to_contain_text("年鉴只公布到省级")
    visit.open("#/basin/dongting?indicator=film_recovery&period=2025&view=published")
    expect(page.locator("#map-note")).to_have_text("年鉴只公布到省级，以下各级没有公布数，本系统不作推算。")
    expect(page.locator("#table tfoot .column-amount")).to_have_text("无公布数")


@pytest.mark.parametrize(
    "context", [{"width": 1440, "height": 900}, {"width": 390, "height": 844}], ids=["desk", "phone"], indirect=True
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_published_view_fits_its_screen(visit: Visit, language: str) -> None:
    page = visit.page
    page.add_init_script(f"localStorage.setItem('qingtian.language', '{language}')")
    visit.open(PUBLISHED)
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#map .map-drawing").evaluate("map => map.getBoundingClientRect().height") >= 200
    for part in (".published-mark", "#measure", "#year"):
        box = page.locator(f"#published-bar {part}").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_tianjins_wider_goal_is_held_against_its_own_years(visit: Visit, api: httpx.Client) -> None:
    page = visit.open("#/120000?indicator=irrigation_new_area&period=2025&view=headline")
    summary = api.get("/v1/summaries/120000", params={"period": "2025"}).json()
    [goal] = summary["total"]["indicators"]["irrigation_new_area"]["other_goals"]
    said = page.locator("#detail .other-goal")
    expect(said).to_contain_text(f"至少为目标的 {Decimal(goal['share_percent']).normalize():f}%")
    expect(said).to_contain_text("节水灌溉（含渠道防渗等）")
    expect(page.locator("#detail")).to_contain_text("其他口径目标 ≥ 9 万亩（2023—2025 年）")
