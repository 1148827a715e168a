"""From where a figure is looked at: as it stands, at a moment, or behind a filing; as positions of ledgers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.problems import Refused
from schemas.period import CHINA_STANDARD_TIME
from schemas.problems import problem
from schemas.reference.kinds import ReferenceKind
from schemas.vocabulary import FilingAction, FilingState, Indicator

FILING_PREFIX = "filing:"
SPACE_FOR_PLUS = re.compile(r"(?<=\d) (?=\d\d:\d\d$)")
"""A `+` of a zone that a query string turned into a space."""

READ_HEADS = """
    SELECT county_code AS code, position FROM ledger_head
    WHERE county_code = ANY(cast(:codes AS text[])) AND position > 0
"""

READ_POSITIONS = """
    SELECT wanted.code, entry.position,
           (SELECT min(recorded_at) FROM ledger_entry WHERE county_code = wanted.code AND position = 1) AS first
    FROM unnest(cast(:codes AS text[])) AS wanted (code)
    LEFT JOIN LATERAL (
        SELECT position FROM ledger_entry
        WHERE county_code = wanted.code AND recorded_at <= :moment ORDER BY position DESC LIMIT 1
    ) AS entry ON true
"""
"""Times never run backwards along a ledger, so the last entry that is old enough is the last that had been recorded."""

READ_VERSIONS = """
    SELECT kind, coalesce(max(version) FILTER (WHERE loaded_at <= :moment), min(version)) AS version
    FROM reference_version GROUP BY kind
"""
"""What holds from before a deployment kept versions is its first."""

READ_STEPS = """
    SELECT region_code, cast(id AS text) AS id, number, action, to_state, office, role, taken_at, positions, figure
    FROM filing_step
    WHERE region_code = ANY(cast(:counties AS text[])) AND period = :period AND indicator = :indicator
    ORDER BY region_code, number
"""


@dataclass(frozen=True, slots=True)
class Versions:
    """Which versions of the reference data a figure is computed under."""

    coefficients: int
    goals: int
    baselines: int


@dataclass(frozen=True, slots=True)
class FrozenFiling:
    """A step that was asked for, and what the filing behind it froze."""

    region_code: str
    step: Mapping[str, Any]
    filed: Mapping[str, Any]
    """The last step up to it that filed."""

    @property
    def positions(self) -> dict[str, int]:
        """{ledger: position} that the filing froze."""
        return {str(code): int(position) for code, position in self.filed["positions"].items()}

    @property
    def figure(self) -> Sequence[Mapping[str, Any]]:
        """The figure as it was frozen, row by row."""
        rows: Sequence[Mapping[str, Any]] = self.filed["figure"]
        return rows


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What a figure is read at. Ledgers without a position had no entry then."""

    as_of: str | None
    moment: datetime
    positions: Mapping[str, int]
    versions: Versions
    filings: Sequence[FrozenFiling] = field(default=())

    @property
    def is_now(self) -> bool:
        """Whether the figure is read as it stands."""
        return self.as_of is None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figure of which counties, and as of when: as spelled, None for now."""

    region_name: str
    counties: Sequence[str]
    ledger_codes: Sequence[str]
    indicator: Indicator
    period: str
    as_of: str | None


async def find_standpoint(
    connection: AsyncConnection, asked: Asked, now: datetime, told_at: datetime | None = None
) -> Standpoint:
    """Return where a figure is looked at from: two statements, three for a filing. Raises Refused.

    `told_at` is the moment whose goals and base values a filing is told with; None: when its step was taken.
    """
    if asked.as_of is None:
        rows = await connection.execute(text(READ_HEADS), {"codes": list(asked.ledger_codes)})
        positions = {row.code: row.position for row in rows}
        return Standpoint(None, now, positions, await versions_at(connection, now))
    as_of = asked.as_of.strip()
    if as_of in set(FilingState) - {FilingState.OPEN} or as_of.startswith(FILING_PREFIX):
        return await _of_filing(connection, asked, as_of, told_at)
    moment = parse_moment(as_of)
    if moment > now:
        raise Refused(problem("as_of_future", "as_of", value=as_of))
    return await _of_moment(connection, asked, moment)


def parse_moment(value: str) -> datetime:
    """Return a time with its zone. Raises Refused."""
    try:
        moment = datetime.fromisoformat(SPACE_FOR_PLUS.sub("+", value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or len(value) <= len("2025-12-31"):
        raise Refused(problem("as_of_invalid", "as_of", value=value[:60]))
    return moment.astimezone(UTC)


async def _of_moment(connection: AsyncConnection, asked: Asked, moment: datetime) -> Standpoint:
    values = {"codes": list(asked.ledger_codes), "moment": moment}
    rows = (await connection.execute(text(READ_POSITIONS), values)).all()
    positions = {row.code: row.position for row in rows if row.position is not None}
    if not positions:
        first = min((row.first for row in rows if row.first is not None), default=None)
        said = "—" if first is None else first.astimezone(CHINA_STANDARD_TIME).isoformat(timespec="seconds")
        found = problem("as_of_before_ledger", "as_of", value=asked.as_of or "", region=asked.region_name, first=said)
        raise Refused(found)
    return Standpoint(asked.as_of, moment, positions, await versions_at(connection, moment))


async def _of_filing(connection: AsyncConnection, asked: Asked, as_of: str, told_at: datetime | None) -> Standpoint:
    """Return the standpoint of a filing: of a county its own, above it every county's that reached the state.

    Above the county a single step is only a moment: all ledgers are read as they stood when it was taken.
    """
    values = {"counties": list(asked.counties), "period": asked.period, "indicator": str(asked.indicator)}
    rows = [dict(row) for row in (await connection.execute(text(READ_STEPS), values)).mappings()]
    found = list(_frozen(rows, as_of))
    if not found:
        raise Refused(problem("as_of_never_filed", "as_of", region=asked.region_name, value=as_of[:60]))
    moment = told_at or max(one.step["taken_at"] for one in found)
    if as_of.startswith(FILING_PREFIX) and len(asked.counties) > 1:
        return await _of_moment(connection, asked, moment)
    positions = {code: at for one in found for code, at in one.positions.items() if at > 0}
    return Standpoint(as_of, moment, positions, await versions_at(connection, moment), found)


def _frozen(rows: Iterable[Mapping[str, Any]], as_of: str) -> Iterable[FrozenFiling]:
    """Yield for each county the last step that fits, with the filing behind it. `rows` are in order."""
    filed: dict[str, Mapping[str, Any]] = {}
    chosen: dict[str, FrozenFiling] = {}
    for row in rows:
        code = row["region_code"]
        if row["action"] == FilingAction.FILE:
            filed[code] = row
        if (row["to_state"] == as_of or f"{FILING_PREFIX}{row['id']}" == as_of.lower()) and code in filed:
            chosen[code] = FrozenFiling(code, row, filed[code])
    return chosen.values()


async def versions_at(connection: AsyncConnection, moment: datetime) -> Versions:
    """Return the versions of the reference data that held at a moment: one statement."""
    rows = await connection.execute(text(READ_VERSIONS), {"moment": moment})
    found = {row.kind: row.version for row in rows}
    kinds = (ReferenceKind.COEFFICIENTS, ReferenceKind.GOALS, ReferenceKind.BASELINES)
    return Versions(*(found.get(kind, 0) for kind in kinds))
