"""Published amounts by measure: what each measures, and its value in t or mu whatever unit the yearbook printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from schemas.decimals import MU_PER_HECTARE, product
from schemas.vocabulary import Unit


class Dimension(StrEnum):
    """What a unit counts."""

    MASS = "mass"
    AREA = "area"

    @property
    def unit(self) -> Unit:
        """The unit that amounts are kept in."""
        return Unit.TONNE if self is Dimension.MASS else Unit.MU

    @property
    def names(self) -> tuple[str, str]:
        """What it is called, zh and en."""
        return ("质量", "mass") if self is Dimension.MASS else ("面积", "area")


@dataclass(frozen=True, slots=True)
class PrintedUnit:
    """A unit as a yearbook prints it: what it counts, and how many t or mu one of it is, exactly."""

    dimension: Dimension
    factor: Decimal


def _mass(factor: str) -> PrintedUnit:
    return PrintedUnit(Dimension.MASS, Decimal(factor))


def _area(factor: str) -> PrintedUnit:
    return PrintedUnit(Dimension.AREA, product(Decimal(factor), MU_PER_HECTARE))


PRINTED_UNITS: Mapping[str, PrintedUnit] = {
    "kg": _mass("0.001"),
    "t": _mass("1"),
    "kt": _mass("1000"),
    "10kt": _mass("10000"),
    "Mt": _mass("1000000"),
    "ha": _area("1"),
    "1000ha": _area("1000"),
    "mu": PrintedUnit(Dimension.AREA, Decimal(1)),
    "10kmu": PrintedUnit(Dimension.AREA, Decimal(10000)),
    "公斤": _mass("0.001"),
    "吨": _mass("1"),
    "万吨": _mass("10000"),
    "公顷": _area("1"),
    "千公顷": _area("1000"),
    "亩": PrintedUnit(Dimension.AREA, Decimal(1)),
    "万亩": PrintedUnit(Dimension.AREA, Decimal(10000)),
}
"""1 ha = 15 mu exactly. A unit that is not here is refused, never guessed."""


@dataclass(frozen=True, slots=True)
class PublishedMeasure:
    """One column of the yearbook. The basis of a mass (nutrient, product) belongs to the measure, never to the unit."""

    zh: str
    en: str
    dimension: Dimension


def _of_mass(zh: str, en: str) -> PublishedMeasure:
    return PublishedMeasure(zh, en, Dimension.MASS)


MEASURES: Mapping[str, PublishedMeasure] = {
    "fertiliser_use_nutrient": _of_mass("化肥施用量（折纯）", "Fertiliser used, nutrient mass"),
    "fertiliser_n": _of_mass("氮肥施用量（折纯）", "Nitrogen fertiliser used, nutrient mass"),
    "fertiliser_p": _of_mass("磷肥施用量（折纯）", "Phosphate fertiliser used, nutrient mass"),
    "fertiliser_k": _of_mass("钾肥施用量（折纯）", "Potash fertiliser used, nutrient mass"),
    "fertiliser_compound": _of_mass("复合肥施用量（折纯）", "Compound fertiliser used, nutrient mass"),
    "pesticide_use_product": _of_mass("农药使用量（商品量）", "Pesticide used, product mass"),
    "film_use": _of_mass("农用塑料薄膜使用量", "Plastic film used"),
    "mulch_film_use": _of_mass("地膜使用量", "Mulch film used"),
    "mulch_film_area": PublishedMeasure("地膜覆盖面积", "Area under mulch film", Dimension.AREA),
    "farm_diesel_use": _of_mass("农用柴油使用量", "Farm diesel used"),
}


def in_base_unit(value: Decimal, printed_unit: str) -> Decimal:
    """Return a printed value in t or mu, exactly. Raises KeyError for an unknown unit."""
    return product(value, PRINTED_UNITS[printed_unit].factor)
