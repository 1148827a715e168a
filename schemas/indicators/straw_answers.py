"""A straw report read crop by crop, farm and county alike, so that one rule serves both."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from schemas.decimals import EXACT, ONE, QUOTIENT, ZERO, product, quotient, total
from schemas.indicators.answers import shown
from schemas.indicators.straw_form import (
    CROP_LIMITS,
    CROP_NAMES,
    CountyCrop,
    Crop,
    CropLimits,
    FarmCrop,
    Respondent,
    StrawFarmForm,
    StrawForm,
)
from schemas.vocabulary import Unit


@dataclass(frozen=True, slots=True)
class CropAnswers:
    """One crop of a farm or a county, its masses in the unit of the form; what is not answered is None or 0."""

    crop: Crop
    unit: Unit
    entry: FarmCrop | CountyCrop
    sampled: bool
    grain: Decimal | None
    inbound: Decimal
    outbound: Decimal
    straw_grain_ratio: Decimal | None = None
    collectable_coefficient: Decimal | None = None

    @property
    def sown_area_mu(self) -> Decimal | None:
        """The sown area."""
        return self.entry.sown_area_mu

    @property
    def returned_area_mu(self) -> Decimal | None:
        """The area with straw returned directly."""
        return self.entry.returned_area_mu

    @property
    def household_use(self) -> Decimal:
        """What households used, all five uses together."""
        if isinstance(self.entry, CountyCrop):
            return total(self.entry.household_uses_t.values())
        return total(self.entry.uses_kg.values()) if self.sampled else ZERO

    @property
    def market_use(self) -> Decimal:
        """What market entities used, all five uses together."""
        if isinstance(self.entry, CountyCrop):
            return total(self.entry.market_uses_t.values())
        return ZERO if self.sampled else total(self.entry.uses_kg.values())

    @property
    def limits(self) -> CropLimits:
        """The ledger's hard limits of the crop."""
        return CROP_LIMITS[self.crop]

    @property
    def net_use(self) -> Decimal:
        """Off-field use and transfers out, less what was bought in."""
        return EXACT.subtract(total((self.household_use, self.market_use, self.outbound)), self.inbound)

    @property
    def most_straw(self) -> Decimal:
        """The most straw that the harvest can have left: by the county's own ratios, else by the ledger's limits."""
        ratio = self.limits.straw_grain_ratio if self.straw_grain_ratio is None else self.straw_grain_ratio
        coefficient = ONE if self.collectable_coefficient is None else self.collectable_coefficient
        return product(self.grain or ZERO, ratio, coefficient)

    @property
    def direct_return(self) -> Decimal:
        """The part of `most_straw` that the returned area stands for, at 34 digits."""
        share = quotient(self.returned_area_mu or ZERO, self.sown_area_mu or ZERO) or ZERO
        return QUOTIENT.multiply(share, self.most_straw)

    def at(self, quantity: str) -> str:
        """Return the JSON Pointer of a field, below the payload."""
        return f"/crops/{self.crop}/{quantity}"

    @property
    def grain_field(self) -> str:
        """The name of the field of the harvest."""
        return "grain_kg" if self.unit is Unit.KG else "grain_output_t"

    def params(self, **amounts: Decimal) -> dict[str, str]:
        """Return text parameters: the crop, the unit, and amounts as a person reads them."""
        zh, en = CROP_NAMES[self.crop]
        named = {"crop": zh, "crop_en": en, "unit": "公斤" if self.unit is Unit.KG else "吨", "unit_en": str(self.unit)}
        return named | {name: shown(amount) for name, amount in amounts.items()}


def crop_answers(form: StrawForm) -> Iterator[CropAnswers]:
    """Yield the answers of every crop of a report."""
    if isinstance(form, StrawFarmForm):
        for crop, farm_crop in form.crops.items():
            yield _of_farm(crop, farm_crop, form.respondent)
    else:
        for crop, county_crop in form.crops.items():
            yield _of_county(crop, county_crop)


def _of_farm(crop: Crop, entry: FarmCrop, respondent: Respondent) -> CropAnswers:
    return CropAnswers(
        crop=crop,
        unit=Unit.KG,
        entry=entry,
        sampled=respondent is Respondent.HOUSEHOLD,
        grain=entry.grain_kg,
        inbound=entry.inbound_kg or ZERO,
        outbound=ZERO,
    )


def _of_county(crop: Crop, entry: CountyCrop) -> CropAnswers:
    return CropAnswers(
        crop=crop,
        unit=Unit.TONNE,
        entry=entry,
        sampled=False,
        grain=entry.grain_output_t,
        inbound=entry.inbound_t or ZERO,
        outbound=entry.outbound_t or ZERO,
        straw_grain_ratio=entry.straw_grain_ratio,
        collectable_coefficient=entry.collectable_coefficient,
    )
