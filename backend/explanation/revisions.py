"""Who revised what after which date: entries of the reports behind a figure, by office and role, never by person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.explanation.stand import Stand
from backend.explanation.standpoint import parse_moment
from backend.filing.tiers import ROLE_NAMES
from backend.problems import Refused
from backend.rollup.measures import quantity_sum
from schemas.decimals import EXACT, ZERO
from schemas.explanations import Revision, Revisions
from schemas.indicators.spec import WHOLE, Key
from schemas.problems import problem
from schemas.regions import NO_TOWNSHIP, RegionTree
from schemas.summaries import QuantitySum
from schemas.vocabulary import LIVE_STATUSES, EntryAction, Level, Role
from sync.cells import FLAGGED, REPORTS
from sync.ledger import timestamp

READ_REVISIONS = """
    SELECT entry.county_code, entry.position, entry.recorded_at, entry.action, entry.revision, entry.deltas,
           record.level, record.township_code,
           (SELECT json_agg(json_build_array(held.role, held.region_code)) FROM account_grant AS held
            WHERE held.account_id = entry.actor) AS grants
    FROM unnest(cast(:codes AS text[]), cast(:positions AS bigint[])) AS head (code, position)
    JOIN record ON record.county_code = head.code AND record.kind = 'report'
               AND record.indicator = :indicator AND record.period = ANY(cast(:periods AS text[]))
    JOIN ledger_entry AS entry ON entry.county_code = record.county_code AND entry.record_id = record.id
                              AND entry.position <= head.position
    WHERE entry.action <> 'precheck'
      AND (cast(:since AS timestamptz) IS NULL AND entry.action <> 'create'
           OR entry.recorded_at > cast(:since AS timestamptz))
      AND (cast(:before_at AS timestamptz) IS NULL
           OR (entry.recorded_at, entry.county_code, entry.position)
              < (cast(:before_at AS timestamptz), cast(:before_code AS text), cast(:before_position AS bigint)))
    ORDER BY entry.recorded_at DESC, entry.county_code DESC, entry.position DESC
    LIMIT :limit
"""
"""Without a date the revisions alone; after a date also what was reported anew."""

OFFICES: Mapping[Role, tuple[str, str]] = {
    Role.TOWNSHIP: ("农技人员", "township office"),
    Role.ADMIN: ("系统管理", "administration"),
    **ROLE_NAMES,
}
RANK = [Role.COUNTY, Role.PREFECTURE, Role.PROVINCE, Role.MINISTRY, Role.TOWNSHIP, Role.ADMIN]
MARK = "~"


@dataclass(frozen=True, slots=True)
class Page:
    """Which revisions are asked for."""

    since: datetime | None = None
    before: str | None = None
    limit: int = 20


async def revisions(connection: AsyncConnection, stand: Stand, page: Page) -> Revisions:
    """Return a page of the entries behind the figure, newest first: one statement. Raises Refused for a bad mark."""
    at, code, position = _read_mark(page.before)
    values = {
        "codes": list(stand.standpoint.positions),
        "positions": list(stand.standpoint.positions.values()),
        "indicator": str(stand.question.indicator),
        "periods": stand.question.summed_periods,
        "since": page.since,
        "before_at": at,
        "before_code": code,
        "before_position": position,
        "limit": page.limit + 1,
    }
    rows = (await connection.execute(text(READ_REVISIONS), values)).all()
    shown = rows[: page.limit]
    last = shown[-1] if len(rows) > page.limit else None
    mark = None if last is None else MARK.join((timestamp(last.recorded_at), last.county_code, str(last.position)))
    return Revisions(since=page.since, rows=[_revision(stand, row) for row in shown], next=mark)


def _revision(stand: Stand, row: Any) -> Revision:
    tree = stand.archive.reference.tree
    role, office = office_of(row.grants or (), tree)
    township = tree.get(row.township_code)
    level = Level(row.level)
    return Revision(
        county_code=row.county_code,
        position=row.position,
        recorded_at=row.recorded_at,
        action=EntryAction(row.action),
        level=level,
        township_code=row.township_code,
        township_name="" if township is None or row.township_code.endswith(NO_TOWNSHIP) else township.name,
        revision=row.revision,
        role=role,
        office=office,
        deltas=_changed(stand, level, row.deltas),
    )


def office_of(grants: Sequence[Sequence[str]], tree: RegionTree) -> tuple[Role, str | None]:
    """Return the role that an account acts in and its office, by region and tier; a field worker has none here."""
    held = {Role(role): code for role, code in grants}
    role = next((one for one in RANK if one in held), Role.WORKER)
    if role is Role.WORKER:
        return role, None
    region = tree.get(held[role])
    return role, f"{held[role] if region is None else region.name} {OFFICES[role][0]}"


def _changed(stand: Stand, level: Level, deltas: Sequence[Sequence[str]]) -> list[QuantitySum]:
    """Return what an entry changed in the sums over live reports; a decision that moves a report changes nothing."""
    sums: dict[Key, Decimal] = {}
    for status, subject, quantity, amount in deltas:
        if status in LIVE_STATUSES and (subject != WHOLE or quantity not in (REPORTS, FLAGGED)):
            sums[subject, quantity] = EXACT.add(sums.get((subject, quantity), ZERO), Decimal(amount))
    return [quantity_sum(stand.question.spec, level, key, amount) for key, amount in sorted(sums.items()) if amount]


def _read_mark(mark: str | None) -> tuple[datetime | None, str | None, int | None]:
    if mark is None:
        return None, None, None
    parts = mark.split(MARK)
    if len(parts) != 3 or not parts[2].isascii() or not parts[2].isdecimal() or len(parts[2]) > 18:
        raise Refused(problem("revisions_before_invalid", "revisions_before"))
    try:
        return parse_moment(parts[0]), parts[1][:6], int(parts[2])
    except Refused:
        raise Refused(problem("revisions_before_invalid", "revisions_before")) from None
