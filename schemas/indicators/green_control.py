"""Coverage of green pest control 绿色防控覆盖率: area under green control over the planted area, crop by crop.

Areas, not area-times 亩次, so a crop counts at most once: its coverage is capped at 100 %.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.decimals import ZERO
from schemas.indicators.answers import ALL_ZERO, NONE_CONTRADICTED, label_params, shown
from schemas.indicators.form import Amount, CountyForm, FarmForm, Form, Keyed, Label
from schemas.indicators.spec import (
    NONE_THIS_YEAR,
    WHOLE,
    Breach,
    Coefficients,
    Formula,
    IndicatorSpec,
    Measure,
    Quantities,
    QuantityLabel,
    Rule,
    Sums,
    Terms,
    each,
)
from schemas.vocabulary import FigureKind, Indicator, Severity, SourceStatus, Standing, Unit, View


class PlantedCrop(StrEnum):
    """The main crops whose pests are controlled."""

    RICE = "rice"
    WHEAT = "wheat"
    MAIZE = "maize"
    POTATO = "potato"
    SOYBEAN = "soybean"
    RAPESEED = "rapeseed"
    PEANUT = "peanut"
    COTTON = "cotton"
    VEGETABLES = "vegetables"
    FRUIT = "fruit"
    TEA = "tea"
    OTHER = "other"


PLANTED_CROP_NAMES: Mapping[str, tuple[str, str]] = {
    PlantedCrop.RICE: ("水稻", "Rice"),
    PlantedCrop.WHEAT: ("小麦", "Wheat"),
    PlantedCrop.MAIZE: ("玉米", "Maize"),
    PlantedCrop.POTATO: ("马铃薯", "Potato"),
    PlantedCrop.SOYBEAN: ("大豆", "Soybean"),
    PlantedCrop.RAPESEED: ("油菜", "Rapeseed"),
    PlantedCrop.PEANUT: ("花生", "Peanut"),
    PlantedCrop.COTTON: ("棉花", "Cotton"),
    PlantedCrop.VEGETABLES: ("蔬菜", "Vegetables"),
    PlantedCrop.FRUIT: ("果树", "Fruit"),
    PlantedCrop.TEA: ("茶叶", "Tea"),
    PlantedCrop.OTHER: ("其他", "Other"),
}
AREAS = ("planted_area_mu", "green_control_area_mu", "unified_control_area_mu")
_ONCE = {"hint_zh": "按面积填，同一块地只计一次，不按亩次", "hint_en": "an area: the same field counts once"}


class Protected(Form):
    """The areas of one crop."""

    planted_area_mu: Annotated[Amount | None, Label("种植面积", "Planted area", Unit.MU)] = None
    green_control_area_mu: Annotated[
        Amount | None, Label("绿色防控面积", "Area under green control", Unit.MU, **_ONCE)
    ] = None
    unified_control_area_mu: Annotated[
        Amount | None, Label("统防统治面积", "Area under unified control", Unit.MU, **_ONCE)
    ] = None


class GreenControlFarmForm(FarmForm):
    """What one farm planted, and how much of it was protected the green way."""

    indicator: Annotated[Literal[Indicator.GREEN_CONTROL_COVERAGE], Label("指标", "Indicator")]
    crops: Annotated[dict[PlantedCrop, Protected], Label("作物", "Crops"), Keyed(PLANTED_CROP_NAMES)] = Field(
        default_factory=dict
    )


class GreenControlCountyForm(CountyForm):
    """The county's statement of planted and protected areas."""

    indicator: Annotated[Literal[Indicator.GREEN_CONTROL_COVERAGE], Label("指标", "Indicator")]
    crops: Annotated[dict[PlantedCrop, Protected], Label("作物", "Crops"), Keyed(PLANTED_CROP_NAMES)] = Field(
        default_factory=dict
    )


GreenControlForm = GreenControlFarmForm | GreenControlCountyForm


def quantities(form: GreenControlForm) -> Quantities:
    """Return what the report adds to its county's sums: mu by crop."""
    found = {(crop.value, name): getattr(areas, name) or ZERO for crop, areas in form.crops.items() for name in AREAS}
    return {key: area for key, area in found.items() if area}


def county_terms(view: View, farm: Sums, statement: Sums, coefficients: Coefficients) -> Mapping[str, Terms]:
    """Return area under green control over planted area per crop, in mu, capped at the planted area."""
    del coefficients
    sums = farm if view is View.FARM else statement
    if not sums.reports:
        return {}
    planted = {crop: sums.of(crop, "planted_area_mu") for crop in PLANTED_CROP_NAMES}
    terms = {
        crop: Terms(min(sums.of(crop, "green_control_area_mu"), area), area) for crop, area in planted.items() if area
    }
    return terms or NONE_THIS_YEAR


def _area_over_planted(form: GreenControlForm) -> list[Breach]:
    return [
        (
            f"/crops/{crop}/{name}",
            label_params(Protected, name, *PLANTED_CROP_NAMES[crop])
            | {"area": shown(area), "whole": shown(areas.planted_area_mu or ZERO)},
        )
        for crop, areas in form.crops.items()
        for name in AREAS[1:]
        if (area := getattr(areas, name)) is not None and area > (areas.planted_area_mu or ZERO)
    ]


GREEN_CONTROL_RULES = (
    ALL_ZERO,
    NONE_CONTRADICTED,
    Rule(
        "area_exceeds_planted",
        "“{label}”{area} 亩，大于种植面积 {whole} 亩。请按面积填，不按亩次；覆盖率最高按 100% 计。",
        "'{label}' of {area} mu exceeds the {whole} mu planted; give an area, not area-times. "
        "Coverage counts up to 100 %.",
        on_farm=Severity.WARN,
        on_county=Severity.BLOCK,
        check=_area_over_planted,
    ),
)

GREEN_CONTROL = IndicatorSpec(
    indicator=Indicator.GREEN_CONTROL_COVERAGE,
    zh="绿色防控覆盖率",
    en="Coverage of green pest control",
    kind=FigureKind.RATE,
    standing=Standing.SAMPLE,
    farm_form=GreenControlFarmForm,
    county_form=GreenControlCountyForm,
    quantities=quantities,
    quantity_labels={
        "planted_area_mu": QuantityLabel("种植面积", "planted area", Unit.MU),
        "green_control_area_mu": QuantityLabel("绿色防控面积", "area under green control", Unit.MU),
        "unified_control_area_mu": QuantityLabel("统防统治面积", "area under unified control", Unit.MU),
    },
    subject_labels={WHOLE: ("主要农作物", "Main crops"), **PLANTED_CROP_NAMES},
    rules=GREEN_CONTROL_RULES,
    formulas={
        "green-1": Formula(
            version="green-1",
            zh="覆盖率＝绿色防控面积合计÷种植面积合计，按面积不按亩次，每种作物绿色防控面积最多计到种植面积",
            en="coverage = sum of area under green control / sum of planted area; areas, not area-times, each crop "
            "counted up to its planted area",
            source="",
            status=SourceStatus.CONVENTION,
            terms=county_terms,
        )
    },
    current_formula="green-1",
    numerator=QuantityLabel("绿色防控面积", "area under green control", Unit.MU),
    denominator=QuantityLabel("种植面积", "planted area", Unit.MU),
    coefficient_labels={},
    measures=(
        Measure(
            "unified_control_coverage",
            "统防统治覆盖率",
            "coverage of unified control",
            Unit.RATE,
            each("unified_control_area_mu", *PLANTED_CROP_NAMES),
            each("planted_area_mu", *PLANTED_CROP_NAMES),
        ),
    ),
    merge_groups=tuple(frozenset(f"/crops/{crop}/{name}" for name in AREAS) for crop in PLANTED_CROP_NAMES),
)
