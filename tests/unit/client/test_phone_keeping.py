"""What a phone keeps: its own changes, whose they are, and what it shows on top of what it pulled."""

import pytest

from mobile_contract.client import OtherAccountError, UnknownRecordError
from mobile_contract.outbox import ChangeState
from mobile_contract.wire import SignInNeededError
from schemas.identifiers import is_uuid7, statement_id
from schemas.vocabulary import Outcome
from tests.unit.client.conftest import COUNTY, FARM, outcomes, page, pulled, states


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


def test_another_account_cannot_send_what_this_one_captured(open_phone):
    open_phone().sign_in("worker", "secret")
    with pytest.raises(OtherAccountError):
        open_phone().sign_in("somebody", "else")


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


def test_a_store_of_a_newer_release_is_left_alone(open_phone):
    phone = open_phone()
    phone._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(RuntimeError, match="newer release"):
        open_phone()
