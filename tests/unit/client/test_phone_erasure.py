"""A phone that hears that personal fields were erased keeps none of them, neither pulled nor sent."""

from mobile_contract.outbox import ChangeState
from tests.unit.client.conftest import COUNTY, FARM, outcomes, page, pulled

PHONE = "19900001234"


def test_what_was_pulled_and_sent_of_an_erased_record_is_dropped(phone, server):
    record_id = phone.register_farm(COUNTY, FARM | {"phone": PHONE})
    other = phone.register_farm(COUNTY, FARM)
    server.answers = [outcomes(position=1, revision=1)]
    phone.push()
    erased = pulled(record_id, 9, "0199aa00-0000-7000-8000-000000000001", name="已删除") | {"erased_position": 9}
    server.pages = [page([erased], "c1")]
    phone.sync()
    assert phone.shown(record_id).payload["name"] == "已删除"
    assert "phone" not in phone.shown(record_id).payload
    assert [one.record_id for one in phone.outbox.all()] == [other]


def test_an_amendment_that_was_too_late_keeps_no_answer(phone, server):
    record_id = phone.register_farm(COUNTY, FARM)
    server.answers = [outcomes(position=1, revision=1)]
    phone.push()
    phone.amend(record_id, {"/phone": PHONE})
    problem = {"type": "/problems/record_erased", "code": "record_erased", "status": 409, "zh": "", "en": ""}
    server.answers = [outcomes("conflict", disposition="needs_user", problems=[problem])]
    phone.push()
    kept = phone.outbox.all()[-1]
    assert kept.state is ChangeState.CONFLICT
    assert kept.content["set"] == {"/phone": None}
