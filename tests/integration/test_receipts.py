"""Receipts of pushes: signed after the commit, verifiable offline, for as long as the keys are known."""

import hashlib
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_app
from backend.settings import Settings
from schemas.canonical import canonical_sha256
from schemas.receipts import (
    KEYS_PATH,
    PublishedKeys,
    SignatureState,
    raw_keys,
    signature_state,
)
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.receipts import document_of
from tests.support.reports import amend, farm, film

pytestmark = pytest.mark.anyio


async def keys_of(offices: Offices) -> dict[str, bytes]:
    response = await offices.http.get(KEYS_PATH)
    assert response.status_code == 200
    return raw_keys(PublishedKeys.model_validate(response.json()))


async def test_a_receipt_names_what_was_taken_and_holds_under_the_published_keys(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    refused = farm(entity_kind="castle")
    report = film(homestead["record_id"])
    changes = [homestead, refused, report]
    answer = (await worker.push(*changes)).json()
    document = document_of(answer, changes)
    assert document["items"] == [
        [homestead["change_id"], canonical_sha256(homestead).hex(), "applied", COUNTY, 1],
        [report["change_id"], canonical_sha256(report).hex(), "applied", COUNTY, 2],
    ]
    async with owner_engine.connect() as connection:
        [head] = await connection.execute(text("SELECT position, entry_hash FROM ledger_head WHERE position > 0"))
    assert document["heads"] == [{"county_code": COUNTY, "position": 2, "entry_hash": bytes(head.entry_hash).hex()}]
    assert signature_state(document, await keys_of(offices)) is SignatureState.HOLDS


@pytest.mark.parametrize("name", ["alg", "key_id", "issued_at", "account", "device_id", "items", "heads", "signature"])
async def test_a_receipt_that_was_changed_anywhere_does_not_hold(offices: Offices, worker: Caller, name: str) -> None:
    homestead = farm()
    document = document_of((await worker.push(homestead)).json(), [homestead])
    keys = await keys_of(offices)
    match document[name]:
        case str() as value:
            document[name] = value[:-1] + ("1" if value[-1] != "1" else "2")
        case [[*item]]:
            document[name] = [[*item[:-1], item[-1] + 1]]
        case [{**head}]:
            document[name] = [head | {"position": 2}]
        case value:
            raise AssertionError(value)
    expected = SignatureState.UNKNOWN_KEY if name == "key_id" else SignatureState.BROKEN
    assert signature_state(document, keys) is expected


async def test_a_replay_is_acknowledged_again(offices: Offices, worker: Caller) -> None:
    homestead = farm()
    first = document_of((await worker.push(homestead)).json(), [homestead])
    await worker.apply(farm())
    again = (await worker.push(homestead)).json()
    assert again["outcomes"][0]["replayed"] is True
    second = document_of(again, [homestead])
    assert second["items"] == first["items"]
    assert second["heads"][0]["position"] == 2
    assert signature_state(second, await keys_of(offices)) is SignatureState.HOLDS


async def test_a_push_of_which_nothing_was_taken_has_no_receipt(worker: Caller) -> None:
    answer = (await worker.push(farm(entity_kind="castle"), amend(farm(), {"/name": "乙"}))).json()
    assert answer["receipt"] is None


async def test_the_keys_may_be_cached_and_are_not_sent_twice(offices: Offices) -> None:
    first = await offices.http.get(KEYS_PATH)
    assert first.headers["cache-control"] == "public, max-age=3600"
    [key] = first.json()["keys"]
    [raw] = raw_keys(PublishedKeys.model_validate(first.json())).values()
    assert (key["alg"], key["key_id"]) == ("Ed25519", hashlib.sha256(raw).hexdigest()[:16])
    again = await offices.http.get(KEYS_PATH, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_receipts_of_an_older_secret_still_hold(
    offices: Offices, worker: Caller, database: Database, tmp_path: Path
) -> None:
    homestead = farm()
    document = document_of((await worker.push(homestead)).json(), [homestead])
    before = await keys_of(offices)
    app = create_app(
        Settings(home=tmp_path, database_url=database.service_url, secret="t" * 40, follow_s=3600, jobs=False)
    )
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            published = PublishedKeys.model_validate((await http.get(KEYS_PATH)).json())
    after = raw_keys(published)
    assert len(after) == 2
    assert before.keys() < after.keys()
    assert app.state.service.signer.key_id in after.keys() - before.keys()
    assert signature_state(document, after) is SignatureState.HOLDS
