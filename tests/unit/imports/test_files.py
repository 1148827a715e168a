"""Files as they come: encodings, delimiters, workbooks of several hands, and what is hostile."""

import io
import zipfile

import openpyxl
import pytest

from backend.imports.cells import FileRefused, letters_of
from backend.imports.csv_file import read_csv
from backend.imports.importing import read_tables
from backend.imports.xlsx_file import read_xlsx
from tests.support.sheets import by_openpyxl, by_xlsxwriter, csv_bytes

LINES = [["主体名称", "地膜使用量（公斤）"], ["李䶮", "1,234.5"], ["王石", "２０斤"]]


def texts(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def code_of(body: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        read_tables(body)
    return caught.value.code


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gbk", "GB18030"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_whatever_wrote_it(encoding, named, delimiter):
    lines = [[cell.replace("䶮", "岩") for cell in line] for line in LINES] if encoding == "gbk" else LINES
    table = read_csv(csv_bytes(lines, encoding=encoding, delimiter=delimiter))
    assert table.encoding == named
    assert texts(table)[1:] == [[lines[1][0], "1,234.5"], ["王石", "20斤"]]


@pytest.mark.parametrize("name", ["䶮", "𬭚", "㛃", "龴", "镕"])
def test_rare_characters_survive_gb18030_and_utf8(name):
    lines = [["主体名称", "备注"], [name, "无"]]
    for encoding in ("utf-8", "gb18030", "utf-16"):
        assert texts(read_csv(csv_bytes(lines, encoding=encoding)))[1][0] == name


def test_what_the_old_mapping_put_into_the_private_area_comes_out_as_the_character():
    body = "主体名称,备注\n".encode("gb18030") + b"\xfe\x59,\xfe\xa0\n"
    assert texts(read_csv(body))[1] == ["龴", "龻"]


def test_damaged_utf8_is_refused_by_line_and_never_read_as_gb18030():
    body = csv_bytes(LINES, encoding="utf-8")
    broken = body.replace("王".encode(), "王".encode()[:2])
    with pytest.raises(FileRefused) as caught:
        read_csv(broken)
    assert (caught.value.code, caught.value.params["line"]) == ("import_encoding", 3)


def test_an_unclosed_quote_does_not_swallow_the_file():
    assert code_of('主体名称,备注\n张三,"一\n李四,二\n'.encode()) == "import_broken_csv"


def test_a_code_kept_as_text_by_a_formula_is_the_code():
    assert texts(read_csv('主体编号,备注\n"=""0012""",x\n'.encode()))[1][0] == "0012"


def test_lines_are_counted_as_the_spreadsheet_counts_them():
    table = read_csv('主体名称,备注\n\n张三,"一\n二"\n李四,三\n'.encode())
    assert [row.line for row in table.rows] == [1, 3, 4]


@pytest.mark.parametrize("write", [by_xlsxwriter, by_openpyxl])
def test_a_workbook_is_read_as_a_person_sees_it(write):
    lines = [
        ["名称", "数", "小数", "村代码", "编号"],
        ["李𬭚", 0.1, 1234.5, 430623101234, "0001"],
        ["张三", 0.1 + 0.2, 1e-6, 100, "2"],
    ]
    table = read_xlsx(write(lines))[0]
    assert texts(table)[1:] == [
        ["李𬭚", "0.1", "1234.5", "430623101234", "0001"],
        ["张三", "0.3", "0.000001", "100", "2"],
    ]


def test_a_cell_in_percent_is_read_with_its_sign():
    table = read_xlsx(by_xlsxwriter([["名称", "含杂率"], ["张三", 0.07]], percent=[(1, 1)]))[0]
    assert texts(table)[1] == ["张三", "7%"]


def test_digits_past_the_fifteenth_are_known_to_be_lost():
    table = read_xlsx(by_openpyxl([["编号", "名称"], [430623199001011234, "张三"]]))[0]
    assert table.rows[1].cells[0].fault == "import_digits_lost"


def test_a_name_merged_over_its_lines_is_read_on_each_and_an_amount_is_not():
    lines = [["名称", "作物", "公斤"], ["张三", "小麦", 10], [None, "玉米", None]]
    table = read_xlsx(by_openpyxl(lines, merged=["A2:A3", "C2:C3"]))[0]
    assert texts(table)[2] == ["张三", "玉米"]


def test_dates_booleans_and_errors_of_a_workbook():
    workbook = openpyxl.Workbook()
    workbook.active.append(["日期", "是否", "错误"])
    workbook.active.append([__import__("datetime").date(2025, 10, 1), True, "#DIV/0!"])
    workbook.active["C2"].data_type = "e"
    body = io.BytesIO()
    workbook.save(body)
    cells = read_xlsx(body.getvalue())[0].rows[1].cells
    assert [cell.text for cell in cells] == ["2025-10-01", "是", "#DIV/0!"]
    assert cells[2].fault == "import_cell_error"


def test_a_formula_gives_its_cached_value_and_one_without_is_a_fault():
    computed = (
        OPEN + b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c><c r="B1"><f>1+1.5</f><v>2.5</v></c>'
        b'<c r="C1" t="str"><f>IF(1,"","x")</f><v></v></c></row></sheetData></worksheet>'
    )
    row = read_xlsx(repacked(by_openpyxl(LINES), {SHEET: computed}))[0].rows[0]
    assert [cell.text for cell in row.cells] == ["x", "2.5"]  # a result that is the empty text is a blank cell
    never_computed = by_openpyxl([["名称", "甲"], ["张三", "=1+1"]])  # openpyxl computes nothing
    assert read_xlsx(never_computed)[0].rows[1].cells[1].fault == "import_formula"


def test_hidden_and_empty_sheets_are_not_read():
    workbook = openpyxl.Workbook()
    workbook.active.title = "空"
    hidden = workbook.create_sheet("旧")
    hidden.append(["主体名称"])
    hidden.sheet_state = "hidden"
    workbook.create_sheet("今年").append(["主体名称"])
    body = io.BytesIO()
    workbook.save(body)
    assert [table.sheet for table in read_xlsx(body.getvalue())] == ["今年"]


def repacked(body: bytes, changes: dict[str, bytes]) -> bytes:
    """Return a workbook with parts replaced or added."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return packed.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = repacked(by_openpyxl(LINES), {SHEET: OPEN + b" " * 60_000_000 + b"</sheetData></worksheet>"})
    assert len(bomb) < 100_000
    assert code_of(bomb) == "import_unpacks_too_large"


def test_a_bomb_that_lies_about_its_size_is_refused():
    bomb = repacked(by_openpyxl(LINES), {SHEET: OPEN + b" " * 60_000_000 + b"</sheetData></worksheet>"})
    lying = bomb.replace((60_000_000 + len(OPEN) + 24).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lying != bomb
    assert code_of(lying) == "import_not_a_table"


def test_entities_that_grow_are_refused():
    grow = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"x" * 10) for n in range(9))
    strings = (
        b"<!DOCTYPE sst [" + grow + b"]><sst xmlns=" + b'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    )
    body = repacked(by_xlsxwriter(LINES), {"xl/sharedStrings.xml": strings + b"><si><t>&e8;</t></si></sst>"})
    assert code_of(body) == "import_not_a_table"


def test_a_file_outside_the_archive_is_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    doctype = f'<!DOCTYPE sst [<!ENTITY x SYSTEM "file://{secret}">]>'.encode()
    strings = (
        doctype + b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&x;</t></si></sst>'
    )
    body = repacked(by_xlsxwriter(LINES), {"xl/sharedStrings.xml": strings})
    assert code_of(body) == "import_not_a_table"


def test_cells_far_to_the_right_and_far_below_cost_nothing():
    far_right = repacked(
        by_openpyxl(LINES), {SHEET: OPEN + b'<row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>'}
    )
    assert code_of(far_right) == "import_too_many_columns"
    far_below = OPEN + b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>'
    assert [row.line for row in read_xlsx(repacked(by_openpyxl(LINES), {SHEET: far_below}))[0].rows] == [1_048_576]
    nowhere = OPEN + b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData></worksheet>'
    assert read_xlsx(repacked(by_openpyxl(LINES), {SHEET: nowhere})) == []


def test_a_hundred_thousand_columns_are_refused():
    cells = b"".join(b'<c r="%s1"><v>1</v></c>' % letters_of(index).encode() for index in range(100_000))
    body = repacked(by_openpyxl(LINES), {SHEET: OPEN + b'<row r="1">' + cells + b"</row></sheetData></worksheet>"})
    assert code_of(body) == "import_too_many_columns"
    unnamed = OPEN + b'<row r="1">' + b"<c><v>1</v></c>" * 100_000 + b"</row></sheetData></worksheet>"
    assert code_of(repacked(by_openpyxl(LINES), {SHEET: unnamed})) == "import_too_many_columns"
    assert code_of(",".join(["x"] * 100_000).encode()) == "import_too_many_columns"


def test_too_many_rows_are_refused():
    assert code_of(b"name,note\n" + b"x,y\n" * 5_001) == "import_too_many_rows"
    assert code_of(by_xlsxwriter([["x", "y"]] * 5_001)) == "import_too_many_rows"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "import_no_rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "import_old_excel"),
        (b"PK\x03\x04" + b"garbage" * 50, "import_not_a_table"),
        (b"%PDF-1.7\n\0\0", "import_not_a_table"),
        (b"x" * 8_000_001, "import_too_large"),
        (repacked(by_openpyxl(LINES), {"xl/vbaProject.bin": b"\0"}), "import_macro"),
        (repacked(by_openpyxl(LINES), {SHEET: b"<worksheet"}), "import_not_a_table"),
    ],
    ids=["empty", "xls", "broken zip", "pdf", "large", "macro", "broken sheet"],
)
def test_what_is_no_table_is_refused_by_name(body, code):
    assert code_of(body) == code


def test_another_kind_of_archive_is_no_workbook():
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert code_of(body.getvalue()) == "import_not_a_table"


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_named_as_in_a_spreadsheet(index, letters):
    assert letters_of(index) == letters
