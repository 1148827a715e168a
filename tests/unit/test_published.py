"""The yearbook's amounts: converted by their printed unit, and adding up to the nation as printed."""

from decimal import Decimal

import pytest
from schemas.reference.published import PRINTED_UNITS, published_inputs, read_published_inputs

from schemas.reference.loader import ReferenceDataError
from schemas.regions import NATION

AMOUNTS = published_inputs()
TABLES = sorted({(one.measure, one.year) for one in AMOUNTS})
HEADER = "measure,year,region_code,value,unit,source\n"


@pytest.mark.parametrize(("measure", "year"), TABLES)
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
    (one,) = read_published_inputs(f"{HEADER}{measure},2020,430000,{value},{unit},年鉴\n")
    assert (str(one.amount), one.unit) == kept or (one.amount == Decimal(kept[0]) and one.unit == kept[1])
    assert (one.printed_value, one.printed_unit) == (Decimal(value), unit)


@pytest.mark.parametrize("unit", ["kg", "万吨", "", "mu", "ha"])
def test_a_mass_in_an_unknown_unit_or_in_an_area_is_refused(unit):
    with pytest.raises(ReferenceDataError, match="fertiliser_n"):
        read_published_inputs(f"{HEADER}fertiliser_n,2020,430000,1,{unit or 'x'},年鉴\n")


def test_every_printed_unit_is_one_of_mass_or_area():
    assert {unit for unit, _ in PRINTED_UNITS.values()} == {"t", "mu"}
