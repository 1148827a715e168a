"""A carried outbox and last year's answers."""

import json
import random

import httpx
import pytest

from mobile_contract.carried import CarriedError, open_sealed, seal, unpack
from mobile_contract.carry_over import CARRIED, suggestions
from mobile_contract.client import OtherAccountError, Phone
from mobile_contract.outbox import ChangeState
from mobile_contract.wire import Pacing, Wire
from schemas.changes import PulledRecord
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.form import names_of
from schemas.vocabulary import Indicator
from tests.support.paper_server import NOW, PaperServer

COUNTY = "430623"
FARM = {"entity_kind": "household", "township_code": "430623101", "name": "张家湾村种植户03"}
PASSPHRASE = "水稻 玉米 小麦 油菜"


@pytest.fixture
def server():
    return PaperServer()


def network(phone, server):
    pacing = Pacing(clock=lambda: NOW, sleep=lambda _: None, dice=random.Random(3), attempts=1)
    phone._wire = Wire("http://paper", httpx.MockTransport(server), pacing, phone.device_id)
    phone._exchange._wire = phone._wire


@pytest.fixture
def author(tmp_path, server):
    phone = Phone(tmp_path / "author.sqlite", "http://paper")
    network(phone, server)
    phone.sign_in("author", "secret")
    farm = phone.register_farm(COUNTY, FARM)
    phone.amend(farm, {"/name": "李家河村种植户04"})
    yield phone
    phone.close()


def test_a_carried_outbox_is_sent_as_its_author_s_and_counts_once(author, server, tmp_path):
    carried = open_sealed(seal(author, PASSPHRASE), PASSPHRASE)
    beside = unpack(carried, tmp_path / "beside.sqlite", "http://paper")
    network(beside, server)
    with pytest.raises(OtherAccountError):
        beside.sign_in("carrier", "other")
    beside.sign_in("author", "secret")
    beside.push()
    beside.close()
    assert {one["device_id"] for one in server.envelopes} == {author.device_id}
    assert author.push().replayed == 2
    assert author.outbox.counts() == {ChangeState.APPLIED: 2}
    assert server.memory["creates"] == 1


def test_the_items_travel_as_the_text_and_version_they_were_captured_with(author, tmp_path):
    author._connection.execute("UPDATE change SET schema_version = 1 WHERE seq = 1")
    beside = unpack(open_sealed(seal(author, PASSPHRASE), PASSPHRASE), tmp_path / "beside.sqlite", "http://paper")
    kept = [(one.item, one.schema_version) for one in beside.outbox.all()]
    assert kept == [(one.item, one.schema_version) for one in author.outbox.all()]
    beside.close()


def test_the_file_tells_a_carrier_nothing_and_cannot_be_changed(author):
    sealed = seal(author, PASSPHRASE)
    assert "张家湾" not in sealed.decode()
    assert b"secret" not in sealed
    assert seal(author, PASSPHRASE) != sealed
    with pytest.raises(CarriedError, match="口令不对"):
        open_sealed(sealed, "别的口令别的口令")
    whole = json.loads(sealed)
    for name, value in (("username", "carrier"), ("sealed", whole["sealed"][:-8] + "AAAAAAA=")):
        with pytest.raises(CarriedError):
            open_sealed(json.dumps(whole | {name: value}).encode(), PASSPHRASE)


@pytest.mark.parametrize("file", [b"", b"[]", b"{}", b'"x"', b"\xff", b'{"sealed": 3}', b'{"sealed": "AAAA"}'])
def test_what_is_no_carried_outbox_is_said_to_be_none(file):
    with pytest.raises(CarriedError, match="不是随行发件箱"):
        open_sealed(file, PASSPHRASE)


def test_a_file_cannot_choose_how_long_it_keeps_its_opener_busy(author):
    whole = json.loads(seal(author, PASSPHRASE))
    with pytest.raises(CarriedError, match="不是随行发件箱"):
        open_sealed(json.dumps(whole | {"scrypt": {"n": 1 << 30, "r": 8, "p": 1}}).encode(), PASSPHRASE)


def test_a_short_passphrase_and_an_empty_outbox_are_refused(author):
    with pytest.raises(CarriedError, match="至少 8 个字符"):
        seal(author, "1234567")
    author.push()
    with pytest.raises(CarriedError, match="没有待发送"):
        seal(author, PASSPHRASE)


FARM_ID = "0199a7a1-2560-740b-99ea-a96438346139"


def report(period, status="submitted", **payload):
    head = {"indicator": "film_recovery", "level": "farm", "period": period, "farm_id": FARM_ID}
    return PulledRecord.model_validate(
        {
            "id": FARM_ID, "kind": "report", "status": status, "revision": 1, "position": 1, "last_change_id": FARM_ID,
            "township_code": "430623101", "payload": head | payload, "warnings": [], "recorded_at": NOW.isoformat(),
        }
    )  # fmt: skip


def test_the_latest_earlier_year_suggests_what_lasts_and_no_measurement():
    records = [
        report("2023", mulch_covered_area_mu="5"),
        report("2024", mulch_covered_area_mu="6", mulch_used_kg="30", mulch_thickness_mm="0.015", note="x"),
        report("2025H1", mulch_covered_area_mu="7"),
        report("2026", mulch_covered_area_mu="8"),
    ]
    found = suggestions(records, Indicator.FILM_RECOVERY, FARM_ID, "2025")
    assert {one.pointer: (one.value, one.period) for one in found.values()} == {
        "/mulch_covered_area_mu": ("6", "2024"),
        "/mulch_thickness_mm": ("0.015", "2024"),
    }
    assert suggestions(records, Indicator.PESTICIDE_REDUCTION, FARM_ID, "2025") == {}
    assert suggestions(records, Indicator.FILM_RECOVERY, COUNTY, "2025") == {}


def test_withdrawn_and_returned_reports_suggest_nothing():
    records = [report("2024", status, mulch_covered_area_mu="6") for status in ("withdrawn", "returned")]
    assert suggestions(records, Indicator.FILM_RECOVERY, FARM_ID, "2025") == {}


def test_crops_are_suggested_one_by_one():
    record = report("2024")
    crops = {"wheat": {"sown_area_mu": "4", "grain_kg": "2000"}, "maize": {"sown_area_mu": "3"}}
    record.payload.update(indicator="straw_utilisation", respondent="household", crops=crops)
    found = suggestions([record], Indicator.STRAW_UTILISATION, FARM_ID, "2025")
    assert list(found) == ["/crops/maize/sown_area_mu", "/crops/wheat/sown_area_mu", "/respondent"]


@pytest.mark.parametrize("indicator", list(Indicator))
def test_every_answer_that_carries_over_is_in_its_form(indicator):
    form = CATALOGUE[indicator].farm_form
    for pointer in CARRIED[indicator]:
        first, *rest = pointer.split("/")[1:]
        field = form.model_fields[first]
        if rest:
            assert names_of(field)
            assert rest[-1] in field.annotation.__args__[1].model_fields
