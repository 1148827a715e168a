"""A visit to a page: what a reader opens, and what went wrong on the way."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

NATION = "#/100000?indicator=film_recovery&period=2025&view=headline"
PATIENCE_S = 30
expect.set_options(timeout=PATIENCE_S * 1000)


@dataclass
class Visit:
    """A page with what went wrong on it."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def open(self, address: str = NATION) -> Page:
        self.page.goto(f"{self.url}/{address}")
        expect(self.page.locator("#main[aria-busy=false]")).to_be_visible()
        expect(self.page.locator("#basins .basin-button")).to_have_count(4)
        return self.page
