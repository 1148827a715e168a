"""Plausible manure reports of scale livestock farms, used over produced around the county's rate."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backend.demo.changes import Payload
from backend.demo.counties import Farmland
from backend.demo.draws import Draws, wire_number
from schemas.indicators.manure_form import HEAD_COUNTS, Route, Species

_KG_PER_HEAD = {
    Species.FINISHING_PIG: 12 * 180,
    Species.SOW: 12 * 365,
    Species.DAIRY: 68 * 365,
    Species.FINISHING_BEEF: 34 * 365,
    Species.LAYER: 0.35 * 365,
    Species.SHEEP: 2.6 * 365,
    Species.DUCK_GOOSE: 0.13 * 365,
}
"""Dung and waste water a head and year by the loaded table; the plan aims with it, the service computes."""

_HERDS = {
    Farmland.DONGTING: (Species.FINISHING_PIG, Species.FINISHING_PIG, Species.DUCK_GOOSE, Species.LAYER),
    Farmland.TAIHU: (Species.FINISHING_PIG, Species.LAYER, Species.DUCK_GOOSE, Species.DAIRY),
    Farmland.DANJIANGKOU: (Species.FINISHING_PIG, Species.SHEEP, Species.FINISHING_BEEF, Species.LAYER),
    Farmland.ULANSUHAI: (Species.SHEEP, Species.SHEEP, Species.DAIRY, Species.FINISHING_BEEF),
    Farmland.TIANJIN: (Species.FINISHING_PIG, Species.DAIRY, Species.LAYER, Species.FINISHING_PIG),
}
_HEADS = {
    Species.FINISHING_PIG: 2_600,
    Species.DAIRY: 420,
    Species.FINISHING_BEEF: 300,
    Species.LAYER: 38_000,
    Species.SHEEP: 1_800,
    Species.DUCK_GOOSE: 26_000,
}
_SOWS_PER_PIG = 0.06
_NEAR_A_GAS_PLANT = 0.12
"""How many farms deliver to a bio-natural gas plant."""


@dataclass(frozen=True, slots=True)
class Herd:
    """What a farm keeps in a year, by species, and whether its treatment facilities are in place."""

    heads: tuple[tuple[Species, int], ...]
    equipped: bool

    @property
    def produced_kg(self) -> float:
        """Dung and waste water of the year."""
        return sum(_KG_PER_HEAD[species] * count for species, count in self.heads)


def plan_herd(draws: Draws, farmland: Farmland) -> Herd:
    """Return the herd of a scale farm; a farm with pigs breeds them itself."""
    species = draws.one_of(_HERDS[farmland])
    heads = [(species, round(draws.skewed(_HEADS[species], 1.6, _HEADS[species] * 0.3, _HEADS[species] * 6)))]
    if species is Species.FINISHING_PIG:
        heads.append((Species.SOW, max(10, round(heads[0][1] * _SOWS_PER_PIG))))
    return Herd(tuple(heads), equipped=draws.chance(0.88))


def next_year(draws: Draws, herd: Herd) -> Herd:
    """Return the herd a year later."""
    grown = tuple((species, round(count * draws.between(0.9, 1.12))) for species, count in herd.heads)
    return replace(herd, heads=grown, equipped=herd.equipped or draws.chance(0.4))


def manure_of_farm(draws: Draws, herd: Herd, rate: float) -> Payload:
    """Return a livestock farm's manure answers; `rate` is the county's mean."""
    mean = rate + (0.01 if herd.equipped else -0.06)
    used_kg = herd.produced_kg * draws.around(mean, 0.03, 0.4, 0.985)
    to_gas_plant = draws.between(0.1, 0.3) if draws.chance(_NEAR_A_GAS_PLANT) else 0
    return {"equipped": herd.equipped, **_answers(draws, herd.heads, used_kg, to_gas_plant, "kg")}


def manure_of_county(draws: Draws, herds: Iterable[Herd], rate: float) -> Payload:
    """Return a county's manure statement: all scale farms, and the few that did not report."""
    herds = list(herds)
    unreported = draws.between(1.0, 1.12)
    sums: dict[Species, int] = {}
    for herd in herds:
        for species, count in herd.heads:
            sums[species] = sums.get(species, 0) + count
    heads = tuple((species, round(count * unreported)) for species, count in sorted(sums.items()))
    used_kg = sum(herd.produced_kg for herd in herds) * unreported * draws.around(rate, 0.01, 0.4, 0.985)
    equipped = sum(herd.equipped for herd in herds)
    registered = len(herds) + draws.whole(0, 2)
    return {
        **_answers(draws, heads, used_kg, draws.between(0.01, 0.05), "t"),
        "registered_scale_farms": registered,
        "equipped_scale_farms": equipped,
    }


def _answers(
    draws: Draws, heads: Iterable[tuple[Species, int]], used_kg: float, to_gas_plant: float, unit: str
) -> Payload:
    """Return the heads as each species is counted, and the used mass split over the routes.

    `to_gas_plant` is the weight of bio-natural gas, beside some 0.9 of all the others; with 0 it is not answered.
    """
    weights = {
        Route.COMPOSTING_RETURN: draws.between(0.35, 0.5),
        Route.COMMERCIAL_FERTILISER: draws.between(0.15, 0.3),
        Route.BIOGAS: draws.between(0.05, 0.12),
        Route.SLURRY_RETURN: draws.between(0.15, 0.25),
    }
    if to_gas_plant:
        weights[Route.BIO_NATURAL_GAS] = to_gas_plant
    scale, places = (1, 0) if unit == "kg" else (1000, 1)
    whole = sum(weights.values())
    routes = {
        f"{route}_{unit}": wire_number(used_kg * weight / whole / scale, places) for route, weight in weights.items()
    }
    return {"species": {species.value: {HEAD_COUNTS[species].value: count} for species, count in heads}, **routes}
