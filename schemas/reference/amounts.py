"""Published amounts by measure: what each measures, and its value in t or mu whatever unit the yearbook printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from schemas.decimals import MU_PER_HECTARE, product
from schemas.vocabulary import Indicator, Unit


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


class PublishedCode(StrEnum):
    """The columns of the yearbook that amounts are kept of."""

    FERTILISER_USE = "fertiliser_use_nutrient"
    FERTILISER_N = "fertiliser_n"
    FERTILISER_P = "fertiliser_p"
    FERTILISER_K = "fertiliser_k"
    FERTILISER_COMPOUND = "fertiliser_compound"
    PESTICIDE_USE = "pesticide_use_product"
    FILM_USE = "film_use"
    MULCH_FILM_USE = "mulch_film_use"
    MULCH_FILM_AREA = "mulch_film_area"
    FARM_DIESEL_USE = "farm_diesel_use"


@dataclass(frozen=True, slots=True)
class PublishedMeasure:
    """One column of the yearbook. The basis of a mass (nutrient, product) belongs to the measure, never to the unit."""

    zh: str
    en: str
    dimension: Dimension
    indicator: Indicator | None
    """The indicator that the amounts stand beside; none of ours asks for diesel."""


def _of_mass(indicator: Indicator | None, zh: str, en: str) -> PublishedMeasure:
    return PublishedMeasure(zh, en, Dimension.MASS, indicator)


_FERTILISER, _FILM = Indicator.FERTILISER_REDUCTION, Indicator.FILM_RECOVERY

MEASURES: Mapping[PublishedCode, PublishedMeasure] = {
    PublishedCode.FERTILISER_USE: _of_mass(_FERTILISER, "化肥施用量（折纯）", "Fertiliser used, nutrient mass"),
    PublishedCode.FERTILISER_N: _of_mass(_FERTILISER, "氮肥施用量（折纯）", "Nitrogen fertiliser used, nutrient mass"),
    PublishedCode.FERTILISER_P: _of_mass(_FERTILISER, "磷肥施用量（折纯）", "Phosphate fertiliser used, nutrient mass"),
    PublishedCode.FERTILISER_K: _of_mass(_FERTILISER, "钾肥施用量（折纯）", "Potash fertiliser used, nutrient mass"),
    PublishedCode.FERTILISER_COMPOUND: _of_mass(
        _FERTILISER, "复合肥施用量（折纯）", "Compound fertiliser used, nutrient mass"
    ),
    PublishedCode.PESTICIDE_USE: _of_mass(
        Indicator.PESTICIDE_REDUCTION, "农药使用量（商品量）", "Pesticide used, product mass"
    ),
    PublishedCode.FILM_USE: _of_mass(_FILM, "农用塑料薄膜使用量", "Plastic film used"),
    PublishedCode.MULCH_FILM_USE: _of_mass(_FILM, "地膜使用量", "Mulch film used"),
    PublishedCode.MULCH_FILM_AREA: PublishedMeasure("地膜覆盖面积", "Area under mulch film", Dimension.AREA, _FILM),
    PublishedCode.FARM_DIESEL_USE: _of_mass(None, "农用柴油使用量", "Farm diesel used"),
}
"""In the order in which they are offered: the whole of an indicator before its parts."""


def in_base_unit(value: Decimal, printed_unit: str) -> Decimal:
    """Return a printed value in t or mu, exactly. Raises KeyError for an unknown unit."""
    return product(value, PRINTED_UNITS[printed_unit].factor)
