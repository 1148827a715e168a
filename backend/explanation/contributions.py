"""What each region below adds to a figure: the rows of the summary, and below a county its townships' field sums."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.explanation.stand import Stand
from backend.rollup.goal_line import percent, rate_of
from backend.rollup.parts import Part
from backend.rollup.townships import field_part, township_name
from schemas.decimals import EXACT, plain, quotient, total
from schemas.explanations import Contribution, Contributions, Words
from schemas.indicators.spec import Key, Sums
from schemas.summaries import RegionSummary, Summary
from schemas.vocabulary import LIVE_STATUSES, FigureKind, RegionLevel, Standing, View
from sync.cells import as_sums

READ_TOWNSHIPS = """
    SELECT record.county_code, record.township_code, delta ->> 1 AS subject, delta ->> 2 AS quantity,
           sum(cast(delta ->> 3 AS numeric)) AS amount
    FROM unnest(cast(:codes AS text[]), cast(:positions AS bigint[])) AS held (code, position)
    JOIN record ON record.county_code = held.code AND record.kind = 'report' AND record.level = 'farm'
               AND record.indicator = :indicator AND record.period = ANY(cast(:periods AS text[]))
    JOIN ledger_entry AS entry ON entry.county_code = record.county_code AND entry.record_id = record.id
                              AND entry.position <= held.position
    CROSS JOIN LATERAL jsonb_array_elements(entry.deltas) AS delta
    WHERE delta ->> 0 = ANY(cast(:live AS text[]))
    GROUP BY 1, 2, 3, 4
"""
"""A report counts for the township that it belongs to now."""

NOTES: Mapping[str, Words] = {
    "regions": Words(zh="各地之和即本级数字。", en="The regions add up to the figure."),
    "townships": Words(
        zh="县级报表不分乡镇，此处为各乡镇主体填报之和，与田间汇总数对应；乡镇按填报现属划分。",
        en="Statements know no townships: these are the sums of farm reports, which make the field sum; a report "
        "counts for the township that it belongs to now.",
    ),
    "published": Words(zh="只公布全县的数字。", en="Only the figure of the whole county is published."),
    "sample": Words(
        zh="本指标为抽样填报，样本不能推算乡镇总量，只列填报份数。",
        en="The reports are a sample and give no township's total: only their number is shown.",
    ),
}


async def contributions(connection: AsyncConnection, stand: Stand, summary: Summary) -> Contributions:
    """Return what the regions below add: of a county its townships, in one more statement."""
    if stand.region.level is RegionLevel.COUNTY and stand.published:
        note = NOTES["published"]
        return Contributions(view="headline", rows=[], remainder=None, zh=note.zh, en=note.en)
    if stand.region.level is RegionLevel.COUNTY:
        return await _of_townships(connection, stand, summary)
    indicator = stand.question.indicator
    whole = _decimal(stand.of(summary).headline.numerator)
    rows = [_of_region(stand, row, whole) for row in summary.rows if row.indicators[indicator].headline.counties]
    note = NOTES["regions"]
    return Contributions(view="headline", rows=rows, remainder=_remainder(whole, rows), zh=note.zh, en=note.en)


def _of_region(stand: Stand, row: RegionSummary, whole: Decimal | None) -> Contribution:
    summary = row.indicators[stand.question.indicator]
    figure = summary.headline
    return Contribution(
        region_code=row.region.code,
        region_name=row.region.name,
        numerator=figure.numerator,
        denominator=figure.denominator,
        rate_percent=figure.rate_percent,
        share_percent=_share(_decimal(figure.numerator), whole),
        reports=figure.reports,
        counties=row.counties,
        filing=summary.filing.state,
    )


async def _of_townships(connection: AsyncConnection, stand: Stand, summary: Summary) -> Contributions:
    question = stand.question
    values = {
        "codes": list(stand.standpoint.positions),
        "positions": list(stand.standpoint.positions.values()),
        "indicator": str(question.indicator),
        "periods": question.summed_periods,
        "live": sorted(LIVE_STATUSES),
    }
    found: dict[tuple[str, str], dict[Key, Decimal]] = {}
    for row in await connection.execute(text(READ_TOWNSHIPS), values):
        found.setdefault((row.township_code, row.county_code), {})[row.subject, row.quantity] = row.amount
    whole = _decimal(stand.of(summary).views[View.FARM].numerator)
    rows = [_of_township(stand, *key, amounts, whole) for key, amounts in sorted(found.items())]
    note = NOTES["sample" if question.spec.standing is Standing.SAMPLE else "townships"]
    listed = [row for row in rows if row.reports]
    return Contributions(view="farm", rows=listed, remainder=_remainder(whole, listed), zh=note.zh, en=note.en)


def _of_township(
    stand: Stand, township: str, ledger: str, amounts: Mapping[Key, Decimal], whole: Decimal | None
) -> Contribution:
    question = stand.question
    sums = as_sums(amounts, str(question.period))
    part = Part() if question.spec.standing is Standing.SAMPLE else _terms(stand, ledger, sums)
    rate = rate_of(part) if question.spec.kind is FigureKind.RATE else None
    return Contribution(
        region_code=township,
        region_name=township_name(township, stand.archive.reference),
        numerator=None if part.numerator is None else plain(part.numerator),
        denominator=None if part.denominator is None else plain(part.denominator),
        rate_percent=None if rate is None else format(percent(rate), "f"),
        share_percent=_share(part.numerator, whole),
        reports=sums.reports,
        counties=0,
        filing=None,
    )


def _terms(stand: Stand, ledger: str, sums: Sums) -> Part:
    reference, formula = stand.computed_under(ledger)
    return field_part(formula, ledger, sums, stand.question.period.year, reference)


def _share(part: Decimal | None, whole: Decimal | None) -> str | None:
    share = quotient(part, whole) if part is not None and whole is not None else None
    return None if share is None else format(percent(share), "f")


def _remainder(whole: Decimal | None, rows: list[Contribution]) -> str | None:
    listed = [Decimal(row.numerator) for row in rows if row.numerator is not None]
    if whole is None or not listed:
        return None
    return plain(EXACT.subtract(whole, total(listed)))


def _decimal(text_: str | None) -> Decimal | None:
    return None if text_ is None else Decimal(text_)
