"""Signing in by a province's own identity provider: a standards-true one over sockets, right and wrong in every way."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_app
from backend.jobs.catalogue import catalogue
from backend.settings import Settings
from tests.conftest import Database
from tests.integration.conftest import Offices
from tests.support.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, running
from tests.support.offices import SignIn
from tests.support.provider_browser import SUBJECT, Browser, linked

pytestmark = pytest.mark.anyio


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    provider.roll_keys()
    with running(provider):
        yield provider


Opened = Callable[..., Any]


@pytest.fixture
async def opened(
    database: Database, sign_ins: dict[str, SignIn], provider: IdentityProvider, tmp_path: Path
) -> AsyncIterator[Opened]:
    """Open a deployment that knows the provider, with further settings."""
    secret = tmp_path / "client-secret"
    secret.write_text(f"{CLIENT_SECRET}\n", encoding="utf-8")
    async with AsyncExitStack() as stack:

        async def opens(**settings: Any) -> Offices:
            whole = Settings(
                home=tmp_path,
                database_url=database.service_url,
                secret="s" * 40,
                follow_s=3600,
                oidc_issuer=provider.url,
                oidc_client_id=CLIENT_ID,
                oidc_client_secret_file=secret,
                **settings,
            )
            app = create_app(whole)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://test"))
            return Offices(app, http, sign_ins)

        yield opens


async def test_a_linked_person_gets_an_ordinary_sign_in_that_rotates_and_signs_out(
    opened: Opened, provider: IdentityProvider
) -> None:
    offices = await opened(oidc_name="湖南省统一身份认证")
    assert (await offices.http.get("/v1/deployment")).json()["identity_provider"] == "湖南省统一身份认证"
    await linked(offices)
    browser = Browser(offices)
    answer = await browser.sign_in()
    assert answer.status_code == 200, answer.text
    token = answer.json()
    assert token["username"] == "county"
    me = await offices.http.get("/v1/me", headers={"Authorization": f"Bearer {token['access_token']}"})
    assert me.json()["grants"][0]["region_code"] == "430623"
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    again = (await offices.http.post("/v1/auth/token", data=form)).json()
    assert again["refresh_token"] != token["refresh_token"]
    await offices.http.post("/v1/auth/sign-out", data={"refresh_token": again["refresh_token"]})
    me = await offices.http.get("/v1/me", headers={"Authorization": f"Bearer {again['access_token']}"})
    assert me.status_code == 401
    assert (await browser.ask("POST", "/v1/auth/oidc/token")).json()["code"] == "provider_refused"
    assert (await Browser(offices).sign_in()).status_code == 200
    assert provider.asked.count("/jwks") == provider.asked.count("/.well-known/openid-configuration") == 1


async def test_who_is_linked_to_no_account_is_told_their_name_at_the_provider(opened: Opened) -> None:
    offices = await opened()
    answer = await Browser(offices).sign_in()
    assert (answer.status_code, answer.json()["code"]) == (403, "identity_unlinked")
    assert answer.json()["params"] == {"subject": SUBJECT}


def expired(provider: IdentityProvider) -> None:
    provider.wrong = {"exp": int(time.time()) - 61}


def of_the_future(provider: IdentityProvider) -> None:
    provider.wrong = {"iat": int(time.time()) + 600}


def forged_by_another_key(provider: IdentityProvider) -> None:
    provider.signed_with = RSAKey.generate_key(2048)


def tagged_with_the_secret(provider: IdentityProvider) -> None:
    provider.signed_with = OctKey.import_key(CLIENT_SECRET)


def unsigned(provider: IdentityProvider) -> None:
    provider.unsigned = True


def denied(provider: IdentityProvider) -> None:
    provider.denies = "access_denied"


def claims(**wrong: Any) -> Callable[[IdentityProvider], None]:
    return lambda provider: provider.wrong.update(wrong)


@pytest.mark.parametrize(
    "goes_wrong",
    [
        claims(nonce="of another sign-in"), claims(nonce=None), claims(aud="another client"), claims(aud=None),
        claims(aud=[CLIENT_ID, "another client"]), claims(azp="another client"), claims(iss="https://elsewhere.cn"),
        claims(sub=None), claims(exp=None), claims(iat=None), expired, of_the_future, unsigned,
        forged_by_another_key, tagged_with_the_secret, denied,
    ],
    ids=[
        "nonce", "no nonce", "audience", "no audience", "two audiences", "azp", "issuer", "no subject", "no expiry",
        "no time", "expired", "of the future", "alg none", "forged", "secret as key", "denied",
    ],
)  # fmt: skip
async def test_what_does_not_prove_a_person_is_refused(
    opened: Opened, provider: IdentityProvider, goes_wrong: Callable[[IdentityProvider], None]
) -> None:
    offices = await opened()
    await linked(offices)
    goes_wrong(provider)
    assert await Browser(offices).refused() == "provider_refused"


async def test_clocks_may_differ_by_less_than_a_minute(opened: Opened, provider: IdentityProvider) -> None:
    offices = await opened()
    await linked(offices)
    provider.wrong = {"exp": int(time.time()) - 30}
    assert (await Browser(offices).sign_in()).status_code == 200
    provider.wrong = {"iat": int(time.time()) + 30}
    assert (await Browser(offices).sign_in()).status_code == 200


async def test_a_state_is_taken_once_and_by_the_browser_that_began(opened: Opened) -> None:
    offices = await opened()
    await linked(offices)
    victim, thief = Browser(offices), Browser(offices)
    home = await victim.sent_home()
    assert (await thief.back(home)).json()["code"] == "provider_refused"
    assert (await thief.sent_home()) != home
    assert (await thief.back(home)).json()["code"] == "provider_refused"
    assert (await victim.back(home)).status_code == 200
    assert (await victim.back(home)).json()["code"] == "provider_refused"


async def test_a_code_of_another_sign_in_is_refused(opened: Opened) -> None:
    """Whoever slips a code of their own into another's browser fails by the nonce and by PKCE."""
    offices = await opened()
    await linked(offices)
    victim, thief = Browser(offices), Browser(offices)
    own, other = httpx.URL(await victim.sent_home()), httpx.URL(await thief.sent_home())
    slipped = own.copy_set_param("code", other.params["code"])
    assert (await victim.back(str(slipped))).json()["code"] == "provider_refused"


async def test_a_new_key_of_the_provider_is_fetched_when_it_is_met(
    opened: Opened, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices = await opened()
    await linked(offices)
    assert (await Browser(offices).sign_in()).status_code == 200
    provider.roll_keys("EC")
    assert await Browser(offices).refused() == "provider_refused", "asked again too soon"
    monkeypatch.setattr("backend.auth.provider.NEW_KEYS_AFTER_S", 0)
    assert (await Browser(offices).sign_in()).status_code == 200
    assert provider.asked.count("/jwks") == 2


async def test_while_the_provider_is_down_passwords_go_on_and_the_button_says_so(
    opened: Opened, provider: IdentityProvider
) -> None:
    elsewhere = IdentityProvider()
    elsewhere.roll_keys()
    with running(elsewhere):
        provider.url = elsewhere.url
        offices = await opened()
    browser = Browser(offices)
    begun = await browser.ask("GET", "/v1/auth/oidc/start")
    assert (begun.status_code, begun.headers["location"]) == (303, "/?signed-in")
    answer = await browser.ask("POST", "/v1/auth/oidc/token")
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_down")
    assert (await (await offices.of("county")).get("/v1/me")).status_code == 200
    with running(elsewhere, port=int(provider.url.rpartition(":")[2])):
        await linked(offices)
        assert (await Browser(offices).sign_in()).status_code == 200
        home = await browser.sent_home()
    assert (await browser.back(home)).json()["code"] == "provider_down"


async def test_only_verified_addresses_of_the_allowed_domains_come_in(
    opened: Opened, provider: IdentityProvider
) -> None:
    offices = await opened(oidc_domains={"hunan.gov.cn"})
    await linked(offices)
    for address, verified, status in (
        (None, None, 403), ("li@hunan.gov.cn", False, 403), ("li@hunan.gov.cn", "true", 403),
        ("li@hunan.gov.cn.evil.cn", True, 403), ("hunan.gov.cn", True, 403), ("li@Hunan.gov.cn", True, 200),
    ):  # fmt: skip
        provider.wrong = {"email": address, "email_verified": verified}
        answer = await Browser(offices).sign_in()
        assert answer.status_code == status, (address, verified)
        assert status == 200 or answer.json()["code"] == "identity_domain"


async def test_another_claim_names_the_person_where_the_deployment_says_so(
    opened: Opened, provider: IdentityProvider
) -> None:
    offices = await opened(oidc_claim="staff_no")
    await linked(offices, subject="0417")
    assert await Browser(offices).refused() == "provider_refused"
    provider.person["staff_no"] = 417
    assert await Browser(offices).refused() == "provider_refused"
    provider.person["staff_no"] = "0417"
    assert (await Browser(offices).sign_in()).json()["username"] == "county"


async def test_an_account_is_opened_without_grants_where_the_deployment_says_so(
    opened: Opened, provider: IdentityProvider
) -> None:
    offices = await opened(oidc_create_accounts=True)
    token = (await Browser(offices).sign_in()).json()
    me = await offices.http.get("/v1/me", headers={"Authorization": f"Bearer {token['access_token']}"})
    assert me.json() == {"username": SUBJECT, "display_name": "李雷", "grants": []}
    assert (await Browser(offices).sign_in()).json()["username"] == SUBJECT
    provider.person = {"sub": "county"}
    assert await Browser(offices).refused() == "identity_unlinked", "an account is never taken by its name"
    provider.person = {"sub": "with a blank"}
    assert await Browser(offices).refused() == "identity_unlinked"


async def test_an_unlinked_person_is_out_at_the_next_request_and_the_audit_tells_of_it(
    opened: Opened, owner_engine: AsyncEngine
) -> None:
    offices = await opened()
    account_id = await linked(offices)
    await linked(offices)  # again is no news
    token = (await Browser(offices).sign_in()).json()
    admin, county = await offices.of("admin"), await offices.of("county")
    path = f"/v1/accounts/{account_id}/identities"
    said = {"json": {"subject": SUBJECT}, "headers": admin.headers}
    assert (await offices.http.post(f"{path}/remove", **said)).json() == {"identities": []}
    me = await offices.http.get("/v1/me", headers={"Authorization": f"Bearer {token['access_token']}"})
    assert me.status_code == 401
    assert (await county.get("/v1/me")).status_code == 200, "a sign-in by password stays"
    assert await Browser(offices).refused() == "identity_unlinked"
    assert (await offices.http.post(f"{path}/remove", **said)).json()["code"] == "unknown_identity"
    async with owner_engine.connect() as connection:
        acts = (await connection.scalars(text("SELECT act FROM audit ORDER BY id"))).all()
    assert acts == ["identity_linked", "identity_unlinked"]


async def test_an_identity_is_of_one_account_and_nobody_links_the_own(opened: Opened) -> None:
    offices = await opened()
    await linked(offices)
    admin = await offices.of("admin")
    listed = (await admin.get("/v1/accounts", limit=200)).json()["accounts"]
    ids = {one["username"]: one["id"] for one in listed}
    for username, subject, code in (("prefecture", SUBJECT, "identity_taken"), ("admin", "another", "own_account")):
        path = f"/v1/accounts/{ids[username]}/identities"
        answer = await offices.http.post(path, json={"subject": subject}, headers=admin.headers)
        assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_a_disabled_account_stays_out(opened: Opened) -> None:
    offices = await opened()
    account_id = await linked(offices)
    browser = Browser(offices)
    home = await browser.sent_home()
    admin = await offices.of("admin")
    await browser.ask("GET", home.removeprefix("http://test"))
    await offices.http.post(f"/v1/accounts/{account_id}/disable", headers=admin.headers)
    assert (await browser.ask("POST", "/v1/auth/oidc/token")).json()["code"] == "provider_refused"
    assert await Browser(offices).refused() == "identity_unlinked"


async def test_what_nobody_ended_in_time_is_void_and_forgotten(opened: Opened, owner_engine: AsyncEngine) -> None:
    offices = await opened()
    await linked(offices)
    browser = Browser(offices)
    home = await browser.sent_home()
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE provider_sign_in SET expires_at = now() - interval '1 second'"))
    assert (await browser.back(home)).json()["code"] == "provider_refused"
    service = offices.app.state.service
    await catalogue(service.settings)["sign-ins"].run(service)
    async with owner_engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM provider_sign_in"))).scalar_one() == 0


async def test_the_cookie_is_for_the_server_alone_and_secure_where_the_browser_is(opened: Opened) -> None:
    offices = await opened(oidc_redirect_url="https://qingtian.hunan.gov.cn/v1/auth/oidc/callback")
    begun = await offices.http.get("/v1/auth/oidc/start")
    cookie = begun.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "secure", "samesite=lax", "path=/v1/auth/oidc"))
    sent = httpx.URL(begun.headers["location"]).params
    assert sent["redirect_uri"] == "https://qingtian.hunan.gov.cn/v1/auth/oidc/callback"


async def test_without_a_provider_its_doors_say_so(offices: Offices) -> None:
    assert (await offices.http.get("/v1/deployment")).json()["identity_provider"] is None
    for method, path in (("GET", "start"), ("GET", "callback"), ("POST", "token")):
        answer = await offices.http.request(method, f"/v1/auth/oidc/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "provider_off")


@pytest.mark.parametrize("issuer", ["http://id.hunan.gov.cn", "id.hunan.gov.cn", "ftp://127.0.0.1"])
def test_a_provider_without_tls_is_refused(issuer: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Settings(oidc_issuer=issuer, oidc_client_id="x")


def test_a_provider_needs_the_name_of_its_client() -> None:
    with pytest.raises(ValueError, match="CLIENT_ID"):
        Settings(oidc_issuer="https://id.hunan.gov.cn")
