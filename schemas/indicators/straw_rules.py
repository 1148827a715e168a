"""The rules of straw reports: the ledger's hard limits, and what cannot be whatever the coefficients are.

Used over collectable needs the county's coefficients, which no rule of one report has: see `findings`.
"""

from schemas.decimals import EXACT, ZERO, plain, product, quotient
from schemas.indicators.answers import ALL_ZERO, NONE_CONTRADICTED, label_params
from schemas.indicators.spec import Breach, Rule
from schemas.indicators.straw_answers import crop_answers
from schemas.indicators.straw_form import (
    CROP_NAMES,
    AskedOf,
    FarmCrop,
    Respondent,
    StrawCountyForm,
    StrawFarmForm,
    StrawForm,
)
from schemas.vocabulary import Severity, SourceStatus, Unit

_RESPONDENT_NAMES = {
    Respondent.HOUSEHOLD: ("农户", "growers"),
    Respondent.MARKET_ENTITY: ("市场主体", "market entities"),
}
_ASKED_OF = {
    name: item.respondent
    for name, field in FarmCrop.model_fields.items()
    for item in field.metadata
    if isinstance(item, AskedOf)
}


def _not_asked(form: StrawFarmForm) -> list[Breach]:
    respondent_zh, respondent_en = _RESPONDENT_NAMES[form.respondent]
    breaches: list[Breach] = []
    for crop, entry in form.crops.items():
        for name, respondent in _ASKED_OF.items():
            if respondent is not form.respondent and getattr(entry, name) is not None:
                asked_zh, asked_en = _RESPONDENT_NAMES[respondent]
                params = label_params(FarmCrop, name, *CROP_NAMES[crop])
                params |= {"asked": asked_zh, "asked_en": asked_en}
                params |= {"respondent": respondent_zh, "respondent_en": respondent_en}
                breaches.append((f"/crops/{crop}/{name}", params))
    return breaches


def _harvest_missing(form: StrawFarmForm) -> list[Breach]:
    if form.respondent is not Respondent.HOUSEHOLD:
        return []
    return [
        (f"/crops/{crop}/{name}", label_params(FarmCrop, name, *CROP_NAMES[crop]))
        for crop, entry in form.crops.items()
        for name in ("grain_kg", "sown_area_mu")
        if getattr(entry, name) is None
    ]


def _yield_over_limit(form: StrawForm) -> list[Breach]:
    breaches: list[Breach] = []
    for crop in crop_answers(form):
        if crop.grain is None or not crop.sown_area_mu:
            continue
        grain_kg = crop.grain if crop.unit is Unit.KG else EXACT.scaleb(crop.grain, 3)
        limit = crop.limits.yield_kg_per_mu
        if grain_kg > product(limit, crop.sown_area_mu):
            amount = quotient(grain_kg, crop.sown_area_mu) or ZERO
            breaches.append((crop.at(crop.grain_field), crop.params(amount=amount, limit=limit)))
    return breaches


def _grain_without_area(form: StrawForm) -> list[Breach]:
    return [
        (crop.at("sown_area_mu"), crop.params(grain=crop.grain))
        for crop in crop_answers(form)
        if crop.grain and crop.sown_area_mu == 0
    ]


def _returned_over_sown(form: StrawForm) -> list[Breach]:
    return [
        (crop.at("returned_area_mu"), crop.params(returned=crop.returned_area_mu, sown=crop.sown_area_mu))
        for crop in crop_answers(form)
        if crop.returned_area_mu is not None
        and crop.sown_area_mu is not None
        and crop.returned_area_mu > crop.sown_area_mu
    ]


def _ratio_over_limit(form: StrawCountyForm) -> list[Breach]:
    return [
        (
            crop.at("straw_grain_ratio"),
            crop.params(ratio=crop.straw_grain_ratio, limit=crop.limits.straw_grain_ratio),
        )
        for crop in crop_answers(form)
        if crop.straw_grain_ratio is not None and crop.straw_grain_ratio > crop.limits.straw_grain_ratio
    ]


def _inbound_over_use(form: StrawForm) -> list[Breach]:
    return [
        (crop.at(f"inbound_{crop.unit}"), crop.params(inbound=crop.inbound, used=crop.market_use))
        for crop in crop_answers(form)
        if crop.inbound and crop.inbound > crop.market_use
    ]


def _farm_uses_over_straw(form: StrawFarmForm) -> list[Breach]:
    # The returned area is left out here: on one farm the plots returned may be the poor ones.
    return [
        (
            crop.at(crop.grain_field),
            crop.params(used=crop.household_use, straw=crop.most_straw, grain=crop.grain)
            | {"ratio": plain(crop.limits.straw_grain_ratio)},
        )
        for crop in crop_answers(form)
        if crop.grain and crop.household_use > crop.most_straw
    ]


def _county_uses_over_straw(form: StrawCountyForm) -> list[Breach]:
    breaches: list[Breach] = []
    for crop in crop_answers(form):
        sown, returned = crop.sown_area_mu or ZERO, crop.returned_area_mu or ZERO
        if not crop.grain or not sown or returned > sown:
            continue  # other rules name these
        left = product(crop.most_straw, EXACT.subtract(sown, returned))
        if product(crop.net_use, sown) > left:
            direct = crop.direct_return
            params = crop.params(direct=direct, used=crop.net_use, straw=crop.most_straw)
            breaches.append((crop.at(crop.grain_field), params))
    return breaches


def _use_without_harvest(form: StrawForm) -> list[Breach]:
    return [
        (crop.at(crop.grain_field), crop.params(used=crop.net_use))
        for crop in crop_answers(form)
        if crop.grain == 0 and crop.net_use > 0
    ]


STRAW_RULES = (
    ALL_ZERO,
    NONE_CONTRADICTED,
    Rule(
        "not_asked_of_respondent",
        "“{label}”由{asked}填写，{respondent}不填，请清空此项或更正填报对象。",
        "'{label}' is asked of {asked}, not of {respondent}; clear it or correct the respondent.",
        on_farm=Severity.BLOCK,
        on_county=None,
        check=_not_asked,
    ),
    Rule(
        "harvest_missing",
        "“{label}”未填写。农户填报的每种作物都要填产量和播种面积，绝收的产量填 0。",
        "'{label}' is missing. Growers give output and sown area of every crop; a failed harvest is 0.",
        on_farm=Severity.BLOCK,
        on_county=None,
        check=_harvest_missing,
    ),
    Rule(
        "yield_over_limit",
        "{crop}折合亩产 {amount} 公斤，超过台账上限 {limit} 公斤，请核对产量和播种面积及其单位。",
        "{crop}: {amount} kg per mu exceeds the ledger's limit of {limit} kg; please check output, area and units.",
        on_farm=Severity.BLOCK,
        on_county=Severity.BLOCK,
        check=_yield_over_limit,
        status=SourceStatus.OFFICIAL,
    ),
    Rule(
        "grain_without_area",
        "{crop}填了产量 {grain} {unit}，播种面积却为 0，请核对。",
        "{crop}: an output of {grain} {unit} from a sown area of 0; please check.",
        on_farm=Severity.BLOCK,
        on_county=Severity.BLOCK,
        check=_grain_without_area,
    ),
    Rule(
        "returned_exceeds_sown",
        "{crop}秸秆直接还田面积 {returned} 亩大于播种面积 {sown} 亩，请核对。",
        "{crop}: {returned} mu with straw returned exceeds {sown} mu sown; please check.",
        on_farm=Severity.BLOCK,
        on_county=Severity.BLOCK,
        check=_returned_over_sown,
    ),
    Rule(
        "straw_grain_ratio_over_limit",
        "{crop}本县草谷比 {ratio} 超过台账上限 {limit}，请核对；没有实测值的请留空。",
        "{crop}: the county's straw:grain ratio {ratio} exceeds the ledger's limit of {limit}; leave it empty where "
        "nothing was measured.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_ratio_over_limit,
        status=SourceStatus.OFFICIAL,
    ),
    Rule(
        "inbound_exceeds_use",
        "{crop}从县外调入 {inbound} {unit}，大于市场主体利用量 {used} {unit}；调入量只填已利用的部分，请核对。",
        "{crop}: {inbound} {unit} bought in exceeds {used} {unit} used by market entities; count only what was used.",
        on_farm=Severity.BLOCK,
        on_county=Severity.BLOCK,
        check=_inbound_over_use,
    ),
    Rule(
        "uses_exceed_straw",
        "{crop}五项利用量合计 {used} {unit}，超过秸秆最多可能有的 {straw} {unit}"
        "（产量 {grain} {unit}×草谷比上限 {ratio}），请核对数量和单位。",
        "{crop}: the five uses of {used} {unit} exceed the {straw} {unit} of straw that there can be at most "
        "(output {grain} {unit} x the ledger's limit of {ratio}); please check amounts and units.",
        on_farm=Severity.BLOCK,
        on_county=None,
        check=_farm_uses_over_straw,
    ),
    Rule(
        "county_uses_exceed_straw",
        "{crop}直接还田 {direct} 吨，加上农户、市场主体利用和调出（扣除调入）{used} 吨，"
        "超过秸秆最多可能有的 {straw} 吨，利用率超过 100%，请核对。",
        "{crop}: {direct} t returned and {used} t used or sent out (less bought in) exceed the {straw} t of straw that "
        "there can be at most, a rate over 100 %; please check.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_county_uses_over_straw,
    ),
    Rule(
        "use_without_harvest",
        "{crop}产量为 0，却有秸秆利用量 {used} {unit}，请核对；如属青贮、绝收或用了别家秸秆，请在备注中说明。",
        "{crop}: {used} {unit} of straw used from an output of 0; please check, or say in the note whether it is "
        "silage, a failed harvest or another's straw.",
        on_farm=Severity.WARN,
        on_county=None,
        check=_use_without_harvest,
    ),
    Rule(
        "county_use_without_harvest",
        "{crop}产量为 0，却有秸秆净利用量 {used} 吨（已扣除调入），请核对产量和调入量。",
        "{crop}: a net use of {used} t of straw (less bought in) from an output of 0; please check output "
        "and transfers.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_use_without_harvest,
    ),
)
