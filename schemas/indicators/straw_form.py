"""What is asked about straw: crops, the five uses, the ledger's hard limits, the farm form and the county form.

Source: 农办科〔2019〕3号, the ministry's straw resource ledger 秸秆资源台账. Straw is air-dry, at 15 % moisture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from schemas.decimals import ZERO
from schemas.indicators.form import Amount, Choices, CountyForm, FarmForm, Form, Keyed, Label, Measured
from schemas.vocabulary import EntityKind, Indicator, Unit


class Crop(StrEnum):
    """The crops of the straw ledger."""

    EARLY_RICE = "early_rice"
    MIDDLE_LATE_RICE = "middle_late_rice"
    DOUBLE_LATE_RICE = "double_late_rice"
    WHEAT = "wheat"
    MAIZE = "maize"
    POTATO = "potato"
    SWEET_POTATO = "sweet_potato"
    CASSAVA = "cassava"
    PEANUT = "peanut"
    RAPESEED = "rapeseed"
    SOYBEAN = "soybean"
    COTTON = "cotton"
    SUGAR_CANE = "sugar_cane"
    OTHER = "other"


CROP_NAMES: Mapping[str, tuple[str, str]] = {
    Crop.EARLY_RICE: ("早稻", "Early rice"),
    Crop.MIDDLE_LATE_RICE: ("中稻和一季晚稻", "Middle and single late rice"),
    Crop.DOUBLE_LATE_RICE: ("双季晚稻", "Double late rice"),
    Crop.WHEAT: ("小麦", "Wheat"),
    Crop.MAIZE: ("玉米", "Maize"),
    Crop.POTATO: ("马铃薯", "Potato"),
    Crop.SWEET_POTATO: ("甘薯", "Sweet potato"),
    Crop.CASSAVA: ("木薯", "Cassava"),
    Crop.PEANUT: ("花生", "Peanut"),
    Crop.RAPESEED: ("油菜", "Rapeseed"),
    Crop.SOYBEAN: ("大豆", "Soybean"),
    Crop.COTTON: ("棉花", "Cotton"),
    Crop.SUGAR_CANE: ("甘蔗", "Sugar cane"),
    Crop.OTHER: ("其他作物", "Other crops"),
}


@dataclass(frozen=True, slots=True)
class CropLimits:
    """The hard limits of the ministry's ledger: bounds for validation, never defaults."""

    yield_kg_per_mu: Decimal
    straw_grain_ratio: Decimal


def _limits(yield_kg_per_mu: int, straw_grain_ratio: str) -> CropLimits:
    return CropLimits(Decimal(yield_kg_per_mu), Decimal(straw_grain_ratio))


CROP_LIMITS: Mapping[str, CropLimits] = {
    Crop.EARLY_RICE: _limits(1500, "2.5"),
    Crop.MIDDLE_LATE_RICE: _limits(1800, "2.5"),
    Crop.DOUBLE_LATE_RICE: _limits(1800, "2.5"),
    Crop.WHEAT: _limits(1200, "2.5"),
    Crop.MAIZE: _limits(2300, "3"),
    Crop.POTATO: _limits(11000, "2.5"),
    Crop.SWEET_POTATO: _limits(7500, "2.5"),
    Crop.CASSAVA: _limits(14000, "2.5"),
    Crop.PEANUT: _limits(1200, "3"),
    Crop.RAPESEED: _limits(500, "3"),
    Crop.SOYBEAN: _limits(700, "3"),
    Crop.COTTON: _limits(600, "6"),
    Crop.SUGAR_CANE: _limits(21000, "0.5"),
    Crop.OTHER: _limits(21000, "6"),
}


class Use(StrEnum):
    """The five uses 五料化 of straw taken off the field."""

    FERTILISER = "fertiliser"
    FEED = "feed"
    FUEL = "fuel"
    SUBSTRATE = "substrate"
    MATERIAL = "material"


USE_NAMES: Mapping[str, tuple[str, str]] = {
    Use.FERTILISER: ("肥料化", "fertiliser"),
    Use.FEED: ("饲料化", "feed"),
    Use.FUEL: ("燃料化", "fuel"),
    Use.SUBSTRATE: ("基料化", "substrate"),
    Use.MATERIAL: ("原料化", "material"),
}


class Respondent(StrEnum):
    """Who answers: a sampled household, which gives a ratio, or a market entity, which is counted in full."""

    HOUSEHOLD = "household"
    MARKET_ENTITY = "market_entity"


RESPONDENT_NAMES: Mapping[str, tuple[str, str]] = {
    Respondent.HOUSEHOLD: ("农户", "Household"),
    Respondent.MARKET_ENTITY: ("市场主体", "Market entity"),
}


def respondent_of(kind: EntityKind) -> Respondent:
    """Return how a reporting entity answers the straw form: growers are sampled, all others are counted."""
    growers = {EntityKind.HOUSEHOLD, EntityKind.LARGE_GROWER}
    return Respondent.HOUSEHOLD if kind in growers else Respondent.MARKET_ENTITY


@dataclass(frozen=True, slots=True)
class AskedOf:
    """Marks a field that only one kind of respondent answers."""

    respondent: Respondent

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        described["x-asked-of"] = str(self.respondent)
        return described


_NO_RETURN = {"hint_zh": "不含秸秆直接还田", "hint_en": "without straw returned to its own field"}
_OWN = {
    "hint_zh": "有本县实测值的填写，没有的留空，按系数表计算",
    "hint_en": "where the county measured it; else empty",
}
_GROWER = AskedOf(Respondent.HOUSEHOLD)
_MARKET = AskedOf(Respondent.MARKET_ENTITY)


class FarmCrop(Form):
    """One crop of one farm: growers give harvest, areas and own uses; market entities uses and what they bought in."""

    grain_kg: Annotated[Amount | None, Label("产量", "Output", Unit.KG), _GROWER] = None
    sown_area_mu: Annotated[Amount | None, Label("播种面积", "Sown area", Unit.MU), _GROWER] = None
    returned_area_mu: Annotated[
        Amount | None, Label("秸秆直接还田面积", "Area with straw returned", Unit.MU), _GROWER
    ] = None
    use_fertiliser_kg: Annotated[Amount | None, Label("肥料化利用量", "Used as fertiliser", Unit.KG, **_NO_RETURN)] = (
        None
    )
    use_feed_kg: Annotated[Amount | None, Label("饲料化利用量", "Used as feed", Unit.KG)] = None
    use_fuel_kg: Annotated[Amount | None, Label("燃料化利用量", "Used as fuel", Unit.KG)] = None
    use_substrate_kg: Annotated[Amount | None, Label("基料化利用量", "Used as substrate", Unit.KG)] = None
    use_material_kg: Annotated[Amount | None, Label("原料化利用量", "Used as material", Unit.KG)] = None
    inbound_kg: Annotated[
        Amount | None, Label("其中从县外调入量", "Of this, bought in from other counties", Unit.KG), _MARKET
    ] = None

    @property
    def uses_kg(self) -> Mapping[Use, Decimal]:
        """The five uses in kg; what is not answered is 0."""
        return {
            Use.FERTILISER: self.use_fertiliser_kg or ZERO,
            Use.FEED: self.use_feed_kg or ZERO,
            Use.FUEL: self.use_fuel_kg or ZERO,
            Use.SUBSTRATE: self.use_substrate_kg or ZERO,
            Use.MATERIAL: self.use_material_kg or ZERO,
        }


class StrawFarmForm(FarmForm):
    """What one household, large grower or market entity did with its straw, by crop."""

    indicator: Annotated[Literal[Indicator.STRAW_UTILISATION], Label("指标", "Indicator")]
    respondent: Annotated[Respondent, Label("填报对象", "Respondent"), Choices(RESPONDENT_NAMES)]
    crops: Annotated[dict[Crop, FarmCrop], Label("作物", "Crops"), Keyed(CROP_NAMES)] = Field(default_factory=dict)


class CountyCrop(Form):
    """One crop of the county: harvest and areas, the uses of households and of market entities, and transfers."""

    grain_output_t: Annotated[Amount, Label("产量", "Output", Unit.TONNE)]
    sown_area_mu: Annotated[Amount, Label("播种面积", "Sown area", Unit.MU)]
    returned_area_mu: Annotated[Amount, Label("秸秆直接还田面积", "Area with straw returned", Unit.MU)]
    household_use_fertiliser_t: Annotated[
        Amount | None, Label("农户肥料化利用量", "Used by households as fertiliser", Unit.TONNE, **_NO_RETURN)
    ] = None
    household_use_feed_t: Annotated[
        Amount | None, Label("农户饲料化利用量", "Used by households as feed", Unit.TONNE)
    ] = None
    household_use_fuel_t: Annotated[
        Amount | None, Label("农户燃料化利用量", "Used by households as fuel", Unit.TONNE)
    ] = None
    household_use_substrate_t: Annotated[
        Amount | None, Label("农户基料化利用量", "Used by households as substrate", Unit.TONNE)
    ] = None
    household_use_material_t: Annotated[
        Amount | None, Label("农户原料化利用量", "Used by households as material", Unit.TONNE)
    ] = None
    market_use_fertiliser_t: Annotated[
        Amount | None, Label("市场主体肥料化利用量", "Used by market entities as fertiliser", Unit.TONNE)
    ] = None
    market_use_feed_t: Annotated[
        Amount | None, Label("市场主体饲料化利用量", "Used by market entities as feed", Unit.TONNE)
    ] = None
    market_use_fuel_t: Annotated[
        Amount | None, Label("市场主体燃料化利用量", "Used by market entities as fuel", Unit.TONNE)
    ] = None
    market_use_substrate_t: Annotated[
        Amount | None, Label("市场主体基料化利用量", "Used by market entities as substrate", Unit.TONNE)
    ] = None
    market_use_material_t: Annotated[
        Amount | None, Label("市场主体原料化利用量", "Used by market entities as material", Unit.TONNE)
    ] = None
    inbound_t: Annotated[Amount | None, Label("从县外调入量", "Bought in from other counties", Unit.TONNE)] = None
    outbound_t: Annotated[Amount | None, Label("调出县外量", "Sent out of the county", Unit.TONNE)] = None
    straw_grain_ratio: Annotated[
        Decimal | None,
        Measured(at_most="6"),
        Label("本县草谷比", "The county's own straw:grain ratio", Unit.RATE, **_OWN),
    ] = None
    collectable_coefficient: Annotated[
        Decimal | None,
        Measured(at_most="1"),
        Label("本县可收集系数", "The county's own collectable coefficient", Unit.RATE, **_OWN),
    ] = None

    @property
    def household_uses_t(self) -> Mapping[Use, Decimal]:
        """The five uses by households in t, direct return left out; what is not answered is 0."""
        return {
            Use.FERTILISER: self.household_use_fertiliser_t or ZERO,
            Use.FEED: self.household_use_feed_t or ZERO,
            Use.FUEL: self.household_use_fuel_t or ZERO,
            Use.SUBSTRATE: self.household_use_substrate_t or ZERO,
            Use.MATERIAL: self.household_use_material_t or ZERO,
        }

    @property
    def market_uses_t(self) -> Mapping[Use, Decimal]:
        """The five uses by market entities in t; what is not answered is 0."""
        return {
            Use.FERTILISER: self.market_use_fertiliser_t or ZERO,
            Use.FEED: self.market_use_feed_t or ZERO,
            Use.FUEL: self.market_use_fuel_t or ZERO,
            Use.SUBSTRATE: self.market_use_substrate_t or ZERO,
            Use.MATERIAL: self.market_use_material_t or ZERO,
        }


class StrawCountyForm(CountyForm):
    """The county's straw ledger, by crop."""

    indicator: Annotated[Literal[Indicator.STRAW_UTILISATION], Label("指标", "Indicator")]
    crops: Annotated[dict[Crop, CountyCrop], Label("作物", "Crops"), Keyed(CROP_NAMES)] = Field(default_factory=dict)


StrawForm = StrawFarmForm | StrawCountyForm
