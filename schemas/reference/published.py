"""The amounts that a yearbook printed by province: read with the unit they were printed in, converted exactly.

The yearbook changes its units between years and tables, so a value without its unit says nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.decimals import MU_PER_HECTARE, product
from schemas.reference.loader import Number, ReferenceDataError, RegionCode, Row, Text, Year, packaged, read_rows
from schemas.vocabulary import Unit

PUBLISHED_MEASURES: Mapping[str, tuple[str, str, Unit]] = {
    "fertiliser_use_nutrient": ("化肥施用量（折纯）", "Fertiliser used, nutrient mass", Unit.TONNE),
    "fertiliser_n": ("氮肥施用量（折纯）", "Nitrogen fertiliser used, nutrient mass", Unit.TONNE),
    "fertiliser_p": ("磷肥施用量（折纯）", "Phosphate fertiliser used, nutrient mass", Unit.TONNE),
    "fertiliser_k": ("钾肥施用量（折纯）", "Potash fertiliser used, nutrient mass", Unit.TONNE),
    "fertiliser_compound": ("复合肥施用量（折纯）", "Compound fertiliser used, nutrient mass", Unit.TONNE),
    "pesticide_use_product": ("农药使用量（商品量）", "Pesticide used, product mass", Unit.TONNE),
    "film_use": ("农用塑料薄膜使用量", "Plastic film used", Unit.TONNE),
    "mulch_film_use": ("地膜使用量", "Mulch film used", Unit.TONNE),
    "mulch_film_area": ("地膜覆盖面积", "Area under mulch film", Unit.MU),
    "farm_diesel_use": ("农用柴油使用量", "Farm diesel used", Unit.TONNE),
}
"""measure -> (zh, en, unit in which it is kept)."""

PRINTED_UNITS: Mapping[str, tuple[Unit, Decimal]] = {
    "t": (Unit.TONNE, Decimal(1)),
    "10kt": (Unit.TONNE, Decimal(10_000)),
    "mu": (Unit.MU, Decimal(1)),
    "ha": (Unit.MU, MU_PER_HECTARE),
    "1000ha": (Unit.MU, product(Decimal(1000), MU_PER_HECTARE)),
}
"""printed unit -> (unit in which it is kept, factor); 1 ha = 15 mu exactly."""


class _PrintedRow(Row):
    measure: Text
    year: Year
    region_code: RegionCode
    value: Number
    unit: Text
    source: Text


@dataclass(frozen=True, slots=True)
class PublishedAmount:
    """An amount of a province in t or mu, beside what was printed."""

    measure: str
    year: int
    region_code: str
    amount: Decimal
    unit: Unit
    printed_value: Decimal
    printed_unit: str
    source: str


def read_published_inputs(text: str, name: str = "published_inputs.csv") -> tuple[PublishedAmount, ...]:
    """Return the published amounts of a CSV text in t and mu.

    Raises ReferenceDataError, also for a unit that is unknown or measures something else.
    """
    rows = read_rows(text, name, _PrintedRow, ("measure", "year", "region_code"))
    return tuple(_converted(row, name) for row in rows)


def published_inputs() -> tuple[PublishedAmount, ...]:
    """Return the shipped amounts of 2015, 2020 and 2021."""
    return read_published_inputs(packaged("published_inputs.csv"))


def _converted(row: _PrintedRow, name: str) -> PublishedAmount:
    where = f"{name}, {row.measure} {row.year} of {row.region_code}"
    if row.measure not in PUBLISHED_MEASURES:
        raise ReferenceDataError(f"{where}: unknown measure")
    if row.unit not in PRINTED_UNITS:
        raise ReferenceDataError(f"{where}: unknown unit {row.unit}; known are {', '.join(PRINTED_UNITS)}")
    unit, factor = PRINTED_UNITS[row.unit]
    _, _, kept_in = PUBLISHED_MEASURES[row.measure]
    if unit is not kept_in:
        raise ReferenceDataError(f"{where}: {row.unit} does not measure what {row.measure} is ({kept_in})")
    amount = product(row.value, factor)
    return PublishedAmount(row.measure, row.year, row.region_code, amount, unit, row.value, row.unit, row.source)
