"""The yearbook's amounts: converted by their printed unit, and adding up to the nation as printed."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from backend.reference.load import shipped_table
from schemas.reference.amounts import PRINTED_UNITS
from schemas.reference.kinds import TABLES, ReferenceKind
from schemas.reference.loader import csv_sheet, shipped
from schemas.reference.sheet import read_table
from schemas.regions import NATION

AMOUNTS = [SimpleNamespace(**row) for row in shipped_table(ReferenceKind.PUBLISHED_INPUTS)]
PRINTED_TABLES = sorted({(one.measure, one.year) for one in AMOUNTS})
HEADER = "measure,year,region_code,value,unit,source,status\n"


@pytest.mark.parametrize(("measure", "year"), PRINTED_TABLES)
def test_the_provinces_add_up_to_the_nation(measure, year):
    """Within 0.4 x 10 kt, or 3 t or ha: the yearbook rounds every province."""
    rows = [one for one in AMOUNTS if (one.measure, one.year) == (measure, year)]
    (nation,) = (one for one in rows if one.region_code == NATION)
    provinces = [one for one in rows if one.region_code != NATION]
    assert len(provinces) == 31
    tolerance = Decimal("0.4") if nation.printed_unit == "10kt" else Decimal(3)
    difference = sum(one.printed_value for one in provinces) - nation.printed_value
    assert abs(difference) <= tolerance


def test_nutrients_of_2020_add_up_to_the_printed_total():
    nation = [one for one in AMOUNTS if (one.year, one.region_code) == (2020, NATION)]
    of = {one.measure: one.amount for one in nation}
    parts = sum(of[f"fertiliser_{kind}"] for kind in ("n", "p", "k", "compound"))
    assert of["fertiliser_use_nutrient"] == Decimal(52507000)
    assert abs(parts - of["fertiliser_use_nutrient"]) <= 1000


def read(text):
    return read_table(csv_sheet(text, "published_inputs.csv"), TABLES[ReferenceKind.PUBLISHED_INPUTS])


@pytest.mark.parametrize(
    ("measure", "value", "unit", "kept"),
    [
        ("fertiliser_n", "1.5", "10kt", ("15000", "t")),
        ("fertiliser_n", "1.5", "t", ("1.5", "t")),
        ("mulch_film_area", "2", "ha", ("30", "mu")),
        ("mulch_film_area", "2.5", "1000ha", ("37500", "mu")),
    ],
)
def test_a_value_is_converted_exactly_by_its_printed_unit(measure, value, unit, kept):
    (row,) = read(f"{HEADER}{measure},2020,430000,{value},{unit},年鉴,official\n").rows.values()
    one = SimpleNamespace(**row.stored())
    assert (one.amount, one.unit) == (Decimal(kept[0]), kept[1])
    assert (one.printed_value, one.printed_unit) == (Decimal(value), unit)


@pytest.mark.parametrize(
    ("unit", "zh"), [("斤", "没有“斤”这个单位"), ("x", "没有"), ("mu", "是面积单位"), ("ha", "是面积单位")]
)
def test_a_mass_in_an_unknown_unit_or_in_an_area_is_refused(unit, zh):
    found = read(f"{HEADER}fertiliser_n,2020,430000,1,{unit},年鉴,official\n")
    assert [(one.line, one.column) for one in found.faults] == [(2, "unit")]
    assert zh in found.faults[0].zh
    assert found.rows == {}


def test_base_values_are_those_printed_for_2020_without_the_province_that_counts_bingtuan():
    printed = {(one.measure, one.region_code): one.amount for one in AMOUNTS if one.year == 2020}
    measures = {"fertiliser_reduction": "fertiliser_use_nutrient", "pesticide_reduction": "pesticide_use_product"}
    rows = shipped(ReferenceKind.BASELINES)
    assert len(rows) == 2 * 31
    assert {row.region_code for row in rows} == {code for _, code in printed} - {"650000"}
    for row in rows:
        assert (row.value, row.unit) == (printed[measures[row.indicator], row.region_code], "t")


def test_every_printed_unit_counts_mass_or_area():
    assert {unit.dimension.unit for unit in PRINTED_UNITS.values()} == {"t", "mu"}
