"""Fertiliser reduction 化肥减量: nutrient mass 折纯 against the base year, per sown mu, and the practices behind it.

Farm reports are a sample: they give a use per mu, never a county's total. That use must not rise above 2020 is a
convention of ours: the plan says "减量替代" and gives no number.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from schemas.decimals import ZERO, plain, quotient, rounded, tonnes, total
from schemas.indicators.answers import ALL_ZERO, NONE_CONTRADICTED, label_params, shown
from schemas.indicators.fertiliser_form import (
    FERTILISER_NAMES,
    PRACTICES,
    FertiliserCountyForm,
    FertiliserFarmForm,
    FertiliserForm,
    Product,
    practice_areas,
)
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
from schemas.period import BASE_YEAR
from schemas.vocabulary import FigureKind, Indicator, Severity, SourceStatus, Standing, Unit, View

MOST_KG_PER_MU = Decimal(120)
"""More nutrient on a sown mu than any crop is given. Convention, about five times the national mean."""


def quantities(form: FertiliserForm) -> Quantities:
    """Return what the report adds to its county's sums: nutrient mass in t by kind, areas in mu."""
    if isinstance(form, FertiliserFarmForm):
        nutrient = {kind: tonnes(used.nutrient_kg) for kind, used in form.fertilisers.items()}
    else:
        nutrient = {kind: used.nutrient_t or ZERO for kind, used in form.fertilisers.items()}
    found: Quantities = {(kind.value, "nutrient_t"): mass for kind, mass in nutrient.items()}
    found[WHOLE, "sown_area_mu"] = form.sown_area_mu or ZERO
    found |= {(WHOLE, name): area for name, area in practice_areas(form).items()}
    return {key: amount for key, amount in found.items() if amount}


def county_terms(view: View, farm: Sums, statement: Sums, coefficients: Coefficients) -> Mapping[str, Terms]:
    """Return the nutrient mass that the county states, in t; sampled farms say nothing of its total."""
    del farm, coefficients
    if view is View.FARM or not statement.reports:
        return {}
    return {WHOLE: Terms(statement.over("nutrient_t"))}


def _used_t(form: FertiliserForm) -> Decimal:
    if isinstance(form, FertiliserFarmForm):
        return tonnes(total(used.nutrient_kg for used in form.fertilisers.values()))
    return total(used.nutrient_t or ZERO for used in form.fertilisers.values())


def _share_missing(form: FertiliserFarmForm) -> list[Breach]:
    return [
        (
            f"/fertilisers/{kind}/nutrient_share",
            label_params(Product, "nutrient_share", *FERTILISER_NAMES[kind]),
        )
        for kind, used in form.fertilisers.items()
        if used.product_kg and used.nutrient_share is None
    ]


def _practice_over_sown(form: FertiliserForm) -> list[Breach]:
    sown = form.sown_area_mu or ZERO
    return [
        (f"/{name}", label_params(type(form), name) | {"area": shown(area), "whole": shown(sown)})
        for name, area in practice_areas(form).items()
        if area > sown
    ]


def _sown_area_missing(form: FertiliserCountyForm) -> list[Breach]:
    return [("/sown_area_mu", {})] if _used_t(form) and not form.sown_area_mu else []


def _use_per_mu(form: FertiliserForm) -> list[Breach]:
    per_mu = quotient(_used_t(form).scaleb(3), form.sown_area_mu or ZERO)
    if per_mu is None or per_mu <= MOST_KG_PER_MU:
        return []
    return [("/fertilisers", {"amount": plain(rounded(per_mu, 1))})]


FERTILISER_RULES = (
    ALL_ZERO,
    NONE_CONTRADICTED,
    Rule(
        "nutrient_share_missing",
        "“{label}”未填写，这一种化肥无法折纯，不计入用量。",
        "'{label}' is not given; without it this fertiliser has no nutrient mass and is left out.",
        on_farm=Severity.WARN,
        on_county=None,
        check=_share_missing,
    ),
    Rule(
        "area_exceeds_sown",
        "“{label}”{area} 亩，大于播种面积 {whole} 亩。请按面积填，不按亩次。",
        "'{label}' of {area} mu exceeds the {whole} mu sown; give an area, not area-times.",
        on_farm=Severity.WARN,
        on_county=Severity.BLOCK,
        check=_practice_over_sown,
    ),
    Rule(
        "sown_area_missing",
        "已填化肥用量，还需填写播种面积，否则无法计算亩均用量。",
        "Fertiliser use is given, so the sown area is needed too; there is no use per mu without it.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_sown_area_missing,
    ),
    Rule(
        "fertiliser_per_mu_unusual",
        "化肥用量折合每亩 {amount} 公斤（折纯），明显高于常见用量，请核对单位和养分含量；如属实，不必修改。",
        "Fertiliser comes to {amount} kg of nutrients per sown mu, far above the usual; please check units and "
        "nutrient shares. If it is so, leave it.",
        on_farm=Severity.WARN,
        on_county=Severity.WARN,
        check=_use_per_mu,
    ),
)

_SOWN = each("sown_area_mu")

FERTILISER = IndicatorSpec(
    indicator=Indicator.FERTILISER_REDUCTION,
    zh="化肥减量",
    en="Reduction of fertiliser",
    kind=FigureKind.CHANGE,
    base_year=BASE_YEAR,
    standing=Standing.SAMPLE,
    farm_form=FertiliserFarmForm,
    county_form=FertiliserCountyForm,
    quantities=quantities,
    quantity_labels={
        "nutrient_t": QuantityLabel("折纯用量", "nutrient mass", Unit.TONNE),
        "sown_area_mu": QuantityLabel("播种面积", "sown area", Unit.MU),
        **{name: QuantityLabel(zh, en[:1].lower() + en[1:], Unit.MU) for name, (zh, en) in PRACTICES.items()},
    },
    subject_labels={WHOLE: ("化肥", "Fertiliser"), **FERTILISER_NAMES},
    rules=FERTILISER_RULES,
    formulas={
        "fertiliser-1": Formula(
            version="fertiliser-1",
            zh="折纯用量＝氮肥＋磷肥＋钾肥＋复合肥；比基期增减＝(本期用量－基期用量)÷基期用量，只比较两期都有数的县",
            en="nutrient mass = N + P2O5 + K2O + compound; change = (use - use in the base year) / use in the base "
            "year, over counties that have both",
            source="",
            status=SourceStatus.CONVENTION,
            terms=county_terms,
        )
    },
    current_formula="fertiliser-1",
    numerator=QuantityLabel("本期折纯用量", "nutrient mass used", Unit.TONNE),
    denominator=QuantityLabel("基期折纯用量", "nutrient mass in the base year", Unit.TONNE),
    coefficient_labels={},
    measures=(
        Measure(
            "nutrient_kg_per_mu",
            "亩均折纯用量",
            "nutrient mass per sown mu",
            Unit.KG_PER_MU,
            each("nutrient_t", *FERTILISER_NAMES, weight=Fraction(1000)),
            _SOWN,
        ),
        *(
            Measure(
                f"{name.removesuffix('_area_mu')}_coverage",
                f"{zh.removesuffix('面积')}覆盖率",
                f"{en.removeprefix('Area ')}, share of the sown area",
                Unit.RATE,
                each(name),
                _SOWN,
            )
            for name, (zh, en) in PRACTICES.items()
        ),
    ),
    merge_groups=tuple(
        frozenset({f"/fertilisers/{kind}/product_kg", f"/fertilisers/{kind}/nutrient_share"})
        for kind in FERTILISER_NAMES
    ),
)
