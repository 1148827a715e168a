"""`qingtian personal ...` as whoever runs the deployment calls it."""

import json
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.conftest import Database
from tests.integration.conftest import Caller
from tests.support.offices import COUNTY
from tests.support.people import PHONE, planted_farm, told_in_the_clear
from tests.support.program import run_program

pytestmark = pytest.mark.anyio


async def test_the_commands_export_rotate_and_erase(
    worker: Caller, owner_engine: AsyncEngine, database: Database, tmp_path: Path
) -> None:
    homestead = planted_farm()
    await worker.apply(homestead)
    environment = {
        "QINGTIAN_DATABASE_URL": database.service_url,
        "QINGTIAN_OWNER_DATABASE_URL": database.owner_url,
        "QINGTIAN_HOME": str(tmp_path),
        "QINGTIAN_SECRET": "s" * 40,
        "COLUMNS": "200",
    }

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return run_program("personal", *words, environment=environment)

    target = tmp_path / "held.json"
    found = ("export", "--county", COUNTY, "--phone", PHONE, "--as")
    assert command(*found, "worker").returncode == 1
    exported = command(*found, "county", "--file", str(target))
    assert exported.returncode == 0, exported.stderr
    [held] = json.loads(target.read_bytes())
    assert (held["record_id"], target.stat().st_mode & 0o777) == (homestead["record_id"], 0o600)
    first = command("rotate")
    assert (first.returncode, "rotate --go-on" in first.stdout) == (0, True), first.stdout + first.stderr
    rotated = command("rotate", "--go-on", "--settle-minutes", "0")
    assert (rotated.returncode, "1 old keys retired" in rotated.stdout) == (0, True), rotated.stdout + rotated.stderr
    assert (await worker.pull(COUNTY))["records"][0]["payload"]["phone"] == PHONE
    erased = command(
        "erase", "--county", COUNTY, "--record", homestead["record_id"], "--ground", "unlawful", "--as", "county"
    )
    assert (erased.returncode, "1 records" in erased.stdout) == (0, True), erased.stdout + erased.stderr
    assert await told_in_the_clear(owner_engine) == set()
    for name in ("retain", "reseal"):
        done = command(name)
        assert done.returncode == 0, done.stderr
