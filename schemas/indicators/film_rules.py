"""The rules of film reports: what is impossible on a county's statement, and what a reviewer should look at."""

from decimal import Decimal

from schemas.decimals import EXACT, ZERO, plain, quotient, rounded, total
from schemas.indicators.answers import ALL_ZERO, NONE_CONTRADICTED, label_params, shown
from schemas.indicators.film_form import STANDARD_MM, FilmCountyForm, FilmFarmForm, FilmForm, film_kinds
from schemas.indicators.spec import Breach, Rule
from schemas.vocabulary import Severity, SourceStatus, Unit

MULCH_KG_PER_MU = (Decimal(1), Decimal(15))
"""The span of plausible mulch film per covered mu. Convention, around a national mean of about 5.2 kg (2020)."""


def _net_over_used(form: FilmForm) -> list[Breach]:
    return [
        (
            f"/{kind.field('used')}",
            {
                "kind": kind.zh,
                "kind_en": kind.en,
                "net": shown(kind.net),
                "used": shown(kind.used or ZERO),
                "unit": kind.unit_zh,
                "unit_en": str(kind.unit),
            },
        )
        for kind in film_kinds(form)
        if kind.net > (kind.used or ZERO)
    ]


def _share_not_given(form: FilmForm) -> list[Breach]:
    return [
        (f"/{name}", label_params(type(form), name))
        for kind in film_kinds(form)
        if kind.gross
        for name, share in (
            (f"{kind.prefix}_impurity_rate", kind.impurity_rate),
            (f"{kind.prefix}_moisture_rate", kind.moisture_rate),
        )
        if share is None
    ]


def _impurity_zero(form: FilmForm) -> list[Breach]:
    return [
        (f"/{kind.prefix}_impurity_rate", {"kind": kind.zh, "kind_en": kind.en})
        for kind in film_kinds(form)
        if kind.gross and kind.impurity_rate == 0
    ]


def _half_answered(form: FilmForm) -> list[Breach]:
    breaches: list[Breach] = []
    for kind in film_kinds(form):
        used, gross = kind.field("used"), kind.field("recovered_gross")
        if kind.used and kind.gross is None:
            breaches.append(_needed(form, used, gross))
        if kind.gross and kind.used is None:
            breaches.append(_needed(form, gross, used))
    return breaches


def _needed(form: FilmForm, given: str, needed: str) -> Breach:
    given_label = label_params(type(form), given)
    params = {"given": given_label["label"], "given_en": given_label["label_en"]}
    return f"/{needed}", params | label_params(type(form), needed)


def _film_per_mu(form: FilmForm) -> list[Breach]:
    mulch, _ = film_kinds(form)
    if not mulch.used or not mulch.covered_area_mu:
        return []
    per_mu = quotient(mulch.used, mulch.covered_area_mu)
    if per_mu is None:
        return []
    kg_per_mu = per_mu if mulch.unit is Unit.KG else EXACT.scaleb(per_mu, 3)
    least, most = MULCH_KG_PER_MU
    if least <= kg_per_mu <= most:
        return []
    return [(f"/{mulch.field('used')}", {"amount": plain(rounded(kg_per_mu, 2))})]


def _below_standard(form: FilmFarmForm) -> list[Breach]:
    thickness = form.mulch_thickness_mm
    if thickness is None or thickness >= STANDARD_MM:
        return []
    return [("/mulch_thickness_mm", {"thickness": plain(thickness)})]


def _parts_over_used(form: FilmCountyForm) -> list[Breach]:
    parts = total((form.mulch_thick_used_t or ZERO, form.mulch_substandard_used_t or ZERO))
    if parts <= (form.mulch_used_t or ZERO):
        return []
    return [("/mulch_thick_used_t", {"parts": shown(parts), "used": shown(form.mulch_used_t or ZERO)})]


FILM_RULES = (
    ALL_ZERO,
    NONE_CONTRADICTED,
    Rule(
        "net_exceeds_used",
        "{kind}净回收量 {net} {unit}大于使用量 {used} {unit}，回收率超过 100%，"
        "请核对使用量、回收毛重、含杂率和含水率。",
        "{kind}: net {net} {unit} recovered exceeds {used} {unit} used, a rate over 100 %; "
        "please check used, gross, impurity and moisture.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_net_over_used,
    ),
    Rule(
        "recovered_more_than_used",
        "{kind}净回收量 {net} {unit}大于使用量 {used} {unit}。如含往年残膜或代收的膜，请在备注中说明，不必改数。",
        "{kind}: net {net} {unit} recovered exceeds {used} {unit} used. If old film or film of others is among it, "
        "say so in the note; the numbers may stay.",
        on_farm=Severity.WARN,
        on_county=None,
        check=_net_over_used,
    ),
    Rule(
        "film_half_answered",
        "已填“{given}”，还需填写“{label}”，否则无法计算回收率。",
        "'{given}' is given, so '{label}' is needed too; there is no rate without it.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_half_answered,
    ),
    Rule(
        "share_not_given",
        "“{label}”未填写，净重只能按未扣除计算，回收率会偏高，请实测后补填。",
        "'{label}' is not given; the net mass is taken without deducting it and the rate comes out too high.",
        on_farm=Severity.WARN,
        on_county=Severity.BLOCK,
        check=_share_not_given,
    ),
    Rule(
        "impurity_zero",
        "{kind}含杂率填为 0。田间回收的旧膜一般带土，请核对；若所填确为去杂后的重量，不必修改。",
        "{kind}: the impurity rate is 0. Film from the field usually carries soil; please check. "
        "If the mass was taken after cleaning, leave it.",
        on_farm=Severity.WARN,
        on_county=Severity.WARN,
        check=_impurity_zero,
    ),
    Rule(
        "film_per_mu_unusual",
        "地膜用量折合每亩 {amount} 公斤，与常见用量相差较大，请核对使用量和覆盖面积的单位；如属实，不必修改。",
        "Mulch film comes to {amount} kg per covered mu, far from the usual; please check the units of mass and area. "
        "If it is so, leave it.",
        on_farm=Severity.WARN,
        on_county=Severity.WARN,
        check=_film_per_mu,
    ),
    Rule(
        "film_below_standard",
        "地膜厚度 {thickness} 毫米，低于国家标准 0.010 毫米（GB 13735-2017）；如属实，不必修改。",
        "Mulch film of {thickness} mm is thinner than the standard's 0.010 mm (GB 13735-2017); if it is so, leave it.",
        on_farm=Severity.WARN,
        on_county=None,
        check=_below_standard,
        status=SourceStatus.OFFICIAL,
    ),
    Rule(
        "thickness_parts_exceed_used",
        "加厚高强度和厚度不达标地膜合计 {parts} 吨，大于地膜使用量 {used} 吨，请核对。",
        "Thick film and film below the standard come to {parts} t, more than the {used} t of mulch film used; "
        "please check.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_parts_over_used,
    ),
)
