"""The county's files on a phone: fetched over a line that breaks at any byte, whole or not at all, never twice."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import pyogrio
import pytest
from pmtiles.reader import MemorySource, Reader
from typer.testing import CliRunner

from backend.phone.command import phone as command
from mobile_contract.client import Phone
from mobile_contract.wire import Pacing
from tests.support.cut_lines import cut_line


@pytest.fixture
def line(live_server):
    with cut_line(urlsplit(live_server.url).port) as line:
        yield line


@pytest.fixture
def phone(live_server, line, tmp_path):
    phone = Phone(tmp_path / "phone.sqlite", line.url, pacing=Pacing(attempts=1))
    phone.sign_in(*live_server.accounts["worker"])
    phone.follow(live_server.county_code)
    assert phone.sync().reached
    yield phone
    phone.close()


def kept(phone) -> dict[str, Path]:
    return {one.name: phone.files.path_of(one) for one in phone.files.all()}


def test_a_file_comes_whole_over_a_line_that_breaks_at_any_byte(phone, line, live_server, tmp_path):
    assert {one.name for one in phone.files.all()} == {"geopackage", "boundary_tiles"}
    assert not any(path.exists() for path in kept(phone).values())
    line.cuts = [0]
    assert phone.fetch_files().reached is False, "a line that brings nothing is not tried for ever"
    line.asked.clear()
    line.cuts = [1, 100, 16_383, 1, 65_536, 20_000]
    report = phone.fetch_files()
    assert (report.reached, report.files) == (True, 2)
    resumed = [int(one.removeprefix("bytes=").removesuffix("-")) for one in line.asked if one]
    assert resumed[:3] == [1, 101, 101 + 16_383]
    assert len(resumed) == 6
    for one in phone.files.all():
        assert one.is_current
        assert f'"{hashlib.sha256(kept(phone)[one.name].read_bytes()).hexdigest()}"' == one.etag
    assert pyogrio.read_info(kept(phone)["geopackage"], layer="county")["features"] == 1
    assert Reader(MemorySource(kept(phone)["boundary_tiles"].read_bytes())).header()["version"] == 3
    line.asked.clear()
    assert phone.sync().reached
    assert phone.fetch_files().files == 0
    assert line.asked == [], "nothing changed: nothing is asked for again"

    # A farm is registered: the GeoPackage is another. The old one stays in use until the new one is whole.
    old = kept(phone)["geopackage"].read_bytes()
    farm = {"entity_kind": "household", "township_code": live_server.township_code, "name": "张家湾村种植户"}
    phone.register_farm(live_server.county_code, farm)
    assert phone.sync().reached
    assert [one.name for one in phone.files.all() if not one.is_current] == ["geopackage"]
    line.cuts = [50_000, 0]
    assert phone.fetch_files().reached is False
    assert kept(phone)["geopackage"].read_bytes() == old
    phone.close()
    again = Phone(tmp_path / "phone.sqlite", line.url, pacing=Pacing(attempts=1))
    again.sign_in(*live_server.accounts["worker"])
    line.asked.clear()
    assert again.fetch_files().files == 1
    assert line.asked == ["bytes=50000-"], "a restart of the app goes on where the line broke"
    assert pyogrio.read_info(kept(again)["geopackage"], layer="farm")["features"] == 1
    again.close()

    # The same by hand.
    def typed(*words: str) -> str:
        done = CliRunner().invoke(command, [*words, "--file", str(tmp_path / "hand.sqlite")], env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return done.output

    username, password = live_server.accounts["county"]
    typed("init", "--server", line.url, "--county", live_server.county_code)
    typed("sign-in", username, "--password", password)
    assert "还没有离线数据包的消息" in typed("packs")
    assert "有 2 个离线数据包可更新" in typed("sync")
    assert "未下载" in typed("packs")
    assert typed("packs", "--fetch").count("已是最新") == 2
    assert pyogrio.read_info(tmp_path / "hand.sqlite.packs" / "430623-geopackage.gpkg", layer="county")["features"] == 1
