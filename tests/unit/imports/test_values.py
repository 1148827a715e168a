"""What a cell says: every rule of reading one."""

import pytest

from backend.imports.cells import Cell, squash, tidy
from backend.imports.columns import Column, layout_of
from backend.imports.units import written_unit
from backend.imports.values import CellRefused, Townships, read_answer
from schemas.vocabulary import Indicator, Level, RecordKind

TOWNSHIPS = Townships("430623", {squash("章华镇"): "430623101"})
FORMS = {
    "farm": layout_of(RecordKind.FARM),
    "film": layout_of(RecordKind.REPORT, Indicator.FILM_RECOVERY, Level.FARM),
    "film county": layout_of(RecordKind.REPORT, Indicator.FILM_RECOVERY, Level.COUNTY),
    "straw county": layout_of(RecordKind.REPORT, Indicator.STRAW_UTILISATION, Level.COUNTY),
    "straw": layout_of(RecordKind.REPORT, Indicator.STRAW_UTILISATION, Level.FARM),
    "manure": layout_of(RecordKind.REPORT, Indicator.MANURE_UTILISATION, Level.FARM),
    "manure county": layout_of(RecordKind.REPORT, Indicator.MANURE_UTILISATION, Level.COUNTY),
}


def column(form: str, pointer: str) -> Column:
    return next(each for each in FORMS[form].columns if each.pointer == pointer)


def read(form, pointer, text, *, heading=None, **cell):
    unit = written_unit(heading) if heading else None
    return read_answer(Cell(tidy(text), **cell), column(form, pointer), unit, TOWNSHIPS)


def refused(form, pointer, text, *, heading=None, **cell) -> str:
    with pytest.raises(CellRefused) as caught:
        read(form, pointer, text, heading=heading, **cell)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", "12.5"),
        ("１２．５", "12.5"),
        ("1,234.5", "1234.5"),
        ("1，234.5", "1234.5"),
        ("１，２３４，５６７", "1234567"),
        (" 20 ", "20"),
        ("0.10", "0.1"),
        ("000", "0"),
        ("-3", "-3"),  # the form refuses it, naming the limits
        ("+3", "3"),
        ("20斤", "10"),
        ("20 市斤", "10"),
        ("1斤", "0.5"),
        ("3公斤", "3"),
        ("3千克", "3"),
        ("3 KG", "3"),
        ("3㎏", "3"),
        ("1.2吨", "1200"),
        ("1,200吨", "1200000"),
        ("0.5万吨", "5000000"),
        ("2万", "20000"),
        ("1克", "0.001"),
    ],
)
def test_a_mass_is_read_exactly_in_the_unit_of_the_field(text, value):
    assert read("film", "/mulch_used_kg", text).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1公顷", "15"), ("0.3万亩", "3000"), ("10 ha", "150"), ("100平方米", "0.15"), ("2千公顷", "30000")],
)
def test_an_area_is_read_exactly_in_mu(text, value):
    assert read("film", "/mulch_covered_area_mu", text).value == value


@pytest.mark.parametrize(("text", "value"), [("500公斤", "0.5"), ("3斤", "0.0015"), ("2万吨", "20000")])
def test_a_county_mass_is_read_in_tonnes(text, value):
    assert read("film county", "/mulch_used_t", text).value == value


def test_a_conversion_is_said_in_both_languages():
    answer = read("film", "/mulch_used_kg", "25斤")
    assert (answer.note_zh, answer.note_en) == ("25 斤 ＝ 12.5 公斤", "25 jin = 12.5 kg")
    assert read("film", "/mulch_used_kg", "25公斤").note_zh == ""


def test_the_unit_of_the_heading_counts_and_the_cell_overrules_it():
    assert read("film", "/mulch_used_kg", "2", heading="吨").value == "2000"
    assert read("film", "/mulch_used_kg", "2斤", heading="吨").value == "1"
    assert read("film", "/mulch_used_kg", "2", heading="斤").note_zh == "2 斤 ＝ 1 公斤"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("约20", "import_number"),
        ("20-30", "import_number"),
        ("1,23", "import_number"),
        ("1.234,5", "import_number"),
        ("1 234", "import_number"),
        ("20元", "import_number"),
        ("二十", "import_number"),
        ("٣٤", "import_number"),
        ("无", "import_none_in_number"),
        ("1.2E+05", "import_scientific"),
        ("20亩", "import_unit"),
        ("20%", "import_unit"),
        ("0.1234567", "import_decimals"),
        ("1斤半", "import_number"),
        ("1234567890123", "import_number_size"),
    ],
)
def test_what_is_no_amount_is_refused(text, code):
    assert refused("film", "/mulch_used_kg", text) == code


def test_a_conversion_that_would_be_rounded_is_refused():
    assert refused("film county", "/mulch_used_t", "0.001斤") == "import_decimals"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12%", "0.12"),
        ("１２％", "0.12"),
        ("0.12", "0.12"),
        ("12.5 %", "0.125"),
        ("3‰", "0.003"),
        ("0", "0"),
        ("1", "1"),
        ("100%", "1"),
    ],
)
def test_a_share_is_read_from_percent_or_fraction(text, value):
    assert read("film", "/mulch_impurity_rate", text).value == value


def test_a_bare_twelve_is_no_share():
    assert refused("film", "/mulch_impurity_rate", "12") == "import_bare_share"


def test_below_a_heading_in_percent_only_what_cannot_be_a_fraction_is_percent():
    assert read("film", "/mulch_impurity_rate", "12", heading="%").value == "0.12"
    assert read("film", "/mulch_impurity_rate", "12", heading="%").note_zh == "12 % ＝ 0.12"
    assert read("film", "/mulch_impurity_rate", "0", heading="%").value == "0"
    assert read("film", "/mulch_impurity_rate", "0.5%", heading="%").value == "0.005"
    assert refused("film", "/mulch_impurity_rate", "0.5", heading="%") == "import_unclear_share"
    assert refused("film", "/mulch_impurity_rate", "1", heading="%") == "import_unclear_share"


def test_a_ratio_that_may_exceed_one_takes_a_bare_number():
    assert read("straw county", "/crops/wheat/straw_grain_ratio", "1.3").value == "1.3"


@pytest.mark.parametrize(
    ("text", "value"), [("30", 30), ("1.2万头", 12000), ("1,000只", 1000), ("３０", 30), ("30.0", 30)]
)
def test_a_count_is_a_whole_number(text, value):
    found = read("manure", "/species/sow/stock_head", text).value
    assert (found, type(found)) == (value, int)


@pytest.mark.parametrize(("text", "code"), [("3.5", "import_not_whole"), ("-1", "import_number_size")])
def test_a_count_is_not_broken_and_not_negative(text, code):
    assert refused("manure", "/species/sow/stock_head", text) == code


def test_households_are_counted_in_their_own_words():
    assert read("manure county", "/registered_scale_farms", "12家").value == 12


@pytest.mark.parametrize("text", ["是", "有", "√", "✓", "已配套", "Yes", "ＹＥＳ", "true", "1"])
def test_yes(text):
    assert read("manure", "/equipped", text).value is True


@pytest.mark.parametrize("text", ["否", "无", "没有", "×", "no", "false", "0", "未配套"])
def test_no(text):
    assert read("manure", "/equipped", text).value is False


def test_none_this_year_may_be_said_by_its_own_name():
    assert read("manure", "/none_this_year", "今年无").value is True


def test_neither_yes_nor_no_is_refused():
    assert refused("manure", "/equipped", "部分") == "import_yes_or_no"


@pytest.mark.parametrize("text", ["农户", "household", "Household", "ＨＯＵＳＥＨＯＬＤ"])
def test_a_choice_goes_by_its_names_and_its_code(text):
    assert read("farm", "/entity_kind", text).value == "household"
    assert read("straw", "/respondent", text).value == "household"


def test_an_unknown_choice_is_answered_with_those_there_are():
    with pytest.raises(CellRefused) as caught:
        read("straw", "/respondent", "村委会")
    assert caught.value.params["choices"] == "农户、市场主体"


@pytest.mark.parametrize("text", ["430623101234", "４３０６２３１０１２３４", " 430623101234 "])
def test_a_village_code_is_twelve_digits(text):
    assert read("farm", "/village_code", text).value == "430623101234"
    assert read("farm", "/village_code", text, is_number=True).value == "430623101234"


@pytest.mark.parametrize("text", ["4.30623E+11", "4.306231E11"])
def test_a_code_in_scientific_notation_has_lost_digits(text):
    assert refused("farm", "/village_code", text) == "import_digits_lost"
    assert refused("farm", "/township_code", text) == "import_digits_lost"


def test_a_shortened_number_is_no_telephone_and_no_roster_number():
    assert refused("farm", "/phone", "1.38E+10") == "import_digits_lost"
    assert refused("farm", "/external_id", "430623199001011000", is_number=True, fault="import_digits_lost") == (
        "import_digits_lost"
    )


def test_a_code_of_another_length_is_refused():
    assert refused("farm", "/village_code", "43062310123") == "import_code"
    assert refused("farm", "/township_code", "430623") == "import_code"


@pytest.mark.parametrize(
    ("text", "code"),
    [("430623101", "430623101"), ("430623101000", "430623101"), ("章华镇", "430623101"), ("不分乡镇", "430623000")],
)
def test_a_township_is_given_by_code_or_name(text, code):
    assert read("farm", "/township_code", text).value == code


def test_a_township_of_another_county_is_not_guessed():
    assert refused("farm", "/township_code", "城关镇") == "import_township"


@pytest.mark.parametrize("name", ["䶮", "𬭚", "龴", "㛃", "李𬭚", "买买提·艾力", "张（三）", "﨑", "凉"])
def test_rare_characters_of_a_name_survive(name):
    assert read("farm", "/name", name).value == name


def test_full_width_letters_and_digits_of_a_name_become_half_width():
    assert read("farm", "/name", "　Ａ区１号\u200b ").value == "A区1号"


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2025", "2025"),
        ("2025年", "2025"),
        ("２０２５年度", "2025"),
        ("2025年上半年", "2025H1"),
        ("2025年第三季度", "2025Q3"),
        ("2025q3", "2025Q3"),
        ("2025H1", "2025H1"),
    ],
)
def test_a_period_is_read_as_people_write_it(text, period):
    assert read("film", "/period", text).value == period


def test_another_period_is_refused():
    assert refused("film", "/period", "去年") == "invalid_period"


@pytest.mark.parametrize("text", ["", "-", "——", "/", "  "])
def test_an_open_cell_answers_nothing(text):
    assert read("film", "/mulch_used_kg", text) is None


def test_an_answer_is_taken_back_only_in_so_many_words():
    assert read("film", "/mulch_used_kg", "清空").value is None
    assert refused("farm", "/name", "清空") == "import_cannot_clear"


@pytest.mark.parametrize("fault", ["import_formula", "import_cell_error", "import_cell_too_long"])
def test_a_cell_without_a_value_is_refused(fault):
    assert refused("film", "/mulch_used_kg", "=", fault=fault) == fault
