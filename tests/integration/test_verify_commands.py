"""What the commands that verify say, and their exit codes."""

import json
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.checkpoint_command import issue_from_terminal, list_checkpoints
from backend.settings import Settings
from backend.verify.command import SOUND, UNREADABLE, UNSOUND, verify_ledgers, verify_receipt
from schemas.receipts import KEYS_PATH
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.receipts import document_of
from tests.support.reports import farm

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(offices: Offices) -> Settings:
    found: Settings = offices.app.state.service.settings
    return found


@pytest.fixture
async def receipt(worker: Caller, tmp_path: Path) -> Path:
    homestead = farm()
    path = tmp_path / "receipt.json"
    path.write_bytes(orjson.dumps(document_of((await worker.push(homestead)).json(), [homestead])))
    return path


def move_first_item(path: Path) -> None:
    document = json.loads(path.read_text())
    document["items"][0][4] += 1
    path.write_text(json.dumps(document))


async def test_a_receipt_is_verified_with_the_published_keys_alone(
    offices: Offices, receipt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_bytes((await offices.http.get(KEYS_PATH)).content)
    assert await verify_receipt(None, receipt, str(keys), as_json=False) == SOUND
    said = capsys.readouterr().out
    assert "签名有效 · the signature holds" in said
    assert "只核对了签名" in said
    move_first_item(receipt)
    assert await verify_receipt(None, receipt, str(keys), as_json=False) == UNSOUND
    assert "签名无效" in capsys.readouterr().out


async def test_a_receipt_is_held_against_the_ledger_where_there_is_one(
    settings: Settings, receipt: Path, owner_engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verify_receipt(settings, receipt, None, as_json=False) == SOUND
    assert "账本中仍是这 1 笔，内容未变" in capsys.readouterr().out
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE ledger_entry SET entry_hash = decode(repeat('ab', 32), 'hex')"))
    assert await verify_receipt(settings, receipt, None, as_json=True) == UNSOUND
    answer = json.loads(capsys.readouterr().out)
    assert (answer["sound"], answer["anchors"][0]["signature"]) == (False, "holds")
    assert [(fault["county_code"], fault["position"], fault["code"]) for fault in answer["faults"]] == [
        (COUNTY, 1, "anchor_head")
    ]


async def test_what_cannot_be_read_is_told_apart_from_what_does_not_fit(
    settings: Settings, receipt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / "odd.json"
    for content in ("{", "{}", "[1]", '{"alg": "qt1-receipt-ed25519"}'):
        odd.write_text(content)
        assert await verify_receipt(settings, odd, None, as_json=False) == UNREADABLE
    assert await verify_receipt(None, receipt, None, as_json=False) == UNREADABLE
    assert await verify_receipt(None, receipt, str(tmp_path / "none.json"), as_json=False) == UNREADABLE
    assert await verify_ledgers(settings, None, [odd]) == UNREADABLE
    assert "不是检查点或回执文件" in capsys.readouterr().err


async def test_ledgers_are_verified_against_the_files_that_are_named(
    settings: Settings, receipt: Path, owner_engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await issue_from_terminal(settings) == 0
    [checkpoint] = (settings.home / "checkpoints").iterdir()
    assert await list_checkpoints(settings, 10) == 0
    assert json.loads(checkpoint.read_text())["id"][:8] in capsys.readouterr().out
    assert await verify_ledgers(settings, None, [checkpoint, receipt]) == SOUND
    assert "已核对 1 个县的账本（1 条，1 个记录），0 个有问题" in capsys.readouterr().out
    async with owner_engine.begin() as connection:
        for table in ("ledger_entry", "record", "change", "personal", "township_mark"):
            await connection.execute(text(f"DELETE FROM {table}"))
        await connection.execute(
            text("""UPDATE ledger_head SET position = 0, entry_hash = decode(repeat('00', 32), 'hex')
                    WHERE county_code = '430623'""")
        )
    assert await verify_ledgers(settings, None, as_json=True) == SOUND
    assert json.loads(capsys.readouterr().out)["ledgers"] == []
    assert await verify_ledgers(settings, None, [checkpoint], as_json=True) == UNSOUND
    [ledger] = json.loads(capsys.readouterr().out)["ledgers"]
    assert [(fault["position"], fault["code"]) for fault in ledger["faults"]] == [(1, "anchor_head")]


async def test_a_county_without_a_ledger_is_said_to_have_none(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verify_ledgers(settings, "999999") == UNSOUND
    assert "没有这个账本" in capsys.readouterr().out
