"""Filings as they are shown: one with its steps, those of a region with counts by state, and what one keeps out."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.filing.desk import Desk
from backend.filing.store import FilingKey
from backend.filing.workflow import actor, holder
from backend.rollup.summaries import name_of
from schemas.filing import (
    ExceptionGranted,
    FigureTerms,
    FilingName,
    FilingPage,
    FilingShown,
    HeldChange,
    HeldPage,
    StepTaken,
)
from schemas.indicators.catalogue import CATALOGUE
from schemas.regions import Region, RegionTree
from schemas.vocabulary import FilingAction, FilingState, Indicator, RegionLevel

OF_FILING = "region_code = :region_code AND period = :period AND indicator = :indicator"

READ_FILING = f"""
    SELECT state, returned, moved_at, positions, statement_id, statement_revision, figure
    FROM filing WHERE {OF_FILING}
"""

READ_STEPS = f"""
    SELECT id AS step_id, number, action, role, office, from_state, to_state, explanation, reasons, differences,
           positions, statement_id, statement_revision, figure, taken_at
    FROM filing_step WHERE {OF_FILING} ORDER BY number
"""

READ_EXCEPTIONS = f"""
    SELECT id AS exception_id, role, office, reason, until, granted_at
    FROM filing_exception WHERE {OF_FILING} ORDER BY granted_at, id
"""

KEPT_OUT = """
    change.outcome = 'held' AND (change.county_code, change.waits_for) IN (
        SELECT * FROM unnest(cast(:ledger_codes AS text[]), cast(:lock_ids AS uuid[])))
"""

COUNT_HELD = f"SELECT count(*) FROM change WHERE {KEPT_OUT}"

READ_HELD = f"""
    SELECT change.change_id, change.county_code, change.record_id, change.item, change.received_at,
           record.township_code, record.level
    FROM change LEFT JOIN record ON record.county_code = change.county_code AND record.id = change.record_id
    WHERE {KEPT_OUT} ORDER BY change.received_at, change.change_id LIMIT :limit
"""

READ_LOCK = """
    SELECT bool_or(closed) AS closed, max(open_until) FILTER (WHERE closed AND open_until > now()) AS open_until
    FROM filing_lock
    WHERE county_code = ANY(cast(:ledger_codes AS text[])) AND period = :period AND indicator = :indicator
"""

READ_STATES = """
    SELECT region_code, indicator, state, returned, moved_at
    FROM filing WHERE period = :period AND region_code = ANY(cast(:codes AS text[]))
"""


async def show_filing(connection: AsyncConnection, desk: Desk, *, replayed: bool = False) -> FilingShown:
    """Return a filing with its steps and exceptions; one that was never touched is open."""
    key = desk.key
    row = (await connection.execute(text(READ_FILING), key.values)).one_or_none()
    state = FilingState(row.state) if row is not None else FilingState.OPEN
    steps = (await connection.execute(text(READ_STEPS), key.values)).mappings().all()
    exceptions = (await connection.execute(text(READ_EXCEPTIONS), key.values)).mappings().all()
    held = await connection.scalar(text(COUNT_HELD), _locks(key))
    return FilingShown(
        region=name_of(desk.region),
        indicator=key.indicator,
        period=key.period,
        state=state,
        returned=row is not None and row.returned,
        moved_at=None if row is None else row.moved_at,
        holder=holder(state, desk.tiers),
        actions=[
            action
            for action in FilingAction
            if (role := actor(action, state, desk.tiers)) is not None and desk.acts_as(role)
        ],
        positions=None if row is None else row.positions,
        statement_id=None if row is None or row.statement_id is None else str(row.statement_id),
        statement_revision=None if row is None else row.statement_revision,
        figure=[FigureTerms.model_validate(one) for one in (row.figure or [] if row is not None else [])],
        steps=[_step(dict(one)) for one in steps],
        exceptions=[
            ExceptionGranted.model_validate({**one, "exception_id": str(one["exception_id"])}) for one in exceptions
        ],
        held=held or 0,
        replayed=replayed,
    )


def _step(row: Mapping[str, Any]) -> StepTaken:
    statement = row["statement_id"]
    ids = {"step_id": str(row["step_id"]), "statement_id": None if statement is None else str(statement)}
    return StepTaken.model_validate({**row, **ids})


def _locks(key: FilingKey) -> dict[str, Any]:
    return {"ledger_codes": list(key.ledger_codes), "lock_ids": key.lock_ids}


async def held_page(connection: AsyncConnection, key: FilingKey, limit: int) -> HeldPage:
    """Return the late changes that a filing keeps out, the oldest first."""
    lock = (await connection.execute(text(READ_LOCK), key.values | _locks(key))).one()
    rows = (await connection.execute(text(READ_HELD), _locks(key) | {"limit": limit})).all()
    return HeldPage(
        locked=bool(lock.closed),
        open_until=lock.open_until,
        total=await connection.scalar(text(COUNT_HELD), _locks(key)) or 0,
        changes=[_held(row) for row in rows],
    )


def _held(row: Any) -> HeldChange:
    payload = row.item.get("payload") or {}
    return HeldChange(
        change_id=str(row.change_id),
        county_code=row.county_code,
        record_id=str(row.record_id),
        action=row.item["action"],
        level=row.level or payload.get("level"),
        township_code=row.township_code or payload.get("township_code"),
        received_at=row.received_at,
        captured_at=row.item["captured_at"],
        fields=sorted(row.item.get("set") or {}),
    )


async def filings_of_region(
    connection: AsyncConnection,
    tree: RegionTree,
    region: Region,
    period: str,
    wanted: tuple[Indicator | None, FilingState | None],
    after: str | None,
    limit: int,
) -> FilingPage:
    """Return the filings of a region's counties, and how many stand in each state: one statement of SQL."""
    counties = tree.descendants(region.code, RegionLevel.COUNTY)
    values = {"period": period, "codes": [county.code for county in counties]}
    rows = (await connection.execute(text(READ_STATES), values)).all()
    found = {(row.region_code, Indicator(row.indicator)): row for row in rows}
    counts = {indicator: dict.fromkeys(FilingState, 0) for indicator in CATALOGUE}
    names: list[FilingName] = []
    for county in counties:
        for indicator in CATALOGUE:
            name = _name(county, indicator, period, found.get((county.code, indicator)))
            counts[indicator][name.state] += 1
            if wanted[0] in (None, indicator) and wanted[1] in (None, name.state):
                names.append(name)
    return _page(region, period, counts, names, after, limit)


def _name(county: Region, indicator: Indicator, period: str, row: Any | None) -> FilingName:
    return FilingName(
        region=name_of(county),
        indicator=indicator,
        period=period,
        state=FilingState.OPEN if row is None else FilingState(row.state),
        returned=row is not None and row.returned,
        moved_at=None if row is None else row.moved_at,
    )


def _page(
    region: Region,
    period: str,
    counts: dict[Indicator, dict[FilingState, int]],
    names: Sequence[FilingName],
    after: str | None,
    limit: int,
) -> FilingPage:
    ordered = sorted(names, key=_cursor)
    rest = [one for one in ordered if after is None or _cursor(one) > after]
    shown = rest[:limit]
    return FilingPage(
        region=name_of(region),
        period=period,
        counts=counts,
        filings=shown,
        after=_cursor(shown[-1]) if len(rest) > limit else None,
    )


def _cursor(one: FilingName) -> str:
    return f"{one.region.code}:{one.indicator}"
