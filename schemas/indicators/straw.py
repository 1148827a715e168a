"""Straw utilisation 秸秆综合利用率: the ministry's ledger method, crop by crop, in two printed readings.

Source: 农办科〔2019〕3号. Households are a sample, which gives a ratio and never a total; market entities are a census.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial

from schemas.decimals import EXACT, ONE, ZERO, as_decimal, tonnes
from schemas.indicators.spec import (
    NONE_THIS_YEAR,
    WHOLE,
    Coefficients,
    Formula,
    IndicatorSpec,
    Quantities,
    QuantityLabel,
    Sums,
    Terms,
)
from schemas.indicators.straw_balance import (
    COLLECTABLE_COEFFICIENT,
    STRAW_GRAIN_RATIO,
    CropBalance,
    crop_balances,
)
from schemas.indicators.straw_form import (
    CROP_NAMES,
    USE_NAMES,
    CountyCrop,
    FarmCrop,
    Respondent,
    StrawCountyForm,
    StrawFarmForm,
    StrawForm,
)
from schemas.indicators.straw_rules import STRAW_RULES
from schemas.vocabulary import FigureKind, Indicator, SourceStatus, Standing, Unit, View

SOURCE = "农办科〔2019〕3号，农作物秸秆资源台账"


def quantities(form: StrawForm) -> Quantities:
    """Return what the report adds to its county's sums: per crop in t and mu, and the households sampled."""
    found: dict[tuple[str, str], Decimal] = {}
    if isinstance(form, StrawFarmForm):
        of_crop = _sample_of if form.respondent is Respondent.HOUSEHOLD else _market_of
        for crop, farm_crop in form.crops.items():
            found |= {(crop.value, name): amount for name, amount in of_crop(farm_crop).items()}
        if form.respondent is Respondent.HOUSEHOLD and form.crops:
            found[WHOLE, "sampled_households"] = ONE
    else:
        for crop, county_crop in form.crops.items():
            found |= {(crop.value, name): amount for name, amount in _statement_of(county_crop).items()}
    return {key: amount for key, amount in found.items() if amount}


def _sample_of(crop: FarmCrop) -> dict[str, Decimal]:
    return {
        "sample_grain_t": tonnes(crop.grain_kg or ZERO),
        "sample_sown_area_mu": crop.sown_area_mu or ZERO,
        "sample_returned_area_mu": crop.returned_area_mu or ZERO,
    } | {f"sample_use_{use}_t": tonnes(amount) for use, amount in crop.uses_kg.items()}


def _market_of(crop: FarmCrop) -> dict[str, Decimal]:
    uses = {f"market_use_{use}_t": tonnes(amount) for use, amount in crop.uses_kg.items()}
    return uses | {"inbound_t": tonnes(crop.inbound_kg or ZERO)}


def _statement_of(crop: CountyCrop) -> dict[str, Decimal]:
    found = {
        "grain_output_t": crop.grain_output_t,
        "sown_area_mu": crop.sown_area_mu,
        "returned_area_mu": crop.returned_area_mu,
        "inbound_t": crop.inbound_t or ZERO,
        "outbound_t": crop.outbound_t or ZERO,
    }
    found |= {f"household_use_{use}_t": amount for use, amount in crop.household_uses_t.items()}
    found |= {f"market_use_{use}_t": amount for use, amount in crop.market_uses_t.items()}
    # A stated 0 must stay apart from "not stated", and zeros are left out: the count says that there is a value.
    for name, value in (
        (STRAW_GRAIN_RATIO, crop.straw_grain_ratio),
        (COLLECTABLE_COEFFICIENT, crop.collectable_coefficient),
    ):
        if value is not None:
            found |= {f"stated_{name}": value, f"stated_{name}_n": ONE}
    return found


def county_terms(
    view: View, farm: Sums, statement: Sums, coefficients: Coefficients, *, counts_outbound: bool
) -> Mapping[str, Terms]:
    """Return used (plus sent out, less bought in) over collectable straw per crop, in t."""
    balances = crop_balances(view, farm, statement, coefficients)
    if balances is None:
        return {}
    terms = {crop: _terms(balance, counts_outbound=counts_outbound) for crop, balance in balances.items()}
    none_grown = NONE_THIS_YEAR if view is View.STATEMENT else {}
    return {crop: each for crop, each in terms.items() if each.numerator or each.denominator} or none_grown


def _terms(balance: CropBalance, *, counts_outbound: bool) -> Terms:
    outbound = balance.outbound_t if counts_outbound else ZERO
    net_outbound = Fraction(EXACT.subtract(outbound, balance.inbound_t))
    return Terms(as_decimal(balance.used_t + net_outbound), as_decimal(balance.collectable_t))


def _use_labels(prefix: str, zh: str, en: str) -> dict[str, QuantityLabel]:
    return {
        f"{prefix}_{use}_t": QuantityLabel(f"{zh}{use_zh}利用量", f"{en}: used as {use_en}", Unit.TONNE)
        for use, (use_zh, use_en) in USE_NAMES.items()
    }


QUANTITY_LABELS = {
    "sampled_households": QuantityLabel("抽样农户数", "households sampled", Unit.COUNT),
    "sample_grain_t": QuantityLabel("抽样农户产量", "sample: output", Unit.TONNE),
    "sample_sown_area_mu": QuantityLabel("抽样农户播种面积", "sample: sown area", Unit.MU),
    "sample_returned_area_mu": QuantityLabel("抽样农户直接还田面积", "sample: area returned", Unit.MU),
    **_use_labels("sample_use", "抽样农户", "sample"),
    "grain_output_t": QuantityLabel("产量", "output", Unit.TONNE),
    "sown_area_mu": QuantityLabel("播种面积", "sown area", Unit.MU),
    "returned_area_mu": QuantityLabel("直接还田面积", "area returned", Unit.MU),
    **_use_labels("household_use", "农户", "households"),
    **_use_labels("market_use", "市场主体", "market entities"),
    "inbound_t": QuantityLabel("县外调入量", "bought in", Unit.TONNE),
    "outbound_t": QuantityLabel("调出县外量", "sent out", Unit.TONNE),
    "stated_straw_grain_ratio": QuantityLabel("本县草谷比", "own straw:grain ratio", Unit.RATE),
    "stated_straw_grain_ratio_n": QuantityLabel("本县草谷比份数", "own ratios stated", Unit.COUNT),
    "stated_collectable_coefficient": QuantityLabel("本县可收集系数", "own collectable coefficient", Unit.RATE),
    "stated_collectable_coefficient_n": QuantityLabel("本县可收集系数份数", "own coefficients stated", Unit.COUNT),
}

STRAW = IndicatorSpec(
    indicator=Indicator.STRAW_UTILISATION,
    zh="秸秆综合利用率",
    en="Utilisation rate of straw",
    kind=FigureKind.RATE,
    standing=Standing.SAMPLE,
    farm_form=StrawFarmForm,
    county_form=StrawCountyForm,
    quantities=quantities,
    quantity_labels=QUANTITY_LABELS,
    subject_labels=CROP_NAMES,
    rules=STRAW_RULES,
    formulas={
        "ledger-1": Formula(
            version="ledger-1",
            zh="利用率＝(直接还田量＋农户利用量＋市场主体利用量－调入量)÷可收集量；台账原表，无调出项",
            en="rate = (direct return + households + market entities - bought in) / collectable; the printed template, "
            "which has no sent-out term",
            source=SOURCE,
            status=SourceStatus.OFFICIAL,
            terms=partial(county_terms, counts_outbound=False),
        ),
        "ledger-2": Formula(
            version="ledger-2",
            zh="利用率＝(直接还田量＋农户利用量＋市场主体利用量＋调出量－调入量)÷可收集量；"
            "可收集量＝产量×草谷比×可收集系数，直接还田量＝还田面积÷播种面积×可收集量",
            en="rate = (direct return + households + market entities + sent out - bought in) / collectable; "
            "collectable = output x straw:grain ratio x collectable coefficient, "
            "direct return = area returned / sown area x collectable",
            source=SOURCE,
            status=SourceStatus.CONVENTION,  # the method is official, its sent-out term stands in no printed template
            terms=partial(county_terms, counts_outbound=True),
        ),
    },
    current_formula="ledger-2",
    numerator=QuantityLabel("利用量（含调出，扣除调入）", "straw used, plus sent out, less bought in", Unit.TONNE),
    denominator=QuantityLabel("可收集量", "collectable straw", Unit.TONNE),
    coefficient_labels={
        STRAW_GRAIN_RATIO: ("草谷比", "straw:grain ratio"),
        COLLECTABLE_COEFFICIENT: ("可收集系数", "collectable coefficient"),
    },
    merge_groups=tuple(
        frozenset(f"/crops/{crop}/{field}" for field in fields)
        for crop in CROP_NAMES
        for fields in (
            ("grain_kg", "grain_output_t", "sown_area_mu", "returned_area_mu"),
            ("straw_grain_ratio", "collectable_coefficient"),
        )
    ),
)
