"""Plausible straw reports: crops of the region, a county ledger around the county's rate, its sample and its firms.

The parts fit each other: firms report in full what the statement says of the market, households their share.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.demo.changes import Payload
from backend.demo.counties import CountyPlace, Farmland
from backend.demo.draws import Draws, wire_number
from schemas.indicators.straw_form import Crop, Respondent, Use

COLLECTABLE = 0.833
"""The national collectable coefficient of the loaded table; the plan aims with it, the service computes."""

FIRMS = 3
"""Straw firms a county."""


@dataclass(frozen=True, slots=True)
class CropFacts:
    """One crop of one part of the country."""

    crop: Crop
    yield_kg_per_mu: int
    straw_grain_ratio: float
    sown_mu: int
    own_ratio: bool = False
    """Whether the county has to state its ratio because no table has one for this crop."""


_CROPS = {
    Farmland.DONGTING: (
        CropFacts(Crop.EARLY_RICE, 410, 1.28, 310_000),
        CropFacts(Crop.DOUBLE_LATE_RICE, 430, 1.28, 320_000),
        CropFacts(Crop.RAPESEED, 125, 2.1, 260_000, own_ratio=True),
    ),
    Farmland.TAIHU: (
        CropFacts(Crop.MIDDLE_LATE_RICE, 590, 1.28, 180_000),
        CropFacts(Crop.WHEAT, 350, 1.38, 150_000),
    ),
    Farmland.DANJIANGKOU: (
        CropFacts(Crop.MAIZE, 390, 1.73, 240_000),
        CropFacts(Crop.WHEAT, 380, 1.34, 330_000),
        CropFacts(Crop.PEANUT, 290, 1.5, 90_000, own_ratio=True),
    ),
    Farmland.ULANSUHAI: (
        CropFacts(Crop.MAIZE, 780, 1.86, 620_000),
        CropFacts(Crop.WHEAT, 370, 0.93, 180_000),
        CropFacts(Crop.OTHER, 220, 2.6, 400_000, own_ratio=True),
    ),
    Farmland.TIANJIN: (
        CropFacts(Crop.MAIZE, 450, 1.73, 360_000),
        CropFacts(Crop.WHEAT, 390, 1.34, 250_000),
    ),
}
_HUBEI_RATIOS = {Crop.MAIZE: 2.05, Crop.WHEAT: 1.38}
"""Hubei counts as 长江中下游 in the table, Henan on the other shore of the reservoir as 华北."""

_HOUSEHOLD_SPLIT = {Use.FERTILISER: 0.25, Use.FEED: 0.4, Use.FUEL: 0.3, Use.SUBSTRATE: 0.05}
_MARKET_SPLIT = {Use.FERTILISER: 0.15, Use.FEED: 0.35, Use.FUEL: 0.35, Use.SUBSTRATE: 0.05, Use.MATERIAL: 0.1}


@dataclass(frozen=True, slots=True)
class CropLedger:
    """What the plan knows of one crop of a county in a year, in t and as shares of the collectable straw."""

    facts: CropFacts
    sown_mu: float
    grain_t: float
    collectable_t: float
    returned: float
    household: float
    market_t: float
    inbound_t: float
    outbound_t: float


def crops_of(place: CountyPlace) -> tuple[CropFacts, ...]:
    """Return the crops of a county, with the straw:grain ratio that the loaded table has for its province."""
    if not place.code.startswith("42"):
        return _CROPS[place.farmland]
    return tuple(
        CropFacts(
            crop.crop,
            crop.yield_kg_per_mu,
            _HUBEI_RATIOS.get(crop.crop, crop.straw_grain_ratio),
            crop.sown_mu,
            own_ratio=crop.own_ratio,
        )
        for crop in _CROPS[place.farmland]
    )


def sown_of_a_year(draws: Draws, place: CountyPlace) -> list[float]:
    """Return about how many mu a county sows to each of its crops in a year."""
    return [facts.sown_mu * draws.between(0.6, 1.4) for facts in crops_of(place)]


def county_ledger(draws: Draws, place: CountyPlace, usual_mu: Sequence[float], rate: float) -> list[CropLedger]:
    """Return the straw ledger of a county whose rate comes out near `rate`; `usual_mu` is what it sows to each crop."""
    return [
        _crop_ledger(draws, facts, mu, draws.around(rate, 0.012, 0.5, 0.992))
        for facts, mu in zip(crops_of(place), usual_mu, strict=True)
    ]


def _crop_ledger(draws: Draws, facts: CropFacts, usual_mu: float, rate: float) -> CropLedger:
    sown_mu = round(usual_mu * draws.between(0.95, 1.05), 0)
    grain_t = round(sown_mu * draws.around(facts.yield_kg_per_mu, facts.yield_kg_per_mu * 0.06, 80, 1000) / 1000, 1)
    collectable_t = grain_t * facts.straw_grain_ratio * COLLECTABLE
    inbound, outbound = draws.between(0, 0.02), draws.between(0, 0.03)
    off_field = rate + inbound - outbound
    returned = off_field * draws.between(0.55, 0.75)
    household = (off_field - returned) * draws.between(0.25, 0.45)
    market_t = (off_field - returned - household) * collectable_t
    return CropLedger(
        facts,
        sown_mu,
        grain_t,
        collectable_t,
        returned,
        household,
        market_t,
        inbound_t=min(inbound * collectable_t, market_t * 0.9),
        outbound_t=outbound * collectable_t,
    )


def straw_of_county(ledger: list[CropLedger]) -> Payload:
    """Return a county's straw statement."""
    crops: Payload = {}
    for crop in ledger:
        entry = {
            "grain_output_t": wire_number(crop.grain_t, 1),
            "sown_area_mu": wire_number(crop.sown_mu, 0),
            "returned_area_mu": wire_number(crop.sown_mu * crop.returned, 0),
            "inbound_t": wire_number(crop.inbound_t, 1),
            "outbound_t": wire_number(crop.outbound_t, 1),
        }
        for use, share in _HOUSEHOLD_SPLIT.items():
            amount_t = crop.household * crop.collectable_t * share
            entry[f"household_use_{use}_t"] = wire_number(amount_t, 1)
        for use, share in _MARKET_SPLIT.items():
            entry[f"market_use_{use}_t"] = wire_number(crop.market_t * share, 1)
        if crop.facts.own_ratio:
            entry["straw_grain_ratio"] = wire_number(crop.facts.straw_grain_ratio, 2)
            entry["collectable_coefficient"] = wire_number(COLLECTABLE, 3)
        crops[crop.facts.crop.value] = entry
    return {"crops": crops}


def straw_of_household(draws: Draws, ledger: list[CropLedger], area_mu: float) -> Payload:
    """Return what a sampled household did with its straw: every crop of the region, around the county's shares."""
    crops: Payload = {}
    for crop in ledger:
        sown_mu = max(0.5, round(area_mu * draws.between(0.4, 0.9), 1))
        yield_kg = draws.around(crop.facts.yield_kg_per_mu, crop.facts.yield_kg_per_mu * 0.1, 60, 1100)
        grain_kg = round(sown_mu * yield_kg, 0)
        straw_kg = grain_kg * crop.facts.straw_grain_ratio * COLLECTABLE
        used_kg = straw_kg * draws.around(crop.household, crop.household * 0.2, 0, 0.9)
        entry = {
            "grain_kg": wire_number(grain_kg, 0),
            "sown_area_mu": wire_number(sown_mu, 1),
            "returned_area_mu": wire_number(sown_mu * draws.around(crop.returned, 0.06, 0, 1), 1),
        }
        for use, share in _HOUSEHOLD_SPLIT.items():
            entry[f"use_{use}_kg"] = wire_number(used_kg * share, 0)
        crops[crop.facts.crop.value] = entry
    return {"respondent": Respondent.HOUSEHOLD.value, "crops": crops}


def straw_of_firm(ledger: list[CropLedger]) -> Payload:
    """Return what one of the county's firms did: its equal part of all that the market used."""
    crops: Payload = {}
    for crop in ledger:
        part_kg = crop.market_t / FIRMS * 1000
        entry = {f"use_{use}_kg": wire_number(part_kg * share, 0) for use, share in _MARKET_SPLIT.items()}
        entry["inbound_kg"] = wire_number(crop.inbound_t / FIRMS * 1000, 0)
        crops[crop.facts.crop.value] = entry
    return {"respondent": Respondent.MARKET_ENTITY.value, "crops": crops}
