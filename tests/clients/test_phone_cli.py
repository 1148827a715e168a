"""`qingtian phone` against a running server, as a person types it."""

import base64
import sqlite3

import httpx
import pytest

from mobile_contract.outbox import Outbox
from mobile_contract.store import open_store
from tests.support.program import run_program
from tests.support.reports import new_id

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A PNG of one pixel."""


@pytest.fixture
def qingtian(live_server, tmp_path):
    """Runs a command of the phone with what is typed, and returns what is shown; fails unless it ends with `code`."""

    def run(*words, typed=(), code=0, **environment):
        pocket = {"QINGTIAN_PHONE": str(tmp_path / "hand.sqlite"), "COLUMNS": "200"}
        answers = "".join(f"{line}\n" for line in typed)
        done = run_program("phone", *words, environment=pocket | environment, typed=answers)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    run(
        "init", "--server", live_server.url,
        "--county", live_server.county_code, "--township", live_server.township_code,
    )  # fmt: skip
    return run


REGISTER = ("1", "张家湾村种植户", *[""] * 5, "六亩半", "6.5")
REPORT = ("1", "", "31.5", "36", "1.2", "0.2", "0.05", "6")


def sign_in(qingtian, live_server, office="worker"):
    username, password = live_server.accounts[office]
    return qingtian("sign-in", username, QINGTIAN_PASSWORD=password)


def test_a_person_files_a_report_by_hand_and_it_is_taken(qingtian, live_server, tmp_path):
    shown = qingtian("register", typed=REGISTER)
    assert "请填十进制数" in shown
    assert "已存在本机，待发送" in shown
    shown = qingtian("report", "--indicator", "film_recovery", "--period", "2025", typed=[*REPORT, *[""] * 9])
    assert "地膜使用量（公斤）" in shown
    assert "已存在本机，待发送" in shown
    shown = qingtian("status")
    assert "未登录：可照常填写" in shown
    assert "待处理 2" in shown
    assert "张家湾村种植户 2025 废旧农膜回收率" in shown
    sign_in(qingtian, live_server)
    assert "已入账：2 条" in qingtian("sync")
    assert "已入账 2 · 待处理 0" in qingtian("status")
    assert "张家湾村种植户 · 已上报" in qingtian("farms")
    record = next(one.record_id for one in _changes(tmp_path) if one.content["kind"] == "report")
    assert "没有存下" in qingtian("amend", record, "mulch_used_kg=约三十", code=1)
    assert "待处理 0" in qingtian("status")
    qingtian("amend", record, "mulch_used_kg=32.5", "--reason", "按票据更正")
    assert "已入账：1 条" in qingtian("sync")
    qingtian("withdraw", record)
    qingtian("sync")
    assert {change.state for change in _changes(tmp_path)} == {"applied"}


def test_a_refused_change_says_why_in_both_languages(qingtian, live_server):
    qingtian("register", typed=REGISTER)
    sign_in(qingtian, live_server)
    qingtian("sync")
    for _ in range(2):
        qingtian("report", "--indicator", "film_recovery", "--period", "2025", typed=[*REPORT, *[""] * 9])
    qingtian("sync")
    shown = qingtian("status")
    assert "与他人的修改冲突，未入账" in shown
    assert "请改正后重新填报" in shown
    assert "Correct it and file again" in shown


def test_a_returned_report_is_told_with_its_reasons_and_an_amendment_answers_it(qingtian, live_server, tmp_path):
    qingtian("register", typed=REGISTER)
    qingtian("report", "--indicator", "film_recovery", "--period", "2025", typed=[*REPORT, *[""] * 9])
    sign_in(qingtian, live_server)
    qingtian("sync")
    _return_all(live_server, {"field": "/mulch_used_kg", "text": "与领用台账不符"}, {"field": None, "text": "请附凭证"})
    qingtian("sync")
    shown = qingtian("status")
    assert "张家湾村种植户 2025 废旧农膜回收率 · 退回修改" in shown
    assert "地膜使用量：与领用台账不符" in shown
    assert "请附凭证" in shown
    record = next(one.record_id for one in _changes(tmp_path) if one.content["kind"] == "report")
    qingtian("amend", record, "mulch_used_kg=32.5")
    assert "退回修改" not in qingtian("status"), "the amendment answers it, sent or not"
    assert "已入账：1 条" in qingtian("sync")
    assert "退回修改" not in qingtian("status")
    with _desk(live_server) as desk:
        [waiting] = desk.get(f"/v1/counties/{live_server.county_code}/reviews").json()["reports"]
    assert (waiting["status"], waiting["revision"], waiting["reviewed_revision"]) == ("submitted", 2, 1)


def _desk(live_server):
    username, password = live_server.accounts["county"]
    form = {"username": username, "password": password}
    token = httpx.post(f"{live_server.url}/v1/auth/token", data=form).json()["access_token"]
    return httpx.Client(base_url=live_server.url, headers={"Authorization": f"Bearer {token}"})


def _return_all(live_server, *reasons):
    with _desk(live_server) as desk:
        waiting = desk.get(f"/v1/counties/{live_server.county_code}/reviews").json()["reports"]
        decisions = [
            {"change_id": new_id(), "record_id": one["record_id"], "decision": "return", "position": one["position"],
             "reasons": list(reasons)} for one in waiting
        ]  # fmt: skip
        body = {"county_code": live_server.county_code, "decisions": decisions}
        answer = desk.post("/v1/reviews", json=body).json()
        assert [one["outcome"] for one in answer["outcomes"]] == ["applied"]


def test_an_outbox_is_carried_to_another_machine_and_sent_by_its_author(qingtian, live_server, tmp_path):
    sign_in(qingtian, live_server)
    qingtian("register", typed=REGISTER)
    sealed, secret = str(tmp_path / "carried.json"), {"QINGTIAN_PASSPHRASE": "水稻玉米小麦油菜"}
    assert "已封好" in qingtian("export", "outbox", sealed, **secret)
    other = {"QINGTIAN_PHONE": str(tmp_path / "carrier.sqlite")}
    qingtian("init", "--server", live_server.url, "--county", live_server.county_code, **other)
    password = live_server.accounts["worker"][1]
    assert "已入账：1 条" in qingtian("carry", sealed, "--password", password, **other, **secret)
    assert "已入账：1 条" in qingtian("sync")


def test_photos_are_carried_too_and_go_up_without_the_author_s_password(qingtian, live_server, tmp_path):
    sign_in(qingtian, live_server)
    qingtian("register", typed=REGISTER)
    qingtian("report", "--indicator", "film_recovery", "--period", "2025", typed=[*REPORT, *[""] * 9])
    record = next(one.record_id for one in _changes(tmp_path) if one.content["kind"] == "report")
    picture = tmp_path / "田块.jpg"
    picture.write_bytes(base64.b64decode(PIXEL))
    qingtian("photo", "add", record, str(picture))
    sealed, secret = str(tmp_path / "carried"), {"QINGTIAN_PASSPHRASE": "水稻玉米小麦油菜"}
    assert "变更 3 条，照片 1 张" in qingtian("export", "outbox", sealed, **secret)
    other = {"QINGTIAN_PHONE": str(tmp_path / "carrier.sqlite")}
    qingtian("init", "--server", live_server.url, "--county", live_server.county_code, **other)
    assert "请先登录" in qingtian("carry", sealed, "--password", "", code=1, **other, **secret)
    username, password = live_server.accounts["colleague"]
    qingtian("sign-in", username, QINGTIAN_PASSWORD=password, **other)
    shown = qingtian("carry", sealed, "--password", "", **other, **secret)
    assert "传完照片 1 张" in shown
    assert "待处理 3" in shown, "the changes wait for their author"
    author = live_server.accounts["worker"][1]
    assert "已入账：3 条" in qingtian("carry", sealed, "--password", author, **other, **secret)


def test_a_server_out_of_reach_is_told_and_nothing_is_lost(qingtian, live_server, tmp_path):
    sign_in(qingtian, live_server)
    qingtian("register", typed=REGISTER)
    with sqlite3.connect(tmp_path / "hand.sqlite") as store:
        store.execute("UPDATE setting SET value = 'http://127.0.0.1:1' WHERE name = 'server'")
    assert "没有连上服务器，内容都在本机" in qingtian("sync", code=1)
    assert "待处理 1" in qingtian("status")


def test_receipts_and_photos_go_with_a_report(qingtian, live_server, tmp_path):
    qingtian("register", typed=REGISTER)
    qingtian("report", "--indicator", "film_recovery", "--period", "2025", typed=[*REPORT, *[""] * 9])
    record = next(one.record_id for one in _changes(tmp_path) if one.content["kind"] == "report")
    picture = tmp_path / "田块.jpg"
    picture.write_bytes(base64.b64decode(PIXEL))
    assert "待上传" in qingtian("photo", "add", record, str(picture))
    sign_in(qingtian, live_server)
    assert "传完照片 1 张" in qingtian("sync")
    assert "签名有效" in qingtian("receipts")
    assert "已导出 1 份回执" in qingtian("export", "receipts", str(tmp_path / "receipts"))


def _changes(tmp_path):
    store = open_store(tmp_path / "hand.sqlite")
    try:
        return Outbox(store).all()
    finally:
        store.close()
