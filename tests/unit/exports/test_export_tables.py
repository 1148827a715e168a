"""Tables on their way out, without a database: heads, units, marks, neutral texts, digests."""

import csv
import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import shapely

from backend.exports.county_map import NO_DATA, colour_of, draw, legend
from backend.exports.delimited import write_csv
from backend.exports.provenance import Provenance
from backend.exports.sheet import Column, Kind, RowDigest, neutral
from backend.exports.sheet_rows import HEAD_ROWS, XlsxRows
from schemas.exports import FormMarks, Heads
from schemas.summaries import LedgerDigest
from schemas.vocabulary import Indicator

COLUMNS = (
    Column("name", "名称", "Name"),
    Column("used_t", "使用量", "Used", Kind.AMOUNT, ("吨", "t"), group="地膜"),
    Column("rate", "回收率", "Rate", Kind.PERCENT, ("%", "%")),
)
ROWS = [["=cmd|' /C calc'!A0", Decimal("0.10"), None], ["华容县", Decimal("-5.25"), Decimal("86.4")]]


def provenance(*, demo: bool = False) -> Provenance:
    return Provenance(
        title="华容县2025年",
        query="/v1/exports",
        exported_at=datetime(2026, 1, 31, 16, 30, tzinfo=UTC),
        period="2025",
        period_zh="2025年",
        scope="",
        ledger=LedgerDigest(digest="ab" * 32, counties=1, entries=2),
        sources=("县级账本",),
        demo=demo,
        marks=FormMarks({}),
    )


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_is_never_a_formula(typed: str) -> None:
    assert neutral(typed) == f"'{typed}"


def test_a_plain_name_stays_as_it_is() -> None:
    assert neutral("湘西土家族苗族自治州") == "湘西土家族苗族自治州"


def test_a_csv_keeps_numbers_exact_and_names_harmless(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    digest = write_csv(path, COLUMNS, ROWS, provenance(demo=True), Heads.ZH, bom=True)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    assert lines[0] == ["名称", "地膜：使用量（吨）", "回收率（%）"]
    assert lines[1] == ["'=cmd|' /C calc'!A0", "0.1", ""]
    assert lines[2] == ["华容县", "-5.25", "86.4"]
    said = dict(lines[3:])
    assert said["# 演示数据 demo"].startswith("演示数据，非真实上报")
    assert said["# 导出时间 exported_at"] == "2026-02-01 00:30:00 +08:00"
    assert said["# 数据摘要 rows_sha256"] == digest.hex


def test_the_digest_can_be_computed_again_by_anybody() -> None:
    digest = RowDigest()
    digest.add(ROWS)
    lines = b'["=cmd|\' /C calc\'!A0","0.1",null]\n' + '["华容县","-5.25","86.4"]\n'.encode()
    assert (digest.rows, digest.hex) == (2, hashlib.sha256(lines).hexdigest())


def test_a_full_sheet_is_followed_by_another(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    file = XlsxRows(path, COLUMNS, provenance(demo=True), limit=HEAD_ROWS + 2)
    file.add([[f"县{number}", Decimal(number), None] for number in range(5)])
    assert file.finish(provenance(demo=True)).rows == 5
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["填报明细", "填报明细（2）", "填报明细（3）", "编制说明"]
    names = [row[0] for sheet in book.worksheets[:3] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert names == [f"县{number}" for number in range(5)]
    assert "演示数据" in book["填报明细"]["A1"].value
    assert "演示数据" in book["填报明细"].oddHeader.center.text


def test_a_workbook_never_holds_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    file = XlsxRows(path, COLUMNS, provenance())
    file.add(ROWS)
    file.finish(provenance())
    cell = openpyxl.load_workbook(path)["填报明细"]["A4"]
    assert (cell.value, cell.data_type) == (ROWS[0][0], "s")


def test_marks_of_one_indicator_stand_before_those_of_all() -> None:
    marks = FormMarks.parse({"number": "农清综1表", "number.film_recovery": "农清1表"})
    assert marks.of("number", Indicator.FILM_RECOVERY) == "农清1表"
    assert marks.of("number", Indicator.STRAW_UTILISATION) == "农清综1表"
    assert marks.of("issuer") == ""


@pytest.mark.parametrize("name", ["stamp", "number.film"])
def test_a_mark_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="表头项"):
        FormMarks.parse({name: "x"})


def test_the_map_tells_no_data_from_far_below() -> None:
    assert [entry.label for entry in legend(Decimal("85.00"))] == ["低于 75", "75～85", "85～90", "90 及以上", "无数据"]
    assert colour_of(Decimal("-0.01")) != colour_of(Decimal(0))
    assert colour_of(None) == "url(#h)"
    assert NO_DATA not in {entry.colour for entry in legend(None)[:-1]}


def test_the_map_draws_every_part_of_a_county() -> None:
    two = shapely.union_all([shapely.box(110, 28, 111, 29), shapely.box(112, 28, 113, 29)])
    drawn = draw({"430623": two}, {"430623": Decimal(1)})
    assert drawn.count("M") == 2
