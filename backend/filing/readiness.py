"""What a county still lacks before it files a period: counted in the database, said in words that can be pasted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.filing.following import anything_follows, differences
from backend.rollup.summaries import name_of
from schemas.filing import IndicatorReadiness, Readiness
from schemas.identifiers import lock_id, statement_id
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import WHOLE, Key
from schemas.problems import Problem, problem
from schemas.regions import Region
from schemas.vocabulary import FilingState, Indicator, RecordStatus

NAMED_TOWNSHIPS = 5
"""How many silent townships the text names before it only counts."""

READ_CELLS = """
    SELECT indicator, status, subject, quantity, sum(amount) AS amount
    FROM rollup_cell
    WHERE county_code = ANY(cast(:ledger_codes AS text[])) AND period = :period AND level = 'farm'
      AND (status = 'accepted' OR quantity IN ('reports', 'flagged_reports'))
    GROUP BY indicator, status, subject, quantity
"""

READ_TOWNSHIPS = """
    SELECT DISTINCT indicator, township_code FROM record
    WHERE county_code = ANY(cast(:ledger_codes AS text[])) AND kind = 'report' AND level = 'farm'
      AND period = :period AND status <> 'withdrawn'
"""

READ_STATEMENTS = """
    SELECT indicator, quantities FROM record
    WHERE county_code = :region_code AND id = ANY(cast(:statement_ids AS uuid[])) AND status <> 'withdrawn'
"""

READ_STATES = "SELECT indicator, state FROM filing WHERE region_code = :region_code AND period = :period"

READ_FINDINGS = """
    SELECT indicator, count(*) AS n FROM finding
    WHERE region_code = :region_code AND period = :period AND state = 'open' AND indicator IS NOT NULL
    GROUP BY indicator
"""

READ_HELD = """
    SELECT wanted.indicator, count(*) AS n
    FROM unnest(cast(:lock_indicators AS text[]), cast(:lock_ledgers AS text[]), cast(:lock_ids AS uuid[]))
         AS wanted (indicator, county_code, id)
    JOIN change ON change.county_code = wanted.county_code AND change.waits_for = wanted.id
               AND change.outcome = 'held'
    GROUP BY wanted.indicator
"""


@dataclass
class Found:
    """What the database says of one indicator of a county and period."""

    reports: Counter[RecordStatus] = field(default_factory=Counter)
    flagged: int = 0
    accepted: dict[Key, Decimal] = field(default_factory=dict)
    townships: set[str] = field(default_factory=set)
    stated: dict[Key, Decimal] | None = None
    state: FilingState = FilingState.OPEN
    findings: int = 0
    held: int = 0


async def county_readiness(
    connection: AsyncConnection, region: Region, period: str, townships: Sequence[Region]
) -> Readiness:
    """Return a county's readiness: six statements of SQL of one snapshot. `townships` are those of today."""
    found = await _found(connection, region, period)
    indicators = [_indicator(indicator, found[indicator], townships) for indicator in CATALOGUE]
    return Readiness(
        region=name_of(region),
        period=period,
        ready=sum(one.ready for one in indicators),
        indicators=indicators,
        text={"zh": _text_zh(region, period, indicators), "en": _text_en(region, period, indicators)},
    )


async def _found(connection: AsyncConnection, region: Region, period: str) -> Mapping[Indicator, Found]:
    found = {indicator: Found() for indicator in CATALOGUE}
    ledgers = list(region.ledger_codes)
    pairs = [(str(indicator), code) for indicator in CATALOGUE for code in ledgers]
    values: dict[str, Any] = {
        "region_code": region.code,
        "period": period,
        "ledger_codes": ledgers,
        "statement_ids": [statement_id(region.code, indicator, period) for indicator in CATALOGUE],
        "lock_indicators": [indicator for indicator, _ in pairs],
        "lock_ledgers": [code for _, code in pairs],
        "lock_ids": [lock_id(code, indicator, period) for indicator, code in pairs],
    }
    for row in await connection.execute(text(READ_CELLS), values):
        _take_cell(found[Indicator(row.indicator)], row)
    for row in await connection.execute(text(READ_TOWNSHIPS), values):
        found[Indicator(row.indicator)].townships.add(row.township_code)
    for row in await connection.execute(text(READ_STATEMENTS), values):
        stated = {(subject, name): Decimal(amount) for subject, name, amount in row.quantities}
        found[Indicator(row.indicator)].stated = stated
    for row in await connection.execute(text(READ_STATES), values):
        found[Indicator(row.indicator)].state = FilingState(row.state)
    for row in await connection.execute(text(READ_FINDINGS), values):
        found[Indicator(row.indicator)].findings = row.n
    for row in await connection.execute(text(READ_HELD), values):
        found[Indicator(row.indicator)].held = row.n
    return found


def _take_cell(found: Found, row: Any) -> None:
    status = RecordStatus(row.status)
    if row.subject == WHOLE and row.quantity == "reports":
        found.reports[status] += int(row.amount)
    elif row.subject == WHOLE and row.quantity == "flagged_reports":
        found.flagged += int(row.amount) if status is not RecordStatus.WITHDRAWN else 0
    elif row.amount:
        found.accepted[row.subject, row.quantity] = row.amount


def _indicator(indicator: Indicator, found: Found, townships: Sequence[Region]) -> IndicatorReadiness:
    spec = CATALOGUE[indicator]
    counted = anything_follows(indicator) and found.reports[RecordStatus.ACCEPTED] > 0
    differing = differences(indicator, found.accepted, found.stated) if counted and found.stated is not None else []
    silent = [name_of(one) for one in townships if one.code not in found.townships]
    missing = _missing(found, len(differing), len(silent), indicator)
    return IndicatorReadiness(
        indicator=indicator,
        zh=spec.zh,
        en=spec.en,
        state=found.state,
        reports={status: found.reports[status] for status in RecordStatus},
        silent_townships=silent,
        statement=found.stated is not None,
        differences=differing,
        flagged_reports=found.flagged,
        open_findings=found.findings,
        held=found.held,
        missing=missing,
        ready=not missing,
    )


def _missing(found: Found, differing: int, silent: int, indicator: Indicator) -> list[Problem]:
    """Return what a filing still lacks; of one that is filed already only what lies held."""
    late = [problem("ready_held", count=found.held)] if found.held else []
    if found.state is not FilingState.OPEN:
        return late
    missing = []
    if found.stated is None:
        missing.append(problem("ready_no_statement"))
    if submitted := found.reports[RecordStatus.SUBMITTED]:
        missing.append(problem("ready_unreviewed", count=submitted))
    if returned := found.reports[RecordStatus.RETURNED]:
        missing.append(problem("ready_returned", count=returned))
    if silent and anything_follows(indicator):
        missing.append(problem("ready_silent", count=silent))
    if differing:
        missing.append(problem("ready_differs", count=differing))
    if found.flagged:
        missing.append(problem("ready_flagged", count=found.flagged))
    if found.findings:
        missing.append(problem("ready_findings", count=found.findings))
    return missing + late


def _text_zh(region: Region, period: str, indicators: Sequence[IndicatorReadiness]) -> str:
    lines = [f"【{region.name}】{period} 期农业清洁生产报送准备情况："]
    for number, one in enumerate(indicators, start=1):
        said = "".join(found.zh for found in one.missing) or ("可以报送。" if _is_open(one) else "已报送。")
        names = "、".join(town.name for town in one.silent_townships[:NAMED_TOWNSHIPS])
        more = "等" if len(one.silent_townships) > NAMED_TOWNSHIPS else ""
        silent = f"未填报乡镇：{names}{more}。" if any(x.code == "ready_silent" for x in one.missing) else ""
        lines.append(f"{number}. {one.zh}：{said}{silent}")
    return "\n".join(lines)


def _text_en(region: Region, period: str, indicators: Sequence[IndicatorReadiness]) -> str:
    lines = [f"{region.name}: what {period} still needs before it is filed"]
    for number, one in enumerate(indicators, start=1):
        said = " ".join(found.en for found in one.missing) or ("Ready to file." if _is_open(one) else "Filed.")
        names = ", ".join(town.name for town in one.silent_townships[:NAMED_TOWNSHIPS])
        more = ", ..." if len(one.silent_townships) > NAMED_TOWNSHIPS else ""
        silent = f" Silent: {names}{more}." if any(x.code == "ready_silent" for x in one.missing) else ""
        lines.append(f"{number}. {one.en}: {said}{silent}")
    return "\n".join(lines)


def _is_open(one: IndicatorReadiness) -> bool:
    return one.state is FilingState.OPEN
