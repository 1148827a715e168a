"""The phone is killed at every boundary between two SQLite statements; its disk runs full at every page."""

import json
import os
import random
import sqlite3

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile_contract.client import Phone
from mobile_contract.outbox import ChangeState
from mobile_contract.store import StoreFullError, open_store
from mobile_contract.wire import Pacing
from schemas.marks import mark_sum
from schemas.receipts import SignatureState
from tests.support.paper_server import NOW, PaperServer

COUNTY = "430623"
FARM = {"entity_kind": "household", "township_code": "430623101", "name": "张家湾村种植户03"}
KILLED = 9


def open_phone(folder):
    pacing = Pacing(clock=lambda: NOW, sleep=lambda _: None, dice=random.Random(11), attempts=1)
    server = PaperServer(folder / "server.json")
    phone = Phone(folder / "phone.sqlite", "http://paper", transport=httpx.MockTransport(server), pacing=pacing)
    return phone, server


def day(folder, kept):
    """File, amend, sync, recover, sync: what a phone does on a day. `kept` is told what the phone said is kept."""
    phone, server = open_phone(folder)
    phone.sign_in("worker", "secret")
    phone.follow(COUNTY)
    for number in range(2):
        kept(phone.register_farm(COUNTY, FARM | {"name": f"户{number}"}))
    phone.sync()
    server.put("0199aa00-0000-7000-8000-000000000001")
    server.memory["epoch"] += 1
    first = phone.outbox.all()[0].record_id
    phone.amend(first, {"/name": "改名户"})
    phone.sync()
    phone.close()


def day_killed_at(folder, boundary):
    """Run the day in a process of its own that dies before its statement number `boundary`; return whether it did."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            seen = 0
            connect = sqlite3.connect

            def traced(*arguments, **named):
                connection = connect(*arguments, **named)

                def count(_):
                    nonlocal seen
                    seen += 1
                    if seen == boundary:
                        os._exit(KILLED)

                connection.set_trace_callback(count)
                return connection

            sqlite3.connect = traced
            with (folder / "kept.txt").open("a") as told:
                day(folder, lambda record_id: (told.write(f"{record_id}\n"), told.flush()))
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def check(folder):
    """Open the file that the dead process left: whole, nothing lost, and after a sync equal to the server."""
    connection = open_store(folder / "phone.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for county_code, records, total in connection.execute("SELECT county_code, records, mark_sum FROM followed"):
        held = connection.execute("SELECT mark, body ->> 'mark' FROM mirror WHERE county_code = ?", (county_code,))
        marks = held.fetchall()
        assert all(mark == told for mark, told in marks)
        assert (records, total) == (len(marks), mark_sum(mark for mark, _ in marks))
    connection.close()
    kept = (folder / "kept.txt").read_text().split()
    phone, server = open_phone(folder)
    assert {change.record_id for change in phone.outbox.all()} >= set(kept)
    taken = set(server.memory["changes"])
    settled = {one.change_id for one in phone.outbox.all() if one.state is ChangeState.APPLIED}
    unsent = {one.change_id for one in phone.outbox.all() if one.state is ChangeState.QUEUED}
    assert settled <= taken
    assert not unsent & taken
    phone.sign_in("worker", "secret")
    phone.follow(COUNTY)
    phone.sync()
    phone.sync()
    assert set(phone.outbox.counts()) <= {ChangeState.APPLIED}
    assert server.memory["creates"] == len({one.record_id for one in phone.outbox.all()})
    assert {one.id: one.position for one in phone.mirror.records(COUNTY)} == {
        one["id"]: one["position"] for one in server.memory["records"].values()
    }
    assert phone.mirror.followed(COUNTY).checksum.model_dump() == server.checksum()
    assert all(phone.receipts.state_of(receipt) is SignatureState.HOLDS for receipt in phone.receipts.all())
    phone.close()


def test_a_kill_before_any_statement_leaves_a_whole_file_and_nothing_is_lost_or_twice(tmp_path):
    boundary, died = 0, True
    while died:
        boundary += 1
        folder = tmp_path / str(boundary)
        folder.mkdir()
        (folder / "kept.txt").touch()
        died = day_killed_at(folder, boundary)
        check(folder)
    assert boundary > 100, "the trace no longer sees the statements"


@settings(max_examples=25, deadline=None)
@given(kills=st.lists(st.integers(1, 160), min_size=2, max_size=5))
def test_several_kills_in_a_row_are_survived_too(tmp_path_factory, kills):
    folder = tmp_path_factory.mktemp("kills")
    (folder / "kept.txt").touch()
    for boundary in kills:
        day_killed_at(folder, boundary)
    check(folder)


def test_a_full_disk_is_told_and_keeps_nothing_half(tmp_path):
    phone, server = open_phone(tmp_path)
    phone.sign_in("worker", "secret")
    phone.register_farm(COUNTY, FARM)
    pages = phone._connection.execute("PRAGMA page_count").fetchone()[0]
    phone._connection.execute(f"PRAGMA max_page_count = {pages}")
    before = phone.outbox.all()
    batch = [
        json.loads(before[0].item) | {"change_id": f"0199aa00-0000-7000-8000-{n:012d}", "reason": "字" * 500}
        for n in range(50)
    ]
    with pytest.raises(StoreFullError, match="存储空间已满"):
        phone.keep(batch)
    assert phone.outbox.all() == before
    for number in range(200):
        server.put(f"0199aa00-0000-7000-8000-{number:012d}", payload={"note": "字" * 300})
    with pytest.raises(StoreFullError):
        phone.sync()
    assert [one.state for one in phone.outbox.all()] == [ChangeState.APPLIED], "what only the phone has goes out first"
    assert phone.mirror.records(COUNTY) == []
    assert phone.mirror.cursor(COUNTY) is None
    phone._connection.execute("PRAGMA max_page_count = 100000")
    phone.sync()
    assert phone.mirror.followed(COUNTY).checksum.model_dump() == server.checksum()
    phone.close()
