"""Valid payloads of every form, as a phone or a county bureau sends them; tests change what they are about."""

from decimal import Decimal
from typing import Any

from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.form import ReportForm
from schemas.indicators.spec import Coefficient, Coefficients, Sums
from schemas.indicators.validation import PayloadRefused, read_report
from schemas.period import Period
from schemas.problems import Problem
from schemas.vocabulary import SourceStatus

Payload = dict[str, Any]

FARM_ID = "01930000-0000-7000-8000-000000000001"
_FARM = {"level": "farm", "period": "2025", "farm_id": FARM_ID, "township_code": "430623101"}
_COUNTY = {"level": "county", "period": "2025"}


def film_farm(**changes: Any) -> Payload:
    return {
        "indicator": "film_recovery",
        **_FARM,
        "mulch_used_kg": "100",
        "mulch_recovered_gross_kg": "120",
        "mulch_impurity_rate": "0.25",
        "mulch_moisture_rate": "0.1",
        "mulch_covered_area_mu": "20",
        "shed_used_kg": "50",
        "shed_recovered_gross_kg": "40",
        "shed_impurity_rate": "0.05",
        "shed_moisture_rate": "0",
        **changes,
    }


def film_county(**changes: Any) -> Payload:
    return {
        "indicator": "film_recovery",
        **_COUNTY,
        "mulch_used_t": "500",
        "mulch_recovered_gross_t": "700",
        "mulch_impurity_rate": "0.3",
        "mulch_moisture_rate": "0.15",
        "mulch_covered_area_mu": "96000",
        "shed_used_t": "80",
        "shed_recovered_gross_t": "82",
        "shed_impurity_rate": "0.05",
        "shed_moisture_rate": "0.02",
        "shed_covered_area_mu": "2000",
        "biodegradable_used_t": "12.5",
        **changes,
    }


def straw_household(crop: str = "early_rice", *, report: Payload | None = None, **changes: Any) -> Payload:
    entry = {
        "grain_kg": "4000",
        "sown_area_mu": "10",
        "returned_area_mu": "6",
        "use_fertiliser_kg": "300",
        "use_feed_kg": "500",
        **changes,
    }
    return {
        "indicator": "straw_utilisation",
        **_FARM,
        "respondent": "household",
        "crops": {crop: entry},
        **(report or {}),
    }


def straw_market(crop: str = "early_rice", *, report: Payload | None = None, **changes: Any) -> Payload:
    entry = {"use_fuel_kg": "80000", "use_feed_kg": "20000", "inbound_kg": "15000", **changes}
    return {
        "indicator": "straw_utilisation",
        **_FARM,
        "respondent": "market_entity",
        "crops": {crop: entry},
        **(report or {}),
    }


def straw_county(crop: str = "early_rice", *, report: Payload | None = None, **changes: Any) -> Payload:
    entry = {
        "grain_output_t": "40000",
        "sown_area_mu": "100000",
        "returned_area_mu": "60000",
        "household_use_feed_t": "4000",
        "market_use_fuel_t": "6000",
        "inbound_t": "1000",
        "outbound_t": "500",
        **changes,
    }
    return {"indicator": "straw_utilisation", **_COUNTY, "crops": {crop: entry}, **(report or {})}


def manure_farm(**changes: Any) -> Payload:
    return {
        "indicator": "manure_utilisation",
        **_FARM,
        "equipped": True,
        "species": {"finishing_pig": {"slaughter_head": 1000}, "sow": {"stock_head": 100}},
        "composting_return_kg": "900000",
        "slurry_return_kg": "850000",
        **changes,
    }


def manure_county(**changes: Any) -> Payload:
    return {
        "indicator": "manure_utilisation",
        **_COUNTY,
        "species": {"finishing_pig": {"slaughter_head": 100000}, "sheep": {"slaughter_head": 2000}},
        "composting_return_t": "100000",
        "commercial_fertiliser_t": "20000",
        "biogas_t": "30000",
        "registered_scale_farms": 120,
        "equipped_scale_farms": 118,
        **changes,
    }


def fertiliser_farm(**changes: Any) -> Payload:
    return {
        "indicator": "fertiliser_reduction",
        **_FARM,
        "sown_area_mu": "10",
        "fertilisers": {
            "n": {"product_kg": "300", "nutrient_share": "0.46"},
            "compound": {"product_kg": "200", "nutrient_share": "0.45"},
        },
        "soil_testing_area_mu": "8",
        "organic_area_mu": "3",
        **changes,
    }


def fertiliser_county(**changes: Any) -> Payload:
    return {
        "indicator": "fertiliser_reduction",
        **_COUNTY,
        "sown_area_mu": "1000000",
        "fertilisers": {
            "n": {"nutrient_t": "9000"},
            "p2o5": {"nutrient_t": "3000"},
            "k2o": {"nutrient_t": "2500"},
            "compound": {"nutrient_t": "10500"},
        },
        "soil_testing_area_mu": "900000",
        "fertigation_area_mu": "50000",
        "deep_placement_area_mu": "200000",
        "organic_area_mu": "300000",
        **changes,
    }


def pesticide_farm(**changes: Any) -> Payload:
    return {
        "indicator": "pesticide_reduction",
        **_FARM,
        "basis": "product",
        "insecticide_kg": "2",
        "fungicide_kg": "1.5",
        "herbicide_kg": "1",
        "sown_area_mu": "10",
        "green_control_area_mu": "6",
        "unified_control_area_mu": "5",
        **changes,
    }


def pesticide_county(**changes: Any) -> Payload:
    return {
        "indicator": "pesticide_reduction",
        **_COUNTY,
        "basis": "product",
        "insecticide_t": "200",
        "fungicide_t": "150",
        "herbicide_t": "100",
        "other_t": "10",
        "sown_area_mu": "1000000",
        "green_control_area_mu": "550000",
        "unified_control_area_mu": "450000",
        **changes,
    }


def irrigation_farm(**changes: Any) -> Payload:
    return {
        "indicator": "irrigation_new_area",
        **_FARM,
        "project_id": "430623-2023-017",
        "sprinkler_area_mu": "100",
        "drip_area_mu": "200.5",
        "pipe_area_mu": "300",
        "canal_lining_area_mu": "1000",
        **changes,
    }


def irrigation_county(**changes: Any) -> Payload:
    return {
        "indicator": "irrigation_new_area",
        **_COUNTY,
        "sprinkler_area_mu": "1000",
        "drip_area_mu": "500",
        "micro_spray_area_mu": "250",
        "pipe_area_mu": "4000",
        "canal_lining_area_mu": "3000",
        **changes,
    }


def green_farm(crop: str = "rice", *, report: Payload | None = None, **changes: Any) -> Payload:
    areas = {"planted_area_mu": "20", "green_control_area_mu": "12", "unified_control_area_mu": "8", **changes}
    return {"indicator": "green_control_coverage", **_FARM, "crops": {crop: areas}, **(report or {})}


def green_county(crop: str = "rice", *, report: Payload | None = None, **changes: Any) -> Payload:
    areas = {
        "planted_area_mu": "200000",
        "green_control_area_mu": "110000",
        "unified_control_area_mu": "90000",
        **changes,
    }
    return {"indicator": "green_control_coverage", **_COUNTY, "crops": {crop: areas}, **(report or {})}


def refused(payload: Payload) -> list[Problem]:
    """Return the problems of a payload that must be refused."""
    try:
        read_report(payload)
    except PayloadRefused as refusal:
        return list(refusal.problems)
    raise AssertionError("the payload was taken")


def accepted(payload: Payload) -> ReportForm:
    """Return the form of a payload that must be taken, whatever its warnings."""
    return read_report(payload)[0]


def sums_of(*payloads: Payload) -> Sums:
    """Return the sums over reports of one indicator and level."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for payload in payloads:
        form = accepted(payload)
        for key, amount in CATALOGUE[form.indicator].quantities(form).items():
            amounts[key] = amounts.get(key, Decimal(0)) + amount
    return Sums(amounts, len(payloads), Period.parse(payloads[0]["period"]) if payloads else None)


def coefficients(**values: str) -> Coefficients:
    """Return coefficients by `name__subject="value"`; a name alone stands for every subject."""
    valid = {}
    for key, value in values.items():
        name, _, subject = key.partition("__")
        valid[name, subject] = Coefficient(
            2020, "100000", name, subject, Decimal(value), "", "", SourceStatus.CONVENTION
        )
    return Coefficients(valid)
