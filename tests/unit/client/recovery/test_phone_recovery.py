"""What comes down to a phone: exits, late outcomes, checksums, the manifest, packs, budgets, receipts."""

import json
import shutil
import sqlite3

import httpx

from mobile_contract.outbox import ChangeState
from mobile_contract.pull import PullLimits
from mobile_contract.store import _FIRST, open_store
from schemas.receipts import PublishedKeys, SignatureState, raw_keys, signature_state
from schemas.vocabulary import Outcome
from tests.support.paper_server import SIGNER
from tests.unit.client.conftest import COUNTY, FARM

NEXT_TOWNSHIP = "430623102"


def record_id(number):
    return f"0199aa00-0000-7000-8000-{number:012d}"


def held(phone):
    return {one.id: (one.position, one.mark) for one in phone.mirror.records(COUNTY)}


def scope(server):
    return {one["id"]: (one["position"], one["mark"]) for one in server._in_scope()}


def asked(server, path):
    return sum(one == path for _, one in server.asked)


def test_a_record_that_leaves_the_townships_is_dropped_and_one_that_returns_stays(phone, server):
    server.townships = {"430623101"}
    for number in range(3):
        server.put(record_id(number))
    phone.sync()
    server.put(record_id(0), NEXT_TOWNSHIP)
    server.put(record_id(1), NEXT_TOWNSHIP)
    server.put(record_id(1))
    report = phone.sync()
    assert set(held(phone)) == {record_id(1), record_id(2)}
    assert (report.dropped, report.mismatches, report.resets) == (1, 0, 0)


def test_the_sum_of_marks_is_kept_with_every_page_and_needs_no_manifest(phone, server):
    server.page_records = 2
    for number in range(7):
        server.put(record_id(number))
        server.put(record_id(number // 2))
        phone.sync()
        assert phone.mirror.followed(COUNTY).checksum.model_dump() == server.checksum()
    assert asked(server, "/v1/sync/manifest") == 0


def test_a_mirror_that_does_not_fit_reads_the_manifest_and_fetches_only_what_differs(phone, server):
    for number in range(5):
        server.put(record_id(number))
    phone.sync()
    del server.memory["records"][record_id(0)]
    server.memory["records"][record_id(1)]["mark"] = "0a" * 8
    server.memory["records"][record_id(9)] = server.memory["records"][record_id(1)] | {"id": record_id(9)}
    report = phone.sync()
    assert held(phone) == scope(server)
    assert (report.mismatches, report.pulled) == (1, 2)
    assert phone.mirror.followed(COUNTY).checksum.model_dump() == server.checksum()


def test_a_checksum_that_never_fits_is_tried_once_a_sync(phone, server, monkeypatch):
    server.put(record_id(1))
    monkeypatch.setattr(server, "checksum", lambda: {"records": 1, "sum": "f" * 16})
    assert phone.sync().mismatches == 1
    assert asked(server, "/v1/sync/manifest") == 1


def test_a_changed_grant_is_followed_by_the_manifest_and_unsent_work_stays(phone, server, line):
    server.put(record_id(1))
    server.put(record_id(2), NEXT_TOWNSHIP)
    phone.sync()
    unsent = phone.register_farm(COUNTY, FARM)
    server.townships = {NEXT_TOWNSHIP}
    line.breaks = [("POST", False)]
    assert not phone.sync().reached
    report = phone.sync()
    assert report.resets == 1
    assert held(phone) == scope(server)
    assert phone.outbox.of_record(unsent)[0].state is ChangeState.APPLIED


def test_what_a_restored_server_has_forgotten_is_handed_in_again(phone, server):
    phone.register_farm(COUNTY, FARM)
    phone.sync()
    backup = json.loads(json.dumps(server.memory))
    lost = [phone.register_farm(COUNTY, FARM | {"name": f"户{number}"}) for number in range(3)]
    phone.sync()
    server.restore(backup)
    report = phone.sync()
    assert report.resets == 1
    assert set(lost) < set(scope(server))
    assert held(phone) == scope(server)
    assert server.memory["creates"] == 4
    assert phone.outbox.counts() == {ChangeState.APPLIED: 4}


def test_another_content_at_the_same_place_after_a_restore_is_noticed_by_the_checksum(phone, server):
    server.put(record_id(0))
    backup = json.loads(json.dumps(server.memory))
    server.put(record_id(0), payload={"name": "恢复之前"})
    phone.sync()
    server.restore(backup)
    server.memory["epoch"] = backup["epoch"]
    server.put(record_id(0), payload={"name": "恢复之后"})
    assert phone.mirror.records(COUNTY)[0].position == server.memory["records"][record_id(0)]["position"]
    report = phone.sync()
    assert (report.resets, report.mismatches, report.pulled) == (0, 1, 1)
    assert phone.mirror.records(COUNTY)[0].payload == {"name": "恢复之后"}
    assert phone.mirror.followed(COUNTY).checksum.model_dump() == server.checksum()


def test_a_cursor_that_cannot_be_read_is_dropped_and_the_county_listed(phone, server, monkeypatch):
    for number in range(4):
        server.put(record_id(number))
    phone.sync()
    del server.memory["records"][record_id(3)]
    pull, old = server._pull, phone.mirror.cursor(COUNTY)
    refusal = httpx.Response(400, json={"code": "cursor_invalid", "status": 400})
    monkeypatch.setattr(server, "_pull", lambda query: refusal if query.get("cursor") == old else pull(query))
    old = phone.mirror.cursor(COUNTY)
    server.put(record_id(0))
    report = phone.sync(limits=PullLimits(page_records=2))
    assert report.resets == 1
    assert held(phone) == scope(server)


def test_a_server_that_reads_none_of_its_own_cursors_is_not_asked_for_ever(phone, server, monkeypatch):
    for number in range(4):
        server.put(record_id(number))
    pull = server._pull
    refusal = httpx.Response(400, json={"code": "cursor_invalid", "status": 400})
    monkeypatch.setattr(server, "_pull", lambda query: refusal if "cursor" in query else pull(query))
    report = phone.sync(limits=PullLimits(page_records=2))
    assert [one.code for one in report.refusals] == ["cursor_invalid"] * 2
    assert asked(server, "/v1/sync/pull") <= 8


def test_a_recovery_that_is_cut_short_shows_the_old_records_and_goes_on_where_it_stopped(open_phone, server, line):
    phone = open_phone()
    for number in range(6):
        server.put(record_id(number))
    phone.sync()
    server.memory["epoch"] += 1
    del server.memory["records"][record_id(5)]
    server.put(record_id(0))
    server.page_records = 2
    line.breaks = [("GET", True)] * 2
    for _ in range(2):
        assert not phone.sync().reached
        assert len(held(phone)) == 6
        phone.close()
        phone = open_phone()
    line.breaks = [("POST", True)]
    phone.sync()
    assert phone.sync().reached
    assert held(phone) == scope(server)


def test_the_end_of_a_held_change_comes_down_in_the_pull(phone, server, monkeypatch):
    phone.register_farm(COUNTY, FARM)
    change_id = phone.outbox.all()[0].change_id
    waits = {"outcome": "held", "disposition": "retry_after", "reason": "farm_missing", "retry_after_s": 60}
    monkeypatch.setattr(server, "_decide", lambda item: {"change_id": item["change_id"], **waits})
    phone.push()
    server.memory["position"] += 1
    ended = {"change_id": change_id, "outcome": "rejected", "disposition": "needs_user", "position": 1}
    server.memory["late"] = [ended, ended | {"change_id": record_id(77)}]
    report = phone.sync()
    assert report.settled_late == 1
    assert phone.outbox.find(change_id).state is ChangeState.REJECTED


def test_a_byte_budget_ends_the_pull_and_the_next_sync_goes_on(phone, server):
    for number in range(50):
        server.put(record_id(number), payload={"note": "字" * 200})
    limits = PullLimits(page_records=5, sync_bytes=8_000)
    rounds = 0
    while phone.sync(limits=limits).unfinished:
        rounds += 1
        assert rounds < 20
    assert rounds >= 3
    assert held(phone) == scope(server)


def test_a_pack_is_fetched_once_for_each_content_and_a_broken_one_is_not_kept(phone, server, monkeypatch):
    server.memory["packs"] = {"regions": '{"430623":"华容县"}'}
    assert phone.sync().packs == 1
    assert phone.packs.find(COUNTY, "regions").body.decode() == '{"430623":"华容县"}'
    assert phone.sync().packs == 0
    assert asked(server, "/v1/packs/regions") == 1
    server.memory["packs"]["regions"] = "{}"
    monkeypatch.setattr(server, "_pack", lambda *_: httpx.Response(200, content=b"{"))
    assert not phone.sync().reached
    assert phone.packs.find(COUNTY, "regions").body.decode() == '{"430623":"华容县"}'
    monkeypatch.undo()
    assert phone.sync().packs == 1


def test_receipts_are_kept_whole_and_hold_offline(phone, server):
    farm = phone.register_farm(COUNTY, FARM)
    phone.amend(farm, {"/name": "李家河村种植户04"})
    phone.sync()
    (receipt,) = phone.receipts.all()
    assert receipt.change_ids == [change.change_id for change in phone.outbox.all()]
    assert phone.receipts.state_of(receipt) is SignatureState.HOLDS
    exported = phone.receipts.exported()
    keys = raw_keys(PublishedKeys.model_validate({"keys": exported["keys"]}))
    (document,) = exported["receipts"]
    assert document["key_id"] == SIGNER.key_id
    assert signature_state(document, keys) is SignatureState.HOLDS
    for name in ("items", "heads", "account", "issued_at", "device_id"):
        forged = json.loads(json.dumps(document))
        forged[name] = [] if isinstance(forged[name], list) else f"{forged[name]}0"
        assert signature_state(forged, keys) is SignatureState.BROKEN, name
    assert signature_state({"key_id": SIGNER.key_id, "signature": "zz"}, keys) is SignatureState.BROKEN
    assert asked(server, "/.well-known/qingtian-keys.json") == 1
    phone.sync()
    assert asked(server, "/.well-known/qingtian-keys.json") == 1


def test_a_store_of_the_first_release_keeps_its_queue_and_its_mirror(open_phone, server, tmp_path):
    phone = open_phone("new")
    server.put(record_id(1))
    phone.sync()
    body = phone._connection.execute("SELECT body FROM mirror").fetchone()[0]
    cursor = phone.mirror.cursor(COUNTY)
    phone.register_farm(COUNTY, FARM)
    kept = phone.outbox.all()[0]
    old = sqlite3.connect(tmp_path / "phone.sqlite")
    old.executescript(_FIRST)
    old.execute("INSERT INTO setting VALUES ('device_id', ?)", (phone.device_id,))
    old.execute(
        "INSERT INTO change (change_id, county_code, record_id, schema_version, item, state)"
        " VALUES (?, ?, ?, 1, ?, 'sent_unknown')",
        (kept.change_id, kept.county_code, kept.record_id, kept.item),
    )
    old.execute("INSERT INTO county_cursor (county_code, cursor) VALUES (?, ?)", (COUNTY, cursor))
    old_body = json.dumps({name: value for name, value in json.loads(body).items() if name != "mark"})
    old.execute("INSERT INTO mirror VALUES (?, ?, 1, 1, ?)", (COUNTY, record_id(1), old_body))
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    upgraded = open_phone()
    assert upgraded.device_id == phone.device_id
    assert [(one.change_id, one.schema_version, one.item) for one in upgraded.outbox.all()] == [
        (kept.change_id, 1, kept.item)
    ]
    assert upgraded.mirror.find(record_id(1)).record.position == 1
    report = upgraded.sync()
    assert upgraded.mirror.followed(COUNTY).checksum.model_dump() == server.checksum()
    assert (report.outcomes, report.mismatches, report.resets) == ({Outcome.APPLIED: 1}, 0, 0)
    assert server.envelopes[-1]["schema_version"] == 1


def test_a_copied_file_is_a_whole_phone(open_phone, tmp_path):
    phone = open_phone()
    phone.register_farm(COUNTY, FARM)
    phone.close()
    shutil.copy(tmp_path / "phone.sqlite", tmp_path / "other.sqlite")
    connection = open_store(tmp_path / "other.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*) FROM change").fetchone() == (1,)
    connection.close()
