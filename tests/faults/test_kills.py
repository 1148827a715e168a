"""The server and PostgreSQL are killed in the middle of pushes: nothing acknowledged is lost, nothing stands twice."""

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import httpx
import pytest
from sqlalchemy import text

from backend.db import make_engine
from backend.embedded import ensure_cluster, ensure_database, stop_cluster
from backend.migrate import migrate
from backend.reference.load import load_reference
from backend.settings import Settings
from backend.verify.command import verify_ledgers
from tests.conftest import SHARED_PACKAGES, TEST_HOME, Database
from tests.faults.effort import KILLS
from tests.support.offices import COUNTY, NEIGHBOUR, PASSWORD
from tests.support.reports import body, farm
from tests.support.servers import LiveServer, kill, launch, offices_of

NAME = "killed"
SENDERS = (("county", COUNTY), ("county", COUNTY), ("neighbour", NEIGHBOUR))
BATCH = 5
KILLED_AFTER_S = (0.3, 2.0)
LAST_WORK_S = 1.0
SEED = 4

READ_CHANGES = "SELECT cast(change_id AS text), outcome, decided_position FROM change"
COUNT_ENTRIES = "SELECT count(*) FROM ledger_entry"


@dataclass
class Service:
    """A durable cluster and the server over it; both can be killed and come back, at other addresses."""

    home: Path
    database: Database
    server: LiveServer
    url: str = field(default="")

    def kill_server(self) -> None:
        kill(self.server)
        self._serve()

    def kill_postgres(self) -> None:
        pid = int(next(self.database.cluster.home.rglob("postmaster.pid")).read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGKILL)
        kill(self.server)
        cluster = ensure_cluster(self.home, durable=True, packages=SHARED_PACKAGES)
        self.database = replace(self.database, cluster=cluster)
        self._serve()

    def _serve(self) -> None:
        self.server = launch(self.database, self.home)
        self.url = self.server.url


@pytest.fixture
def service() -> Iterator[Service]:
    home = TEST_HOME / "killed"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    cluster = ensure_cluster(home, durable=True, packages=SHARED_PACKAGES)
    try:
        ensure_database(cluster, NAME)
        anyio.run(_fill, cluster.url("owner", NAME))
        anyio.run(offices_of, cluster.url("owner", NAME))
        database = Database(cluster, NAME)
        server = launch(database, home)
        service = Service(home, database, server, server.url)
        yield service
        kill(service.server)
    finally:
        stop_cluster(home)
        shutil.rmtree(home, ignore_errors=True)


async def _fill(url: str) -> None:
    engine = make_engine(url, pool_size=1)
    try:
        await migrate(engine)
        await load_reference(engine, TEST_HOME, lambda _: None)
    finally:
        await engine.dispose()


@dataclass
class Sender:
    """A phone that never gives up: the same bytes again until they are answered."""

    service: Service
    username: str
    county_code: str
    stopping: threading.Event
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Change id -> ledger position, as answered."""
    sent: int = 0
    interrupted: int = 0
    """How often no answer came."""
    token: str = ""

    def run(self) -> None:
        while not self.stopping.is_set():
            changes = [farm(township_code=f"{self.county_code}000") for _ in range(BATCH)]
            for one in changes:
                one["county_code"] = self.county_code
            self.sent += len(changes)
            for outcome in self._answered(body(*changes)):
                assert outcome["outcome"] == "applied", outcome
                self.acknowledged[outcome["change_id"]] = outcome["position"]

    def _answered(self, push: dict[str, object]) -> list[dict[str, object]]:
        while True:
            try:
                self.token = self.token or self._sign_in()
                answer = httpx.post(
                    f"{self.service.url}/v1/sync/push",
                    json=push,
                    headers={"Authorization": f"Bearer {self.token}"},
                    timeout=10,
                    trust_env=False,
                )
                if answer.status_code == httpx.codes.OK:
                    outcomes: list[dict[str, object]] = answer.json()["outcomes"]
                    if all(one["outcome"] != "held" for one in outcomes):
                        return outcomes
                else:
                    assert answer.status_code in (500, 503), answer.text
            except httpx.TransportError:
                self.interrupted += 1
            time.sleep(0.05)

    def _sign_in(self) -> str:
        form = {"username": self.username, "password": PASSWORD}
        answer = httpx.post(f"{self.service.url}/v1/auth/token", data=form, timeout=10, trust_env=False)
        if answer.status_code != httpx.codes.OK:
            raise httpx.TransportError(answer.text)
        return str(answer.json()["access_token"])


async def _stored(url: str) -> tuple[dict[str, int], int]:
    engine = make_engine(url, pool_size=1)
    try:
        async with engine.connect() as connection:
            rows = (await connection.execute(text(READ_CHANGES))).all()
            entries = (await connection.execute(text(COUNT_ENTRIES))).scalar_one()
        assert {row.outcome for row in rows} == {"applied"}
        return {row.change_id: row.decided_position for row in rows}, entries
    finally:
        await engine.dispose()


def test_nothing_acknowledged_is_lost_when_server_and_database_are_killed(service: Service) -> None:
    draw = random.Random(SEED)
    stopping = threading.Event()
    senders = [Sender(service, username, county, stopping) for username, county in SENDERS]
    with ThreadPoolExecutor(len(senders)) as threads:
        running = [threads.submit(sender.run) for sender in senders]
        try:
            for number in range(KILLS):
                time.sleep(draw.uniform(*KILLED_AFTER_S))
                (service.kill_postgres if number % 3 == 2 else service.kill_server)()
            time.sleep(LAST_WORK_S)
        finally:
            stopping.set()
        for one in running:
            one.result(60)
    acknowledged = {change_id: at for sender in senders for change_id, at in sender.acknowledged.items()}
    assert len(acknowledged) == sum(sender.sent for sender in senders) > KILLS * BATCH
    assert all(sender.interrupted >= KILLS for sender in senders)
    owner_url = service.database.owner_url
    stored, entries = anyio.run(_stored, owner_url)
    assert stored == acknowledged
    assert entries == len(acknowledged)
    assert anyio.run(verify_ledgers, Settings(database_url=owner_url, home=service.home), None) == 0
