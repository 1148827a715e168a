"""The command `qingtian`: which part of the service it reads before it does anything."""

import subprocess
import sys

from tests.conftest import REPOSITORY

SHOWN = """
import sys
from backend.__main__ import main
sys.argv = ["qingtian", *sys.argv[1:]]
try:
    main()
finally:
    print(sorted({"fastapi", "sqlalchemy", "asyncpg"} & sys.modules.keys()), file=sys.stderr)
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SHOWN, *words, "--help"]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=True)


def test_the_phone_s_commands_do_not_wait_for_the_service_to_be_read():
    done = run("phone")
    assert "qingtian phone [OPTIONS] COMMAND" in done.stdout
    assert done.stderr.splitlines()[-1] == "[]"


def test_every_group_is_listed_with_the_service():
    done = run()
    assert {"phone", "ledger", "reference"} <= set(done.stdout.split())
    assert "fastapi" in done.stderr.splitlines()[-1]
