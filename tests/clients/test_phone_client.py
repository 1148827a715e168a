"""The reference client against a running server: forty farms queued offline, an answer lost, nothing twice."""

import base64

import httpx
import pytest

from backend.demo.network import Fate, FlakyTransport
from mobile_contract.carried import open_sealed, seal, unpack
from mobile_contract.client import Phone
from mobile_contract.outbox import ChangeState
from mobile_contract.wire import Pacing
from schemas.vocabulary import Datum, Outcome, RecordKind

FARMS = 40
NOW = "2025-10-03T18:20:00+08:00"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A PNG of one pixel."""


@pytest.fixture
def open_phone(live_server, tmp_path):
    """Opens phones by file name; the same name is the same phone after a restart of the app."""
    phones = []

    def opened(name="phone", role="worker", fates=()):
        network = FlakyTransport(httpx.HTTPTransport(), fates)
        phone = Phone(tmp_path / f"{name}.sqlite", live_server.url, transport=network, pacing=Pacing(attempts=1))
        phones.append(phone)
        phone.sign_in(*live_server.accounts[role])
        return phone

    yield opened
    for phone in phones:
        phone.close()


def farm(server, number=1, **answers):
    name = f"张家湾村种植户{number:02d}"
    return {"entity_kind": "household", "township_code": server.township_code, "name": name, "area_mu": "6.5"} | answers


def film(server, farm_id, **answers):
    return {
        "indicator": "film_recovery",
        "level": "farm",
        "period": "2025",
        "farm_id": farm_id,
        "township_code": server.township_code,
        "mulch_used_kg": "30",
        "mulch_recovered_gross_kg": "31.5",
        "mulch_impurity_rate": "0.12",
        "mulch_moisture_rate": "0.05",
    } | answers


def states(phone):
    return {state: count for state, count in phone.outbox.counts().items() if count}


def listed(phone, server, record_ids):
    return [one for one in phone.mirror.records(server.county_code) if one.id in record_ids]


def test_a_carried_outbox_brings_its_photos_under_the_carrier_s_sign_in(live_server, open_phone, tmp_path):
    """The author never comes to a network while it is carried; the carrier is the bureau's, another account."""
    author, carrier = open_phone("author"), open_phone("carrier", role="county")
    farm_id = author.register_farm(live_server.county_code, farm(live_server))
    report_id = author.file_report(live_server.county_code, film(live_server, farm_id))
    picture = tmp_path / "田块.png"
    picture.write_bytes(base64.b64decode(PIXEL))
    photo = author.add_photo(report_id, picture)
    sealed = tmp_path / "carried"
    with sealed.open("wb") as target:
        assert seal(author, "水稻玉米小麦油菜", target).photos == 1
    with sealed.open("rb") as source:
        beside = unpack(open_sealed(source, "水稻玉米小麦油菜"), tmp_path / "beside.sqlite", live_server.url)
    assert carrier.send_photos(beside).photos == 1
    beside.sign_in(*live_server.accounts["worker"])
    assert beside.push().outcomes == {Outcome.APPLIED: 3}
    assert beside.photos.waiting() == []
    beside.close()
    report = author.sync()
    assert (report.replayed, report.photos, report.refusals) == (3, 1, [])
    answer = author._wire.get(f"/v1/records/{live_server.county_code}/{report_id}/attachments").json()
    assert (answer["is_complete"], [one["sha256"] for one in answer["files"]]) == (True, [photo.sha256])
    foreign = open_phone("foreign", role="neighbour")
    again = unpack_again(author, picture, tmp_path, live_server)
    refused = foreign.send_photos(again)
    assert [one.code for one in refused.refusals] == ["upload_out_of_scope"]
    assert len(again.photos.waiting()) == 1, "the author can still send it"
    again.close()


def unpack_again(author, picture, tmp_path, server):
    """Return a carried outbox with one photo that the server does not have."""
    picture.write_bytes(base64.b64decode(PIXEL) + b"more")
    author.photos.keep(picture, server.county_code, NOW)
    sealed = tmp_path / "again"
    with sealed.open("wb") as target:
        seal(author, "水稻玉米小麦油菜", target)
    with sealed.open("rb") as source:
        return unpack(open_sealed(source, "水稻玉米小麦油菜"), tmp_path / "again.sqlite", server.url)


def test_forty_farms_queued_offline_arrive_once_although_the_answer_was_lost(live_server, open_phone):
    phone = open_phone(fates=[Fate.LOST_REQUEST, Fate.LOST_ANSWER])
    ids = {phone.register_farm(live_server.county_code, farm(live_server, n)) for n in range(1, FARMS + 1)}
    assert not phone.push().reached
    assert states(phone) == {ChangeState.QUEUED: FARMS}
    assert not phone.push().reached
    assert states(phone) == {ChangeState.SENT_UNKNOWN: FARMS}
    phone.close()

    phone = open_phone()
    assert states(phone) == {ChangeState.SENT_UNKNOWN: FARMS}
    report = phone.sync()
    assert report.outcomes == {Outcome.APPLIED: FARMS}
    assert report.replayed == FARMS
    assert all(change.outcome.replayed for change in phone.outbox.all())
    assert states(phone) == {ChangeState.APPLIED: FARMS}

    fresh = open_phone("another")
    fresh.follow(live_server.county_code)
    fresh.sync()
    farms = listed(fresh, live_server, ids)
    assert len(farms) == FARMS
    assert all(one.revision == 1 and one.kind is RecordKind.FARM for one in farms)
    assert sorted(one.payload["name"] for one in farms) == [f"张家湾村种植户{n:02d}" for n in range(1, FARMS + 1)]
    own = {change.change_id for change in phone.outbox.all()}
    assert {one.last_change_id for one in farms} == own


def test_a_report_is_corrected_and_withdrawn_from_the_phone(live_server, open_phone):
    phone = open_phone()
    farm_id = phone.register_farm(live_server.county_code, farm(live_server))
    report_id = phone.file_report(live_server.county_code, film(live_server, farm_id, note="初填"))
    phone.amend(report_id, {"/mulch_used_kg": "31.5", "/note": None})
    assert phone.shown(report_id).status is None
    phone.sync()
    shown = phone.shown(report_id)
    assert (shown.payload["mulch_used_kg"], shown.payload.get("note"), shown.pending) == ("31.5", None, ())
    phone.withdraw(report_id, reason="误填")
    phone.sync()
    assert phone.shown(report_id).status == "withdrawn"
    assert states(phone) == {ChangeState.APPLIED: 4}


def test_two_phones_on_one_report_merge_other_fields_and_clash_on_the_same(live_server, open_phone):
    worker, bureau = open_phone("worker"), open_phone("bureau", role="county")
    farm_id = worker.register_farm(live_server.county_code, farm(live_server))
    report_id = worker.file_report(live_server.county_code, film(live_server, farm_id))
    worker.sync()
    bureau.follow(live_server.county_code)
    bureau.sync()

    worker.amend(report_id, {"/mulch_used_kg": "30.5"})
    worker.sync()
    note = bureau.amend(report_id, {"/note": "已核对票据"}, reason="县级核对")
    bureau.sync()
    assert bureau.outbox.find(note).state is ChangeState.MERGED
    assert bureau.shown(report_id).payload["mulch_used_kg"] == "30.5"

    worker.amend(report_id, {"/mulch_used_kg": "29"})
    bureau.amend(report_id, {"/mulch_used_kg": "33"})
    bureau.sync()
    worker.sync()
    refused = worker.outbox.all()[-1]
    assert refused.state is ChangeState.CONFLICT
    (clash,) = refused.outcome.conflicts
    assert (clash.base, clash.current, clash.incoming) == ("30.5", "33", "29")
    assert worker.shown(report_id).payload["mulch_used_kg"] == "33"


def test_a_report_that_overtakes_its_farm_is_held_and_goes_in_afterwards(live_server, open_phone):
    worker, bureau = open_phone("worker"), open_phone("bureau", role="county")
    farm_id = worker.register_farm(live_server.county_code, farm(live_server))
    bureau.file_report(live_server.county_code, film(live_server, farm_id))
    bureau.push()
    assert states(bureau) == {ChangeState.HELD: 1}
    assert bureau.push().outcomes == {}
    worker.push()
    assert bureau.push(held_too=True).outcomes == {Outcome.APPLIED: 1}


def test_a_county_statement_by_a_worker_is_kept_and_the_worker_told(live_server, open_phone):
    phone = open_phone()
    statement = {"indicator": "film_recovery", "level": "county", "period": "2024", "mulch_used_t": "1"}
    statement |= {"mulch_recovered_gross_t": "0.9", "mulch_impurity_rate": "0.1", "mulch_moisture_rate": "0.1"}
    phone.file_report(live_server.county_code, statement)
    report = phone.push()
    assert [refusal.code for refusal in report.refusals] == ["out_of_scope"]
    (change,) = phone.outbox.all()
    assert (change.state, change.outcome.reason) == (ChangeState.HELD, "scope_lost")


def test_a_refused_report_names_the_field_and_leaves_its_neighbours_alone(live_server, open_phone):
    phone = open_phone()
    farm_id = phone.register_farm(live_server.county_code, farm(live_server))
    phone.file_report(live_server.county_code, film(live_server, farm_id, mulch_used_kg=30.5))
    phone.push()
    registered, refused = phone.outbox.all()
    assert registered.state is ChangeState.APPLIED
    assert refused.state is ChangeState.REJECTED
    assert [(one.code, one.field) for one in refused.outcome.problems] == [("number_format", "/payload/mulch_used_kg")]


def test_a_plot_given_in_gcj02_comes_back_in_the_stored_datum(live_server, open_phone):
    phone = open_phone()
    given = {"type": "Point", "coordinates": [112.65, 29.5]}
    payload = farm(live_server, geometry=given)
    record_id = phone.register_farm(live_server.county_code, payload, datum=Datum.GCJ02)
    phone.sync()
    longitude, latitude = phone.mirror.find(record_id).record.payload["geometry"]["coordinates"]
    distance_m = ((longitude - 112.65) ** 2 * 0.757 + (latitude - 29.5) ** 2) ** 0.5 * 111_320
    assert 100 < distance_m < 1000
