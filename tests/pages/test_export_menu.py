"""The figures of a place saved as files from the page, named in Chinese and marked as a demo's."""

import csv
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.pages.visit import Visit

HUNAN = "#/430000?indicator=film_recovery&period=2025"


@pytest.mark.parametrize("context", [{"width": 1440, "height": 900}], ids=["desk"], indirect=True)
def test_what_the_table_shows_is_saved_as_workbook_and_table(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.open(HUNAN)
    page.locator("#export summary").click()
    for form in ("xlsx", "csv"):
        with page.expect_download() as download:
            page.locator(f'#export [data-text="export.{form}"]').click()
        assert download.value.suggested_filename == f"湖南省2025年农业清洁生产分县情况（演示数据）.{form}"
        download.value.save_as(tmp_path / f"saved.{form}")
    expect(page.locator("#export .export-state")).to_contain_text("已生成")
    shown = page.locator("#table tfoot .column-rate").inner_text()
    with (tmp_path / "saved.csv").open(encoding="utf-8-sig") as file:
        heads, whole, *_ = csv.reader(file)
    assert dict(zip(heads, whole, strict=True))["废旧农膜回收率（%）"] == shown
    assert len(openpyxl.load_workbook(tmp_path / "saved.xlsx", read_only=True).sheetnames) == 8
    page.locator("#export summary").press("Escape")
    expect(page.locator("#export .export-choices")).not_to_be_visible()
