"""Plausible fertiliser reports: 20 to 30 kg of nutrients a sown mu, mostly a few percent less than in 2020."""

from backend.demo.changes import Payload
from backend.demo.counties import Farmland
from backend.demo.draws import Draws, wire_number
from schemas.indicators.fertiliser_form import PRACTICES, Fertiliser

_KG_PER_MU = {
    Farmland.DONGTING: 22.0,
    Farmland.TAIHU: 24.0,
    Farmland.DANJIANGKOU: 26.5,
    Farmland.ULANSUHAI: 24.5,
    Farmland.TIANJIN: 27.5,
}
"""Nutrient mass of 2020; the national mean was about 21."""

_SPLIT = {Fertiliser.NITROGEN: 0.33, Fertiliser.PHOSPHATE: 0.12, Fertiliser.POTASH: 0.1, Fertiliser.COMPOUND: 0.45}
_SHARES = {
    Fertiliser.NITROGEN: "0.46",
    Fertiliser.PHOSPHATE: "0.16",
    Fertiliser.POTASH: "0.6",
    Fertiliser.COMPOUND: "0.45",
}
"""Nutrients on the bag: urea, superphosphate, potassium chloride, compound 15-15-15."""

_COVERAGES_2025 = dict(zip(PRACTICES, (0.88, 0.07, 0.32, 0.24), strict=True))


def fertiliser_kg_per_mu(draws: Draws, farmland: Farmland) -> dict[int, float]:
    """Return the nutrient mass that a county uses on a sown mu, in the base year and now."""
    base = draws.around(_KG_PER_MU[farmland], 2.0, 19, 31)
    return {2020: base, 2025: base * (1 + draws.around(-0.05, 0.035, -0.14, 0.04))}


def fertiliser_of_county(draws: Draws, sown_mu: float, kg_per_mu: float, year: int) -> Payload:
    """Return a county's fertiliser statement; its practices had reached fewer fields in the base year."""
    used_t = sown_mu * kg_per_mu / 1000
    reached = 1.0 if year > 2020 else 0.75
    areas = {
        name: wire_number(sown_mu * min(0.97, share * reached * draws.between(0.85, 1.15)), 0)
        for name, share in _COVERAGES_2025.items()
    }
    nutrients = {kind.value: {"nutrient_t": wire_number(used_t * share, 1)} for kind, share in _SPLIT.items()}
    return {"sown_area_mu": wire_number(sown_mu, 0), "fertilisers": nutrients, **areas}


def fertiliser_of_farm(draws: Draws, area_mu: float, kg_per_mu: float) -> Payload:
    """Return what a sampled farm used, around the county's use a mu; now and then a bag's share is not known."""
    sown_mu = max(1.0, round(area_mu * draws.between(0.8, 1.5), 1))
    used_kg = sown_mu * draws.around(kg_per_mu, kg_per_mu * 0.15, 8, 45)
    products: Payload = {}
    for kind, share in _SPLIT.items():
        nutrient_kg = used_kg * share * draws.between(0.8, 1.2)
        products[kind.value] = {
            "product_kg": wire_number(nutrient_kg / float(_SHARES[kind]), 1),
            "nutrient_share": _SHARES[kind],
        }
    if draws.chance(0.06):
        del products[Fertiliser.PHOSPHATE.value]["nutrient_share"]
    answers = {"sown_area_mu": wire_number(sown_mu, 1), "fertilisers": products}
    for name, share in _COVERAGES_2025.items():
        if draws.chance(share):
            answers[name] = wire_number(sown_mu * draws.between(0.4, 1), 1)
    return answers
