"""What every run begins with: accounts, and what their phones filed in the morning."""

from typing import Any

from backend.auth.access import Grant
from schemas.vocabulary import Role
from tests.faults.stage import Stage

STEADY, MOVING, BUREAU = OFFICES = ("worker", "moving worker", "bureau")


def open_stage(stage: Stage) -> list[str]:
    """Open the accounts, let each phone file something in the morning, and return the records that there are.

    The moving worker has been in both counties by then.
    """
    here, there = stage.counties
    grants = {
        STEADY: [Grant(Role.WORKER, here.townships[0])],
        MOVING: [Grant(Role.WORKER, here.townships[1]), Grant(Role.WORKER, there.townships[0])],
        BUREAU: [Grant(Role.COUNTY, here.code), Grant(Role.COUNTY, there.code)],
    }
    phones = {
        office: stage.open_account(office, held, [here] if office == STEADY else [here, there])
        for office, held in grants.items()
    }
    filed = []
    for office, county, township in (
        (STEADY, here, 0),
        (MOVING, here, 1),
        (MOVING, there, 0),
        (BUREAU, there, 1),
    ):
        farm = phones[office].register_farm(county.code, household(county.townships[township], "早户"))
        report = phones[office].file_report(county.code, film(farm, county.townships[township], "2025", "3"))
        filed += [farm, report]
    for _ in range(2):
        for phone in phones.values():
            assert phone.sync().reached
    for phone in phones.values():
        phone.close()
    stage.keep_morning()
    return filed


def household(township_code: str, name: str) -> dict[str, Any]:
    """Return what is filled in for a farm."""
    return {"entity_kind": "household", "township_code": township_code, "name": name}


def film(farm_id: str, township_code: str, year: str, used_kg: str) -> dict[str, Any]:
    """Return what is filled in for a film report."""
    return {
        "indicator": "film_recovery",
        "level": "farm",
        "period": year,
        "farm_id": farm_id,
        "township_code": township_code,
        "mulch_used_kg": used_kg,
    }
