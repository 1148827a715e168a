"""What sync adds to a push: receipts, by leaving them out; the parts of its statements, as the database tells."""

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from sync.state import READ_STATE
from tests.bench.altered import PLANS, UNSIGNED
from tests.bench.ground import Place, Service, serving
from tests.bench.phones import request, send_all
from tests.bench.push import Cell
from tests.bench.reports import CountyStream, body

ALTERED = "tests.bench.altered"
CELL = Cell(100, 8, 4_800)
EXPLAINED = Cell(100, 1, 1_000)

ASKED = [name if name != "waiting" else "waiting, sorted" for name in re.findall(r"AS one\) AS (\w+)", READ_STATE.sql)]
"""The select list of what a push reads."""

OF_SYNC = frozenset({"waiting", "waiting, sorted", "marks", "exits", "attachments", "forgotten_attachments"})


@dataclass
class Signing:
    """Pushes with receipts and without, round by round in turn: reports a second, processor ms of the service each."""

    signed_per_s: list[float] = field(default_factory=list)
    unsigned_per_s: list[float] = field(default_factory=list)
    signed_cpu_ms: list[float] = field(default_factory=list)
    unsigned_cpu_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """A part of a push's statement: its ms a push of `EXPLAINED`, the median of all pushes."""

    statement: str
    name: str
    ms: float

    @property
    def is_of_sync(self) -> bool:
        """Whether a ledger without pulls and held changes would do without it."""
        return self.name in OF_SYNC


def signing(
    service: Service, place: Place, counties: Sequence[CountyStream], cell: Cell, rounds: int, clients: Executor
) -> Signing:
    """Push with receipts and without, by two services over the same database; every county has one of the phones."""
    measured = Signing()
    codes = [one.place.code for one in counties]
    with serving(place, codes, program=ALTERED, settings={UNSIGNED: "1"}) as unsigned:
        for number in range(2 * rounds + 2):
            # The first of each only warms it up; the order turns about.
            is_signed = number % 4 in {0, 3}
            per_s, cpu_ms = _push_cell(service if is_signed else unsigned, counties, cell, clients)
            if number >= 2:
                (measured.signed_per_s if is_signed else measured.unsigned_per_s).append(per_s)
                (measured.signed_cpu_ms if is_signed else measured.unsigned_cpu_ms).append(cpu_ms)
    return measured


def _push_cell(
    service: Service, counties: Sequence[CountyStream], cell: Cell, clients: Executor
) -> tuple[float, float]:
    queues = [
        [
            request(service.target, service.tokens[one.place.code], body(one.reports(cell.batch)))
            for _ in range(cell.pushes_a_phone)
        ]
        for one in counties
    ]
    cpu_s = service.cpu_s
    sent = clients.submit(send_all, service.target, queues, cell.batch).result()
    cpu_s = service.cpu_s - cpu_s
    reports = cell.phones * cell.reports_a_phone
    return reports / sent.wall_s, cpu_s * 1000 / reports


def explained(place: Place, county: CountyStream, clients: Executor) -> list[Part]:
    """Push with every statement explained; return the parts of the reading and the writing one, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plans"
        code = county.place.code
        with serving(place, [code], program=ALTERED, settings={PLANS: str(path)}) as service:
            token = service.tokens[code]
            queue = [
                request(service.target, token, body(county.reports(EXPLAINED.batch)))
                for _ in range(EXPLAINED.pushes_a_phone)
            ]
            clients.submit(send_all, service.target, [queue], EXPLAINED.batch).result()
        plans = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    took: dict[tuple[str, str], list[float]] = defaultdict(list)
    for plan in plans:
        statement = "写 write" if plan["writes"] else "读 read"
        took[statement, "全部 all"].append(plan["Execution Time"])
        took[statement, "计划 planning"].append(plan["Planning Time"])
        for name, ms in _parts(plan["Plan"], writes=plan["writes"]):
            took[statement, name].append(ms)
    return [Part(statement, name, median(times)) for (statement, name), times in took.items()]


def _parts(root: dict[str, Any], *, writes: bool) -> Iterator[tuple[str, float]]:
    """Yield the parts of a plan below its root, by the names that the statement gives them, with their ms.

    What is asked for in the select list has no name in a plan; its order is that of the list. The root of the writing
    statement is its last part, the changes themselves.
    """
    asked = iter(ASKED)
    for plan in root.get("Plans", []):
        name = plan.get("Subplan Name", "")
        if name.startswith("CTE "):
            yield name.removeprefix("CTE "), plan["Actual Total Time"]
        elif name.startswith("InitPlan"):
            yield next(asked), plan["Actual Total Time"]
    if writes:
        yield "changes", root["Actual Total Time"]
