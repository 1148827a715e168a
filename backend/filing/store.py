"""Filings, steps, exceptions and locks in the database: read and written behind the lock of the county's ledgers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from backend.filing.workflow import Progress
from schemas.identifiers import lock_id
from schemas.vocabulary import FilingState, Indicator
from sync.statement import Connection, Statement

READ_FILING = Statement.of("""
    SELECT state, returned, steps FROM filing
    WHERE region_code = :region_code AND period = :period AND indicator = :indicator
""")

READ_STEP = Statement.of("""
    SELECT period, indicator, account, action FROM filing_step WHERE region_code = :region_code AND id = :id
""")

READ_EXCEPTION = Statement.of("""
    SELECT period, indicator, account FROM filing_exception WHERE region_code = :region_code AND id = :id
""")

WRITE_STEP = Statement.of("""
    WITH step AS (
        INSERT INTO filing_step (region_code, id, period, indicator, number, account, office, role, action, from_state,
                                 to_state, explanation, reasons, differences, positions, statement_id,
                                 statement_revision, figure, taken_at)
        VALUES (:region_code, :id, :period, :indicator, :number, :account, :office, :role, :action, :from_state,
                :to_state, :explanation, :reasons, :differences, cast(:positions AS jsonb), :statement_id,
                :statement_revision, cast(:figure AS jsonb), :taken_at)
    ), lock AS (
        INSERT INTO filing_lock AS lock (county_code, period, indicator, id, closed)
        SELECT l.county_code, :period, :indicator, l.id, cast(:to_state AS text) <> 'open'
        FROM unnest(cast(:ledger_codes AS text[]), cast(:lock_ids AS uuid[])) AS l (county_code, id)
        ON CONFLICT (county_code, period, indicator) DO UPDATE SET
            closed = excluded.closed, open_until = CASE WHEN excluded.closed THEN lock.open_until END
    )
    INSERT INTO filing (region_code, period, indicator, state, returned, steps, moved_at, positions, statement_id,
                        statement_revision, figure)
    VALUES (:region_code, :period, :indicator, :to_state, :returned, :number, :taken_at,
            cast(:frozen_positions AS jsonb), :frozen_statement_id, :frozen_statement_revision,
            cast(:frozen_figure AS jsonb))
    ON CONFLICT (region_code, period, indicator) DO UPDATE SET
        state = excluded.state, returned = excluded.returned, steps = excluded.steps, moved_at = excluded.moved_at,
        positions = CASE WHEN excluded.state <> 'open' THEN coalesce(excluded.positions, filing.positions) END,
        statement_id = CASE WHEN excluded.state <> 'open' THEN coalesce(excluded.statement_id, filing.statement_id) END,
        statement_revision = CASE WHEN excluded.state <> 'open'
            THEN coalesce(excluded.statement_revision, filing.statement_revision) END,
        figure = CASE WHEN excluded.state <> 'open' THEN coalesce(excluded.figure, filing.figure) END
""")
"""The step, what it locks, and where the filing stands then. Only a filing freezes; an opening thaws."""

WRITE_EXCEPTION = Statement.of("""
    WITH granted AS (
        INSERT INTO filing_exception (region_code, id, period, indicator, account, office, role, reason, until,
                                      granted_at)
        VALUES (:region_code, :id, :period, :indicator, :account, :office, :role, :reason, :until, :granted_at)
    )
    UPDATE filing_lock SET open_until = greatest(open_until, cast(:until AS timestamptz))
    WHERE county_code = ANY(cast(:ledger_codes AS text[])) AND period = :period AND indicator = :indicator
""")


@dataclass(frozen=True, slots=True)
class FilingKey:
    """One filing: a county as it was in the year of the period, its ledgers, the indicator and the period."""

    region_code: str
    ledger_codes: tuple[str, ...]
    indicator: Indicator
    period: str

    @property
    def lock_ids(self) -> list[str]:
        """What late changes wait for, in the order of the ledgers."""
        return [lock_id(code, self.indicator, self.period) for code in self.ledger_codes]

    @property
    def values(self) -> dict[str, str]:
        """The key as it is bound."""
        return {"region_code": self.region_code, "indicator": str(self.indicator), "period": self.period}


@dataclass(frozen=True, slots=True)
class Frozen:
    """What stands behind a step, under the lock of the ledgers."""

    positions: Mapping[str, int]
    statement_id: str | None
    statement_revision: int | None
    figure: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step that is taken, as it is recorded."""

    id: str
    number: int
    account: str
    office: str
    role: str
    action: str
    before: FilingState
    after: Progress
    explanation: str | None
    reasons: Sequence[Mapping[str, Any]]
    differences: Sequence[Mapping[str, Any]]
    taken_at: datetime


async def progress_of(connection: Connection, key: FilingKey) -> tuple[Progress, int]:
    """Return where a filing stands, and how many steps it took; one that is not there is open."""
    rows = await READ_FILING.rows(connection, **key.values)
    if not rows:
        return Progress(), 0
    return Progress(FilingState(rows[0]["state"]), rows[0]["returned"]), rows[0]["steps"]


async def write_step(connection: Connection, key: FilingKey, step: NewStep, frozen: Frozen, *, freezes: bool) -> None:
    """Record a step with what stood behind it; where it `freezes`, the filing keeps that."""
    figure, positions = _json(frozen.figure), _json(frozen.positions)
    await WRITE_STEP.rows(
        connection,
        **key.values,
        id=step.id,
        number=step.number,
        account=step.account,
        office=step.office,
        role=step.role,
        action=step.action,
        from_state=str(step.before),
        to_state=str(step.after.state),
        returned=step.after.returned,
        explanation=step.explanation,
        reasons=_json(step.reasons),
        differences=_json(step.differences),
        positions=positions,
        statement_id=frozen.statement_id,
        statement_revision=frozen.statement_revision,
        figure=figure,
        taken_at=step.taken_at,
        ledger_codes=list(key.ledger_codes),
        lock_ids=key.lock_ids,
        frozen_positions=positions if freezes else None,
        frozen_statement_id=frozen.statement_id if freezes else None,
        frozen_statement_revision=frozen.statement_revision if freezes else None,
        frozen_figure=figure if freezes else None,
    )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
