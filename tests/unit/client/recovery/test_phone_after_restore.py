"""What a phone does that is told by its receipts of a restored ledger, and one that lost its last grant in a county."""

import json

import httpx
import pytest

from mobile_contract.outbox import ChangeState
from tests.support.paper_server import PaperServer
from tests.unit.client.conftest import COUNTY, FARM

REFUSAL = {"code": "above_scope", "zh": "不能查看。", "en": "May not be read."}


class Gate:
    """The way to a server, which a grant may close for what is read."""

    def __init__(self, server: PaperServer) -> None:
        self.server = server
        self.is_open = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not self.is_open and request.url.path in {"/v1/sync/pull", "/v1/sync/manifest"}:
            return httpx.Response(403, json=REFUSAL)
        return self.server(request)


@pytest.fixture
def line(server):
    return Gate(server)


def backup_of(server):
    return json.loads(json.dumps(server.memory))


def held(phone):
    return {one.id for one in phone.mirror.records(COUNTY)}


def test_what_was_acknowledged_beyond_the_cursor_is_handed_in_again_after_a_restore(phone, server):
    phone.register_farm(COUNTY, FARM)
    phone.sync()
    backup = backup_of(server)
    lost = phone.register_farm(COUNTY, FARM)
    phone.push()
    server.restore(backup, behind_cursors=True)
    phone.register_farm(COUNTY, FARM)
    report = phone.sync()
    assert report.resets == 1
    assert lost in server.memory["records"]
    assert held(phone) == set(server.memory["records"])
    assert phone.outbox.counts() == {ChangeState.APPLIED: 3}


def test_receipts_are_asked_about_until_a_pull_has_gone_beyond_them(phone, server):
    phone.register_farm(COUNTY, FARM)
    assert phone.sync().resets == 0
    server.memory["chain"].clear()
    assert phone.sync().resets == 0


def test_a_county_whose_last_grant_is_gone_leaves_the_phone_and_its_own_changes_stay(phone, server, line):
    phone.register_farm(COUNTY, FARM)
    phone.sync()
    unsent = phone.register_farm(COUNTY, FARM)
    line.is_open = False
    report = phone.sync()
    assert [one.code for one in report.refusals] == ["above_scope"]
    assert (held(phone), report.dropped) == (set(), 1)
    assert phone.mirror.followed(COUNTY).checksum.records == 0
    assert phone.outbox.of_record(unsent)[0].state is ChangeState.APPLIED
    line.is_open = True
    phone.sync()
    assert held(phone) == set(server.memory["records"])


def test_a_county_that_is_lost_in_the_middle_of_a_recovery_leaves_the_phone_too(phone, server, line):
    phone.register_farm(COUNTY, FARM)
    phone.sync()
    server.restore(server.memory)
    line.server = lambda request: (
        httpx.Response(403, json=REFUSAL) if request.url.path == "/v1/sync/manifest" else server(request)
    )
    assert phone.sync().dropped == 1
    line.server = server
    phone.sync()
    assert held(phone) == set(server.memory["records"])
