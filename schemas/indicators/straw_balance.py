"""Where the straw of a county went, crop by crop: the ledger's arithmetic, from sums and coefficients to masses.

Source: 农办科〔2019〕3号. Shares such as returned over sown area seldom terminate as decimals, so masses are exact
fractions here and become decimals only in a term; a county exactly at its goal is not lost to rounding.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from schemas.decimals import ZERO, as_decimal, total
from schemas.indicators.spec import WHOLE, Coefficients, Sums
from schemas.indicators.straw_form import Use
from schemas.vocabulary import View

STRAW_GRAIN_RATIO = "straw_grain_ratio"
COLLECTABLE_COEFFICIENT = "collectable_coefficient"

_NONE = Fraction(0)
_WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class CropBalance:
    """The straw of one crop of one county in t; households without direct return.

    `households_t` is what was stated or sampled, and `raised_by` takes it to the county: 1 for a statement, the
    county's grain over the sample's for a sample.
    """

    theoretical_t: Fraction
    collectable_t: Fraction
    direct_return_t: Fraction
    households_t: Mapping[Use, Decimal]
    raised_by: Fraction
    market_t: Mapping[Use, Decimal]
    inbound_t: Decimal
    outbound_t: Decimal

    @property
    def household_use_t(self) -> Fraction:
        """What the county's households used."""
        return Fraction(total(self.households_t.values())) * self.raised_by

    @property
    def market_use_t(self) -> Decimal:
        """What the county's market entities used, bought in straw included."""
        return total(self.market_t.values())

    @property
    def used_t(self) -> Fraction:
        """Direct return, households and market entities together."""
        return self.direct_return_t + self.household_use_t + Fraction(self.market_use_t)

    def use_t(self, use: Use) -> Fraction:
        """Return the mass of one use: market and households, and for fertiliser the direct return too."""
        direct = self.direct_return_t if use is Use.FERTILISER else _NONE
        households = Fraction(self.households_t.get(use, ZERO)) * self.raised_by
        return direct + households + Fraction(self.market_t.get(use, ZERO))


def crop_balances(
    view: View, farm: Sums, statement: Sums, coefficients: Coefficients
) -> Mapping[str, CropBalance] | None:
    """Return the balance of every crop that the view can tell; None where the view has no figure.

    The statement tells everything by itself. The farm view takes harvest, areas, transfers out and the county's own
    ratios from the statement, the households' share from the sample and the market entities in full from the reports;
    a crop that the county grows and no sampled household grew is left out: it is missing, not zero. A coefficient
    that is missing for one crop leaves no figure for the county.
    """
    if not statement.reports or (view is View.FARM and not farm.reports):
        return None
    crops = {*statement.subjects, *(farm.subjects if view is View.FARM else ())} - {WHOLE}
    resources = {crop: _resource(crop, statement, coefficients) for crop in sorted(crops)}
    balances: dict[str, CropBalance] = {}
    for crop, resource in resources.items():
        if resource is None:
            return None
        balance = (
            _stated(crop, resource, statement)
            if view is View.STATEMENT
            else _estimated(crop, resource, farm, statement)
        )
        if balance is not None:
            balances[crop] = balance
    return balances


def capability_index(balances: Iterable[CropBalance]) -> Decimal | None:
    """Return used over collectable 综合利用能力指数; None where nothing is collectable."""
    listed = list(balances)
    return _share(sum((each.used_t for each in listed), _NONE), listed)


def industrialisation_index(balances: Iterable[CropBalance]) -> Decimal | None:
    """Return the market entities' use over collectable 产业化利用能力指数; None where nothing is collectable."""
    listed = list(balances)
    return _share(Fraction(total(each.market_use_t for each in listed)), listed)


def _share(mass: Fraction, balances: list[CropBalance]) -> Decimal | None:
    collectable = sum((each.collectable_t for each in balances), _NONE)
    return as_decimal(mass / collectable) if collectable else None


@dataclass(frozen=True, slots=True)
class _Resource:
    theoretical_t: Fraction
    collectable_t: Fraction
    direct_return_t: Fraction


def _resource(crop: str, statement: Sums, coefficients: Coefficients) -> _Resource | None:
    grain = Fraction(statement.of(crop, "grain_output_t"))
    if not grain:
        return _Resource(_NONE, _NONE, _NONE)
    ratio = _coefficient(STRAW_GRAIN_RATIO, crop, statement, coefficients)
    coefficient = _coefficient(COLLECTABLE_COEFFICIENT, crop, statement, coefficients)
    if ratio is None or coefficient is None:
        return None
    collectable = grain * ratio * coefficient
    sown = Fraction(statement.of(crop, "sown_area_mu"))
    returned = Fraction(statement.of(crop, "returned_area_mu"))
    return _Resource(grain * ratio, collectable, returned / sown * collectable if sown else _NONE)


def _coefficient(name: str, crop: str, statement: Sums, coefficients: Coefficients) -> Fraction | None:
    """Return the county's own value where it stated one, else the table's."""
    stated = statement.of(crop, f"stated_{name}_n")
    if stated:
        return Fraction(statement.of(crop, f"stated_{name}")) / Fraction(stated)
    value = coefficients.get(name, crop)
    return None if value is None else Fraction(value)


def _stated(crop: str, resource: _Resource, statement: Sums) -> CropBalance:
    return CropBalance(
        theoretical_t=resource.theoretical_t,
        collectable_t=resource.collectable_t,
        direct_return_t=resource.direct_return_t,
        households_t=_uses(crop, "household_use", statement),
        raised_by=_WHOLE,
        market_t=_uses(crop, "market_use", statement),
        inbound_t=statement.of(crop, "inbound_t"),
        outbound_t=statement.of(crop, "outbound_t"),
    )


def _estimated(crop: str, resource: _Resource, farm: Sums, statement: Sums) -> CropBalance | None:
    # used / collectable of the sample x collectable of the county: both collectables carry the same ratio and
    # coefficient, so the share is used over grain, times the county's grain.
    grain = Fraction(statement.of(crop, "grain_output_t"))
    sampled_grain = Fraction(farm.of(crop, "sample_grain_t"))
    if grain and not sampled_grain:
        return None
    return CropBalance(
        theoretical_t=resource.theoretical_t,
        collectable_t=resource.collectable_t,
        direct_return_t=resource.direct_return_t,
        households_t=_uses(crop, "sample_use", farm),
        raised_by=grain / sampled_grain if sampled_grain else _NONE,
        market_t=_uses(crop, "market_use", farm),
        inbound_t=farm.of(crop, "inbound_t"),
        outbound_t=statement.of(crop, "outbound_t"),
    )


def _uses(crop: str, prefix: str, sums: Sums) -> Mapping[Use, Decimal]:
    found = {use: sums.of(crop, f"{prefix}_{use}_t") for use in Use}
    return {use: amount for use, amount in found.items() if amount}
