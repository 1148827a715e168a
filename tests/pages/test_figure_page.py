"""The sheet of a figure in a real browser: what the interface says, on exactly one A4 page, in both languages."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.pages.visit import Visit

POINTS_A4 = (595, 842)
PUBLISHED = "2024"
"""The demo has published this year, in one prefecture."""
INDICATORS = (
    "film_recovery", "straw_utilisation", "manure_utilisation", "fertiliser_reduction", "pesticide_reduction",
    "irrigation_new_area", "green_control_coverage",
)  # fmt: skip


def opened(visit: Visit, figure: str, **asked: str) -> Page:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    visit.page.goto(f"{visit.url}/figures/{figure}?{query}")
    expect(visit.page.locator("#main[aria-busy=false]")).to_be_visible()
    expect(visit.page.locator("#sheet")).to_be_visible()
    return visit.page


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """Return the size of each page in points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*[\d.]+\s+[\d.]+\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
    assert len(boxes) == len(re.findall(rb"/Type\s*/Page\b", pdf))
    return [(round(float(width)), round(float(height))) for width, height in boxes]


def published_county(api: httpx.Client) -> str:
    """Return a county whose film recovery has been published."""
    asked = {"period": PUBLISHED, "indicator": "film_recovery", "state": "published"}
    page = api.get("/v1/filings/100000", params=asked)
    return str(page.json()["filings"][0]["region"]["code"])


@pytest.mark.parametrize(("region", "lang"), [("100000", "zh"), ("430623", "zh"), ("430000", "en")])
@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_figure_is_one_a4_page(visit: Visit, artifacts: Path, region: str, indicator: str, lang: str) -> None:
    page = opened(visit, f"{region}/{indicator}/2025", lang=lang)
    fits = "sheet => sheet.scrollHeight <= sheet.clientHeight && sheet.scrollWidth <= sheet.clientWidth"
    assert page.locator("#sheet").evaluate(fits)
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pages_of(pdf) == [POINTS_A4]
    (artifacts / f"figure-{region}-{indicator}-{lang}.pdf").write_bytes(pdf)


def test_a_published_figure_bears_its_seal(visit: Visit, api: httpx.Client, artifacts: Path) -> None:
    code = published_county(api)
    told = api.get(f"/v1/figures/{code}/film_recovery/{PUBLISHED}/explanation").json()
    signed = api.get(told["statement"]).json()
    page = opened(visit, f"{code}/film_recovery/{PUBLISHED}", lang="zh")
    expect(page.locator(".seal")).to_contain_text("已签名公布")
    expect(page.locator(".seal")).to_contain_text(signed["key_id"])
    expect(page.locator(".hero .big")).to_have_text(f"{told['value']['headline']['rate_percent']}%")
    expect(page.locator(".foot")).to_contain_text(told["ledgers"][0]["entry_hash"])
    expect(page.locator(".foot")).to_contain_text(told["ledger"]["digest"])
    expect(page.locator(".watermark")).to_have_text("演示数据")
    expect(page.locator("h1")).to_contain_text("废旧农膜回收率 · 数字说明")
    page.set_viewport_size({"width": 900, "height": 1240})
    page.locator("#sheet").screenshot(path=artifacts / "figure-published.png")
    page.locator("#language").click()
    expect(page.locator(".seal")).to_contain_text("SIGNED")
    assert "lang=en" in page.url


def test_a_figure_of_the_past_says_so(visit: Visit, api: httpx.Client) -> None:
    code = published_county(api)
    page = opened(visit, f"{code}/film_recovery/{PUBLISHED}", lang="zh", as_of="filed")
    expect(page.locator(".head")).to_contain_text("报送冻结，账本重建")
