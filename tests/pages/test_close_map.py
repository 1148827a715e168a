"""The close map in a real browser: tiles coloured by values that came apart, moved without asking for anything else."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.pages.conftest import FLAGS
from tests.pages.visit import Visit
from tests.support.browser import CHROMIUM

NATION = "#/100000?indicator=film_recovery&period=2025&view=headline&map=close"
HUARONG = "at=9.00/29.5300/112.6200"
FILLS = {"met": "above", "below": "below", "no_data": "no-data"}

KEEP_MAP = """
  let library;
  Object.defineProperty(window, 'maplibregl', {
    get: () => library,
    set: (arrived) => {
      library = arrived;
      library.Map = class extends library.Map {
        constructor(options) { super(options); window.closeMap = this; }
      };
    },
  });
"""
READ_MAP = """() => Object.fromEntries(
  closeMap.queryRenderedFeatures({ layers: ['county-fill'] })
    .map(one => [one.properties.code, [one.id, one.state.fill]]))"""
"""The counties drawn: code -> feature id and class in the feature state."""

NO_WEBGL = """
  const real = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    return kind.startsWith('webgl') ? null : real.call(this, kind, ...rest);
  };
"""
LOOK_AWAY = """() => {
  Object.defineProperty(document, 'hidden', { get: () => true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
"""A page that nobody looks at does not ask for new figures by itself."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that draws WebGL without a graphics card."""
    flags = [flag for flag in FLAGS if flag != "--disable-gpu"]
    software = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*flags, *software])
        yield browser
        browser.close()


def opened(visit: Visit, address: str = NATION) -> Page:
    visit.page.add_init_script(KEEP_MAP)
    page = visit.open(address)
    expect(page.locator("#close[data-state=drawn]")).to_be_visible()
    return page


def test_every_county_on_the_map_has_the_class_of_its_value(visit: Visit, api: httpx.Client, artifacts: Path) -> None:
    page = opened(visit)
    answered = api.get("/v1/map/values", params={"indicator": "film_recovery", "period": "2025"}).json()
    states = dict(zip(answered["codes"], answered["states"], strict=True))
    drawn = page.evaluate(READ_MAP)
    assert len(drawn) > 2_000
    for code, (feature, fill) in drawn.items():
        assert feature == int(code)
        if code in states:
            assert fill.startswith(FILLS[states[code]]), (code, states[code], fill)
    assert {states[code] for code in drawn if code in states} == set(FILLS)
    expect(page.locator("#map-projection")).to_have_text("Web 墨卡托投影，面积随纬度放大")
    expect(page.locator("#map-source")).to_have_text("数据来源：天地图 GS(2024)0650号")
    expect(page.locator("#watermark")).to_have_text("演示数据")
    expect(page.locator(".close-inset .inset-title")).to_have_text("南海诸岛")
    page.screenshot(path=artifacts / "close-nation.png")


def test_moving_the_map_asks_for_tiles_alone_and_the_address_keeps_where_it_stands(visit: Visit) -> None:
    page = opened(visit, f"{NATION}&at=6.00/29.5000/112.6000")
    page.evaluate(LOOK_AWAY)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))  # a browser asks for the icon of a new address by itself
    page.mouse.move(400, 500)
    page.mouse.down()
    page.mouse.move(250, 420, steps=4)
    page.mouse.up()
    page.mouse.wheel(0, -600)
    expect(page).not_to_have_url(re.compile(r"at=6\.00/29\.5000"))
    page.wait_for_timeout(600)
    assert asked
    assert all(
        re.search(r"/v1/tiles/regions/[0-9a-f]{64}/\d+/\d+/\d+\.mvt$", url) for url in asked if "icon.svg" not in url
    ), asked
    stood = page.url
    page.reload()
    expect(page.locator("#close[data-state=drawn]")).to_be_visible()
    assert page.url == stood


def test_a_click_on_a_county_opens_what_the_statistical_map_opens(visit: Visit) -> None:
    page = opened(visit, f"{NATION}&{HUARONG}")
    box = page.locator("#close").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#detail h2")).to_have_text("华容县 · 废旧农膜回收率")
    assert "chosen=430623" in page.url
    page.reload()
    expect(page.locator("#detail h2")).to_have_text("华容县 · 废旧农膜回收率")
    page.locator(".detail-close").click()
    expect(page.locator("#detail h2")).to_have_text("全国 · 废旧农膜回收率")
    page.locator("#close canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).to_have_text("华容县 · 废旧农膜回收率")
    page.keyboard.press("Escape")
    expect(page.locator("#detail h2")).to_have_text("全国 · 废旧农膜回收率")
    page.keyboard.press("t")
    expect(page.locator("#table tbody button:focus")).to_have_count(1)


def test_another_indicator_and_language_colour_and_name_the_map_anew(visit: Visit, artifacts: Path) -> None:
    page = opened(visit)
    page.locator('.card[data-indicator="irrigation_new_area"]').click()
    expect(page.locator(".legend-heading")).to_have_text("累计新增面积（万亩）")
    expect(page.locator("#close[data-state=drawn]")).to_be_visible()
    fills = {fill for _, fill in page.evaluate(READ_MAP).values()}
    assert {"rate-1", "rate-5", "no-data"} <= fills
    page.locator("#language").click()
    expect(page.locator("#maps")).to_contain_text("Close map")
    expect(page.locator(".close-names")).to_contain_text("Hunan")
    expect(page.locator(".maplibregl-ctrl-zoom-in")).to_have_attribute("aria-label", "Zoom in")
    page.screenshot(path=artifacts / "close-nation-en.png")


def test_plots_are_drawn_for_the_county_and_asked_for_by_nobody_else(visit: Visit) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda sent: asked.append(sent.url) if "/tiles/plots" in sent.url else None)
    page = opened(visit, f"{NATION}&at=13.00/29.5800/112.5200")
    assert asked == []
    page.locator("#reader").select_option("county")
    expect(page.locator("h1")).to_have_text("华容县")
    page.goto(f"{visit.url}/#/430623?indicator=film_recovery&period=2025&map=close&at=13.00/29.5800/112.5200")
    expect(page.locator("#legend")).to_contain_text("地块")
    expect(page.locator("#close[data-state=drawn]")).to_be_visible()
    assert any(url.endswith(".mvt") for url in asked)


def test_without_webgl_the_statistical_map_stays(visit: Visit) -> None:
    visit.page.add_init_script(NO_WEBGL)
    page = visit.open(NATION)
    expect(page.locator("#map-note")).to_contain_text("不支持 WebGL")
    expect(page.locator('.region[data-code="430000"]')).to_be_visible()
    expect(page.locator("#close")).to_be_hidden()
