"""Straw households as a two-stage sample: what each used of what it could collect, and what needs no estimate.

Of the county's rate only the households are sampled. Direct return follows from areas, market entities and transfers
are counted in full: they move the estimate and its interval, and add nothing to its width. Households are taken over
all their crops together, each crop's grain made straw by the county's ratio and coefficient. Convention.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from backend.estimation.two_stage import Household
from schemas.indicators.spec import WHOLE, Coefficients, Sums
from schemas.indicators.straw_balance import COLLECTABLE_COEFFICIENT, STRAW_GRAIN_RATIO, crop_balances
from schemas.vocabulary import View

USE = "sample_use_"
GRAIN = "sample_grain_t"


def straw_per_grain(statement: Sums, coefficients: Coefficients, crops: set[str]) -> Mapping[str, Fraction] | None:
    """Return collectable straw over grain by crop: the county's own where it stated them, else the table's.

    None where a coefficient is missing: then there is no figure.
    """
    stated = crop_balances(View.STATEMENT, Sums(), statement, coefficients) or {}
    found: dict[str, Fraction] = {}
    for crop in crops:
        grain = statement.of(crop, "grain_output_t")
        if crop in stated and grain:
            found[crop] = stated[crop].collectable_t / Fraction(grain)
            continue
        ratio, share = coefficients.get(STRAW_GRAIN_RATIO, crop), coefficients.get(COLLECTABLE_COEFFICIENT, crop)
        if ratio is None or share is None:
            return None
        found[crop] = Fraction(ratio) * Fraction(share)
    return found


def crops_of(quantities: list[list[str]]) -> set[str]:
    """Return the crops that a household's quantities name."""
    return {subject for subject, _, _ in quantities if subject != WHOLE}


def household(quantities: list[list[str]], per_grain: Mapping[str, Fraction]) -> Household:
    """Return used and collectable straw of a household in t."""
    used = collectable = Fraction(0)
    for crop, name, amount in quantities:
        if name.startswith(USE):
            used += Fraction(Decimal(amount))
        elif name == GRAIN:
            collectable += Fraction(Decimal(amount)) * per_grain[crop]
    return Household(float(used), float(collectable))


def counted_share(farm: Sums, statement: Sums, coefficients: Coefficients) -> float | None:
    """Return direct return, market entities and net transfers over collectable straw; None without a statement."""
    balances: Any = crop_balances(View.FARM, farm, statement, coefficients)
    if not balances:
        return None
    collectable = sum((one.collectable_t for one in balances.values()), Fraction(0))
    counted = sum(
        (
            one.direct_return_t + Fraction(one.market_use_t) + Fraction(one.outbound_t) - Fraction(one.inbound_t)
            for one in balances.values()
        ),
        Fraction(0),
    )
    return float(counted / collectable) if collectable else None
