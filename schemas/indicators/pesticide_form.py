"""What is asked about pesticide: mass by kind on a stated basis, and the areas under green and unified control."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from schemas.decimals import ZERO, tonnes
from schemas.indicators.form import Amount, Choices, CountyForm, FarmForm, Label
from schemas.vocabulary import Indicator, Unit


class Basis(StrEnum):
    """What a pesticide mass counts; masses of different bases are never added or compared."""

    PRODUCT = "product"
    ACTIVE = "active"


BASIS_NAMES: Mapping[str, tuple[str, str]] = {
    Basis.PRODUCT: ("商品量", "product mass"),
    Basis.ACTIVE: ("折百量", "active ingredient"),
}

PESTICIDE_KINDS: Mapping[str, tuple[str, str]] = {
    "insecticide": ("杀虫剂", "insecticide"),
    "fungicide": ("杀菌剂", "fungicide"),
    "herbicide": ("除草剂", "herbicide"),
    "other": ("其他农药", "other pesticide"),
}

_BASIS = Label(
    "计量口径",
    "Basis",
    hint_zh="商品量按瓶、袋上的净含量计；折百量按有效成分计",
    hint_en="product mass as on the bottle, or mass of the active ingredient",
)
_ONCE = {"hint_zh": "按面积填，同一块地一年只计一次，不按亩次", "hint_en": "an area: the same field counts once a year"}


class PesticideFarmForm(FarmForm):
    """What one sampled farm used on what it sowed."""

    indicator: Annotated[Literal[Indicator.PESTICIDE_REDUCTION], Label("指标", "Indicator")]
    basis: Annotated[Basis | None, _BASIS, Choices(BASIS_NAMES)] = None
    insecticide_kg: Annotated[Amount | None, Label("杀虫剂用量", "Insecticide used", Unit.KG)] = None
    fungicide_kg: Annotated[Amount | None, Label("杀菌剂用量", "Fungicide used", Unit.KG)] = None
    herbicide_kg: Annotated[Amount | None, Label("除草剂用量", "Herbicide used", Unit.KG)] = None
    other_kg: Annotated[Amount | None, Label("其他农药用量", "Other pesticide used", Unit.KG)] = None
    sown_area_mu: Annotated[Amount | None, Label("播种面积", "Sown area", Unit.MU)] = None
    green_control_area_mu: Annotated[
        Amount | None, Label("绿色防控面积", "Area under green control", Unit.MU, **_ONCE)
    ] = None
    unified_control_area_mu: Annotated[
        Amount | None, Label("统防统治面积", "Area under unified control", Unit.MU, **_ONCE)
    ] = None


class PesticideCountyForm(CountyForm):
    """The county's statement of pesticide used on one basis, and of the areas under green and unified control."""

    indicator: Annotated[Literal[Indicator.PESTICIDE_REDUCTION], Label("指标", "Indicator")]
    basis: Annotated[Basis | None, _BASIS, Choices(BASIS_NAMES)] = None
    insecticide_t: Annotated[Amount | None, Label("杀虫剂用量", "Insecticide used", Unit.TONNE)] = None
    fungicide_t: Annotated[Amount | None, Label("杀菌剂用量", "Fungicide used", Unit.TONNE)] = None
    herbicide_t: Annotated[Amount | None, Label("除草剂用量", "Herbicide used", Unit.TONNE)] = None
    other_t: Annotated[Amount | None, Label("其他农药用量", "Other pesticide used", Unit.TONNE)] = None
    sown_area_mu: Annotated[Amount | None, Label("播种面积", "Sown area", Unit.MU)] = None
    green_control_area_mu: Annotated[
        Amount | None, Label("绿色防控面积", "Area under green control", Unit.MU, **_ONCE)
    ] = None
    unified_control_area_mu: Annotated[
        Amount | None, Label("统防统治面积", "Area under unified control", Unit.MU, **_ONCE)
    ] = None


PesticideForm = PesticideFarmForm | PesticideCountyForm


def used_t(form: PesticideForm) -> Mapping[str, Decimal]:
    """Return the mass used of every kind in t, on the basis of the form; what is not answered is 0."""
    if isinstance(form, PesticideFarmForm):
        return {kind: tonnes(getattr(form, f"{kind}_kg") or ZERO) for kind in PESTICIDE_KINDS}
    return {kind: getattr(form, f"{kind}_t") or ZERO for kind in PESTICIDE_KINDS}
