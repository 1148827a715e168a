"""How a phone sends: what leaves, in which batches, and what every answer makes of it."""

import random
from datetime import timedelta

import httpx
import pytest

from mobile_contract.wire import SignInNeededError
from schemas.changes import SCHEMA_VERSION
from schemas.vocabulary import Outcome
from tests.unit.client.conftest import COUNTY, FARM, NOW, outcomes, raises, refuses, states


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
