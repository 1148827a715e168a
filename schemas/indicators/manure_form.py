"""What is asked about manure: species, routes of use, the form of a scale livestock farm and the county form."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.decimals import ZERO
from schemas.indicators.form import Amount, Count, CountyForm, FarmForm, Form, Keyed, Label
from schemas.vocabulary import Indicator, Unit


class Species(StrEnum):
    """The livestock that the coefficients are kept for."""

    FINISHING_PIG = "finishing_pig"
    SOW = "sow"
    DAIRY = "dairy"
    BEEF_COW = "beef_cow"
    FINISHING_BEEF = "finishing_beef"
    LAYER = "layer"
    BROILER = "broiler"
    SHEEP = "sheep"
    DUCK_GOOSE = "duck_goose"


SPECIES_NAMES: Mapping[str, tuple[str, str]] = {
    Species.FINISHING_PIG: ("育肥猪", "Finishing pigs"),
    Species.SOW: ("能繁母猪", "Sows"),
    Species.DAIRY: ("奶牛", "Dairy cattle"),
    Species.BEEF_COW: ("能繁肉用母牛", "Beef cows"),
    Species.FINISHING_BEEF: ("育肥肉牛", "Finishing beef cattle"),
    Species.LAYER: ("蛋鸡", "Layers"),
    Species.BROILER: ("肉鸡", "Broilers"),
    Species.SHEEP: ("羊", "Sheep and goats"),
    Species.DUCK_GOOSE: ("鸭、鹅", "Ducks and geese"),
}


class HeadCount(StrEnum):
    """How a species is counted: by what stands in the barn 存栏, or by what was slaughtered in the period 出栏."""

    STOCK = "stock_head"
    SLAUGHTER = "slaughter_head"


HEAD_COUNTS: Mapping[str, HeadCount] = {
    Species.FINISHING_PIG: HeadCount.SLAUGHTER,
    Species.SOW: HeadCount.STOCK,
    Species.DAIRY: HeadCount.STOCK,
    Species.BEEF_COW: HeadCount.STOCK,
    Species.FINISHING_BEEF: HeadCount.SLAUGHTER,
    Species.LAYER: HeadCount.STOCK,
    Species.BROILER: HeadCount.SLAUGHTER,
    Species.SHEEP: HeadCount.SLAUGHTER,
    Species.DUCK_GOOSE: HeadCount.STOCK,
}


class Route(StrEnum):
    """What becomes of manure that is used."""

    COMPOSTING_RETURN = "composting_return"
    COMMERCIAL_FERTILISER = "commercial_fertiliser"
    BIOGAS = "biogas"
    BIO_NATURAL_GAS = "bio_natural_gas"
    SLURRY_RETURN = "slurry_return"
    OTHER = "other"


_BIOGAS = {
    "hint_zh": "同一份粪污只计一次：沼液已按沼液还田计的，不再计入沼气",
    "hint_en": "count every mass once: what is counted as slurry returned is not counted as biogas",
}


class Heads(Form):
    """How many animals of one species, counted as fits the species."""

    stock_head: Annotated[Count | None, Label("存栏量", "In stock", Unit.HEAD)] = None
    slaughter_head: Annotated[Count | None, Label("出栏量", "Slaughtered", Unit.HEAD)] = None

    @property
    def given(self) -> Mapping[HeadCount, int]:
        """The counts that were answered."""
        both = {HeadCount.STOCK: self.stock_head, HeadCount.SLAUGHTER: self.slaughter_head}
        return {count: heads for count, heads in both.items() if heads is not None}


class ManureFarmForm(FarmForm):
    """What one scale livestock farm keeps, and what became of its manure, dung and waste water together."""

    indicator: Annotated[Literal[Indicator.MANURE_UTILISATION], Label("指标", "Indicator")]
    equipped: Annotated[
        bool, Field(strict=True), Label("粪污处理设施装备已配套", "Equipped with manure treatment facilities")
    ]
    species: Annotated[dict[Species, Heads], Label("畜种", "Species"), Keyed(SPECIES_NAMES)] = Field(
        default_factory=dict
    )
    composting_return_kg: Annotated[Amount | None, Label("堆沤还田量", "Composted and returned", Unit.KG)] = None
    commercial_fertiliser_kg: Annotated[
        Amount | None, Label("生产商品有机肥用量", "Made into commercial organic fertiliser", Unit.KG)
    ] = None
    biogas_kg: Annotated[Amount | None, Label("沼气利用量", "Used for biogas", Unit.KG, **_BIOGAS)] = None
    bio_natural_gas_kg: Annotated[
        Amount | None, Label("生物天然气利用量", "Used for bio-natural gas", Unit.KG, **_BIOGAS)
    ] = None
    slurry_return_kg: Annotated[Amount | None, Label("沼液还田量", "Biogas slurry returned", Unit.KG)] = None
    other_kg: Annotated[Amount | None, Label("其他利用量", "Used otherwise", Unit.KG)] = None

    @property
    def routes_kg(self) -> Mapping[Route, Decimal]:
        """The mass used by every route in kg; what is not answered is 0."""
        return {
            Route.COMPOSTING_RETURN: self.composting_return_kg or ZERO,
            Route.COMMERCIAL_FERTILISER: self.commercial_fertiliser_kg or ZERO,
            Route.BIOGAS: self.biogas_kg or ZERO,
            Route.BIO_NATURAL_GAS: self.bio_natural_gas_kg or ZERO,
            Route.SLURRY_RETURN: self.slurry_return_kg or ZERO,
            Route.OTHER: self.other_kg or ZERO,
        }


class ManureCountyForm(CountyForm):
    """The county's statement of livestock, manure used, and scale farms with facilities."""

    indicator: Annotated[Literal[Indicator.MANURE_UTILISATION], Label("指标", "Indicator")]
    species: Annotated[dict[Species, Heads], Label("畜种", "Species"), Keyed(SPECIES_NAMES)] = Field(
        default_factory=dict
    )
    composting_return_t: Annotated[Amount | None, Label("堆沤还田量", "Composted and returned", Unit.TONNE)] = None
    commercial_fertiliser_t: Annotated[
        Amount | None, Label("生产商品有机肥用量", "Made into commercial organic fertiliser", Unit.TONNE)
    ] = None
    biogas_t: Annotated[Amount | None, Label("沼气利用量", "Used for biogas", Unit.TONNE, **_BIOGAS)] = None
    bio_natural_gas_t: Annotated[
        Amount | None, Label("生物天然气利用量", "Used for bio-natural gas", Unit.TONNE, **_BIOGAS)
    ] = None
    slurry_return_t: Annotated[Amount | None, Label("沼液还田量", "Biogas slurry returned", Unit.TONNE)] = None
    other_t: Annotated[Amount | None, Label("其他利用量", "Used otherwise", Unit.TONNE)] = None
    registered_scale_farms: Annotated[Count | None, Label("备案规模养殖场数", "Registered scale farms", Unit.COUNT)] = (
        None
    )
    equipped_scale_farms: Annotated[
        Count | None, Label("设施装备已配套的规模养殖场数", "Scale farms with treatment facilities", Unit.COUNT)
    ] = None

    @property
    def routes_t(self) -> Mapping[Route, Decimal]:
        """The mass used by every route in t; what is not answered is 0."""
        return {
            Route.COMPOSTING_RETURN: self.composting_return_t or ZERO,
            Route.COMMERCIAL_FERTILISER: self.commercial_fertiliser_t or ZERO,
            Route.BIOGAS: self.biogas_t or ZERO,
            Route.BIO_NATURAL_GAS: self.bio_natural_gas_t or ZERO,
            Route.SLURRY_RETURN: self.slurry_return_t or ZERO,
            Route.OTHER: self.other_t or ZERO,
        }


ManureForm = ManureFarmForm | ManureCountyForm
