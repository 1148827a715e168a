"""Film recovery 废旧农膜回收率: mulch film 地膜 and shed film 棚膜 apart, net mass recovered over mass used.

The inputs are official practice; the formula is a convention of ours, see docs/method.md#film.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from schemas.decimals import ZERO, tonnes, total
from schemas.indicators.film_form import (
    BIODEGRADABLE,
    CHANNEL_NAMES,
    MULCH_FILM,
    SHED_FILM,
    STANDARD_MM,
    THICK_MM,
    FilmCountyForm,
    FilmFarmForm,
    FilmForm,
    film_kinds,
)
from schemas.indicators.film_rules import FILM_RULES
from schemas.indicators.spec import (
    NONE_THIS_YEAR,
    WHOLE,
    Coefficients,
    Formula,
    IndicatorSpec,
    Measure,
    Quantities,
    QuantityLabel,
    Sums,
    Terms,
    each,
)
from schemas.vocabulary import FigureKind, Indicator, SourceStatus, Standing, Unit, View


def quantities(form: FilmForm) -> Quantities:
    """Return what the report adds to its county's sums, in t and mu."""
    in_kg = isinstance(form, FilmFarmForm)
    biodegradable = form.biodegradable_used_kg if isinstance(form, FilmFarmForm) else form.biodegradable_used_t
    masses: Quantities = {(BIODEGRADABLE, "used_t"): biodegradable or ZERO}
    areas: Quantities = {}
    for kind in film_kinds(form):
        masses[kind.subject, "used_t"] = kind.used or ZERO
        masses[kind.subject, "gross_t"] = kind.gross or ZERO
        masses[kind.subject, "net_t"] = kind.net
        areas[kind.subject, "covered_area_mu"] = kind.covered_area_mu or ZERO
    if isinstance(form, FilmFarmForm):
        masses |= _thickness_masses(form.mulch_thickness_mm, form.mulch_used_kg or ZERO)
        net = total(kind.net for kind in film_kinds(form))
        masses |= {(form.recovery_channel.value, "channel_net_t"): net} if form.recovery_channel is not None else {}
    else:
        masses[MULCH_FILM, "thick_used_t"] = form.mulch_thick_used_t or ZERO
        masses[MULCH_FILM, "substandard_used_t"] = form.mulch_substandard_used_t or ZERO
        areas[WHOLE, "collection_points"] = Decimal(form.collection_points or 0)
    in_t = {key: tonnes(mass) if in_kg else mass for key, mass in masses.items()}
    return {key: amount for key, amount in (in_t | areas).items() if amount}


def _thickness_masses(thickness_mm: Decimal | None, used: Decimal) -> Quantities:
    """Return the mulch film used by thickness, in the unit of `used`; nothing where no thickness is given."""
    if thickness_mm is None:
        return {}
    masses: Quantities = {(MULCH_FILM, "graded_used_t"): used}
    if thickness_mm >= THICK_MM:
        masses[MULCH_FILM, "thick_used_t"] = used
    elif thickness_mm < STANDARD_MM:
        masses[MULCH_FILM, "substandard_used_t"] = used
    return masses


def county_terms(view: View, farm: Sums, statement: Sums, coefficients: Coefficients) -> Mapping[str, Terms]:
    """Return net over used per kind of film, in t. Convention, see docs/method.md#film."""
    del coefficients  # film has none
    sums = farm if view is View.FARM else statement
    if not sums.reports:
        return {}
    terms = {kind: Terms(sums.of(kind, "net_t"), sums.of(kind, "used_t")) for kind in (MULCH_FILM, SHED_FILM)}
    return {kind: each for kind, each in terms.items() if each.numerator or each.denominator} or NONE_THIS_YEAR


FILM = IndicatorSpec(
    indicator=Indicator.FILM_RECOVERY,
    zh="废旧农膜回收率",
    en="Recovery rate of waste film",
    kind=FigureKind.RATE,
    standing=Standing.CENSUS,
    farm_form=FilmFarmForm,
    county_form=FilmCountyForm,
    quantities=quantities,
    quantity_labels={
        "used_t": QuantityLabel("使用量", "used", Unit.TONNE),
        "gross_t": QuantityLabel("回收毛重", "recovered, gross", Unit.TONNE),
        "net_t": QuantityLabel("净回收量", "recovered, net", Unit.TONNE),
        "covered_area_mu": QuantityLabel("覆盖面积", "covered area", Unit.MU),
        "graded_used_t": QuantityLabel("已填厚度的使用量", "used, thickness given", Unit.TONNE),
        "thick_used_t": QuantityLabel("加厚高强度地膜使用量", "thick film used", Unit.TONNE),
        "substandard_used_t": QuantityLabel("厚度不达标地膜使用量", "film below the standard used", Unit.TONNE),
        "channel_net_t": QuantityLabel("按渠道净回收量", "recovered by channel, net", Unit.TONNE),
        "collection_points": QuantityLabel("回收网点数", "collection points", Unit.COUNT),
    },
    subject_labels={
        WHOLE: ("农膜", "Film"),
        **CHANNEL_NAMES,
        MULCH_FILM: ("地膜", "Mulch film"),
        SHED_FILM: ("棚膜", "Shed film"),
        BIODEGRADABLE: ("全生物降解地膜", "Biodegradable mulch film"),
    },
    rules=FILM_RULES,
    formulas={
        "film-1": Formula(
            version="film-1",
            zh="净回收量＝回收毛重×(1－含杂率)×(1－含水率)；回收率＝净回收量合计÷使用量合计，地膜、棚膜按质量加权，全生物降解地膜不计",
            en="net = gross x (1 - impurity) x (1 - moisture); rate = sum of net / sum of used, mulch and shed film "
            "weighted by mass, biodegradable film left out",
            source="",
            status=SourceStatus.CONVENTION,
            terms=county_terms,
        )
    },
    current_formula="film-1",
    numerator=QuantityLabel("净回收量", "net recovered", Unit.TONNE),
    denominator=QuantityLabel("使用量", "used", Unit.TONNE),
    coefficient_labels={},
    measures=(
        Measure(
            "mulch_kg_per_mu",
            "每亩地膜用量",
            "mulch film per covered mu",
            Unit.KG_PER_MU,
            each("used_t", MULCH_FILM, weight=Fraction(1000)),
            each("covered_area_mu", MULCH_FILM),
        ),
        Measure(
            "thick_share",
            "加厚高强度地膜占比",
            "share of thick mulch film",
            Unit.RATE,
            each("thick_used_t", MULCH_FILM),
            each("used_t", MULCH_FILM),
        ),
        Measure(
            "substandard_share",
            "厚度不达标地膜占比",
            "share of mulch film below the standard",
            Unit.RATE,
            each("substandard_used_t", MULCH_FILM),
            each("used_t", MULCH_FILM),
            source="GB 13735-2017",
        ),
        Measure(
            "biodegradable_share",
            "全生物降解地膜占地膜比重",
            "share of biodegradable film in all mulch film",
            Unit.RATE,
            each("used_t", BIODEGRADABLE),
            each("used_t", MULCH_FILM, BIODEGRADABLE),
        ),
    ),
    merge_groups=tuple(
        frozenset(
            f"/{kind}_{answer}"
            for answer in ("recovered_gross_kg", "recovered_gross_t", "impurity_rate", "moisture_rate")
        )
        for kind in ("mulch", "shed")
    ),
)
