"""Check ledgers from outside the writing path: the chain entry by entry up to the head, the sums from the records."""

from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import make_engine, snapshot
from backend.settings import Settings
from sync.ledger import GENESIS_HASH, READ_ENTRIES, BrokenChain, first_break
from sync.recompute import differing_cells

READ_HEAD = "SELECT position, entry_hash FROM ledger_head WHERE county_code = :county_code"

READ_COUNTIES = "SELECT county_code FROM ledger_head WHERE position > 0 ORDER BY county_code"


async def verify_ledgers(settings: Settings, county_code: str | None) -> int:
    """Print what was found and return the exit code: 1 for a broken chain, a county without a ledger or a wrong sum."""
    console = Console(highlight=False)
    engine = make_engine(settings.database_url or "", pool_size=1)
    try:
        async with snapshot(engine) as connection:
            codes = [county_code] if county_code else list(await connection.scalars(text(READ_COUNTIES)))
            breaks = [found for code in codes if (found := await broken_chain(connection, code)) is not None]
            differing = await differing_cells(connection, codes)
    finally:
        await engine.dispose()
    for found in breaks:
        console.print(f"[red]{found.county_code} #{found.position}[/red] {found.reason}")
    console.print(
        f"已核对 {len(codes)} 个县的账本，{len(breaks)} 个有问题 · {len(codes)} ledgers, {len(breaks)} broken"
    )
    for cell in differing:
        where = f"{cell.period} {cell.indicator} {cell.level} {cell.status} {cell.subject or '-'} {cell.quantity}"
        console.print(f"[red]{cell.county_code}[/red] {where}: {cell.kept} ≠ {cell.recomputed}")
    console.print(
        f"已用填报重算合计，{len(differing)} 项不符 · Sums recomputed from the records, {len(differing)} differ"
    )
    return 1 if breaks or differing else 0


async def broken_chain(connection: AsyncConnection, county_code: str) -> BrokenChain | None:
    """Return the first entry of a county's ledger that does not fit, its head included, or None."""
    head = (await connection.execute(text(READ_HEAD), {"county_code": county_code})).one_or_none()
    if head is None:
        return BrokenChain(county_code, 0, "没有这个账本 · no such ledger")
    rows = (await connection.execute(text(READ_ENTRIES), {"county_code": county_code})).all()
    found = first_break(county_code, rows)
    if found is not None:
        return found
    last = rows[-1].entry_hash if rows else GENESIS_HASH
    if (len(rows), bytes(last)) != (head.position, bytes(head.entry_hash)):
        return BrokenChain(county_code, head.position, "账本末端与最后一笔不符 · the head does not fit the last entry")
    return None
