"""A figure explained: its parts add up to it, and the answer says what it was made from."""

from typing import Any

import pytest

from tests.integration.conftest import Caller, Offices
from tests.support.filings import FILM, Cabinet
from tests.support.offices import COUNTY
from tests.support.reports import farm, film, film_statement

pytestmark = pytest.mark.anyio


async def explained(caller: Caller, region: str = COUNTY, indicator: str = FILM, **asked: Any) -> dict[str, Any]:
    response = await caller.get(f"/v1/figures/{region}/{indicator}/2025/explanation", **asked)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_smoke(worker: Caller, county: Caller, offices: Offices) -> None:
    one = farm()
    await worker.apply(one, film(one["record_id"]))
    found = await explained(county)
    import json

    print(json.dumps(found, ensure_ascii=False, indent=1)[:6000])
    await county.apply(film_statement())
    await Cabinet().file(county)
    p = await offices.of("prefecture")
    await Cabinet().take(p, "endorse", "filed")
    await Cabinet().take(await offices.of("province"), "accept", "endorsed")
    await Cabinet().take(await offices.of("ministry"), "publish", "accepted")
    r = await county.get(f"/v1/figures/{COUNTY}/{FILM}/2025/statement")
    print(json.dumps(r.json(), ensure_ascii=False, indent=1))
    for as_of in ("filed", "published", found["basis"]["moment"]):
        again = await explained(county, as_of=as_of)
        print(as_of, again["value"], again["basis"])
    print(await explained(p, "430600"))
