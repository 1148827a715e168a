"""The rules of manure reports. Used over produced needs the county's coefficients: see `findings`."""

from decimal import Decimal

from schemas.decimals import total
from schemas.indicators.answers import ALL_ZERO, NONE_CONTRADICTED, label_params, shown
from schemas.indicators.manure_form import (
    HEAD_COUNTS,
    SPECIES_NAMES,
    Heads,
    ManureCountyForm,
    ManureFarmForm,
    ManureForm,
)
from schemas.indicators.spec import Breach, Rule
from schemas.vocabulary import Severity


def used_of(form: ManureForm) -> Decimal:
    """Return the mass used by all routes, in the unit of the form."""
    return total((form.routes_kg if isinstance(form, ManureFarmForm) else form.routes_t).values())


def _wrong_head_count(form: ManureForm) -> list[Breach]:
    breaches: list[Breach] = []
    for species, heads in form.species.items():
        asked = HEAD_COUNTS[species]
        for given in heads.given:
            if given is not asked:
                params = label_params(Heads, given, *SPECIES_NAMES[species])
                right = label_params(Heads, asked, *SPECIES_NAMES[species])
                params |= {"asked": right["label"], "asked_en": right["label_en"]}
                breaches.append((f"/species/{species}/{given}", params))
    return breaches


def _heads_missing(form: ManureForm) -> list[Breach]:
    return [
        (
            f"/species/{species}/{HEAD_COUNTS[species]}",
            label_params(Heads, HEAD_COUNTS[species], *SPECIES_NAMES[species]),
        )
        for species, heads in form.species.items()
        if HEAD_COUNTS[species] not in heads.given
    ]


def _use_without_animals(form: ManureForm) -> list[Breach]:
    used = used_of(form)
    if not used or any(any(heads.given.values()) for heads in form.species.values()):
        return []
    unit, unit_en = ("公斤", "kg") if isinstance(form, ManureFarmForm) else ("吨", "t")
    return [("/species", {"used": shown(used), "unit": unit, "unit_en": unit_en})]


def _equipped_over_registered(form: ManureCountyForm) -> list[Breach]:
    registered, equipped = form.registered_scale_farms or 0, form.equipped_scale_farms or 0
    if equipped <= registered:
        return []
    return [("/equipped_scale_farms", {"equipped": str(equipped), "registered": str(registered)})]


MANURE_RULES = (
    ALL_ZERO,
    NONE_CONTRADICTED,
    Rule(
        "wrong_head_count",
        "“{label}”不用填，该畜种按“{asked}”填报，请清空此项。",
        "'{label}' is not asked: this species is counted by '{asked}'; clear the field.",
        on_farm=Severity.BLOCK,
        on_county=Severity.BLOCK,
        check=_wrong_head_count,
    ),
    Rule(
        "heads_missing",
        "“{label}”未填写，没有的填 0。",
        "'{label}' is missing; say 0 where there was none.",
        on_farm=Severity.BLOCK,
        on_county=Severity.BLOCK,
        check=_heads_missing,
    ),
    Rule(
        "manure_without_animals",
        "粪污利用量为 {used} {unit}，却没有填存栏或出栏的畜禽；如系利用上期存粪，请在备注中说明。",
        "{used} {unit} of manure used without any livestock; if it was left from an earlier period, "
        "say so in the note.",
        on_farm=Severity.WARN,
        on_county=None,
        check=_use_without_animals,
    ),
    Rule(
        "county_manure_without_animals",
        "粪污利用量为 {used} {unit}，却没有填存栏或出栏的畜禽，无法计算产生量，请补填畜种。",
        "{used} {unit} of manure used without any livestock, so nothing was produced; please add the species.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_use_without_animals,
    ),
    Rule(
        "equipped_exceeds_registered",
        "设施装备已配套的规模养殖场 {equipped} 家，多于备案规模养殖场 {registered} 家，请核对。",
        "{equipped} scale farms with facilities exceed the {registered} registered; please check.",
        on_farm=None,
        on_county=Severity.BLOCK,
        check=_equipped_over_registered,
    ),
)
