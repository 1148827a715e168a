"""One sweep over a year: every probe once, then one statement that keeps what was found and ends what is gone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.checks.found import Found
from backend.checks.places import PLACE_PROBES
from backend.checks.plots import PLOT_PROBES, PLOT_PROBES_OF_COUNTIES
from backend.checks.probe import Ground, Probe
from backend.checks.provinces import PROVINCE_PROBES
from backend.checks.reports import REPORT_PROBES
from backend.checks.statements import STATEMENT_PROBES
from backend.checks.years import YEAR_PROBES
from backend.db import driver_transaction
from sync.statement import Connection, Statement, as_json

PROBES: tuple[Probe, ...] = (
    *REPORT_PROBES,
    *PLACE_PROBES,
    *PLOT_PROBES,
    *YEAR_PROBES,
    *STATEMENT_PROBES,
    *PROVINCE_PROBES,
)

ONE_AT_A_TIME = Statement.of("SELECT pg_advisory_xact_lock(hashtext('qingtian checks'))")

KEEP_FINDINGS = Statement.of("""
    WITH found AS (
        SELECT f.* FROM jsonb_to_recordset(cast(:found AS jsonb)) AS f (
            id uuid, county_code text, region_code text, code text, level text, year smallint, period text,
            indicator text, record_id uuid, records jsonb, params jsonb, evidence text)
    ), before AS (
        SELECT kept.county_code, kept.id, kept.state, kept.evidence
        FROM finding AS kept JOIN found ON found.county_code = kept.county_code AND found.id = kept.id
    ), written AS (
        INSERT INTO finding AS kept (county_code, id, code, level, region_code, year, period, indicator, record_id,
                                     records, params, evidence, state, first_seen, last_seen)
        SELECT county_code, id, code, level, region_code, year, period, indicator, record_id, records, params, evidence,
               'open', cast(:now AS timestamptz), cast(:now AS timestamptz)
        FROM found
        ON CONFLICT (county_code, id) DO UPDATE SET
            region_code = excluded.region_code, level = excluded.level, records = excluded.records,
            params = excluded.params, evidence = excluded.evidence, last_seen = excluded.last_seen,
            state = CASE WHEN kept.state = 'gone' OR kept.evidence <> excluded.evidence
                         THEN 'open' ELSE kept.state END,
            explanation = CASE WHEN kept.state <> 'gone' AND kept.evidence = excluded.evidence
                               THEN kept.explanation END,
            office = CASE WHEN kept.state <> 'gone' AND kept.evidence = excluded.evidence THEN kept.office END,
            account = CASE WHEN kept.state <> 'gone' AND kept.evidence = excluded.evidence THEN kept.account END,
            decided_at = CASE WHEN kept.state <> 'gone' AND kept.evidence = excluded.evidence THEN kept.decided_at END
    ), gone AS (
        UPDATE finding AS kept SET state = 'gone'
        WHERE kept.year = :year AND kept.code = ANY(cast(:codes AS text[])) AND kept.state <> 'gone'
          AND (cast(:only AS uuid[]) IS NULL OR kept.id = ANY(cast(:only AS uuid[])))
          AND (cast(:counties AS text[]) IS NULL OR kept.county_code = ANY(cast(:counties AS text[])))
          AND NOT EXISTS (SELECT FROM found WHERE found.county_code = kept.county_code AND found.id = kept.id)
        RETURNING kept.county_code, kept.id, kept.evidence
    ), opened AS (
        SELECT found.county_code, found.id, found.evidence
        FROM found LEFT JOIN before ON before.county_code = found.county_code AND before.id = found.id
        WHERE before.id IS NULL OR before.state = 'gone'
           OR (before.state <> 'open' AND before.evidence <> found.evidence)
    ), steps AS (
        INSERT INTO finding_step (county_code, finding_id, at, state, evidence)
        SELECT county_code, id, cast(:now AS timestamptz), 'open', evidence FROM opened
        UNION ALL
        SELECT county_code, id, cast(:now AS timestamptz), 'gone', evidence FROM gone
    )
    SELECT (SELECT count(*) FROM opened) AS opened, (SELECT count(*) FROM gone) AS gone
""")

STATEMENTS = len(PROBES) + 2
"""What a sweep of a year takes: the lock, every probe, and the keeping."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep came to."""

    opened: int
    gone: int
    found: Mapping[str, int] = field(default_factory=dict)
    """How many findings each check has, by code."""


async def sweep(engine: AsyncEngine, ground: Ground) -> Swept:
    """Run every check over a year in one transaction; sweeps of several processes follow one another."""
    async with driver_transaction(engine) as connection:
        await ONE_AT_A_TIME.rows(connection)
        found = [one for probe in PROBES for one in await _found(connection, probe, ground)]
        codes = [probe.check.code for probe in PROBES]
        opened, gone = await keep_findings(connection, found, ground.year, codes, ground.now)
    return Swept(opened, gone, dict(Counter(one.code for one in found)))


async def sweep_plots(engine: AsyncEngine, ground: Ground, counties: Sequence[str]) -> Swept:
    """Run the checks of plots over some ledgers and a year, in one transaction among the sweeps."""
    within = list(counties)
    async with driver_transaction(engine) as connection:
        await ONE_AT_A_TIME.rows(connection)
        found = [
            one for probe in PLOT_PROBES_OF_COUNTIES for one in await _found(connection, probe, ground, counties=within)
        ]
        codes = [probe.check.code for probe in PLOT_PROBES_OF_COUNTIES]
        opened, gone = await keep_findings(connection, found, ground.year, codes, ground.now, counties=within)
    return Swept(opened, gone, dict(Counter(one.code for one in found)))


async def _found(connection: Connection, probe: Probe, ground: Ground, **binds: Any) -> list[Found]:
    """Return what one check finds. One that a deployment has switched off finds nothing, and what it had is gone."""
    rows = await probe.statement.rows(connection, **{"year": ground.year, **probe.binds(ground), **binds})
    return [] if probe.check.code in ground.thresholds.off else probe.read(rows, ground)


async def keep_findings(
    connection: Connection,
    found: Iterable[Found],
    year: int,
    codes: Sequence[str],
    now: datetime,
    *,
    only: Sequence[str] | None = None,
    counties: Sequence[str] | None = None,
) -> tuple[int, int]:
    """Keep what was found and end all other findings of these checks and year; return how many opened and ended.

    Outside a sweep of the whole year nothing is ended but findings with an id of `only`, or of some `counties`.
    """
    rows = {(one.county_code, one.id): one.row() for one in found}
    ends = None if only is None else list(only)
    [kept] = await KEEP_FINDINGS.rows(
        connection,
        found=as_json(rows.values()),
        year=year,
        codes=list(codes),
        now=now,
        only=ends,
        counties=None if counties is None else list(counties),
    )
    return kept["opened"], kept["gone"]
