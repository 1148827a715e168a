"""The client's own state machine, against answers written out by hand."""

import gzip
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from mobile_contract.client import OtherAccountError, Phone, UnknownRecordError
from mobile_contract.outbox import ChangeState
from mobile_contract.wire import Pacing, SignInNeededError
from schemas.changes import SCHEMA_VERSION
from schemas.identifiers import is_uuid7, statement_id
from schemas.vocabulary import Outcome

COUNTY = "430623"
FARM = {"entity_kind": "household", "township_code": "430623101", "name": "张家湾村种植户03"}
NOW = datetime(2025, 10, 3, 10, 20, tzinfo=UTC)


class Server:
    """Plays back one answer per push, remembers every envelope, and serves pages of a county."""

    def __init__(self) -> None:
        self.answers: list[Callable[[list[dict]], httpx.Response]] = []
        self.envelopes: list[dict] = []
        self.items: list[str] = []
        self.pages: list[httpx.Response] = []
        self.pulls: list[httpx.URL] = []
        self.sign_ins = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/auth/token":
            self.sign_ins += 1
            return httpx.Response(200, json={"access_token": f"t{self.sign_ins}", "token_type": "bearer"})
        if request.url.path == "/v1/sync/pull":
            self.pulls.append(request.url)
            return self.pages.pop(0)
        text = gzip.decompress(request.content).decode()
        envelope = json.loads(text)
        self.envelopes.append(envelope)
        self.items.append(text.partition('"changes": ')[2])
        return self.answers.pop(0)(envelope["changes"])


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def outcomes(outcome: str = "applied", **more) -> Callable[[list[dict]], httpx.Response]:
    def answer(items: list[dict]) -> httpx.Response:
        listed = [
            {"change_id": item["change_id"], "outcome": outcome, "disposition": "terminal", **more} for item in items
        ]
        return httpx.Response(200, json={"outcomes": listed, "server_time": NOW.isoformat()})

    return answer


def refuses(status: int, code: str, headers: dict[str, str] | None = None) -> Callable[[list[dict]], httpx.Response]:
    body = {"type": f"/problems/{code}", "code": code, "status": status, "zh": "不行", "en": "no"}
    return lambda _: httpx.Response(status, json=body, headers=headers)


def raises(error: Exception) -> Callable[[list[dict]], httpx.Response]:
    def answer(_: list[dict]) -> httpx.Response:
        raise error

    return answer


def page(records: list[dict], cursor: str, **more) -> httpx.Response:
    body = {"county_code": COUNTY, "records": records, "cursor": cursor, "more": False, **more}
    return httpx.Response(200, json={**body, "server_time": NOW.isoformat()})


def pulled(record_id: str, position: int, last_change_id: str, **payload) -> dict:
    return {
        "id": record_id,
        "kind": "farm",
        "status": "submitted",
        "revision": 1,
        "position": position,
        "mark": f"{position:016x}",
        "last_change_id": last_change_id,
        "township_code": "430623101",
        "payload": FARM | payload,
        "warnings": [],
        "recorded_at": NOW.isoformat(),
    }


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def open_phone(server, time, tmp_path):
    phones = []

    def opened(**more) -> Phone:
        pacing = Pacing(clock=lambda: time.now, sleep=time.sleep, dice=random.Random(7), attempts=3)
        transport = httpx.MockTransport(server)
        phone = Phone(tmp_path / "phone.sqlite", "http://server", transport=transport, pacing=pacing, **more)
        phones.append(phone)
        return phone

    yield opened
    for phone in phones:
        phone.close()


@pytest.fixture
def phone(open_phone):
    phone = open_phone()
    phone.sign_in("worker", "secret")
    return phone


def states(phone: Phone) -> list[str]:
    return [change.state.value for change in phone.outbox.all()]


def test_a_captured_change_survives_the_app_before_anything_is_sent(open_phone, server):
    first = open_phone()
    record_id = first.register_farm(COUNTY, FARM)
    first.close()
    second = open_phone()
    (change,) = second.outbox.all()
    assert (change.record_id, change.state) == (record_id, ChangeState.QUEUED)
    assert is_uuid7(change.change_id)
    assert second.device_id == first.device_id
    assert server.envelopes == []


def test_a_change_is_on_record_as_sent_unknown_before_it_leaves(open_phone, server):
    phone = open_phone()
    phone.sign_in("worker", "secret")
    phone.register_farm(COUNTY, FARM)
    seen = []

    def look(items):
        beside = open_phone()
        seen.extend(states(beside))
        return outcomes(position=1, revision=1)(items)

    server.answers = [look]
    phone.push()
    assert seen == ["sent_unknown"]
    assert states(phone) == ["applied"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_change_takes_the_state_that_the_server_answered(phone, server, outcome):
    phone.register_farm(COUNTY, FARM)
    server.answers = [outcomes(outcome.value)]
    report = phone.push()
    assert states(phone) == [outcome.value]
    assert report.outcomes == {outcome: 1}


def test_a_lost_answer_leaves_the_change_unknown_and_the_same_bytes_go_out_again(phone, server):
    phone.register_farm(COUNTY, FARM)
    server.answers = [raises(httpx.ReadError("gone"))] * 3
    report = phone.push()
    assert not report.reached
    assert states(phone) == ["sent_unknown"]
    server.answers = [outcomes(replayed=True, position=1, revision=1)]
    report = phone.push()
    assert (states(phone), report.replayed) == (["applied"], 1)
    assert len(server.items) == 4
    assert len(set(server.items)) == 1


def test_a_change_that_cannot_have_left_is_still_queued(phone, server):
    phone.register_farm(COUNTY, FARM)
    server.answers = [raises(httpx.ConnectError("no network"))] * 3
    assert not phone.push().reached
    assert states(phone) == ["queued"]


def test_one_doubtful_attempt_outweighs_later_certain_failures(phone, server):
    phone.register_farm(COUNTY, FARM)
    server.answers = [raises(httpx.ReadError("gone")), *[raises(httpx.ConnectError("no network"))] * 2]
    phone.push()
    assert states(phone) == ["sent_unknown"]


def test_an_answer_with_the_wrong_outcomes_settles_nothing(phone, server):
    phone.register_farm(COUNTY, FARM)
    server.answers = [lambda _: outcomes()([{"change_id": phone.device_id}])]
    assert not phone.push().reached
    assert states(phone) == ["sent_unknown"]


def test_the_wait_is_never_shorter_than_the_server_asked(phone, server, time):
    phone.register_farm(COUNTY, FARM)
    when = (NOW + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.answers = [
        refuses(503, "busy", {"retry-after": "7"}),
        refuses(429, "too_many_attempts", {"retry-after": when}),
        outcomes(),
    ]
    assert phone.push().reached
    assert 7 <= time.slept[0] <= 7.5
    assert 90 - time.slept[0] <= time.slept[1] <= 91 - time.slept[0]


def test_waits_grow_and_differ_but_repeat_with_the_same_dice(phone, server, time):
    phone.register_farm(COUNTY, FARM)
    server.answers = [refuses(502, "")] * 3
    phone.push()
    dice = random.Random(7)
    dice.randbytes(10), dice.randbytes(10), dice.randbytes(10)
    assert time.slept == [dice.uniform(0, 0.5), dice.uniform(0, 1.0)]


def test_a_batch_that_is_too_large_is_split_until_it_fits_and_keeps_its_order(phone, server):
    record_ids = [phone.register_farm(COUNTY, FARM) for _ in range(5)]

    def at_most_two(items):
        return outcomes()(items) if len(items) <= 2 else refuses(413, "body_too_large")(items)

    server.answers = [at_most_two] * 9
    phone.push()
    taken = [envelope["changes"] for envelope in server.envelopes if len(envelope["changes"]) <= 2]
    assert [item["record_id"] for items in taken for item in items] == record_ids
    assert states(phone) == ["applied"] * 5


def test_a_change_refused_even_alone_asks_its_person_and_stops_nobody_else(phone, server):
    phone.register_farm(COUNTY, FARM | {"note": "x" * 10})
    phone.register_farm(COUNTY, FARM)

    def not_this(items):
        spoilt = any("note" in item["payload"] for item in items)
        return refuses(400, "malformed_json")(items) if spoilt else outcomes()(items)

    server.answers = [not_this] * 3
    phone.push()
    assert states(phone) == ["rejected", "applied"]
    refused = phone.outbox.all()[0].outcome
    assert (refused.disposition, refused.problems[0].code) == ("needs_user", "malformed_json")


def test_a_batch_is_bounded_in_items(open_phone, server):
    phone = open_phone(batch_items=2)
    phone.sign_in("worker", "secret")
    for _ in range(5):
        phone.register_farm(COUNTY, FARM)
    server.answers = [outcomes()] * 3
    phone.push()
    assert [len(envelope["changes"]) for envelope in server.envelopes] == [2, 2, 1]


def test_an_expired_token_is_renewed_once_and_the_push_repeated(phone, server):
    phone.register_farm(COUNTY, FARM)
    server.answers = [refuses(401, "unauthenticated"), outcomes()]
    phone.push()
    assert server.sign_ins == 2
    assert states(phone) == ["applied"]


def test_a_phone_that_is_not_signed_in_keeps_its_queue(open_phone, server):
    phone = open_phone()
    phone.register_farm(COUNTY, FARM)
    with pytest.raises(SignInNeededError):
        phone.push()
    assert states(phone) == ["queued"]
    assert server.envelopes == []


def test_another_account_cannot_send_what_this_one_captured(open_phone):
    open_phone().sign_in("worker", "secret")
    with pytest.raises(OtherAccountError):
        open_phone().sign_in("somebody", "else")


def test_a_forbidden_push_still_says_what_became_of_each_change(phone, server):
    phone.register_farm(COUNTY, FARM)

    def forbidden(items):
        held = outcomes("held", reason="scope_lost", disposition="needs_user")(items).json()["outcomes"]
        return httpx.Response(403, json={"code": "out_of_scope", "outcomes": held})

    server.answers = [forbidden]
    report = phone.push()
    assert states(phone) == ["held"]
    assert phone.outbox.all()[0].outcome.reason == "scope_lost"
    assert [refusal.code for refusal in report.refusals] == ["out_of_scope"]
    assert phone.push().outcomes == {}
    server.answers = [outcomes()]
    phone.push(held_too=True)
    assert states(phone) == ["applied"]


def test_a_held_change_waits_its_time_and_holds_back_later_ones_of_its_record(phone, server, time):
    record_id = phone.register_farm(COUNTY, FARM)
    server.answers = [outcomes("held", reason="base_missing", disposition="retry_after", retry_after_s=30)]
    phone.push()
    phone.amend(record_id, {"/name": "李家河村种植户04"})
    other = phone.register_farm(COUNTY, FARM)
    server.answers = [outcomes()]
    phone.push()
    assert [item["record_id"] for item in server.envelopes[-1]["changes"]] == [other]
    assert states(phone) == ["held", "queued", "applied"]
    time.now += timedelta(seconds=31)
    server.answers = [outcomes()]
    phone.push()
    assert [item["action"] for item in server.envelopes[-1]["changes"]] == ["create", "amend"]
    assert states(phone) == ["applied"] * 3


def test_what_is_held_again_is_not_sent_in_a_circle(open_phone, server):
    phone = open_phone(batch_items=1)
    phone.sign_in("worker", "secret")
    for _ in range(2):
        phone.register_farm(COUNTY, FARM)
    held = outcomes("held", reason="farm_missing", disposition="retry_after", retry_after_s=0)
    server.answers = [held, held]
    phone.push(held_too=True)
    assert len(server.envelopes) == 2


def test_an_amendment_names_the_last_change_of_the_record_that_the_phone_knows(phone, server):
    record_id = phone.register_farm(COUNTY, FARM)
    created = phone.outbox.all()[0].change_id
    amended = phone.amend(record_id, {"/name": "甲"})
    phone.amend(record_id, {"/name": "乙"})
    bases = [change.content.get("base_change_id") for change in phone.outbox.all()]
    assert bases == [None, created, amended]
    server.answers = [outcomes(position=3, revision=3)]
    theirs = "0199aa00-0000-7000-8000-000000000001"
    server.pages = [page([pulled(record_id, 9, theirs, name="丙")], "c1")]
    phone.sync()
    assert phone.shown(record_id).payload["name"] == "丙"
    phone.amend(record_id, {"/phone": None}, reason="号码已停用")
    assert phone.outbox.all()[-1].content["base_change_id"] == theirs


def test_a_refused_amendment_is_not_built_upon(phone, server):
    record_id = phone.register_farm(COUNTY, FARM)
    server.answers = [outcomes(position=1, revision=1), outcomes("conflict", disposition="needs_user")]
    phone.push()
    phone.amend(record_id, {"/name": "甲"})
    phone.push()
    phone.withdraw(record_id)
    created, _, withdrawal = phone.outbox.all()
    assert withdrawal.content["base_change_id"] == created.change_id
    assert phone.shown(record_id).payload["name"] == FARM["name"]


def test_a_record_shows_own_pending_answers_and_names_them_as_pending(phone, server):
    record_id = phone.register_farm(COUNTY, FARM | {"phone": "19900001234"})
    server.answers = [outcomes(position=1, revision=1)]
    server.pages = [page([pulled(record_id, 1, phone.outbox.all()[0].change_id, phone="19900001234")], "c1")]
    phone.sync()
    assert phone.shown(record_id).pending == ()
    change_id = phone.amend(record_id, {"/phone": None, "/name": "甲"})
    shown = phone.shown(record_id)
    assert "phone" not in shown.payload
    assert shown.payload["name"] == "甲"
    assert [change.change_id for change in shown.pending] == [change_id]


def test_a_record_nobody_knows_cannot_be_amended(phone):
    with pytest.raises(UnknownRecordError):
        phone.amend("0199aa00-0000-7000-8000-000000000001", {"/name": "甲"})


def test_a_statement_gets_the_id_that_follows_from_what_it_states(phone):
    statement = {"indicator": "film_recovery", "level": "county", "period": "2025"}
    assert phone.file_report(COUNTY, statement) == statement_id(COUNTY, "film_recovery", "2025")


@pytest.mark.parametrize(
    ("value", "reason"), [(float("nan"), "JSON compliant"), (float("inf"), "JSON compliant"), ("\ud800", "surrogates")]
)
def test_what_cannot_be_sent_is_refused_while_the_person_can_still_correct_it(phone, value, reason):
    with pytest.raises(ValueError, match=reason):
        phone.register_farm(COUNTY, FARM | {"name": value})
    assert states(phone) == []


def test_the_same_change_kept_twice_is_one_and_other_content_under_its_id_is_refused(phone):
    phone.register_farm(COUNTY, FARM)
    item = phone.outbox.all()[0].content
    phone.keep([item])
    assert len(phone.outbox.all()) == 1
    with pytest.raises(ValueError, match="other content"):
        phone.keep([item | {"payload": FARM | {"name": "乙"}}])


def test_pull_goes_on_from_the_stored_cursor(phone, server):
    phone.follow(COUNTY)
    ids = [f"0199aa00-0000-7000-8000-00000000000{n}" for n in range(3)]
    server.pages = [page([pulled(ids[0], 1, ids[0])], "c1", more=True), page([pulled(ids[1], 2, ids[1])], "c2")]
    assert phone.sync().pulled == 2
    server.pages = [page([], "c2")]
    phone.sync()
    assert [url.params.get("cursor") for url in server.pulls] == [None, "c1", "c2"]


def test_an_older_page_never_overwrites_a_newer_record(phone, server):
    phone.follow(COUNTY)
    record_id = "0199aa00-0000-7000-8000-000000000001"
    server.pages = [page([pulled(record_id, 5, record_id, name="新")], "c1")]
    phone.sync()
    server.pages = [page([pulled(record_id, 4, record_id, name="旧")], "c2")]
    phone.sync()
    assert phone.mirror.find(record_id).record.payload["name"] == "新"


def test_a_wait_longer_than_the_phone_has_patience_for_is_noted_instead_of_slept(phone, server, time):
    phone.register_farm(COUNTY, FARM)
    server.answers = [refuses(503, "unavailable", {"retry-after": "1800"})]
    report = phone.push()
    assert (report.reached, report.retry_after_s, time.slept) == (False, 1800, [])
    assert phone.resume_at == NOW + timedelta(seconds=1800)
    server.answers = [outcomes()]
    phone.push()
    assert phone.resume_at is None


def test_a_fault_of_the_envelope_blames_no_change(phone, server):
    for _ in range(2):
        phone.register_farm(COUNTY, FARM)
    body = {"code": "invalid_request", "status": 422, "errors": [{"field": "/device_id", "code": "not_uuid7"}]}
    server.answers = [lambda _: httpx.Response(422, json=body)]
    report = phone.push()
    assert [one.code for one in report.refusals] == ["invalid_request"]
    assert states(phone) == ["queued"] * 2


def test_a_422_that_names_its_items_is_split_until_the_one_at_fault_is_alone(phone, server):
    phone.register_farm(COUNTY, FARM | {"note": "x"})
    phone.register_farm(COUNTY, FARM)

    def not_this(items):
        body = {"code": "invalid_request", "status": 422, "errors": [{"field": "/changes/0", "code": "too_deep"}]}
        spoilt = any("note" in item["payload"] for item in items)
        return httpx.Response(422, json=body) if spoilt else outcomes()(items)

    server.answers = [not_this] * 3
    phone.push()
    assert states(phone) == ["rejected", "applied"]


def test_signing_out_keeps_the_queue_and_another_account_does_not_get_it(phone, open_phone, server):
    phone.register_farm(COUNTY, FARM)
    phone.sign_out()
    phone.close()
    phone = open_phone()
    assert (phone.signed_in, states(phone)) == (False, ["queued"])
    with pytest.raises(SignInNeededError):
        phone.push()
    with pytest.raises(OtherAccountError):
        phone.sign_in("somebody", "else")
    phone.sign_in("worker", "secret")
    server.answers = [outcomes()]
    phone.push()
    assert states(phone) == ["applied"]


def test_a_sign_in_outlives_the_app_and_the_password_is_not_in_the_file(phone, open_phone, server, tmp_path):
    phone.register_farm(COUNTY, FARM)
    phone.close()
    assert b"secret" not in (tmp_path / "phone.sqlite").read_bytes()
    server.answers = [outcomes()]
    assert open_phone().push().outcomes == {Outcome.APPLIED: 1}


def test_an_older_app_s_changes_go_out_as_the_version_they_were_captured_with(phone, server):
    first = phone.register_farm(COUNTY, FARM)
    with phone._connection:
        phone._connection.execute("UPDATE change SET schema_version = 1")
    phone.amend(first, {"/name": "甲"})
    server.answers = [outcomes(), outcomes()]
    phone.push()
    sent = [(one["schema_version"], [item["action"] for item in one["changes"]]) for one in server.envelopes]
    assert sent == [(1, ["create"]), (SCHEMA_VERSION, ["amend"])]


def test_a_wrong_clock_is_remembered_and_what_was_captured_keeps_its_time(phone, server, time):
    time.now += timedelta(hours=3)
    phone.register_farm(COUNTY, FARM)
    before = phone.outbox.all()[0].item
    server.answers = [outcomes()]
    phone.push()
    assert phone.clock_skew == timedelta(hours=3)
    assert phone.outbox.all()[0].item == before


def test_an_envelope_says_what_else_waits_on_the_phone(open_phone, server, time):
    phone = open_phone(batch_items=2)
    phone.sign_in("worker", "secret")
    for _ in range(3):
        phone.register_farm(COUNTY, FARM)
        time.now += timedelta(minutes=1)
    server.answers = [outcomes(), outcomes()]
    phone.push()
    first, last = server.envelopes
    assert (first["queued"], first["oldest_queued_at"]) == (1, (NOW + timedelta(minutes=2)).isoformat())
    assert (last["queued"], "oldest_queued_at" in last) == (0, False)


def test_a_store_of_a_newer_release_is_left_alone(open_phone):
    phone = open_phone()
    phone._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(RuntimeError, match="newer release"):
        open_phone()
