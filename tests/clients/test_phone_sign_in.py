"""A phone stays signed in by itself, is enrolled by a code and is revoked; whatever happens, its work stays on it."""

import httpx
import pytest

from backend.demo.network import Fate, FlakyTransport
from mobile_contract.client import OtherAccountError, Phone
from mobile_contract.wire import Pacing, RefusedError, SignInNeededError, Tokens

FARM = {"entity_kind": "household", "name": "张家湾村种植户01", "area_mu": "6.5"}


class Office:
    """An office at its desk, over the real wire."""

    def __init__(self, server, role="county"):
        username, password = server.accounts[role]
        self.http = httpx.Client(base_url=server.url, trust_env=False)
        answer = self.http.post("/v1/auth/token", data={"username": username, "password": password})
        self.http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    def code_for(self, username):
        answer = self.http.post("/v1/enrolments", json={"username": username})
        assert answer.status_code == 201, answer.text
        return answer.json()["code"]

    def revoke(self, device_id):
        answer = self.http.post(f"/v1/devices/{device_id}/revoke")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def office(live_server):
    desk = Office(live_server)
    yield desk
    desk.http.close()


@pytest.fixture
def open_phone(live_server, tmp_path):
    phones = []

    def opened(name="phone", fates=(), path="/v1/auth/token"):
        network = FlakyTransport(httpx.HTTPTransport(), fates, path)
        phones.append(Phone(tmp_path / f"{name}.sqlite", live_server.url, transport=network, pacing=Pacing(attempts=1)))
        return phones[-1]

    yield opened
    for phone in phones:
        phone.close()


def expire(phone):
    """Let the access token be over, as after half an hour."""
    phone._wire.tokens = Tokens("over", phone._wire.tokens.refresh)


def register(phone, server):
    return phone.register_farm(server.county_code, FARM | {"township_code": server.township_code})


def test_an_enrolled_phone_renews_itself_without_a_password_also_after_a_restart(live_server, office, open_phone):
    code = office.code_for("worker")
    phone = open_phone()
    assert phone.enrol(f" {code.lower()} ") == "worker"
    register(phone, live_server)
    expire(phone)
    assert phone.sync().reached
    again = open_phone()
    assert again.signed_in
    register(again, live_server)
    expire(again)
    assert again.sync().reached
    assert again.outbox.counts().get("queued", 0) == 0


def test_a_lost_answer_to_a_refresh_locks_nobody_out(live_server, office, open_phone):
    phone = open_phone(fates=[Fate.LOST_ANSWER, Fate.LOST_ANSWER, Fate.DELIVERED, Fate.LOST_ANSWER])
    phone.enrol(office.code_for("worker"))
    register(phone, live_server)
    expire(phone)
    assert [phone.sync().reached for _ in range(3)] == [False, False, True]
    assert phone.outbox.counts().get("queued", 0) == 0
    expire(phone)
    assert [phone.sync().reached for _ in range(2)] == [False, True]


def test_a_lost_answer_to_an_enrolment_is_asked_for_again_by_the_same_phone_only(live_server, office, open_phone):
    code = office.code_for("worker")
    phone = open_phone(fates=[Fate.LOST_ANSWER], path="/v1/auth/enrol")
    with pytest.raises(Exception, match="broke"):
        phone.enrol(code)
    with pytest.raises(RefusedError, match="enrolment_invalid"):
        open_phone("thief").enrol(code)
    assert phone.enrol(code) == "worker"
    register(phone, live_server)
    expire(phone)
    assert phone.sync().reached
    with pytest.raises(RefusedError, match="enrolment_invalid"):
        phone.enrol(code)


def test_a_lost_phone_is_refused_at_once_and_keeps_its_work_until_it_is_found(live_server, office, open_phone):
    phone = open_phone()
    phone.enrol(office.code_for("worker"))
    received = register(phone, live_server)
    phone.sync()
    register(phone, live_server)
    told = office.revoke(phone.device_id)
    assert told["usernames"] == ["worker"]
    assert [(one["county_code"], one["changes"]) for one in told["received"]] == [(live_server.county_code, 1)]
    with pytest.raises(SignInNeededError):
        phone.sync()
    with pytest.raises(RefusedError, match="device_revoked"):
        phone.sign_in(*live_server.accounts["worker"])
    assert phone.outbox.counts().get("queued", 0) == 1

    new = open_phone("new phone")
    new.enrol(office.code_for("worker"))
    new.follow(live_server.county_code)
    new.sync()
    assert new.shown(received) is not None

    phone.enrol(office.code_for("worker"))
    assert phone.sync().reached
    assert phone.outbox.counts().get("queued", 0) == 0


def test_another_persons_code_does_not_take_a_phone_over(live_server, office, open_phone):
    phone = open_phone()
    phone.enrol(office.code_for("worker"))
    register(phone, live_server)
    with pytest.raises(OtherAccountError):
        phone.enrol(office.code_for("colleague"))
    assert phone.outbox.counts().get("queued", 0) == 1
    phone.enrol(office.code_for("worker"))
    assert phone.sync().reached


def test_a_phone_that_signs_out_is_signed_out_at_the_server_too(live_server, open_phone):
    phone = open_phone()
    phone.sign_in(*live_server.accounts["worker"])
    tokens = phone._wire.tokens
    phone.sign_out()
    assert not phone.signed_in
    phone._wire.tokens = tokens
    phone.follow(live_server.county_code)
    with pytest.raises(SignInNeededError):
        phone.sync()
