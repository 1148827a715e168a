"""Reminders as an office reads them, in words."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.indicators.catalogue import CATALOGUE
from schemas.regions import RegionTree
from schemas.reminders import WORDS, ReminderKind, ReminderShown, RemindersPage
from schemas.vocabulary import Indicator

READ = """
    SELECT cast(id AS text) AS id, kind, region_code, period, params, due_at, opened_at, closed_at FROM reminder
    WHERE region_code = ANY(cast(:regions AS text[])) AND (:closed_too OR closed_at IS NULL)
      AND (cast(:before AS uuid) IS NULL OR id < cast(:before AS uuid))
    ORDER BY id DESC LIMIT :limit
"""


async def reminders_page(
    connection: AsyncConnection,
    tree: RegionTree,
    regions: Collection[str],
    before: str | None,
    limit: int,
    *,
    closed_too: bool,
) -> RemindersPage:
    """Return the reminders of these regions, the newest first."""
    values = {"regions": sorted(regions), "before": before, "limit": limit + 1, "closed_too": closed_too}
    rows = (await connection.execute(text(READ), values)).all()
    page = [_shown(row, tree) for row in rows[:limit]]
    return RemindersPage(reminders=page, before=page[-1].id if len(rows) > limit else None)


def _shown(row: Any, tree: RegionTree) -> ReminderShown:
    kind, region = ReminderKind(row.kind), tree.get(row.region_code)
    params = {name: str(value) for name, value in row.params.items()}
    codes = [Indicator(one) for one in params.get("indicators", "").split(",") if one]
    words = {
        **params,
        "region": row.region_code if region is None else region.name,
        "period": row.period or "",
        "indicators_zh": "、".join(CATALOGUE[one].zh for one in codes),
        "indicators_en": ", ".join(CATALOGUE[one].en for one in codes),
    }
    zh, en = (words_of.format_map(words) for words_of in WORDS[kind])
    return ReminderShown(
        id=row.id,
        kind=kind,
        region_code=row.region_code,
        period=row.period,
        params=params,
        due_at=row.due_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        zh=zh,
        en=en,
    )
