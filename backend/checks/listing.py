"""Findings read and settled: what offices see of them, and what they say."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.access import Access
from schemas.checks.catalogue import CHECKS
from schemas.findings import FindingShown, FindingsPage
from schemas.vocabulary import CheckLevel, FindingState, Indicator, Role

COLUMNS = """county_code, cast(id AS text) AS id, code, level, region_code, (
        SELECT place.name FROM region_version AS place WHERE place.code = finding.region_code
        ORDER BY place.valid_from DESC LIMIT 1) AS region_name, period, indicator,
       cast(record_id AS text) AS record_id, records, params, evidence, state, explanation, office, decided_at,
       first_seen, last_seen"""

WANTED = """
    region_code = ANY(cast(:regions AS text[])) AND code = ANY(cast(:codes AS text[]))
    AND (cast(:period AS text) IS NULL OR period = :period)
    AND (cast(:indicator AS text) IS NULL OR indicator = :indicator)
"""

READ_FINDINGS = f"""
    SELECT {COLUMNS} FROM finding
    WHERE {WANTED} AND state = ANY(cast(:states AS text[])) AND id > cast(:after AS uuid)
    ORDER BY id LIMIT :limit
"""

COUNT_FINDINGS = f"SELECT state, count(*) AS n FROM finding WHERE {WANTED} GROUP BY state"

COUNT_OPEN = """
    SELECT region_code, count(*) AS n FROM finding
    WHERE region_code = ANY(cast(:regions AS text[])) AND code = ANY(cast(:codes AS text[]))
      AND period = :period AND indicator = :indicator AND state = 'open'
    GROUP BY region_code
"""

READ_FINDING = f"SELECT {COLUMNS} FROM finding WHERE id = cast(:id AS uuid)"

READ_FINDINGS_OF_REPORT = f"""
    SELECT {COLUMNS} FROM finding
    WHERE county_code = :county_code AND state <> 'gone' AND code = ANY(cast(:codes AS text[]))
      AND (record_id = cast(:record_id AS uuid) OR records @> jsonb_build_array(cast(:record_id AS text))
           OR (indicator IS NULL AND left(period, 4) = left(:period, 4)
               AND (record_id = cast(:farm_id AS uuid) OR records @> jsonb_build_array(cast(:farm_id AS text)))))
    ORDER BY state <> 'open', first_seen, id
"""

SETTLE = f"""
    WITH settled AS (
        UPDATE finding SET state = :state, explanation = :explanation, office = :office, account = :account,
                           decided_at = clock_timestamp()
        WHERE county_code = :county_code AND id = cast(:id AS uuid) AND evidence = :evidence AND state <> 'gone'
        RETURNING *
    ), step AS (
        INSERT INTO finding_step (county_code, finding_id, at, state, evidence, explanation, office, account)
        SELECT county_code, id, decided_at, state, evidence, explanation, office, account FROM settled
    )
    SELECT {COLUMNS} FROM settled AS finding
"""

BEFORE_ALL = "00000000-0000-0000-0000-000000000000"

ANSWERS: dict[tuple[CheckLevel, FindingState], Role] = {
    (CheckLevel.REPORT, FindingState.EXPLAINED): Role.COUNTY,
    (CheckLevel.REPORT, FindingState.DISMISSED): Role.COUNTY,
    (CheckLevel.FILING, FindingState.EXPLAINED): Role.COUNTY,
    (CheckLevel.FILING, FindingState.DISMISSED): Role.PROVINCE,
    (CheckLevel.PROVINCE, FindingState.EXPLAINED): Role.PROVINCE,
    (CheckLevel.PROVINCE, FindingState.DISMISSED): Role.MINISTRY,
}
"""Who may say what: an office explains its own figures, and dismissing what concerns them is for the one above it."""

ROLE_NAMES = {
    Role.COUNTY: ("县农业农村局", "the county bureau"),
    Role.PROVINCE: ("省农业农村厅", "the provincial department"),
    Role.MINISTRY: ("农业农村部", "the ministry"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings are asked for."""

    regions: Collection[str]
    period: str | None
    indicator: Indicator | None
    states: Collection[FindingState]


async def findings_page(connection: AsyncConnection, wanted: Wanted, after: str | None, limit: int) -> FindingsPage:
    """Return a page of findings by id, and how many there are in each state."""
    binds = {
        "regions": list(wanted.regions),
        "codes": list(CHECKS),
        "period": wanted.period,
        "indicator": wanted.indicator,
    }
    states = [str(state) for state in wanted.states]
    rows = await connection.execute(
        text(READ_FINDINGS), {**binds, "states": states, "after": after or BEFORE_ALL, "limit": limit}
    )
    findings = [shown(row) for row in rows]
    counted = {row.state: row.n for row in await connection.execute(text(COUNT_FINDINGS), binds)}
    counts = {state: counted.get(state, 0) for state in FindingState}
    return FindingsPage(findings=findings, counts=counts, after=findings[-1].id if len(findings) == limit else None)


async def count_open(
    connection: AsyncConnection, regions: Collection[str], period: str, indicator: Indicator
) -> dict[str, int]:
    """Return how many findings stand open by region, of those regions that have any."""
    binds = {"regions": sorted(regions), "codes": list(CHECKS), "period": period, "indicator": indicator}
    return {row.region_code: row.n for row in await connection.execute(text(COUNT_OPEN), binds)}


async def findings_of_report(
    connection: AsyncConnection, county_code: str, record_id: str, farm_id: str, period: str
) -> list[FindingShown]:
    """Return what was found about a report, is shown by it among others, or is about its farm; the open ones first."""
    binds = {
        "county_code": county_code,
        "record_id": record_id,
        "farm_id": farm_id,
        "period": period,
        "codes": list(CHECKS),
    }
    return [shown(row) for row in await connection.execute(text(READ_FINDINGS_OF_REPORT), binds)]


async def read_finding(connection: AsyncConnection, finding_id: str) -> FindingShown | None:
    """Return a finding, or None."""
    row = (await connection.execute(text(READ_FINDING), {"id": finding_id})).one_or_none()
    return None if row is None else shown(row)


async def settle(
    connection: AsyncConnection,
    finding: FindingShown,
    state: FindingState,
    explanation: str,
    evidence: str,
    access: Access,
) -> FindingShown | None:
    """Explain or dismiss a finding; None where its evidence is another than the office saw, or its cause is gone."""
    row = (
        await connection.execute(
            text(SETTLE),
            {
                "county_code": finding.county_code,
                "id": finding.id,
                "evidence": evidence,
                "state": state,
                "explanation": explanation,
                "office": access.display_name,
                "account": access.account_id,
            },
        )
    ).one_or_none()
    return None if row is None else shown(row)


def may_settle(finding: FindingShown, state: FindingState, access: Access) -> bool:
    """Whether an account may explain or dismiss a finding; of one without an indicator, whoever acts on any."""
    role = ANSWERS[finding.level, state]
    indicators = Indicator if finding.indicator is None else (finding.indicator,)
    return any(access.acts_as(role, finding.region_code, indicator) for indicator in indicators)


def for_caller(finding: FindingShown, access: Access) -> FindingShown:
    """Return a finding with what an account may make of it; of one that is gone nothing."""
    settled = (FindingState.EXPLAINED, FindingState.DISMISSED) if finding.state is not FindingState.GONE else ()
    return finding.model_copy(update={"may": [state for state in settled if may_settle(finding, state, access)]})


def shown(row: Any) -> FindingShown:
    """Return a row as it is answered."""
    check = CHECKS[row.code]
    zh, en = check.said(row.params)
    return FindingShown(
        id=row.id,
        code=row.code,
        level=row.level,
        county_code=row.county_code,
        region_code=row.region_code,
        region_name=row.region_name or row.region_code,
        period=row.period,
        indicator=row.indicator,
        record_id=row.record_id,
        records=row.records,
        title_zh=check.title_zh,
        title_en=check.title_en,
        zh=zh,
        en=en,
        params=row.params,
        evidence=row.evidence,
        state=row.state,
        explanation=row.explanation,
        office=row.office,
        decided_at=row.decided_at,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
    )
