"""A county's quarantine, page by page: bytes that could not be read, and changes held until somebody helps."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.quarantine.excerpt import excerpt_of_bytes, excerpt_of_item
from schemas.quarantine import QuarantineItem, QuarantinePage
from schemas.regions import RegionTree
from sync.personal import Vault
from sync.quarantine import SEALED_OVERHEAD, opened_body

FIRST = "00000000-0000-0000-0000-000000000000"

LARGEST_READ = 65_536
"""Of larger bodies only their size is told."""

OF_COUNTY = """(
    kept.county_code = :county_code
    OR (kept.county_code IS NULL AND EXISTS (
        SELECT FROM account_grant AS held WHERE held.account_id = kept.account AND held.region_code = ANY(:regions)))
)"""
"""Bytes belong to the county that they name; where they name none, to the counties of whoever sent them."""

READ_PAGE = f"""
    SELECT page.*, account.username
    FROM (
        (SELECT kept.id, 'bytes' AS source, kept.reason, kept.problems, kept.received_at, kept.account, kept.device_id,
                kept.schema_version, octet_length(kept.body) AS size,
                CASE WHEN octet_length(kept.body) <= {LARGEST_READ} THEN kept.body END AS body, kept.key_id,
                cast(NULL AS jsonb) AS item, kept.replayed_at, kept.replay
         FROM quarantine AS kept WHERE {OF_COUNTY} AND kept.id > cast(:after AS uuid) ORDER BY kept.id LIMIT :limit)
        UNION ALL
        (SELECT change_id, 'change', result ->> 'reason', result -> 'problems', received_at, account, device_id,
                schema_version, octet_length(cast(item AS text)), NULL, NULL, item, NULL, NULL
         FROM change
         WHERE county_code = :county_code AND outcome = 'held' AND waits_for IS NULL
           AND change_id > cast(:after AS uuid)
         ORDER BY change_id LIMIT :limit)
    ) AS page LEFT JOIN account ON account.id = page.account
    ORDER BY page.id LIMIT :limit
"""


def regions_of(county_code: str, tree: RegionTree) -> list[str]:
    """Return the regions whose grants belong to a county: itself and its townships."""
    return [county_code, *(region.code for region in tree.children(county_code))]


async def quarantine_page(
    connection: AsyncConnection, county_code: str, tree: RegionTree, after: str | None, limit: int, vault: Vault
) -> QuarantinePage:
    """Return what lies in a county's quarantine after an id, by id."""
    values = {
        "county_code": county_code,
        "regions": regions_of(county_code, tree),
        "after": after or FIRST,
        "limit": limit + 1,
    }
    rows = (await connection.execute(text(READ_PAGE), values)).all()
    items = [_shown(row, vault) for row in rows[:limit]]
    return QuarantinePage(
        county_code=county_code, items=items, after=items[-1].id if len(rows) > limit and items else None
    )


def _shown(row: Any, vault: Vault) -> QuarantineItem:
    if row.item is not None:
        excerpt = excerpt_of_item(row.item)
    else:
        excerpt = excerpt_of_bytes(None if row.body is None else opened_body(vault, row))
    return QuarantineItem(
        id=str(row.id),
        source=row.source,
        reason=row.reason,
        problems=row.problems or [],
        received_at=row.received_at,
        username=row.username,
        device_id=None if row.device_id is None else str(row.device_id),
        schema_version=row.schema_version,
        size=row.size - (SEALED_OVERHEAD if row.key_id is not None else 0),
        excerpt=excerpt,
        replayed_at=row.replayed_at,
        replay=row.replay or [],
    )
