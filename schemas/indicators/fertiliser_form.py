"""What is asked about fertiliser: nutrient mass 折纯 by kind, and the areas under each practice of using less."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.decimals import ZERO, product
from schemas.indicators.form import Amount, CountyForm, FarmForm, Form, Keyed, Label, Measured
from schemas.vocabulary import Indicator, Unit


class Fertiliser(StrEnum):
    """The kinds whose nutrient mass is added up: N, P2O5, K2O and compound."""

    NITROGEN = "n"
    PHOSPHATE = "p2o5"
    POTASH = "k2o"
    COMPOUND = "compound"


FERTILISER_NAMES: Mapping[str, tuple[str, str]] = {
    Fertiliser.NITROGEN: ("氮肥", "Nitrogen"),
    Fertiliser.PHOSPHATE: ("磷肥", "Phosphate"),
    Fertiliser.POTASH: ("钾肥", "Potash"),
    Fertiliser.COMPOUND: ("复合肥", "Compound"),
}

PRACTICES: Mapping[str, tuple[str, str]] = {
    "soil_testing_area_mu": ("测土配方施肥面积", "Area fertilised by soil testing"),
    "fertigation_area_mu": ("水肥一体化面积", "Area under fertigation"),
    "deep_placement_area_mu": ("机械深施面积", "Area with mechanical deep placement"),
    "organic_area_mu": ("有机肥施用面积", "Area under organic fertiliser"),
}
_AREA = {
    "hint_zh": "按面积填，同一块地一年只计一次，不按亩次",
    "hint_en": "an area: the same field counts once a year",
}
_SHARE = {
    "hint_zh": "包装上标明的总养分，如 46% 填 0.46",
    "hint_en": "the nutrients printed on the bag, such as 0.46",
}

NutrientShare = Annotated[Decimal, Measured(at_most="1", beyond="share_out_of_range")]


class Product(Form):
    """The product of one kind that a farm used, and its nutrient share."""

    product_kg: Annotated[Amount | None, Label("商品量", "Product", Unit.KG)] = None
    nutrient_share: Annotated[NutrientShare | None, Label("养分含量", "Nutrient share", Unit.RATE, **_SHARE)] = None

    @property
    def nutrient_kg(self) -> Decimal:
        """The nutrient mass 折纯, exactly; what has no share given counts as none."""
        return product(self.product_kg or ZERO, self.nutrient_share or ZERO)


class Nutrient(Form):
    """The nutrient mass of one kind that a county used."""

    nutrient_t: Annotated[Amount | None, Label("折纯量", "Nutrient mass", Unit.TONNE)] = None


class FertiliserFarmForm(FarmForm):
    """What one sampled farm used on what it sowed."""

    indicator: Annotated[Literal[Indicator.FERTILISER_REDUCTION], Label("指标", "Indicator")]
    sown_area_mu: Annotated[Amount | None, Label("播种面积", "Sown area", Unit.MU)] = None
    fertilisers: Annotated[dict[Fertiliser, Product], Label("化肥", "Fertiliser"), Keyed(FERTILISER_NAMES)] = Field(
        default_factory=dict
    )
    soil_testing_area_mu: Annotated[Amount | None, Label(*PRACTICES["soil_testing_area_mu"], Unit.MU, **_AREA)] = None
    fertigation_area_mu: Annotated[Amount | None, Label(*PRACTICES["fertigation_area_mu"], Unit.MU, **_AREA)] = None
    deep_placement_area_mu: Annotated[Amount | None, Label(*PRACTICES["deep_placement_area_mu"], Unit.MU, **_AREA)] = (
        None
    )
    organic_area_mu: Annotated[Amount | None, Label(*PRACTICES["organic_area_mu"], Unit.MU, **_AREA)] = None


class FertiliserCountyForm(CountyForm):
    """The county's statement of nutrient mass used, and of the areas under each practice."""

    indicator: Annotated[Literal[Indicator.FERTILISER_REDUCTION], Label("指标", "Indicator")]
    sown_area_mu: Annotated[Amount | None, Label("播种面积", "Sown area", Unit.MU)] = None
    fertilisers: Annotated[dict[Fertiliser, Nutrient], Label("化肥", "Fertiliser"), Keyed(FERTILISER_NAMES)] = Field(
        default_factory=dict
    )
    soil_testing_area_mu: Annotated[Amount | None, Label(*PRACTICES["soil_testing_area_mu"], Unit.MU, **_AREA)] = None
    fertigation_area_mu: Annotated[Amount | None, Label(*PRACTICES["fertigation_area_mu"], Unit.MU, **_AREA)] = None
    deep_placement_area_mu: Annotated[Amount | None, Label(*PRACTICES["deep_placement_area_mu"], Unit.MU, **_AREA)] = (
        None
    )
    organic_area_mu: Annotated[Amount | None, Label(*PRACTICES["organic_area_mu"], Unit.MU, **_AREA)] = None


FertiliserForm = FertiliserFarmForm | FertiliserCountyForm


def practice_areas(form: FertiliserForm) -> Mapping[str, Decimal]:
    """Return the area under each practice in mu; what is not answered is left out."""
    given = {name: getattr(form, name) for name in PRACTICES}
    return {name: area for name, area in given.items() if area is not None}
