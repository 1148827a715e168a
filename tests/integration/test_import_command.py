"""`qingtian import`: the same import from a terminal."""

from pathlib import Path

import pytest

from backend.imports.command import import_from_terminal
from backend.settings import Settings
from tests.conftest import Database
from tests.integration.conftest import Caller
from tests.support.offices import COUNTY, TOWNSHIP
from tests.support.sheets import csv_bytes

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("sign_ins")]

ROSTER = [
    ["编号", "名称", "主体类型", "乡镇", "面积", "经营面积"],
    ["001", "李䶮", "农户", TOWNSHIP, "x", "1公顷"],
    ["002", "", "农户", TOWNSHIP, "", "2"],
]


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, database_url=database.service_url, secret="s" * 40)


async def test_a_file_is_previewed_and_committed_as_a_named_account(
    settings: Settings, tmp_path: Path, county: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "花名册.csv"
    path.write_bytes(csv_bytes(ROSTER, encoding="gb18030"))
    order = {"kind": "farm", "county_code": COUNTY, "commit": False}
    assert await import_from_terminal(settings, path, order, "county") == 1  # a line is refused
    shown = "".join(capsys.readouterr().out.split())
    assert "“名称”未填写" in shown
    assert "E面积" in shown
    assert "未写入" in shown
    assert (await county.pull(COUNTY))["records"] == []
    path.write_bytes(csv_bytes(ROSTER[:2]))
    assert await import_from_terminal(settings, path, order | {"commit": True}, "county") == 0
    assert "已写入applied" in "".join(capsys.readouterr().out.split())
    assert [one["payload"]["name"] for one in (await county.pull(COUNTY))["records"]] == ["李䶮"]


async def test_what_cannot_be_imported_is_told_in_words(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,2\n")
    order = {"kind": "farm", "county_code": COUNTY}
    assert await import_from_terminal(settings, path, order, "nobody") == 1
    assert await import_from_terminal(settings, path, order, "province") == 1
    assert await import_from_terminal(settings, path, order, "county") == 1
    assert await import_from_terminal(settings, path, order | {"period": "2025"}, "county") == 1
    out = capsys.readouterr().out
    for words in ("没有账号", "不能在“华容县”填报", "没有找到表头", "不认识的字段"):
        assert words in out
