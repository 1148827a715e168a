"""Signing in on the page: two tabs of one sign-in, and the identity provider of a province."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from backend.embedded import Cluster, create_database_from_template, drop_database
from tests.conftest import Database
from tests.support.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, running
from tests.support.offices import PASSWORD
from tests.support.servers import LiveServer, offices_of, serving

ADDRESS = "#/430623?indicator=film_recovery&period=2025&view=headline"
ASK = """() => {
  const api = document.querySelector('[href$="/api.js"]').href;
  window.asked = import(api).then(({ readAccount }) => readAccount());
}"""
"""Asks by the page's own module, which holds its sign-in."""
KEPT = "() => JSON.parse(sessionStorage['qingtian.session']).refreshToken"
ANSWER = "() => window.asked.then((account) => account.username)"


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    provider.roll_keys()
    with running(provider):
        yield provider


@pytest.fixture(scope="module")
def server(
    cluster: Cluster, template: str, provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server that is no demo, and knows the provider."""
    home = tmp_path_factory.mktemp("sign_in")
    secret = home / "client-secret"
    secret.write_text(CLIENT_SECRET, encoding="utf-8")
    database = Database(cluster, f"sign_in_{home.stat().st_ino}")
    create_database_from_template(cluster, database.name, template)
    with ThreadPoolExecutor(1) as beside:  # the browser's loop runs in this thread
        beside.submit(anyio.run, offices_of, database.owner_url).result()
    settings = {
        "QINGTIAN_OIDC_ISSUER": provider.url,
        "QINGTIAN_OIDC_CLIENT_ID": CLIENT_ID,
        "QINGTIAN_OIDC_CLIENT_SECRET_FILE": str(secret),
        "QINGTIAN_OIDC_NAME": "湖南省统一身份认证",
    }
    try:
        with serving(database, home, demo=False, settings=settings) as server:
            yield server
    finally:
        drop_database(cluster, database.name)


def signed_in(context: BrowserContext, server: LiveServer) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}/{ADDRESS}")
    page.get_by_role("button", name="登录", exact=True).click()
    page.locator("[name=username]").fill("county")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("#session [type=submit]").click()
    is_inside(page)
    return page


def is_inside(page: Page) -> None:
    expect(page.locator(".account")).to_have_text("county")
    expect(page.locator("#session")).to_be_hidden()


def duplicate(page: Page) -> Page:
    """Open the page again as a browser duplicates a tab: with a copy of what it keeps."""
    with page.expect_popup() as opened:
        page.evaluate("() => { window.open(location.href); }")
    is_inside(opened.value)
    return opened.value


class Renewals:
    """Tells pages that their sign-in is over when they ask who they are, and counts what they then exchange."""

    def __init__(self, *pages: Page) -> None:
        self.exchanged = 0
        for page in pages:
            page.on("request", self._count)

    def _count(self, request: Request) -> None:
        self.exchanged += "grant_type=refresh_token" in (request.post_data or "")

    def force(self, *pages: Page) -> None:
        """Let the pages find their sign-in over at the same time; all must come through."""
        for page in pages:
            page.route("**/v1/me", over, times=1)
            page.evaluate(ASK)
        for page in pages:
            assert page.evaluate(ANSWER) == "county"


def over(route: Route) -> None:
    route.fulfill(status=401, content_type="application/problem+json", body='{"code": "unauthenticated"}')


def test_tabs_of_one_sign_in_renew_it_for_one_another(context: BrowserContext, server: LiveServer) -> None:
    first = signed_in(context, server)
    second = duplicate(first)
    renewals = Renewals(first, second)
    for number, pages in enumerate(((first,), (second,), (first,), (second, first), (first, second)), start=1):
        renewals.force(*pages)
        assert renewals.exchanged == number, "one exchange, whichever tabs find the sign-in over"
    for page in (first, second):
        page.reload()
        is_inside(page)
        page.wait_for_timeout(100)
    renewals.force(second, first)
    kept = {
        page.evaluate("() => JSON.parse(sessionStorage['qingtian.session']).refreshToken") for page in (first, second)
    }
    assert len(kept) == 1


def test_a_tab_goes_on_after_the_one_that_renewed_is_closed(context: BrowserContext, server: LiveServer) -> None:
    first = signed_in(context, server)
    second = duplicate(first)
    renewals = Renewals(first, second)
    renewals.force(first)
    renewals.force(first)
    first.close()
    renewals.force(second)
    is_inside(second)


def test_a_linked_person_signs_in_by_the_provider_and_another_is_told_why_not(
    context: BrowserContext, server: LiveServer, provider: IdentityProvider
) -> None:
    page = context.new_page()
    page.goto(f"{server.url}/{ADDRESS}")
    page.get_by_role("button", name="登录", exact=True).click()
    button = page.locator("#session-provider")
    expect(button).to_have_text("用湖南省统一身份认证登录")
    button.click()
    expect(page.locator(".session-alert")).to_contain_text(f"统一身份“{provider.person['sub']}”尚未关联本系统账号")
    assert page.url.startswith(f"{server.url}/")
    assert "signed-in" not in page.url
    link(server, str(provider.person["sub"]))
    button.click()
    is_inside(page)
    page.reload()
    is_inside(page)
    page.get_by_role("button", name="退出").click()
    expect(page.locator("#guest")).to_be_visible()
    expect(page.locator(".account")).to_have_count(0)


def link(server: LiveServer, subject: str) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        form = {"username": "admin", "password": PASSWORD}
        token = client.post("/v1/auth/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        accounts = client.get("/v1/accounts?limit=200").json()["accounts"]
        county = next(one["id"] for one in accounts if one["username"] == "county")
        client.post(f"/v1/accounts/{county}/identities", json={"subject": subject}).raise_for_status()
