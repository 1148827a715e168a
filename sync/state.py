"""What a county holds that a decision needs: changes, records, live reports and sums, loaded once behind the lock."""

from collections.abc import Collection, Sequence

import orjson

from schemas.vocabulary import Action, Indicator, Outcome, RecordKind
from sync.cells import LIVE, TOUCHED, CellSums, cell_sums, live_sums_of
from sync.decode import Decoded
from sync.personal import Vault
from sync.records import CountyState, KnownChange, RecordState
from sync.rows import held_change, known_change, parsed_rows, record_state
from sync.statement import Connection, Statement, as_json

HELD_CHANGE = """
    change_id, record_id, waits_for, account, device_id, item, item_hash, schema_version, received_at, sealed,
    sealed_key_id
"""

READ_WAITING = f"""
    SELECT found.* FROM unnest(cast(:causes AS uuid[])) AS cause (id)
    CROSS JOIN LATERAL (
        SELECT {HELD_CHANGE} FROM change
        WHERE county_code = cast(:county_code AS text) AND outcome = 'held' AND waits_for = cause.id OFFSET 0
    ) AS found
    UNION
    SELECT found.* FROM waiting CROSS JOIN LATERAL (
        SELECT {HELD_CHANGE} FROM change
        WHERE county_code = cast(:county_code AS text) AND outcome = 'held'
          AND waits_for = ANY(ARRAY[waiting.change_id, waiting.record_id]) OFFSET 0
    ) AS found
"""
"""What waits for these changes and farms, what waits for that, and so on."""

WAITING_BASES = "SELECT waits_for FROM waiting UNION SELECT cast(item ->> 'base_change_id' AS uuid) FROM waiting"
WAITING_FARMS = "SELECT waits_for FROM waiting UNION SELECT cast(item #>> '{payload,farm_id}' AS uuid) FROM waiting"
"""What a held change is decided on, besides what it waits for: that may be the lock of a filing."""

READ_CHANGES = f"""
    SELECT found.* FROM (
        SELECT unnest(cast(:change_ids AS uuid[])) UNION SELECT change_id FROM waiting
        UNION {WAITING_BASES}
    ) AS wanted (change_id)
    CROSS JOIN LATERAL (
        SELECT change_id, record_id, account, item_hash, result, decided_position, replaced, sealed, sealed_key_id
        FROM change WHERE county_code = cast(:county_code AS text) AND change_id = wanted.change_id OFFSET 0
    ) AS found
"""

READ_LATER_CHANGES = f"""
    SELECT found.* FROM (
        SELECT unnest(cast(:base_ids AS uuid[])) UNION {WAITING_BASES}
    ) AS wanted (change_id)
    CROSS JOIN LATERAL (
        SELECT record_id, decided_position
        FROM change WHERE county_code = cast(:county_code AS text) AND change_id = wanted.change_id OFFSET 0
    ) AS base
    CROSS JOIN LATERAL (
        SELECT change_id, record_id, account, item_hash, result, decided_position, replaced, sealed, sealed_key_id
        FROM change WHERE county_code = cast(:county_code AS text) AND record_id = base.record_id
                      AND decided_position > base.decided_position OFFSET 0
    ) AS found
"""

READ_RECORDS = f"""
    SELECT found.*, sealed.salt, sealed.ciphertext, sealed.key_id
    FROM (
        SELECT unnest(cast(:record_ids AS uuid[])) UNION SELECT record_id FROM waiting UNION {WAITING_FARMS}
    ) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT id, kind, status, revision, position, township_code, farm_id, indicator, level, period, project_id,
               payload, quantities, warnings, cast(area_mu AS text) AS area_mu, payload_hash, last_change_id, account,
               submitted_at, review, reviewed_revision, encode(mark, 'hex') AS mark,
               erased_position IS NOT NULL AS is_erased
        FROM record WHERE county_code = cast(:county_code AS text) AND id = wanted.id OFFSET 0
    ) AS found
    LEFT JOIN LATERAL (
        SELECT salt, ciphertext, key_id
        FROM personal WHERE county_code = cast(:county_code AS text) AND record_id = found.id
                        AND revision = found.revision OFFSET 0
    ) AS sealed ON true
"""

READ_ONE_RECORD = Statement.of(f"""
    WITH waiting AS (
        SELECT cast(NULL AS uuid) AS record_id, cast(NULL AS uuid) AS waits_for, cast(NULL AS jsonb) AS item WHERE false
    )
    SELECT (SELECT json_agg(one) FROM ({READ_RECORDS}) AS one) AS records
""")

READ_LIVE_REPORTS = f"""
    SELECT found.* FROM (
        SELECT unnest(cast(:farm_ids AS uuid[])) UNION SELECT record_id FROM waiting UNION {WAITING_FARMS}
    ) AS wanted (farm_id)
    CROSS JOIN LATERAL (
        SELECT id, farm_id, indicator, period, project_id
        FROM record WHERE county_code = cast(:county_code AS text) AND farm_id = wanted.farm_id
                      AND kind = 'report' AND level = 'farm' AND status <> 'withdrawn' OFFSET 0
    ) AS found
    UNION
    SELECT found.*
    FROM unnest(cast(:merged_codes AS text[])) AS merged (county_code)
    CROSS JOIN (
        SELECT unnest(cast(:project_ids AS text[])) UNION SELECT item #>> '{{payload,project_id}}' FROM waiting
    ) AS wanted (project_id)
    CROSS JOIN LATERAL (
        SELECT id, farm_id, indicator, period, project_id
        FROM record WHERE county_code = merged.county_code AND project_id = wanted.project_id
                      AND status <> 'withdrawn' OFFSET 0
    ) AS found
"""

READ_FARMS_ELSEWHERE = f"""
    SELECT found.*
    FROM unnest(cast(:merged_codes AS text[])) AS merged (county_code)
    CROSS JOIN (
        SELECT unnest(cast(:farm_ids AS uuid[])) UNION {WAITING_FARMS}
    ) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT id, county_code FROM record WHERE county_code = merged.county_code AND id = wanted.id OFFSET 0
    ) AS found
    WHERE merged.county_code <> cast(:county_code AS text)
"""
"""The farms of other ledgers of the same county: a merger leaves every record in the ledger it was filed in."""

TOUCHED_BY_WAITING = """
    UNION
    SELECT item #>> '{payload,period}', item #>> '{payload,indicator}' FROM waiting
    UNION
    SELECT own.period, own.indicator FROM waiting
    CROSS JOIN LATERAL (
        SELECT period, indicator FROM record
        WHERE county_code = cast(:county_code AS text) AND id = waiting.record_id AND kind = 'report' OFFSET 0
    ) AS own
"""

READ_LOCKS = """
    SELECT touched.period, touched.indicator FROM touched
    CROSS JOIN LATERAL (
        SELECT closed, open_until FROM filing_lock
        WHERE county_code = cast(:county_code AS text) AND period = touched.period AND indicator = touched.indicator
        OFFSET 0
    ) AS lock
    WHERE lock.closed AND (lock.open_until IS NULL OR lock.open_until <= now())
"""
"""What is filed of all that is touched, unless an exception lets changes in."""

READ_STATE = Statement.of(f"""
    WITH RECURSIVE waiting AS ({READ_WAITING}), touched AS ({TOUCHED + TOUCHED_BY_WAITING})
    SELECT (SELECT json_agg(one ORDER BY one.received_at, one.change_id) FROM waiting AS one) AS waiting,
           (SELECT json_agg(one) FROM ({READ_LATER_CHANGES}) AS one) AS later_changes,
           (SELECT json_agg(one) FROM ({READ_CHANGES}) AS one) AS changes,
           (SELECT json_agg(one) FROM ({READ_RECORDS}) AS one) AS records,
           (SELECT json_agg(one) FROM ({READ_LIVE_REPORTS}) AS one) AS live_reports,
           (SELECT json_agg(one) FROM ({READ_FARMS_ELSEWHERE}) AS one) AS farms_elsewhere,
           (SELECT json_agg(one) FROM ({READ_LOCKS}) AS one) AS locks,
           (SELECT json_agg(one) FROM ({live_sums_of("SELECT period, indicator FROM touched")}) AS one) AS cells
""")
"""All that a decision needs, in one statement after the one that took the lock; NULL where there is none.

Every key is looked up by itself (`OFFSET 0` keeps the planner from joining otherwise): with statistics from before a
county filled up it would read the whole county for every push.
"""

READ_SENT_BEFORE = Statement.of("""
    SELECT found.*
    FROM unnest(cast(:county_codes AS text[]), cast(:change_ids AS uuid[])) AS wanted (county_code, change_id)
    CROSS JOIN LATERAL (
        SELECT county_code, change_id, record_id, account, item_hash, result, decided_position, replaced, sealed,
               sealed_key_id
        FROM change WHERE county_code = wanted.county_code AND change_id = wanted.change_id OFFSET 0
    ) AS found
""")


async def load_county_state(
    connection: Connection,
    county_code: str,
    position: int,
    items: Sequence[Decoded],
    vault: Vault,
    merged_codes: Sequence[str],
    awaited: Collection[str] = (),
) -> tuple[CountyState, CellSums]:
    """Return all that the decision on `items` needs, and the sums that it may touch, in one statement.

    `merged_codes` are the ledgers of today's county, in all of which a project may have been reported. What waits for
    the items, or for what is `awaited`, comes with all that the decision on it needs.
    """
    base_ids = {one.item.base_change_id for one in items if one.item.base_change_id}
    contents = [one.content for one in items if one.content is not None]
    farm_ids = {one.farm_id for one in contents if one.farm_id}
    withdrawn = {one.item.record_id for one in items if one.item.action is Action.WITHDRAW}
    touched = {(one.period, one.indicator) for one in contents if one.indicator is not None}
    [row] = await READ_STATE.rows(
        connection,
        county_code=county_code,
        change_ids=[*{one.item.change_id for one in items} | base_ids],
        base_ids=[*base_ids],
        causes=[*{one.item.change_id for one in items} | _new_farms(items) | {*awaited}],
        record_ids=[*{one.item.record_id for one in items} | farm_ids],
        farm_ids=[*farm_ids | withdrawn],
        project_ids=[*{one.project_id for one in contents if one.project_id}],
        merged_codes=merged_codes,
        touched=as_json({"period": period, "indicator": indicator} for period, indicator in touched),
        live_statuses=LIVE,
    )
    state = CountyState(position)
    for change in (*parsed_rows(row["later_changes"]), *parsed_rows(row["changes"])):
        known = state.changes[change["change_id"]] = known_change(change, county_code, vault)
        if known.answer.outcome is Outcome.HELD:
            state.held.add(known.change_id)
    waiting = parsed_rows(row["waiting"])
    state.waiting = [held_change(one, county_code, vault) for one in waiting]
    own = {one.item.record_id for one in items} | {one["record_id"] for one in waiting}
    for record in parsed_rows(row["records"]):
        # Of a farm that is only reported on, nobody asks the name.
        opener = vault if record["id"] in own else None
        state.records[record["id"]] = record_state(record, county_code, opener)
    for report in parsed_rows(row["live_reports"]):
        state.live_reports[report["farm_id"], report["indicator"], report["period"]] = report["id"]
        if report["project_id"] is not None:
            state.live_projects[report["project_id"]] = report["id"]
    for farm in parsed_rows(row["farms_elsewhere"]):
        state.farms_elsewhere[farm["id"]] = farm["county_code"]
    state.locks = {(Indicator(lock["indicator"]), lock["period"]) for lock in parsed_rows(row["locks"])}
    return state, cell_sums(parsed_rows(row["cells"]))


async def load_record(connection: Connection, county_code: str, record_id: str, vault: Vault) -> RecordState | None:
    """Return one record as it stands behind the lock, opened."""
    [row] = await READ_ONE_RECORD.rows(connection, county_code=county_code, record_ids=[record_id])
    records = parsed_rows(row["records"])
    return record_state(records[0], county_code, vault) if records else None


async def changes_sent_before(
    connection: Connection, wanted: Collection[tuple[str, str]], vault: Vault
) -> dict[tuple[str, str], KnownChange]:
    """Return what was decided on these changes before, by county and change."""
    rows = await READ_SENT_BEFORE.rows(
        connection, county_codes=[county for county, _ in wanted], change_ids=[change for _, change in wanted]
    )
    known: dict[tuple[str, str], KnownChange] = {}
    for row in rows:
        texts = {name: orjson.loads(row[name]) for name in ("result", "replaced")}
        county_code = row["county_code"]
        known[county_code, str(row["change_id"])] = known_change({**row, **texts}, county_code, vault)
    return known


def _new_farms(items: Sequence[Decoded]) -> set[str]:
    """Return the farms that these items may create."""
    return {
        one.item.record_id for one in items if one.item.kind is RecordKind.FARM and one.item.action is Action.CREATE
    }
