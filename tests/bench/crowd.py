"""Many phones of one county at once, against a service with few connections: how long each waits."""

from concurrent.futures import Executor
from dataclasses import dataclass, field

from tests.bench.ground import Service
from tests.bench.phones import request, send_all
from tests.bench.push import Cell
from tests.bench.reports import CountyStream, body

POOL = 5
"""Connections of the service."""

CROWDS = (Cell(20, 8, 5_120, shared=True), Cell(20, 64, 5_120, shared=True))


@dataclass
class Crowd:
    """What the phones of a cell saw, over all rounds."""

    cell: Cell
    per_s: list[float] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    fastest_s: list[float] = field(default_factory=list)
    slowest_s: list[float] = field(default_factory=list)
    """When the first and the last phone had handed in everything, round by round."""


def crowd_in(service: Service, county: CountyStream, crowd: Crowd, clients: Executor) -> None:
    """Let every phone of the cell send its pushes one after the other, all phones at once; every report is applied."""
    cell = crowd.cell
    token = service.tokens[county.place.code]
    queues = [
        [request(service.target, token, body(county.reports(cell.batch))) for _ in range(cell.pushes_a_phone)]
        for _ in range(cell.phones)
    ]
    sent = clients.submit(send_all, service.target, queues, cell.batch).result()
    crowd.per_s.append(cell.phones * cell.reports_a_phone / sent.wall_s)
    crowd.waits_ms += [wait * 1000 for wait in sent.waits_s]
    each = cell.pushes_a_phone
    ended_s = [sum(sent.waits_s[at : at + each]) for at in range(0, len(sent.waits_s), each)]
    crowd.fastest_s.append(min(ended_s))
    crowd.slowest_s.append(max(ended_s))
