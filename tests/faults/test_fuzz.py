"""Whatever the interface description allows, and what it forbids, is answered: never a 5xx, never off the schema."""

import subprocess
import sys
from pathlib import Path

import httpx

from tests.faults.effort import SOAK
from tests.support.servers import LiveServer

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
PHASES = "coverage,fuzzing" if SOAK else "fuzzing"
"""The first tries every limit of every parameter, some six thousand requests; the second draws requests at random."""
EXAMPLES = 200 if SOAK else 12
SEED = 7
TIMEOUT_S = 3_000 if SOAK else 600


def test_every_operation_answers_any_request_by_its_description(live_server: LiveServer):
    username, password = live_server.accounts["county"]
    form = {"username": username, "password": password}
    token = httpx.post(f"{live_server.url}/v1/auth/token", data=form, trust_env=False).json()["access_token"]
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{live_server.url}/openapi.json",
        *("--header", f"Authorization: Bearer {token}"),
        *("--checks", ",".join(CHECKS)),
        *("--phases", PHASES),
        *("--max-examples", str(EXAMPLES)),
        *("--seed", str(SEED)),
        "--no-color",
    ]
    run = subprocess.run(command, cwd=live_server.home, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    _, _, failures = run.stdout.partition("= FAILURES =")
    assert run.returncode == 0, (failures or run.stdout)[:6_000] + run.stderr[-2_000:]
