"""A browser that is sent from the service to the identity provider and back."""

from dataclasses import dataclass, field

import httpx

from tests.integration.conftest import Offices

SUBJECT = "hn-000417"


@dataclass
class Browser:
    """A browser with cookies of its own, between the service and the provider."""

    offices: Offices
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    async def ask(self, method: str, path: str) -> httpx.Response:
        self.offices.http.cookies = self.cookies
        answer = await self.offices.http.request(method, path)
        self.cookies = httpx.Cookies(self.offices.http.cookies)
        self.offices.http.cookies = httpx.Cookies()
        return answer

    async def sent_home(self) -> str:
        """Go to the provider, sign in there, and return the address that it sends the browser back to."""
        begun = await self.ask("GET", "/v1/auth/oidc/start")
        assert begun.status_code == 303, begun.text
        async with httpx.AsyncClient(trust_env=False) as web:
            there = await web.get(begun.headers["location"])
        assert there.status_code == 302, there.text
        home: str = there.headers["location"]
        return home

    async def back(self, home: str) -> httpx.Response:
        """Come home, and collect what it came to."""
        answer = await self.ask("GET", home.removeprefix("http://test"))
        assert (answer.status_code, answer.headers["location"]) == (303, "/?signed-in")
        return await self.ask("POST", "/v1/auth/oidc/token")

    async def sign_in(self) -> httpx.Response:
        return await self.back(await self.sent_home())

    async def refused(self) -> str:
        answer = await self.sign_in()
        assert answer.status_code >= 400, answer.text
        code: str = answer.json()["code"]
        return code


async def linked(offices: Offices, username: str = "county", subject: str = SUBJECT) -> str:
    """Link the person of the provider to an account as the administrator, and return the account's id."""
    admin = await offices.of("admin")
    listed = (await admin.get("/v1/accounts", limit=200)).json()["accounts"]
    account_id: str = next(one["id"] for one in listed if one["username"] == username)
    path = f"/v1/accounts/{account_id}/identities"
    answer = await offices.http.post(path, json={"subject": subject}, headers=admin.headers)
    assert answer.status_code == 200, answer.text
    assert [one["subject"] for one in answer.json()["identities"]] == [subject]
    return account_id
