"""An answer that breaks off after any byte: what was sent is taken once, and the phone learns so."""

from pathlib import Path

import anyio
import pytest
from sqlalchemy import text

from backend.db import make_engine
from mobile_contract.client import Phone
from mobile_contract.outbox import ChangeState
from mobile_contract.wire import Pacing
from schemas.vocabulary import Outcome
from tests.conftest import Database
from tests.faults.effort import CUT_EVERY
from tests.support.offices import COUNTY, TOWNSHIP
from tests.support.servers import LiveServer
from tests.support.wires import CuttableWire, cuttable

READ_HEAD = "SELECT position FROM ledger_head WHERE county_code = :county_code"


@pytest.fixture
def wire(live_server: LiveServer):
    with cuttable(live_server.url) as wire:
        yield wire


@pytest.fixture
def phone(live_server: LiveServer, wire: CuttableWire, tmp_path: Path):
    phone = Phone(tmp_path / "phone.sqlite", wire.url, pacing=Pacing(attempts=1))
    phone.sign_in(*live_server.accounts["worker"])
    yield phone
    phone.close()


async def head_of(database: Database) -> int:
    engine = make_engine(database.owner_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            return (await connection.execute(text(READ_HEAD), {"county_code": COUNTY})).scalar_one()
    finally:
        await engine.dispose()


def register(phone: Phone, number: int) -> None:
    farm = {"entity_kind": "household", "township_code": TOWNSHIP, "name": f"柳林村种植户{number:04d}"}
    phone.register_farm(COUNTY, farm)


def test_an_answer_cut_after_any_byte_equals_one_clean_send(phone: Phone, wire: CuttableWire, database: Database):
    register(phone, 0)
    wire.whole()
    assert phone.push().outcomes == {Outcome.APPLIED: 1}
    length = wire.passed
    assert length > 200
    cuts = sorted({*range(0, length, CUT_EVERY), length - 1})
    for number, count in enumerate(cuts, start=1):
        register(phone, number)
        wire.cut_after(count)
        cut = phone.push()
        assert not cut.reached, f"{count} of {length} bytes passed for an answer"
        assert phone.outbox.counts()[ChangeState.SENT_UNKNOWN] == 1
        wire.whole()
        again = phone.push()
        assert again.outcomes == {Outcome.APPLIED: 1}
        assert again.replayed == 1, "a whole request was decided although its answer was cut"
    taken = len(cuts) + 1
    assert phone.outbox.counts() == {ChangeState.APPLIED: taken}
    assert anyio.run(head_of, database) == taken
    positions = sorted(change.outcome.position for change in phone.outbox.all())
    assert positions == list(range(1, taken + 1))
