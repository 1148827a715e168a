"""The filings of the demo: most counties file 2024, one prefecture's go up to publication, 2025 is filed in part."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import httpx

from backend.demo.accounts import DEMO_PASSWORD, SHOWN_COUNTY, bureau_username
from backend.demo.draws import Draws
from backend.demo.network import SharedTransport
from schemas.vocabulary import FilingAction, FilingState, Indicator

FILED = (Indicator.FILM_RECOVERY, Indicator.STRAW_UTILISATION, Indicator.MANURE_UTILISATION)
LAST_YEAR, THIS_YEAR = "2024", "2025"
GOES_UP = frozenset({"430611", "430621", "430623", "430624", "430681", "430682"})
"""The counties of 岳阳市, the prefecture of the accounts that are shown: what they file goes up."""

NOT_YET_EVERY = 4
"""Every fourth county has not filed last year."""
EARLY_EVERY = 3
"""Every third has filed the film of this year already."""

REASON = "县级报表按统计台账核定，田间填报尚未覆盖全部主体"
COUNTIES_AT_ONCE = 3
_TIMEOUT_S = 60.0


class FilingStoppedError(RuntimeError):
    """A step of the demo was refused."""


@dataclass(frozen=True, slots=True)
class PlannedFiling:
    """One filing, and how far it goes."""

    county_code: str
    indicator: Indicator
    period: str
    reaches: FilingState


def plan_filings(county_codes: Sequence[str]) -> list[PlannedFiling]:
    """Return what is filed, by county; the county that is shown has filed last year and nothing of this one."""
    planned = []
    for number, code in enumerate(sorted(county_codes)):
        if number % NOT_YET_EVERY != NOT_YET_EVERY - 1 or code == SHOWN_COUNTY:
            planned += [PlannedFiling(code, one, LAST_YEAR, _reached(code, one)) for one in FILED]
        if number % EARLY_EVERY == 0 and code != SHOWN_COUNTY:
            planned.append(PlannedFiling(code, Indicator.FILM_RECOVERY, THIS_YEAR, FilingState.FILED))
    return planned


def _reached(county_code: str, indicator: Indicator) -> FilingState:
    if county_code not in GOES_UP:
        return FilingState.FILED
    reached = {
        Indicator.FILM_RECOVERY: FilingState.PUBLISHED,
        Indicator.STRAW_UTILISATION: FilingState.ACCEPTED,
    }
    return reached.get(indicator, FilingState.ENDORSED)


def carry_filings(base_url: str, network: SharedTransport, county_codes: Sequence[str], seed: int) -> int:
    """Take the planned steps and return how many; what an earlier run took is recognised. Raises FilingStoppedError."""
    planned = plan_filings(county_codes)

    def carry(username: str, action: FilingAction, seen: FilingState, filings: Sequence[PlannedFiling]) -> int:
        with _Office(base_url, network, username) as office:
            for one in filings:
                office.step(one, action, seen, seed)
        return len(filings)

    def file(code: str) -> int:
        of_county = [one for one in planned if one.county_code == code]
        return carry(bureau_username(code), FilingAction.FILE, FilingState.OPEN, of_county)

    with ThreadPoolExecutor(COUNTIES_AT_ONCE) as pool:
        taken = sum(pool.map(file, sorted({one.county_code for one in planned})))
    # Each tier after the one below it.
    for username, action, seen, reached in _UPWARD:
        taken += carry(username, action, seen, list(_that_reach(planned, reached)))
    return taken


_UPWARD = (
    ("prefecture", FilingAction.ENDORSE, FilingState.FILED, FilingState.ENDORSED),
    ("province", FilingAction.ACCEPT, FilingState.ENDORSED, FilingState.ACCEPTED),
    ("ministry", FilingAction.PUBLISH, FilingState.ACCEPTED, FilingState.PUBLISHED),
)


def _that_reach(planned: Sequence[PlannedFiling], state: FilingState) -> Iterator[PlannedFiling]:
    order = list(FilingState)
    return (one for one in planned if order.index(one.reaches) >= order.index(state))


class _Office:
    """An office at its desk, signed in."""

    def __init__(self, base_url: str, network: SharedTransport, username: str) -> None:
        self._http = httpx.Client(base_url=base_url, transport=network, timeout=_TIMEOUT_S)
        response = self._http.post("/v1/auth/token", data={"username": username, "password": DEMO_PASSWORD})
        _check(response)
        self._http.headers["Authorization"] = f"Bearer {response.json()['access_token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def step(self, one: PlannedFiling, action: FilingAction, seen: FilingState, seed: int) -> None:
        """Take a step; where the statement differs from accepted reports, give the reason for each difference."""
        path = f"/v1/filings/{one.county_code}/{one.indicator}/{one.period}/{action}"
        draws = Draws(seed, f"{action} {one.county_code} {one.indicator} {one.period}")
        asked: dict[str, Any] = {"step_id": draws.new_id(draws.moment(2025, 3, 1, 20)), "seen": seen}
        response = self._http.post(path, json=asked)
        if response.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            response = self._http.post(path, json=asked | {"differences": _reasons(response)})
        _check(response)


def _reasons(response: httpx.Response) -> dict[str, str]:
    """Return a reason for every difference that a refusal names."""
    pointers = [fault["field"].removeprefix("/differences/") for fault in response.json()["errors"]]
    return {pointer.replace("~1", "/").replace("~0", "~"): REASON for pointer in pointers}


def _check(response: httpx.Response) -> None:
    if response.status_code != httpx.codes.OK:
        raise FilingStoppedError(f"{response.request.url.path}: {response.status_code} {response.text[:200]}")
