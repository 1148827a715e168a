"""New high-efficiency irrigation 新增高效节水灌溉面积: areas of finished projects, each counted once for ever.

High-efficiency is sprinkler 喷灌, micro 微灌 (drip 滴灌 and micro-spray 微喷) and pipe 管道输水灌溉. Canal lining
渠道防渗 saves water but is not high-efficiency: it is asked, kept, and left out. "New" is a flow, summed over years.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.decimals import ZERO, total
from schemas.indicators.answers import ALL_ZERO, NONE_CONTRADICTED
from schemas.indicators.form import Amount, CountyForm, FarmForm, Label
from schemas.indicators.spec import (
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
from schemas.period import Period
from schemas.vocabulary import FigureKind, Indicator, Severity, SourceStatus, Standing, Unit, View

FIRST_YEAR = 2021
"""The first year of the plan; new areas are summed from it on."""

HIGH_EFFICIENCY: Mapping[str, tuple[str, str]] = {
    "sprinkler": ("喷灌", "Sprinkler"),
    "drip": ("滴灌", "Drip"),
    "micro_spray": ("微喷", "Micro-spray"),
    "pipe": ("管道输水灌溉", "Pipe"),
}
CANAL_LINING = "canal_lining"
TECHNIQUES: Mapping[str, tuple[str, str]] = {**HIGH_EFFICIENCY, CANAL_LINING: ("渠道防渗", "Canal lining")}
_LINING = {
    "hint_zh": "属节水灌溉，不属高效节水，不计入",
    "hint_en": "saves water, but is not high-efficiency: left out",
}
_ONE_TECHNIQUE = {
    "hint_zh": "同一块地只按一种方式计一次",
    "hint_en": "the same field counts once, under one technique",
}


class IrrigationFarmForm(FarmForm):
    """The area that one project brought under high-efficiency irrigation, in the year it was finished."""

    indicator: Annotated[Literal[Indicator.IRRIGATION_NEW_AREA], Label("指标", "Indicator")]
    project_id: Annotated[
        str,
        Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z][0-9A-Za-z._/-]*$"),
        Label(
            "项目编号",
            "Project number",
            hint_zh="立项批复的编号；一个项目只报一次，跨年也不重报",
            hint_en="the number of its approval; a project is reported once, whatever the year",
        ),
    ]
    sprinkler_area_mu: Annotated[Amount | None, Label("喷灌面积", "Sprinkler area", Unit.MU, **_ONE_TECHNIQUE)] = None
    drip_area_mu: Annotated[Amount | None, Label("滴灌面积", "Drip area", Unit.MU, **_ONE_TECHNIQUE)] = None
    micro_spray_area_mu: Annotated[Amount | None, Label("微喷面积", "Micro-spray area", Unit.MU, **_ONE_TECHNIQUE)] = (
        None
    )
    pipe_area_mu: Annotated[Amount | None, Label("管道输水灌溉面积", "Pipe area", Unit.MU, **_ONE_TECHNIQUE)] = None
    canal_lining_area_mu: Annotated[Amount | None, Label("渠道防渗面积", "Canal lining area", Unit.MU, **_LINING)] = (
        None
    )


class IrrigationCountyForm(CountyForm):
    """The county's statement of the areas that were newly brought under irrigation in the period."""

    indicator: Annotated[Literal[Indicator.IRRIGATION_NEW_AREA], Label("指标", "Indicator")]
    sprinkler_area_mu: Annotated[Amount | None, Label("喷灌面积", "Sprinkler area", Unit.MU, **_ONE_TECHNIQUE)] = None
    drip_area_mu: Annotated[Amount | None, Label("滴灌面积", "Drip area", Unit.MU, **_ONE_TECHNIQUE)] = None
    micro_spray_area_mu: Annotated[Amount | None, Label("微喷面积", "Micro-spray area", Unit.MU, **_ONE_TECHNIQUE)] = (
        None
    )
    pipe_area_mu: Annotated[Amount | None, Label("管道输水灌溉面积", "Pipe area", Unit.MU, **_ONE_TECHNIQUE)] = None
    canal_lining_area_mu: Annotated[Amount | None, Label("渠道防渗面积", "Canal lining area", Unit.MU, **_LINING)] = (
        None
    )


IrrigationForm = IrrigationFarmForm | IrrigationCountyForm


def areas_mu(form: IrrigationForm) -> Mapping[str, Decimal]:
    """Return the area of each technique in mu; what is not answered is 0."""
    return {technique: getattr(form, f"{technique}_area_mu") or ZERO for technique in TECHNIQUES}


def quantities(form: IrrigationForm) -> Quantities:
    """Return what the report adds to its county's sums: mu by technique."""
    return {(technique, "area_mu"): area for technique, area in areas_mu(form).items() if area}


def county_terms(view: View, farm: Sums, statement: Sums, coefficients: Coefficients) -> Mapping[str, Terms]:
    """Return the new high-efficiency area of the period in mu, canal lining left out."""
    del coefficients
    sums = farm if view is View.FARM else statement
    if not sums.reports:
        return {}
    return {WHOLE: Terms(total(sums.of(technique, "area_mu") for technique in HIGH_EFFICIENCY))}


def _period_is_part(form: IrrigationFarmForm) -> list[Breach]:
    period = Period.parse(form.period)
    return [("/period", {})] if period is not None and not period.is_year else []


def _only_lining(form: IrrigationForm) -> list[Breach]:
    areas = areas_mu(form)
    only_lining = areas[CANAL_LINING] and not any(areas[technique] for technique in HIGH_EFFICIENCY)
    return [("/canal_lining_area_mu", {})] if only_lining else []


IRRIGATION_RULES = (
    ALL_ZERO,
    NONE_CONTRADICTED,
    Rule(
        "project_needs_year",
        "项目按建成年度填报一次，统计期请填年份，如 2025。",
        "A project is reported once, for the year it was finished; give a year such as 2025.",
        on_farm=Severity.BLOCK,
        on_county=None,
        check=_period_is_part,
    ),
    Rule(
        "only_canal_lining",
        "只填了渠道防渗面积。渠道防渗不属高效节水灌溉，本表新增面积按 0 计；如有喷灌、微灌或管道输水，请补填。",
        "Only canal lining is given. It is not high-efficiency irrigation, so the new area counts as 0; "
        "add sprinkler, micro or pipe irrigation if there is any.",
        on_farm=Severity.WARN,
        on_county=Severity.WARN,
        check=_only_lining,
    ),
)

IRRIGATION = IndicatorSpec(
    indicator=Indicator.IRRIGATION_NEW_AREA,
    zh="新增高效节水灌溉面积",
    en="New area under high-efficiency irrigation",
    kind=FigureKind.CUMULATIVE,
    start_year=FIRST_YEAR,
    standing=Standing.REGISTRY,
    farm_form=IrrigationFarmForm,
    county_form=IrrigationCountyForm,
    quantities=quantities,
    quantity_labels={"area_mu": QuantityLabel("新增面积", "new area", Unit.MU)},
    subject_labels={WHOLE: ("高效节水灌溉", "High-efficiency irrigation"), **TECHNIQUES},
    rules=IRRIGATION_RULES,
    formulas={
        "irrigation-1": Formula(
            version="irrigation-1",
            zh="新增面积＝喷灌＋微灌（滴灌、微喷）＋管道输水灌溉，不含渠道防渗；自 2021 年起逐年累计，同一项目只计一次",
            en="new area = sprinkler + micro (drip, micro-spray) + pipe, without canal lining; summed over the years "
            "from 2021, each project once",
            source="《“十四五”全国清洁生产推行方案》（发改环资〔2021〕1524号）",
            status=SourceStatus.CONVENTION,
            terms=county_terms,
        )
    },
    current_formula="irrigation-1",
    numerator=QuantityLabel("累计新增面积", "new area since 2021", Unit.MU),
    denominator=None,
    coefficient_labels={},
    measures=(
        Measure(
            "micro_area_mu", "其中：微灌面积", "of it micro-irrigation", Unit.MU, each("area_mu", "drip", "micro_spray")
        ),
        Measure(
            "canal_lining_area_mu",
            "另有渠道防渗面积（不计入）",
            "besides, canal lining (left out)",
            Unit.MU,
            each("area_mu", CANAL_LINING),
        ),
    ),
)
