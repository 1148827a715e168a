"""Which quantities of a county statement follow from the field reports, and where they stand in its form. Pure.

Only full counts give totals: film (census), livestock farms and projects (registers), and the market entities of the
straw ledger. A sample gives a ratio, never a total: of fertiliser, pesticide, green control and the straw of households
nothing follows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.decimals import ZERO, plain, rounded
from schemas.filing import Difference, DraftValue
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.film_form import BIODEGRADABLE, MULCH_FILM, SHED_FILM
from schemas.indicators.spec import WHOLE, IndicatorSpec, Key
from schemas.vocabulary import Indicator, Unit

FORM_DECIMALS = 6
"""A form takes six decimals: a sum of more is compared and prefilled as rounded to them, a gram of a tonne."""

_FILM_FIELDS: Mapping[Key, str | None] = {
    (MULCH_FILM, "used_t"): "/mulch_used_t",
    (MULCH_FILM, "gross_t"): "/mulch_recovered_gross_t",
    (MULCH_FILM, "net_t"): None,
    (MULCH_FILM, "covered_area_mu"): "/mulch_covered_area_mu",
    (SHED_FILM, "used_t"): "/shed_used_t",
    (SHED_FILM, "gross_t"): "/shed_recovered_gross_t",
    (SHED_FILM, "net_t"): None,
    (SHED_FILM, "covered_area_mu"): "/shed_covered_area_mu",
    (BIODEGRADABLE, "used_t"): "/biodegradable_used_t",
}
"""The net mass follows from gross, impurity and moisture together: it is compared, but no single field holds it."""


@dataclass(frozen=True, slots=True)
class Following:
    """A quantity that follows from field reports; `field` is where the county form asks for it, if anywhere."""

    key: Key
    field: str | None


def following(indicator: Indicator, key: Key) -> Following | None:
    """Return how a quantity follows from the field reports, or None where it does not."""
    subject, name = key
    match indicator:
        case Indicator.FILM_RECOVERY:
            return Following(key, _FILM_FIELDS[key]) if key in _FILM_FIELDS else None
        case Indicator.STRAW_UTILISATION:
            counted = name.startswith("market_use_") or name == "inbound_t"
            return Following(key, f"/crops/{subject}/{name}") if counted else None
        case Indicator.MANURE_UTILISATION:
            return Following(key, f"/{name}" if subject == WHOLE else f"/species/{subject}/{name}")
        case Indicator.IRRIGATION_NEW_AREA:
            return Following(key, f"/{subject}_area_mu") if name == "area_mu" else None
        case Indicator.FERTILISER_REDUCTION | Indicator.PESTICIDE_REDUCTION | Indicator.GREEN_CONTROL_COVERAGE:
            return None


def draft_values(
    indicator: Indicator, accepted: Mapping[Key, Decimal], stated: Mapping[Key, Decimal] | None
) -> list[DraftValue]:
    """Return the fields of the county form that follow from the accepted sums; `stated` is the present statement."""
    spec = CATALOGUE[indicator]
    return [
        DraftValue(
            field=one.field,
            key=key_text(one.key),
            **_names(spec, one.key),
            accepted=_shown(accepted.get(one.key, ZERO)),
            stated=None if stated is None else _shown(stated.get(one.key, ZERO)),
        )
        for one in _followed(indicator, accepted, stated or {})
        if one.field is not None
    ]


def draft_payload(values: list[DraftValue]) -> dict[str, Any]:
    """Return the values as the county form takes them; zeros are left out, counts and heads are integers."""
    payload: dict[str, Any] = {}
    for one in values:
        if one.accepted == "0":
            continue
        *path, name = one.field.split("/")[1:]
        inner = payload
        for part in path:
            inner = inner.setdefault(part, {})
        inner[name] = int(one.accepted) if one.unit in (Unit.COUNT, Unit.HEAD) else one.accepted
    return payload


def differences(
    indicator: Indicator, accepted: Mapping[Key, Decimal], stated: Mapping[Key, Decimal]
) -> list[Difference]:
    """Return the quantities in which a statement differs from the sums of the accepted reports."""
    spec = CATALOGUE[indicator]
    return [
        Difference(key=key_text(one.key), **_names(spec, one.key), stated=said, accepted=summed)
        for one in _followed(indicator, accepted, stated)
        if (said := _shown(stated.get(one.key, ZERO))) != (summed := _shown(accepted.get(one.key, ZERO)))
    ]


def anything_follows(indicator: Indicator) -> bool:
    """Return whether any quantity of the indicator's statement follows from field reports."""
    spec = CATALOGUE[indicator]
    keys = [(subject, name) for subject in spec.subject_labels for name in spec.quantity_labels]
    return any(following(indicator, key) is not None for key in keys)


def key_text(key: Key) -> str:
    """Return a quantity as the wire names it."""
    return "/".join(key)


def _followed(indicator: Indicator, *sums: Mapping[Key, Decimal]) -> Iterator[Following]:
    for key in sorted({key for one in sums for key in one}):
        found = following(indicator, key)
        if found is not None:
            yield found


def _names(spec: IndicatorSpec, key: Key) -> dict[str, Any]:
    subject, name = key
    label = spec.quantity_labels[name]
    zh, en = spec.subject_labels.get(subject, ("", ""))
    if subject == WHOLE:
        return {"zh": label.zh, "en": label.en, "unit": label.unit}
    return {"zh": f"{zh}{label.zh}", "en": f"{en}: {label.en}", "unit": label.unit}


def _shown(amount: Decimal) -> str:
    return plain(rounded(amount, FORM_DECIMALS))
