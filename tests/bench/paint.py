"""How long the national maps take until they are drawn with their values, in headless Chromium beside the service.

All counties have reports, as in the bench of exports. A visit is a reload by a reader who is signed in: `kept`, with
the files of the page in the browser's cache as at every visit but the first, and `new`, with an empty cache.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from schemas.regions import NATION
from tests.bench import summaries
from tests.bench.ground import Service
from tests.bench.tables import table
from tests.support.browser import CHROMIUM

FLAGS = ("--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking")
"""The second lets a machine without a graphics card draw the close map, by its processor."""

FIRST = f"#/{NATION}?indicator=film_recovery&period={summaries.PERIOD}"
MAPS = {
    "统计地图 statistical": (FIRST, "document.querySelectorAll('#map-land .region').length > 30"),
    "细图 close": (f"{FIRST}&map=close", "document.querySelector('#close').dataset.state === 'drawn'"),
}
VISITS = {"已存 kept": False, "首次 new": True}

VISITED = """
    (() => {
      const look = () => {
        const total = document.querySelector('#table tfoot .column-rate')?.textContent;
        if (!(total && (%s))) return requestAnimationFrame(look);
        return requestAnimationFrame(() => setTimeout(() => { window.drawnAt = performance.now(); }));
      };
      look();
    })();
"""
"""Notes when, since the navigation began, the frame was done that followed the one in which all was there."""

SIGNED_IN = "sessionStorage.getItem('qingtian.session') ?? sessionStorage.setItem('qingtian.session', %s);"
SETTLE_MS = 3_000
"""What the page still reads when the map is drawn is to be over before it is visited again."""
PATIENCE_MS = 60_000


@dataclass
class Painted:
    """The visits of one map in one state of the cache, in ms since the navigation began."""

    name: str
    visit: str
    drawn_ms: list[float] = field(default_factory=list)


def measure(service: Service, visits: int) -> list[Painted]:
    """Visit every map so many times, with the files kept and without."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            return [
                _painted(browser, service, name, visit, visits, is_new=is_new)
                for name in MAPS
                for visit, is_new in VISITS.items()
            ]
        finally:
            browser.close()


def _painted(browser: Browser, service: Service, name: str, visit: str, visits: int, *, is_new: bool) -> Painted:
    address, is_there = MAPS[name]
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    session = json.dumps({"token": service.tokens[NATION], "username": "ministry"})
    page.add_init_script(SIGNED_IN % json.dumps(session) + VISITED % is_there)
    cache = context.new_cdp_session(page)
    painted = Painted(name, visit)
    page.goto(f"{service.url}/{address}")
    _drawn_ms(page)
    for _ in range(visits):
        if is_new:
            cache.send("Network.clearBrowserCache")
        page.reload(wait_until="commit")
        painted.drawn_ms.append(_drawn_ms(page))
    context.close()
    return painted


def _drawn_ms(page: Page) -> float:
    drawn: float = page.wait_for_function("() => window.drawnAt", timeout=PATIENCE_MS).json_value()
    page.wait_for_timeout(SETTLE_MS)
    return drawn


def paint_part(measured: Sequence[Painted]) -> str:
    """Return the part of the page about the first drawing."""
    head = ("地图 map", "程序文件 files", "中位 median s", "最快 least s", "最慢 most s", "次 visits")
    return f"""## 首屏 First drawing

无头 Chromium 与服务同机，没有显卡（细图由处理器绘制）；全国各县都有数；从打开地址到地图着色、合计写出为止，秒。
Headless Chromium beside the service, without a graphics card: the close map is drawn by the processor. All counties
have values. Seconds from the navigation until the map is coloured and the total written.

{table(head, [_row(one) for one in measured])}"""


def _row(one: Painted) -> list[str]:
    times = (median(one.drawn_ms), min(one.drawn_ms), max(one.drawn_ms))
    return [one.name, one.visit, *(f"{ms / 1000:.2f}" for ms in times), f"{len(one.drawn_ms)}"]
