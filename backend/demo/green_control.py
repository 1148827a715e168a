"""Plausible areas under green and unified control: two fifths to two thirds of what is planted, crop by crop."""

from collections.abc import Mapping, Sequence

from backend.demo.changes import Payload
from backend.demo.draws import Draws, wire_number
from backend.demo.straw import CropLedger
from schemas.indicators.green_control import PlantedCrop
from schemas.indicators.straw_form import Crop

VEGETABLES_PER_FIELD_CROP = 0.15
"""Area of vegetables a mu of field crops."""

UNIFIED_PER_GREEN = 0.8
"""Area under unified control a mu under green control; the national coverages are some 44 and 54 %."""

_PLANTED = {
    Crop.EARLY_RICE: PlantedCrop.RICE,
    Crop.MIDDLE_LATE_RICE: PlantedCrop.RICE,
    Crop.DOUBLE_LATE_RICE: PlantedCrop.RICE,
    Crop.WHEAT: PlantedCrop.WHEAT,
    Crop.MAIZE: PlantedCrop.MAIZE,
    Crop.RAPESEED: PlantedCrop.RAPESEED,
    Crop.PEANUT: PlantedCrop.PEANUT,
}


def planted_by_crop(ledger: Sequence[CropLedger]) -> dict[PlantedCrop, float]:
    """Return the planted area of a county in mu: the crops of its straw ledger, and vegetables."""
    areas: dict[PlantedCrop, float] = {}
    for crop in ledger:
        planted = _PLANTED.get(crop.facts.crop, PlantedCrop.OTHER)
        areas[planted] = areas.get(planted, 0) + crop.sown_mu
    areas[PlantedCrop.VEGETABLES] = round(sum(areas.values()) * VEGETABLES_PER_FIELD_CROP, 0)
    return areas


def coverage_by_year(draws: Draws) -> dict[int, float]:
    """Return a county's coverage of green control, mostly a little better in the second year."""
    before = draws.around(0.52, 0.06, 0.39, 0.62)
    return {2024: before, 2025: before + draws.around(0.02, 0.012, -0.01, 0.05)}


def green_control_of_county(draws: Draws, planted_mu: Mapping[PlantedCrop, float], coverage: float) -> Payload:
    """Return a county's green-control statement."""
    return {
        "crops": {
            crop.value: _areas(area_mu, draws.around(coverage, 0.03, coverage - 0.02, coverage + 0.02), 0)
            for crop, area_mu in planted_mu.items()
        }
    }


def green_control_of_farm(draws: Draws, crops: Sequence[PlantedCrop], area_mu: float, coverage: float) -> Payload:
    """Return what a sampled farm protected: two of the county's crops, around the county's coverage."""
    chosen = sorted({draws.one_of(crops), draws.one_of(crops)})
    planted_mu = max(0.5, area_mu * draws.between(0.5, 0.9) / len(chosen))
    return {"crops": {crop.value: _areas(planted_mu, draws.around(coverage, 0.18, 0, 1), 1) for crop in chosen}}


def _areas(planted_mu: float, coverage: float, places: int) -> Payload:
    planted_mu = round(planted_mu, places)
    return {
        "planted_area_mu": wire_number(planted_mu, places),
        "green_control_area_mu": wire_number(planted_mu * coverage, places),
        "unified_control_area_mu": wire_number(planted_mu * coverage * UNIFIED_PER_GREEN, places),
    }
