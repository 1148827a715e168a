"""Filings as offices take their steps, and what stands in for the review of reports."""

from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.offices import COUNTY
from tests.support.reports import new_id

FILM = "film_recovery"
SOURCE = {"": "按供销台账核定"}
"""The reason that stands for a statement without any accepted report behind it."""

ACCEPT_ALL = """
    WITH records AS (
        UPDATE record SET status = 'accepted' WHERE kind = 'report' AND level = 'farm' AND status = 'submitted'
    )
    UPDATE rollup_cell SET status = 'accepted' WHERE level = 'farm' AND status = 'submitted'
"""


async def accept_all(engine: AsyncEngine) -> None:
    """Make every submitted farm report an accepted one, as a review of all of them would leave the sums."""
    async with engine.begin() as connection:
        await connection.execute(text(ACCEPT_ALL))


@dataclass(frozen=True)
class Cabinet:
    """One filing, and who asks: a caller has `http` and `headers`."""

    indicator: str = FILM
    period: str = "2025"
    region: str = COUNTY

    @property
    def path(self) -> str:
        return f"/v1/filings/{self.region}/{self.indicator}/{self.period}"

    async def ask(self, caller: Any, action: str, seen: str, **asked: Any) -> httpx.Response:
        body = {"step_id": new_id(), "seen": seen} | asked
        response: httpx.Response = await caller.http.post(f"{self.path}/{action}", json=body, headers=caller.headers)
        return response

    async def take(self, caller: Any, action: str, seen: str, **asked: Any) -> dict[str, Any]:
        """Take a step, which must succeed, and return the filing."""
        response = await self.ask(caller, action, seen, **asked)
        assert response.status_code == 200, response.text
        shown: dict[str, Any] = response.json()
        return shown

    async def file(self, caller: Any, **asked: Any) -> dict[str, Any]:
        """File what is open, its reason given for the whole of the statement."""
        return await self.take(caller, "file", "open", **({"differences": SOURCE} | asked))

    async def refuse(self, caller: Any, action: str, seen: str, **asked: Any) -> dict[str, Any]:
        """Take a step, which must be refused, and return the problem."""
        response = await self.ask(caller, action, seen, **asked)
        assert response.status_code >= 400, response.text
        found: dict[str, Any] = response.json()
        return found

    async def open_until(self, caller: Any, until: str, **asked: Any) -> httpx.Response:
        body = {"exception_id": new_id(), "until": until, "reason": "水灾地区补报"} | asked
        response: httpx.Response = await caller.http.post(f"{self.path}/exceptions", json=body, headers=caller.headers)
        return response
