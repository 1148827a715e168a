"""Plausible pesticide reports: half a kilogram of product a sown mu, in most counties less than in 2020."""

from backend.demo.changes import Payload
from backend.demo.counties import Farmland
from backend.demo.draws import Draws, wire_number
from backend.demo.green_control import UNIFIED_PER_GREEN
from schemas.indicators.pesticide_form import Basis

ON_ACTIVE_INGREDIENT = frozenset({"320506", "330521"})
"""吴中区 and 德清县 state active ingredient, as two counties of a region may; nothing adds them to the others."""

ACTIVE_PER_PRODUCT = 0.2
"""Nationally 0.248 Mt of active ingredient in 1.24 Mt of product (2021)."""

_KG_PER_MU = {
    Farmland.DONGTING: 0.68,
    Farmland.TAIHU: 0.62,
    Farmland.DANJIANGKOU: 0.5,
    Farmland.ULANSUHAI: 0.34,
    Farmland.TIANJIN: 0.42,
}
"""Product of 2020; the national mean was about 0.5."""

_SPLIT = {"insecticide": 0.22, "fungicide": 0.24, "herbicide": 0.46, "other": 0.08}


def pesticide_kg_per_mu(draws: Draws, farmland: Farmland) -> dict[int, float]:
    """Return the product mass that a county uses on a sown mu, in the base year and now."""
    base = draws.around(_KG_PER_MU[farmland], 0.06, 0.25, 0.9)
    return {2020: base, 2025: base * (1 + draws.around(-0.07, 0.045, -0.18, 0.05))}


def pesticide_of_county(
    draws: Draws, county_code: str, sown_mu: float, product_kg_per_mu: float, coverage: float
) -> Payload:
    """Return a county's pesticide statement on the basis that the county keeps; `coverage` is of green control."""
    active = county_code in ON_ACTIVE_INGREDIENT
    used_t = sown_mu * product_kg_per_mu / 1000 * (ACTIVE_PER_PRODUCT if active else 1)
    masses = {f"{kind}_t": wire_number(used_t * share, 2) for kind, share in _SPLIT.items()}
    green_mu = sown_mu * draws.around(coverage, 0.01, 0.25, 0.75)
    basis = Basis.ACTIVE if active else Basis.PRODUCT
    return {"basis": basis.value, **masses, **_areas(sown_mu, green_mu, 0)}


def pesticide_of_farm(draws: Draws, area_mu: float, kg_per_mu: float, coverage: float) -> Payload:
    """Return what a sampled farm used, by the net mass on its bottles and bags."""
    sown_mu = max(1.0, round(area_mu * draws.between(0.8, 1.5), 1))
    used_kg = sown_mu * draws.around(kg_per_mu, kg_per_mu * 0.25, 0.05, 2)
    masses = {f"{kind}_kg": wire_number(used_kg * share * draws.between(0.7, 1.3), 2) for kind, share in _SPLIT.items()}
    green_mu = sown_mu * draws.around(coverage, 0.18, 0, 1)
    return {"basis": Basis.PRODUCT.value, **masses, **_areas(sown_mu, green_mu, 1)}


def _areas(sown_mu: float, green_mu: float, places: int) -> Payload:
    return {
        "sown_area_mu": wire_number(sown_mu, places),
        "green_control_area_mu": wire_number(green_mu, places),
        "unified_control_area_mu": wire_number(green_mu * UNIFIED_PER_GREEN, places),
    }
