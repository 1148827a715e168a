"""The plots of a finding on the desk's map, in a real browser: the overlap drawn, the other datum, who sees neither."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from schemas.vocabulary import Datum
from tests.pages.office import Office, Offices
from tests.pages.test_desk_pages import sweep
from tests.support.offices import COUNTY
from tests.support.plots import in_datum, rectangle
from tests.support.reports import Item, farm, film, square


def reports_with(office: Office, period: str, *plots: tuple[str, dict[str, object], dict[str, object] | None]) -> None:
    """Hand in film reports of (name, drawn plot, registered plot or None)."""
    items: list[Item] = []
    for number, (name, drawn, registered) in enumerate(plots):
        homestead = farm(name=name, **({} if registered is None else {"geometry": registered}))
        report = film(homestead["record_id"], period=period, geometry=drawn, mulch_used_kg=f"{101 + number}")
        items += [homestead, report | {"datum": "wgs84"}]
    office.apply(*items)


def first_finding(page: Page) -> None:
    page.locator(".list a").first.click()
    expect(page.locator(".plot-drawing")).to_be_visible()


def shot(page: Page, artifacts: Path, name: str) -> None:
    page.locator(".plot-map").screenshot(path=artifacts / f"{name}.png")


def test_an_overlap_is_drawn_with_its_area_and_told_in_words(offices: Offices, artifacts: Path) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    reports_with(
        worker,
        "2017",
        ("东坡地", rectangle(112.550, 29.550, 112.552, 29.552), square(112.550, 29.550)),
        ("西坡地", rectangle(112.5515, 29.5505, 112.5535, 29.5525), None),
        ("邻居", square(112.56), square(112.5545)),
    )
    sweep(offices.server, 2017)
    page = county.open(f"#findings?region={COUNTY}&period=2017")
    first_finding(page)
    drawing = page.locator(".plot-drawing")
    expect(drawing.locator(".plot-overlap")).to_have_count(1)
    expect(drawing).to_contain_text("12.09 亩")
    parts = page.locator(".plot-parts")
    for said in ("A ", "B ", "东坡地", "西坡地", "占较小地块的 18.8%", "附近登记地块", "华容县县界"):
        expect(parts).to_contain_text(said)
    label = drawing.get_attribute("aria-label") or ""
    assert "重叠部分" in label
    assert "比例尺" in label
    drawing.focus()
    expect(drawing).to_be_focused()
    shot(page, artifacts, "plots-overlap")


def test_a_report_under_review_shows_its_plots_and_where_they_would_lie_in_the_other_datum(
    offices: Offices, artifacts: Path
) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    spots = [(112.61 + 0.004 * k, 29.51) for k in range(3)]
    reports_with(
        worker,
        "2008",
        *((f"移位户{k}", in_datum(Datum.GCJ02, *spot), square(*spot)) for k, spot in enumerate(spots)),
    )
    sweep(offices.server, 2008)
    page = county.open("#review?period=2008")
    expect(page.locator(".list .mark-flagged")).to_have_count(3)
    first_finding(page)
    drawing = page.locator(".plot-drawing")
    expect(drawing.locator(".plot-reread")).to_have_count(1)
    expect(page.locator(".plot-parts")).to_contain_text("若按 GCJ-02 换算")
    shot(page, artifacts, "plots-datum")


def test_a_plot_outside_the_county_is_drawn_beside_its_outline_and_not_shown_above_it(
    offices: Offices, artifacts: Path
) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    reports_with(worker, "2016", ("远方户", square(113.4, 29.3), None))
    sweep(offices.server, 2016)
    page = county.open(f"#findings?region={COUNTY}&period=2016")
    first_finding(page)
    expect(page.locator(".plot-drawing .plot-county")).to_have_count(1)
    expect(page.locator(".plot-drawing .plot-said")).to_have_text(re.compile(r"^\d\d(\.\d)? 公里$"))
    shot(page, artifacts, "plots-outside")
    above = offices.seat("province")
    page = above.open(f"#findings?region={COUNTY}&period=2016")
    page.locator(".list a").first.click()
    expect(page.locator(".detail-body h2")).to_be_visible()
    expect(page.locator(".plot-map-host")).to_be_empty()
