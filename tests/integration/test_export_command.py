"""`qingtian export ...` over a real database."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.support.offices import COUNTY, SignIn
from tests.support.program import run_program

pytestmark = pytest.mark.anyio


async def test_a_terminal_writes_what_an_account_may_read(
    database: Database, sign_ins: dict[str, SignIn], tmp_path: Path
) -> None:
    async def run(*words: str) -> subprocess.CompletedProcess[str]:
        settings = {
            "QINGTIAN_HOME": str(tmp_path),
            "QINGTIAN_DATABASE_URL": database.service_url,
            "QINGTIAN_SECRET": "s" * 40,
        }
        return await asyncio.to_thread(run_program, "export", *words, environment=settings)

    path = tmp_path / "county.csv"
    username = sign_ins["county"].username
    asked = ["summary", COUNTY, "--period", "2025", "--format", "csv", "--plain", "-o", str(path)]
    done = await run(*asked, "--as", username)
    assert done.returncode == 0, done.stdout + done.stderr
    assert path.read_text().startswith("row_kind,region_code")
    assert "qingtian export summary" in path.read_text()
    refused = await run(*asked, "--as", sign_ins["neighbour"].username)
    assert refused.returncode == 1
    assert "华容县" in refused.stdout
