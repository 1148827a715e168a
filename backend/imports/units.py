"""Units as people write them in cells and headings, and their exact conversion into the unit of a field."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, Inexact

from backend.imports.cells import squash
from schemas.decimals import EXACT
from schemas.vocabulary import Unit


@dataclass(frozen=True, slots=True)
class WrittenUnit:
    """A unit as written: what it measures, and how many of the measure's base unit one of it is."""

    zh: str
    en: str
    measure: str
    factor: Decimal


def _unit(zh: str, en: str, measure: str, factor: str) -> WrittenUnit:
    return WrittenUnit(zh, en, measure, Decimal(factor))


_WRITTEN: tuple[tuple[WrittenUnit, tuple[str, ...]], ...] = (
    (_unit("公斤", "kg", "mass", "1"), ("千克", "kg", "kgs")),
    (_unit("斤", "jin", "mass", "0.5"), ("市斤", "jin")),
    (_unit("克", "g", "mass", "0.001"), ("g",)),
    (_unit("吨", "t", "mass", "1000"), ("t", "公吨", "tonne", "tonnes")),
    (_unit("万吨", "10,000 t", "mass", "10000000"), ()),
    (_unit("万公斤", "10,000 kg", "mass", "10000"), ("万千克",)),
    (_unit("万斤", "10,000 jin", "mass", "5000"), ()),
    (_unit("亩", "mu", "area", "1"), ("市亩", "mu")),
    (_unit("万亩", "10,000 mu", "area", "10000"), ()),
    (_unit("公顷", "ha", "area", "15"), ("ha",)),
    (_unit("千公顷", "1,000 ha", "area", "15000"), ()),
    (_unit("万公顷", "10,000 ha", "area", "150000"), ()),
    (_unit("平方米", "m2", "area", "0.0015"), ("m2", "㎡")),
    (_unit("头、只", "head", "heads", "1"), ("头", "只", "羽", "匹", "头只", "头只羽", "head", "heads")),
    (_unit("万头、只", "10,000 head", "heads", "10000"), ("万头", "万只", "万羽", "万头只")),
    (_unit("个", "count", "count", "1"), ("家", "户", "处", "座", "台", "套", "场", "count")),
    (_unit("%", "%", "share", "0.01"), ("百分比", "percent")),
    (_unit("‰", "per mille", "share", "0.001"), ()),
    (_unit("毫米", "mm", "length", "1"), ("mm",)),
    (_unit("丝", "0.01 mm", "length", "0.01"), ()),
    (_unit("微米", "um", "length", "0.001"), ("um", "μm")),
    (_unit("公斤/亩", "kg/mu", "mass per area", "1"), ("千克/亩", "kg/mu")),
    (_unit("斤/亩", "jin/mu", "mass per area", "0.5"), ()),
)

WRITTEN: Mapping[str, WrittenUnit] = {
    squash(spelling): unit for unit, others in _WRITTEN for spelling in (unit.zh, *others)
}
"""Spelling, squashed -> unit."""

TEN_THOUSAND = "万"

_OF_FIELD: Mapping[Unit, WrittenUnit] = {
    Unit.KG: WRITTEN["公斤"],
    Unit.TONNE: WRITTEN["吨"],
    Unit.MU: WRITTEN["亩"],
    Unit.HEAD: WRITTEN["头"],
    Unit.COUNT: WRITTEN["个"],
    Unit.KG_PER_MU: WRITTEN[squash("公斤/亩")],
    Unit.MILLIMETRE: WRITTEN["毫米"],
    Unit.RATE: WrittenUnit("", "", "share", Decimal(1)),
}


def unit_of(unit: Unit) -> WrittenUnit:
    """Return the unit of a field; one that is not known here converts from nothing but itself."""
    return _OF_FIELD.get(unit) or WrittenUnit(str(unit), str(unit), str(unit), Decimal(1))


def written_unit(text: str) -> WrittenUnit | None:
    """Return the unit that a text names by itself, or None."""
    return WRITTEN.get(squash(text))


def converted(amount: Decimal, written: WrittenUnit, target: WrittenUnit) -> Decimal | None:
    """Return `amount` in the target unit, exactly; None where the two measure different things.

    Every pair above divides without a remainder; a pair that did not would be refused, never rounded.
    """
    if written.measure != target.measure:
        return None
    try:
        return EXACT.divide(EXACT.multiply(amount, written.factor), target.factor)
    except Inexact:
        return None
