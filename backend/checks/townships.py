"""What a county files before its townships have reported: looked at when it files, for later nobody can tell."""

from collections.abc import Sequence
from datetime import datetime

from backend.checks.found import MOST_RECORDS, Found
from backend.checks.sweep import keep_findings
from backend.filing.store import FilingKey
from schemas.checks.filings import BEFORE_TOWNSHIPS
from schemas.indicators.catalogue import CATALOGUE
from schemas.regions import Region
from schemas.vocabulary import Standing
from sync.statement import Connection, Statement

TOWNSHIPS_HEARD = Statement.of("""
    SELECT DISTINCT township_code FROM record
    WHERE county_code = ANY(cast(:ledgers AS text[])) AND kind = 'report' AND level = 'farm' AND status <> 'withdrawn'
      AND indicator = :indicator AND period = :period
""")


async def keep_filed_before_townships(
    connection: Connection, key: FilingKey, townships: Sequence[Region], now: datetime
) -> None:
    """Keep a finding where some of a county's `townships` have no report yet as it files; end it where all have.

    Nothing is found of indicators that are no census: a sample leaves townships out by design, and not every township
    has an entity of a registry.
    """
    if CATALOGUE[key.indicator].standing is not Standing.CENSUS:
        return
    rows = await TOWNSHIPS_HEARD.rows(
        connection, ledgers=list(key.ledger_codes), indicator=key.indicator, period=key.period
    )
    heard = {row["township_code"] for row in rows}
    silent = [one.name for one in townships if one.code not in heard]
    found = _found(key, silent, len(townships))
    year = int(key.period[:4])
    await keep_findings(connection, [found] if silent else [], year, [found.code], now, only=[found.id])


def _found(key: FilingKey, silent: Sequence[str], townships: int) -> Found:
    names, more = silent[:MOST_RECORDS], len(silent) > MOST_RECORDS
    params = {
        "silent": str(len(silent)),
        "townships": str(townships),
        "names": "、".join(names) + ("等" if more else ""),
        "names_en": ", ".join(names) + (" and others" if more else ""),
    }
    return Found(BEFORE_TOWNSHIPS.code, key.ledger_codes[0], key.region_code, key.period, key.indicator, params)
