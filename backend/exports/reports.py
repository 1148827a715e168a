"""Reports one by one on their way out: a cursor of the database in one snapshot, in batches, never all at once.

Nothing in a row names or places a person: the quantities that a report adds to its county's sums, its township, and
where it stands.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.access import Access
from backend.exports.provenance import Provenance
from backend.exports.sheet import Column, Kind, Value
from backend.exports.summaries import OWN_SOURCE, Asked
from backend.exports.words import RECORD_STATES, period_said
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import WHOLE, Key
from schemas.period import CHINA_STANDARD_TIME, Period
from schemas.regions import NO_TOWNSHIP, RegionTree
from schemas.summaries import LedgerDigest
from schemas.vocabulary import LIVE_STATUSES, UNIT_NAMES, Indicator, Level, RecordStatus, RegionLevel

BATCH = 2_000
"""Rows between two looks at what else waits for the process."""

COUNTED = frozenset({"reports", "flagged_reports"})
"""What cells count besides the quantities of the reports."""

READ_KEYS = """
    SELECT DISTINCT subject, quantity FROM rollup_cell
    WHERE county_code = ANY(:ledgers) AND indicator = :indicator AND period = :period AND level = :level
"""

READ_REPORTS = """
    SELECT cast(id AS text) AS id, county_code, township_code, status, revision, submitted_at,
           jsonb_array_length(warnings) AS warnings, cast(quantities AS text) AS quantities
    FROM record
    WHERE kind = 'report' AND county_code = ANY(:ledgers) AND indicator = :indicator AND period = :period
      AND level = :level AND status = ANY(:statuses)
      AND (county_code = ANY(:whole) OR township_code = ANY(:townships))
    ORDER BY county_code, id
"""
"""Quantities come as text: they are read in the thread that writes, not where phones wait."""

FIXED = (
    Column("report_id", "填报编号", "Id of the report"),
    Column("county_code", "县代码", "County code"),
    Column("county_name", "县（市、区）", "County"),
    Column("township_code", "乡镇代码", "Township code"),
    Column("township_name", "乡镇", "Township"),
    Column("indicator", "指标代码", "Indicator"),
    Column("period", "统计期", "Period"),
    Column("status", "状态代码", "Status: submitted, returned, accepted"),
    Column("status_zh", "审核状态", "Status in Chinese"),
    Column("revision", "修订次数", "Revision", Kind.COUNT),
    Column("submitted_at", "提交时间", "Handed in at, China Standard Time"),
    Column("warnings", "提示数", "Warnings", Kind.COUNT),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which ledgers an account may read reports of: all townships of those in `whole`, of the others `townships`."""

    whole: tuple[str, ...]
    townships: tuple[str, ...]
    ledgers: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.ledgers)


@dataclass(frozen=True, slots=True)
class ReportsAsked:
    """Which reports are exported."""

    region_code: str
    indicator: Indicator
    period: Period
    level: Level = Level.FARM
    statuses: tuple[RecordStatus, ...] = ()

    @property
    def chosen(self) -> tuple[RecordStatus, ...]:
        """The statuses; none asked for stands for all but the withdrawn."""
        return tuple(one for one in RecordStatus if one in (self.statuses or LIVE_STATUSES))

    @property
    def values(self) -> dict[str, str]:
        """What the statements bind."""
        return {"indicator": str(self.indicator), "period": str(self.period), "level": str(self.level)}


def scope_of(access: Access, tree: RegionTree, region_code: str) -> Scope:
    """Return what the account may read of a region's reports; today's counties with all their ledgers."""
    whole: list[str] = []
    townships: set[str] = set()
    ledgers: list[str] = []
    for county in tree.descendants(region_code, RegionLevel.COUNTY):
        for ledger in county.ledger_codes:
            held = access.townships(ledger)
            if held is None:
                whole.append(ledger)
            else:
                townships |= held
            if held is None or held:
                ledgers.append(ledger)
    return Scope(tuple(sorted(whole)), tuple(sorted(townships)), tuple(sorted(ledgers)))


async def quantity_columns(connection: AsyncConnection, scope: Scope, asked: ReportsAsked) -> list[tuple[Key, Column]]:
    """Return a column for every quantity that any of the reports can have, as the sums know them: in one statement."""
    spec = CATALOGUE[asked.indicator]
    rows = await connection.execute(text(READ_KEYS), {**asked.values, "ledgers": list(scope.ledgers)})
    keys = {(row.subject, row.quantity) for row in rows if row.quantity not in COUNTED}
    subjects, quantities = [WHOLE, *spec.subject_labels], list(spec.quantity_labels)
    found = sorted(keys, key=lambda key: (subjects.index(key[0]), quantities.index(key[1])))
    return [(key, _quantity_column(asked.indicator, key)) for key in found]


def _quantity_column(indicator: Indicator, key: Key) -> Column:
    subject, quantity = key
    spec = CATALOGUE[indicator]
    label = spec.quantity_labels[quantity]
    unit = UNIT_NAMES[label.unit]
    if subject == WHOLE:
        return Column(quantity, label.zh, label.en, Kind.AMOUNT, unit)
    zh, en = spec.subject_labels[subject]
    return Column(f"{subject}_{quantity}", label.zh, f"{en}: {label.en}", Kind.AMOUNT, unit, zh)


async def report_batches(
    connection: AsyncConnection, scope: Scope, asked: ReportsAsked
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yield the reports in batches, by county. The connection is in one snapshot and is read by a cursor."""
    bound = {
        **asked.values,
        "ledgers": list(scope.ledgers),
        "whole": list(scope.whole),
        "townships": list(scope.townships),
        "statuses": [str(status) for status in asked.chosen],
    }
    async with connection.stream(text(READ_REPORTS), bound, execution_options={"yield_per": BATCH}) as result:
        async for batch in result.partitions(BATCH):
            yield batch


class RowReader:
    """Turns what the database gave into the rows of the file."""

    def __init__(self, asked: ReportsAsked, keys: Sequence[Key], tree: RegionTree) -> None:
        self._asked = asked
        self._tree = tree
        self._index: Mapping[tuple[str, str], int] = {key: number for number, key in enumerate(keys)}
        self._names: dict[str, str] = {}
        self._indicator = asked.indicator.value
        self._period = str(asked.period)

    def rows(self, batch: Sequence[Row[Any]]) -> list[list[Value]]:
        """Return the rows of a batch."""
        return [self._row(row) for row in batch]

    def _row(self, row: Row[Any]) -> list[Value]:
        amounts: list[Value] = [None] * len(self._index)
        for subject, quantity, amount in orjson.loads(row.quantities):
            amounts[self._index[subject, quantity]] = Decimal(amount)
        return [
            row.id,
            row.county_code,
            self._name(row.county_code),
            row.township_code,
            self._name(row.township_code),
            self._indicator,
            self._period,
            row.status,
            RECORD_STATES[row.status],
            row.revision,
            _moment(row.submitted_at),
            row.warnings,
            *amounts,
        ]

    def _name(self, code: str) -> str:
        """Return a region's name; a township that means "none" has none, one of other years is not known today."""
        found = self._names.get(code)
        if found is None:
            region = None if code.endswith(NO_TOWNSHIP) and len(code) > 6 else self._tree.get(code)
            found = self._names[code] = region.name if region is not None else ""
        return found


def _moment(moment: datetime) -> str:
    return moment.astimezone(CHINA_STANDARD_TIME).isoformat(" ", "seconds")


def provenance_of_reports(place: str, asked: ReportsAsked, said: Asked, digest: LedgerDigest) -> Provenance:
    """Return the origin of exported reports."""
    spec = CATALOGUE[asked.indicator]
    level = "主体填报" if asked.level is Level.FARM else "县级报表"
    states = "、".join(RECORD_STATES[status] for status in asked.chosen)
    return Provenance(
        title=f"{place}{period_said(asked.period)}{spec.zh}{level}明细",
        query=said.query,
        exported_at=said.moment,
        period=str(asked.period),
        period_zh=period_said(asked.period),
        scope=f"账号权限内的填报（{states}），不含个人信息和地块位置",
        ledger=digest,
        sources=(OWN_SOURCE,),
        demo=said.demo,
        marks=said.marks,
    )
