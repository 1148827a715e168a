"""What is accepted and what is still on its way: the figure over accepted reports, and if the pending were. Pure."""

from backend.explanation.rebuilt import live_sums
from backend.explanation.stand import Stand
from backend.rollup.goal_line import percent, rate_of
from backend.rollup.parts import Part
from schemas.decimals import decimal_or_none, plain, plain_or_none
from schemas.explanations import Pending, Scenario, Words
from schemas.summaries import FiledFigure, FilingStanding, IndicatorSummary
from schemas.vocabulary import FigureKind, RecordStatus, View
from sync.figures import figures_of

ACCEPTED = frozenset({RecordStatus.ACCEPTED})
IF_ACCEPTED = ACCEPTED | {RecordStatus.SUBMITTED}
NOTES = {
    "farm": Words(
        zh="本级数字取主体填报汇总：待审填报全部通过时的结果列于右侧；已退回的不计。",
        en="The figure is the field sum: beside it stands what it would be if all reports waiting for their review "
        "were accepted; returned ones are left out.",
    ),
    "statement": Words(
        zh="本级数字取县级报表；待审填报通过后只影响田间汇总，不改变报表数。",
        en="The figure is that of county statements: accepting reports changes the field sum, not the figure.",
    ),
}


def pending(stand: Stand, summary: IndicatorSummary) -> Pending:
    """Return the field sum of the period over accepted reports, and over accepted and submitted ones."""
    is_stated = summary.views[View.STATEMENT].numerator is not None
    note = NOTES["statement" if is_stated else "farm"]
    return Pending(
        reports=summary.reports,
        accepted=_scenario(stand, ACCEPTED),
        if_accepted=_scenario(stand, IF_ACCEPTED),
        official=summary.filing.official,
        official_if_accepted=_with_pending(stand, summary.filing),
        zh=note.zh,
        en=note.en,
    )


def _scenario(stand: Stand, statuses: frozenset[RecordStatus]) -> Scenario:
    """Return the field sum of the period alone, over the farm reports in these states."""
    question, part = stand.question, Part()
    key = (str(question.period), question.indicator)
    for code, cells in stand.cells.items():
        reference, formula = stand.computed_under(code)
        sums = live_sums(cells, question.indicator, statuses)
        formulas = {question.indicator: formula}
        for figure in figures_of(code, [key], sums, reference, formulas):
            if figure.view is View.FARM and figure.series == question.spec.headline_series:
                part = part.plus(Part(figure.numerator, figure.denominator, figure.reports))
    rate = rate_of(part) if question.spec.kind is FigureKind.RATE else None
    return Scenario(
        numerator=plain_or_none(part.numerator),
        denominator=plain_or_none(part.denominator),
        rate=plain_or_none(rate),
        rate_percent=None if rate is None else format(percent(rate), "f"),
        reports=part.reports,
    )


def _with_pending(stand: Stand, filing: FilingStanding) -> FiledFigure | None:
    """Return the official figure with the filings that are on their way."""
    parts = [
        Part(decimal_or_none(one.numerator), decimal_or_none(one.denominator), 0, one.counties)
        for one in (filing.official, filing.pending)
        if one is not None
    ]
    if not parts:
        return None
    whole = parts[0] if len(parts) == 1 else parts[0].plus(parts[1])
    rate = rate_of(whole) if stand.question.spec.kind is FigureKind.RATE else None
    return FiledFigure(
        numerator=plain_or_none(whole.numerator),
        denominator=plain_or_none(whole.denominator),
        rate=plain_or_none(rate),
        rate_percent=None if rate is None else plain(percent(rate)),
        counties=whole.counties,
    )
