"""Pesticide reduction 农药减量: mass against the base year on one basis, and coverage of green and unified control.

Product mass 商品量 and active ingredient 折百 are two series that never meet: nationally 1.24 Mt against 0.248 Mt in
2021.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from schemas.decimals import ZERO, plain, quotient, rounded, total
from schemas.indicators.answers import ALL_ZERO, NONE_CONTRADICTED, label_params, shown
from schemas.indicators.pesticide_form import (
    BASIS_NAMES,
    PESTICIDE_KINDS,
    Basis,
    PesticideCountyForm,
    PesticideFarmForm,
    PesticideForm,
    used_t,
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

AREAS = ("green_control_area_mu", "unified_control_area_mu")
MOST_KG_PER_MU = Decimal(5)
"""More pesticide product on a sown mu than is plausible. Convention, about ten times the national mean."""


def quantities(form: PesticideForm) -> Quantities:
    """Return what the report adds to its county's sums: t by basis and kind, areas in mu."""
    found: Quantities = {}
    if form.basis is not None:
        found |= {(form.basis.value, f"{kind}_t"): mass for kind, mass in used_t(form).items()}
        found[form.basis.value, "sown_area_mu"] = form.sown_area_mu or ZERO
    found |= {(WHOLE, name): getattr(form, name) or ZERO for name in ("sown_area_mu", *AREAS)}
    return {key: amount for key, amount in found.items() if amount}


def county_terms(view: View, farm: Sums, statement: Sums, coefficients: Coefficients) -> Mapping[str, Terms]:
    """Return the mass that the county states on each basis, in t; sampled farms say nothing of its total.

    A county that states none has none on either basis.
    """
    del farm, coefficients
    if view is View.FARM or not statement.reports:
        return {}
    used = {basis: total(statement.of(basis, f"{kind}_t") for kind in PESTICIDE_KINDS) for basis in Basis}
    given = {basis.value: Terms(mass) for basis, mass in used.items() if mass}
    return given or {basis.value: Terms(ZERO) for basis in Basis}


def _basis_missing(form: PesticideForm) -> list[Breach]:
    return [("/basis", {})] if form.basis is None and any(used_t(form).values()) else []


def _area_over_sown(form: PesticideForm) -> list[Breach]:
    sown = form.sown_area_mu or ZERO
    return [
        (f"/{name}", label_params(type(form), name) | {"area": shown(area), "whole": shown(sown)})
        for name in AREAS
        if (area := getattr(form, name)) is not None and area > sown
    ]


def _sown_area_missing(form: PesticideCountyForm) -> list[Breach]:
    return [("/sown_area_mu", {})] if any(used_t(form).values()) and not form.sown_area_mu else []


def _use_per_mu(form: PesticideForm) -> list[Breach]:
    per_mu = quotient(total(used_t(form).values()).scaleb(3), form.sown_area_mu or ZERO)
    if per_mu is None or per_mu <= MOST_KG_PER_MU:
        return []
    unit = "kg" if isinstance(form, PesticideFarmForm) else "t"
    return [(f"/insecticide_{unit}", {"amount": plain(rounded(per_mu, 2))})]


PESTICIDE_RULES = (
    ALL_ZERO,
    NONE_CONTRADICTED,
    Rule(
        "basis_missing",
        "请选择计量口径：商品量或折百量。两种口径不能相加，也不能相比。",
        "Please choose the basis: product mass or active ingredient. The two are never added or compared.",
        on_farm=Severity.BLOCK,
        on_county=Severity.BLOCK,
        check=_basis_missing,
    ),
    Rule(
        "control_area_exceeds_sown",
        "“{label}”{area} 亩，大于播种面积 {whole} 亩。请按面积填，不按亩次。",
        "'{label}' of {area} mu exceeds the {whole} mu sown; give an area, not area-times.",
        on_farm=Severity.WARN,
        on_county=Severity.BLOCK,
        check=_area_over_sown,
    ),
    Rule(
        "pesticide_sown_area_missing",
        "已填农药用量，还需填写播种面积，否则无法计算亩均用量。",
        "Pesticide use is given, so the sown area is needed too; there is no use per mu without it.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_sown_area_missing,
    ),
    Rule(
        "pesticide_per_mu_unusual",
        "农药用量折合每亩 {amount} 公斤，明显高于常见用量，请核对单位；如属实，不必修改。",
        "Pesticide comes to {amount} kg per sown mu, far above the usual; please check the unit. "
        "If it is so, leave it.",
        on_farm=Severity.WARN,
        on_county=Severity.WARN,
        check=_use_per_mu,
    ),
)

PESTICIDE = IndicatorSpec(
    indicator=Indicator.PESTICIDE_REDUCTION,
    zh="农药减量",
    en="Reduction of pesticide",
    kind=FigureKind.CHANGE,
    base_year=BASE_YEAR,
    standing=Standing.SAMPLE,
    farm_form=PesticideFarmForm,
    county_form=PesticideCountyForm,
    quantities=quantities,
    quantity_labels={
        **{
            f"{kind}_t": QuantityLabel(f"{zh}用量", f"{en} used", Unit.TONNE)
            for kind, (zh, en) in PESTICIDE_KINDS.items()
        },
        "sown_area_mu": QuantityLabel("播种面积", "sown area", Unit.MU),
        "green_control_area_mu": QuantityLabel("绿色防控面积", "area under green control", Unit.MU),
        "unified_control_area_mu": QuantityLabel("统防统治面积", "area under unified control", Unit.MU),
    },
    subject_labels={WHOLE: ("农药", "Pesticide"), **BASIS_NAMES},
    rules=PESTICIDE_RULES,
    formulas={
        "pesticide-1": Formula(
            version="pesticide-1",
            zh="用量＝杀虫剂＋杀菌剂＋除草剂＋其他；比基期增减＝(本期用量－基期用量)÷基期用量，口径相同才比较，只比较两期都有数的县",
            en="use = insecticide + fungicide + herbicide + other; change = (use - use in the base year) / use in the "
            "base year, on one basis, over counties that have both",
            source="",
            status=SourceStatus.CONVENTION,
            terms=county_terms,
        )
    },
    current_formula="pesticide-1",
    numerator=QuantityLabel("本期用量", "used", Unit.TONNE),
    denominator=QuantityLabel("基期用量", "used in the base year", Unit.TONNE),
    coefficient_labels={},
    series=BASIS_NAMES,
    measures=(
        *(
            Measure(
                f"{basis}_kg_per_mu",
                f"亩均用量（{zh}）",
                f"use per sown mu, {en}",
                Unit.KG_PER_MU,
                {(basis, f"{kind}_t"): Fraction(1000) for kind in PESTICIDE_KINDS},
                each("sown_area_mu", basis),
            )
            for basis, (zh, en) in BASIS_NAMES.items()
        ),
        Measure(
            "green_control_coverage",
            "绿色防控覆盖率",
            "coverage of green control",
            Unit.RATE,
            each("green_control_area_mu"),
            each("sown_area_mu"),
        ),
        Measure(
            "unified_control_coverage",
            "统防统治覆盖率",
            "coverage of unified control",
            Unit.RATE,
            each("unified_control_area_mu"),
            each("sown_area_mu"),
        ),
    ),
    merge_groups=(frozenset({"/basis", *(f"/{kind}_{unit}" for kind in PESTICIDE_KINDS for unit in ("kg", "t"))}),),
)
