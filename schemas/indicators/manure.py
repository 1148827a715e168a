"""Manure utilisation 畜禽粪污综合利用率: what was used over what the livestock produced, by coefficients per species.

Farm reports are a registry: all scale livestock farms 规模养殖场. The coefficients' issuer is unverified, and they are
shipped as editable reference data that says so.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from schemas.decimals import EXACT, ZERO, product, tonnes, total
from schemas.indicators.manure_form import (
    HEAD_COUNTS,
    SPECIES_NAMES,
    HeadCount,
    ManureCountyForm,
    ManureFarmForm,
    ManureForm,
    Route,
    Species,
)
from schemas.indicators.manure_rules import MANURE_RULES
from schemas.indicators.spec import (
    NONE_THIS_YEAR,
    WHOLE,
    Coefficients,
    Formula,
    IndicatorSpec,
    Key,
    Measure,
    Quantities,
    QuantityLabel,
    Sums,
    Terms,
    each,
)
from schemas.period import Period
from schemas.vocabulary import FigureKind, Indicator, SourceStatus, Standing, Unit, View

GUIDELINE = "2018年土地承载力测算技术指南：猪当量折算；存栏折算为本系统约定"

DUNG = "dung_kg_per_day"
WASTE_WATER = "waste_water_l_per_day"
DAYS = "days"

_ELAPSED_DAYS = {"": 365, "Q1": 90, "H1": 181, "Q2": 181, "Q3": 273, "Q4": 365}
"""Days to the end of a period. Convention: leap days are not counted."""


def quantities(form: ManureForm) -> Quantities:
    """Return what the report adds to its county's sums: heads per species, t used per route, and farm counts."""
    if isinstance(form, ManureFarmForm):
        used = {route: tonnes(mass) for route, mass in form.routes_kg.items()}
        registered, equipped = 1, int(form.equipped)
    else:
        used = dict(form.routes_t)
        registered, equipped = form.registered_scale_farms or 0, form.equipped_scale_farms or 0
    found: Quantities = {(WHOLE, f"{route}_t"): mass for route, mass in used.items()}
    found[WHOLE, "registered_scale_farms"] = Decimal(registered)
    found[WHOLE, "equipped_scale_farms"] = Decimal(equipped)
    for species, heads in form.species.items():
        found |= {(species.value, count.value): Decimal(head) for count, head in heads.given.items()}
    return {key: amount for key, amount in found.items() if amount}


def county_terms(view: View, farm: Sums, statement: Sums, coefficients: Coefficients) -> Mapping[str, Terms]:
    """Return used over produced manure of the county in t, all species in one term.

    Manure of several species is mixed before it is used, so only what was produced is known per species. A missing
    coefficient leaves no figure.
    """
    sums = farm if view is View.FARM else statement
    if not sums.reports:
        return {}
    produced = [produced_t(species, sums, coefficients) for species in SPECIES_NAMES]
    if any(mass is None for mass in produced):
        return {}
    terms = Terms(used_t(sums), total(mass for mass in produced if mass is not None))
    return {WHOLE: terms} if terms.numerator or terms.denominator else NONE_THIS_YEAR


def used_t(sums: Sums) -> Decimal:
    """Return the mass used by all routes in t."""
    return total(sums.of(WHOLE, f"{route}_t") for route in Route)


def produced_t(species: str, sums: Sums, coefficients: Coefficients) -> Decimal | None:
    """Return heads x (dung + waste water) x days in t, 1 l counted as 1 kg; None where a coefficient is missing.

    Animals in stock cannot have produced on more days than have passed: in a part of a year, which is cumulative to
    date, their days end with the part. Days of slaughtered animals are their lives, whatever the period.
    """
    count = HEAD_COUNTS[species]
    heads = sums.of(species, count)
    if not heads:
        return ZERO
    dung, water, days = (coefficients.get(name, species) for name in (DUNG, WASTE_WATER, DAYS))
    if dung is None or water is None or days is None:
        return None
    if count is HeadCount.STOCK:
        days = min(days, elapsed_days(sums.period))
    return tonnes(product(heads, EXACT.add(dung, water), days))


def elapsed_days(period: Period | None) -> Decimal:
    """Return the days from the first of January to the end of the period; 365 for a year."""
    return Decimal(_ELAPSED_DAYS[period.part if period is not None else ""])


_HEADS = {species: count.value for species, count in HEAD_COUNTS.items()}
_YEAR = Fraction(365)
_FATTENING_DAYS = {Species.FINISHING_PIG: Fraction(180), Species.BROILER: Fraction(45)}
"""Slaughtered animals stand in the barn for part of a year; the others count all year (default table, unverified)."""
_PER_100_PIGS = {
    Species.FINISHING_PIG: 100,
    Species.SOW: 100,
    Species.DAIRY: 15,
    Species.BEEF_COW: 30,
    Species.FINISHING_BEEF: 30,
    Species.SHEEP: 250,
    Species.LAYER: 2500,
    Species.BROILER: 2500,
    Species.DUCK_GOOSE: 2500,
}
"""100 pigs = 15 dairy cows = 30 beef cattle = 250 sheep = 2,500 poultry (guideline of 2018)."""


def pig_equivalents(weight: Fraction = Fraction(1)) -> Mapping[Key, Fraction]:
    """Return what one head of each species weighs in pig equivalents 猪当量 of average stock, times `weight`.

    Heads slaughtered are taken as the average stock that they make: heads x days kept / 365 (convention).
    """
    return {
        (species.value, _HEADS[species]): weight * Fraction(100, heads) * _FATTENING_DAYS.get(species, _YEAR) / _YEAR
        for species, heads in _PER_100_PIGS.items()
    }


MANURE = IndicatorSpec(
    indicator=Indicator.MANURE_UTILISATION,
    zh="畜禽粪污综合利用率",
    en="Utilisation rate of livestock manure",
    kind=FigureKind.RATE,
    standing=Standing.REGISTRY,
    farm_form=ManureFarmForm,
    county_form=ManureCountyForm,
    quantities=quantities,
    quantity_labels={
        HeadCount.STOCK.value: QuantityLabel("存栏量", "in stock", Unit.HEAD),
        HeadCount.SLAUGHTER.value: QuantityLabel("出栏量", "slaughtered", Unit.HEAD),
        "composting_return_t": QuantityLabel("堆沤还田量", "composted and returned", Unit.TONNE),
        "commercial_fertiliser_t": QuantityLabel("生产商品有机肥用量", "commercial organic fertiliser", Unit.TONNE),
        "biogas_t": QuantityLabel("沼气利用量", "biogas", Unit.TONNE),
        "bio_natural_gas_t": QuantityLabel("生物天然气利用量", "bio-natural gas", Unit.TONNE),
        "slurry_return_t": QuantityLabel("沼液还田量", "biogas slurry returned", Unit.TONNE),
        "other_t": QuantityLabel("其他利用量", "other use", Unit.TONNE),
        "registered_scale_farms": QuantityLabel("备案规模养殖场数", "registered scale farms", Unit.COUNT),
        "equipped_scale_farms": QuantityLabel("已配套规模养殖场数", "equipped scale farms", Unit.COUNT),
    },
    subject_labels={WHOLE: ("畜禽粪污", "Manure"), **SPECIES_NAMES},
    rules=MANURE_RULES,
    formulas={
        "manure-1": Formula(
            version="manure-1",
            zh="产生量＝各畜种头数×(日产粪便量＋日产尿液或污水量)×天数之和，1 升按 1 公斤折算；"
            "利用率＝各途径利用量合计÷产生量",
            en="produced = sum over species of heads x (dung per day + urine or waste water per day) x days, 1 l taken "
            "as 1 kg; rate = sum of the routes / produced",
            source="",
            status=SourceStatus.CONVENTION,
            terms=county_terms,
        )
    },
    current_formula="manure-1",
    numerator=QuantityLabel("利用量", "used", Unit.TONNE),
    denominator=QuantityLabel("产生量", "produced", Unit.TONNE),
    coefficient_labels={
        DUNG: ("日产粪便量", "dung per head and day"),
        WASTE_WATER: ("日产尿液（污水）量", "urine or waste water per head and day"),
        DAYS: ("饲养天数", "days kept"),
    },
    measures=(
        Measure(
            "equipment_rate",
            "规模养殖场设施装备配套率",
            "share of scale farms with treatment facilities",
            Unit.RATE,
            each("equipped_scale_farms"),
            each("registered_scale_farms"),
        ),
        Measure(
            "pig_equivalent",
            "猪当量",
            "pig equivalents",
            Unit.HEAD,
            pig_equivalents(),
            source=GUIDELINE,
        ),
        Measure(
            "nitrogen_supply_t",
            "粪肥氮供给量",
            "nitrogen supplied by manure",
            Unit.TONNE,
            pig_equivalents(Fraction(7, 1000)),
            source=GUIDELINE,
        ),
        Measure(
            "phosphorus_supply_t",
            "粪肥磷供给量",
            "phosphorus supplied by manure",
            Unit.TONNE,
            pig_equivalents(Fraction(12, 10_000)),
            source=GUIDELINE,
        ),
    ),
)
