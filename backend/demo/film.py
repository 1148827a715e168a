"""Plausible film reports: about 5.2 kg of mulch film a mu, its thickness, and a recovery around the county's mean."""

from backend.demo.changes import Payload
from backend.demo.counties import Farmland
from backend.demo.draws import Draws, wire_number
from schemas.indicators.film_form import Channel

MULCH_KG_PER_MU = 5.2
"""The national mean of 2020."""
SHED_KG_PER_MU = 62.0

_THICKNESSES_MM = ("0.01", "0.01", "0.01", "0.01", "0.012", "0.015", "0.015")
_THIN = 0.02
"""How many farms still lay film below the standard's 0.010 mm."""
_CHANNELS = (
    Channel.COLLECTION_POINT,
    Channel.COLLECTION_POINT,
    Channel.COLLECTION_POINT,
    Channel.TRADE_IN,
    Channel.TRADE_IN,
    Channel.SERVICE,
    Channel.WASTE_BUYER,
)

_SHED_SHARE = {
    Farmland.DONGTING: 0.15,
    Farmland.TAIHU: 0.45,
    Farmland.DANJIANGKOU: 0.15,
    Farmland.ULANSUHAI: 0.05,
    Farmland.TIANJIN: 0.5,
}
_COUNTY_MULCH_T = {
    Farmland.DONGTING: 380,
    Farmland.TAIHU: 210,
    Farmland.DANJIANGKOU: 330,
    Farmland.ULANSUHAI: 2600,
    Farmland.TIANJIN: 420,
}


def film_of_farm(draws: Draws, farmland: Farmland, area_mu: float, recovery: float, year: int) -> Payload:
    """Return a farm's film answers; `recovery` is the county's mean net rate."""
    if draws.chance(0.03):
        return {"none_this_year": True}
    covered_mu = max(0.5, area_mu * draws.between(0.25, 0.7))
    answers = _mulch(draws, covered_mu, recovery, "kg")
    answers["mulch_thickness_mm"] = "0.008" if draws.chance(_THIN) else draws.one_of(_THICKNESSES_MM)
    answers["recovery_channel"] = draws.one_of(_CHANNELS).value
    if draws.chance(_SHED_SHARE[farmland]):
        answers |= _shed(draws, covered_mu * draws.between(0.03, 0.12), min(0.98, recovery + 0.02), "kg")
    if draws.chance(0.12 if year > 2024 else 0.06):
        answers["biodegradable_used_kg"] = wire_number(covered_mu * draws.between(0.4, 1.5), 1)
    return answers


def film_of_a_year(draws: Draws, farmland: Farmland) -> float:
    """Return about how much film a county uses in a year, t."""
    return draws.around(_COUNTY_MULCH_T[farmland], _COUNTY_MULCH_T[farmland] * 0.25, 60, 8000)


def film_of_county(draws: Draws, farmland: Farmland, usual_t: float, recovery: float, year: int) -> Payload:
    """Return a county's film statement; `usual_t` is what it uses in a usual year."""
    used_t = usual_t * draws.between(0.94, 1.06)
    answers = _mulch(draws, used_t * 1000 / MULCH_KG_PER_MU, recovery, "t")
    shed_mu = used_t * 1000 * _SHED_SHARE[farmland] / SHED_KG_PER_MU
    answers |= _shed(draws, shed_mu, min(0.98, recovery + 0.02), "t")
    answers["biodegradable_used_t"] = wire_number(used_t * (0.03 if year > 2024 else 0.02), 1)
    mulch_t = float(answers["mulch_used_t"])
    answers["mulch_thick_used_t"] = wire_number(mulch_t * draws.around(0.3 if year > 2024 else 0.24, 0.06, 0.1, 0.5), 2)
    answers["mulch_substandard_used_t"] = wire_number(mulch_t * draws.around(0.02, 0.01, 0, 0.05), 2)
    answers["collection_points"] = draws.whole(6, 40)
    return answers


def _mulch(draws: Draws, covered_mu: float, recovery: float, unit: str) -> Payload:
    used_kg = covered_mu * draws.around(MULCH_KG_PER_MU, 0.45, 3.8, 6.8)
    return {"mulch_covered_area_mu": wire_number(covered_mu, 1)} | _masses(draws, "mulch", used_kg, recovery, unit)


def _shed(draws: Draws, covered_mu: float, recovery: float, unit: str) -> Payload:
    used_kg = covered_mu * draws.around(SHED_KG_PER_MU, 6, 45, 80)
    return {"shed_covered_area_mu": wire_number(covered_mu, 1)} | _masses(draws, "shed", used_kg, recovery, unit)


def _masses(draws: Draws, kind: str, used_kg: float, recovery: float, unit: str) -> Payload:
    """Return used and gross mass and the two shares that turn gross into net."""
    spread = 0.035 if unit == "kg" else 0.005
    net_kg = used_kg * draws.around(recovery, spread, 0.35, 0.985)
    impurity = round(draws.around(0.16 if kind == "mulch" else 0.05, 0.04, 0.02, 0.35), 3)
    moisture = round(draws.around(0.07, 0.02, 0.01, 0.15), 3)
    gross_kg = net_kg / (1 - impurity) / (1 - moisture)
    scale, places = (1, 1) if unit == "kg" else (1000, 2)
    return {
        f"{kind}_used_{unit}": wire_number(used_kg / scale, places),
        f"{kind}_recovered_gross_{unit}": wire_number(gross_kg / scale, places),
        f"{kind}_impurity_rate": wire_number(impurity, 3),
        f"{kind}_moisture_rate": wire_number(moisture, 3),
    }
