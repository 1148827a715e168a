"""The service with a part left out or watched, to tell what the part costs: `python -m tests.bench.altered run`.

BENCH_UNSIGNED=1 answers pushes without receipts. BENCH_PLANS=<file> has the database explain what a push reads and
writes, and writes a line of JSON a push to the file.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

import backend.api.sync
import sync.state
import sync.store
from backend.cli import app
from schemas.changes import ChangeOutcome, Push, Receipt
from schemas.receipts import Signer
from sync.statement import Connection, Statement

UNSIGNED, PLANS = "BENCH_UNSIGNED", "BENCH_PLANS"


async def no_receipt(
    _body: Push, _outcomes: Sequence[ChangeOutcome], _account: str, _signer: Signer, _connection: Connection
) -> Receipt | None:
    """Return none."""
    return None


class Explained:
    """A statement whose parts the database times. EXPLAIN ANALYZE runs it: what writes, writes."""

    def __init__(self, statement: Statement, *, writes: bool, kept_in: Path) -> None:
        self._statement = statement
        self._writes = writes
        self._kept_in = kept_in

    async def rows(self, connection: Connection, **values: Any) -> list[Any]:
        """Keep the plan; return the rows where the statement reads."""
        explained = Statement(f"EXPLAIN (ANALYZE, FORMAT JSON) {self._statement.sql}", self._statement.names)
        [row] = await explained.rows(connection, **values)
        [plan] = orjson.loads(row[0])
        with self._kept_in.open("ab") as file:
            file.write(orjson.dumps({"writes": self._writes, **plan}) + b"\n")
        return [] if self._writes else await self._statement.rows(connection, **values)


if __name__ == "__main__":
    if os.environ.get(UNSIGNED):
        backend.api.sync.receipt_of = no_receipt
    if PLANS in os.environ:
        path = Path(os.environ[PLANS])
        sync.store.WRITE_PUSH = Explained(sync.store.WRITE_PUSH, writes=True, kept_in=path)  # type: ignore[assignment]
        sync.state.READ_STATE = Explained(sync.state.READ_STATE, writes=False, kept_in=path)  # type: ignore[assignment]
    app(prog_name="qingtian")
