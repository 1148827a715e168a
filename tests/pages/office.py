"""An office at its desk: a page of its own in the browser, and the same account as a client of the interface."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.pages.visit import PATIENCE_S
from tests.support.reports import Item, body
from tests.support.servers import LiveServer

EXPECTED_NOISE = "Failed to load resource"
"""What a browser says of any refusal, wanted or not."""

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Office:
    """One account: what it sees, and what it asks."""

    name: str
    server: LiveServer
    page: Page
    faults: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        """Go to an address of the desk and wait until it stands; sign in by keyboard where asked."""
        self.page.goto(f"{self.server.url}/desk{address}")
        expect(self.page.locator("#session[open], #main[aria-busy=false]").first).to_be_visible()
        if self.page.locator("#session[open]").count():
            username, password = self.server.accounts[self.name]
            self.page.locator("[name=username]").focus()
            self.page.keyboard.type(username)
            self.page.keyboard.press("Tab")
            self.page.keyboard.type(password)
            self.page.keyboard.press("Enter")
        expect(self.page.locator("#session[open]")).to_have_count(0)
        expect(self.page.locator("#main[aria-busy=false]")).to_be_visible()
        return self.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def says(self, text: str) -> None:
        """Expect an outcome to have been said."""
        expect(self.page.locator("#announcer")).to_contain_text(text)

    @contextmanager
    def asking(self) -> Iterator[httpx.Client]:
        """Give the interface as this office."""
        with httpx.Client(base_url=self.server.url, timeout=30, trust_env=False) as client:
            username, password = self.server.accounts[self.name]
            answer = client.post("/v1/auth/token", data={"username": username, "password": password})
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield client

    def apply(self, *changes: Item) -> None:
        """Push changes that must all be taken."""
        with self.asking() as client:
            response = client.post("/v1/sync/push", json=body(*changes))
        assert response.status_code == 200, response.text
        outcomes = {one["outcome"] for one in response.json()["outcomes"]}
        assert outcomes <= {"applied", "merged"}, response.text

    def ask(self, path: str, **params: Any) -> Any:
        with self.asking() as client:
            response = client.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()


@dataclass
class Offices:
    """The offices along the line, each in a browser of its own."""

    server: LiveServer
    browser: Browser
    seated: list[Office] = field(default_factory=list)

    def seat(self, name: str, viewport: dict[str, int] | None = None) -> Office:
        """Open a browser for an office; nothing may raise in it or break a policy."""
        context = self.browser.new_context(viewport=viewport or DESK, locale="zh-CN", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_S * 1000)
        office = Office(name, self.server, context.new_page())
        office.page.on("pageerror", lambda error: office.faults.append(f"raised: {error}"))
        office.page.on(
            "console",
            lambda said: (
                office.faults.append(f"console: {said.text}")
                if said.type in {"error", "warning"} and EXPECTED_NOISE not in said.text
                else None
            ),
        )
        self.seated.append(office)
        return office

    def leave(self) -> None:
        """Close every browser; whatever went wrong in one of them is told."""
        for office in self.seated:
            office.page.context.close()
        assert [fault for office in self.seated for fault in office.faults] == []
