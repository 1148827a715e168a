"""From last year's figure to this one's: what numerator and denominator did, and what each region below added. Pure."""

from decimal import Decimal
from fractions import Fraction

from backend.explanation.stand import Question
from schemas.decimals import as_decimal, plain
from schemas.explanations import Bridge, BridgeRow, Words
from schemas.summaries import IndicatorSummary, RegionName, Summary, ViewFigure
from schemas.vocabulary import FigureKind, Unit

ZERO = Fraction(0)
NOTES = {
    "compared": Words(
        zh="差额＝本期－上年同期。分子的影响按本期分母计算，其余为分母的影响；各地影响之和等于差额。",
        en="The difference is this period less the same one last year. The numerator's effect is over this period's "
        "denominator, the rest is the denominator's; the effects of the regions add up to the difference.",
    ),
    "flow": Words(
        zh="差额即本年新增，各地影响之和等于差额。", en="The difference is what this year added, region by region."
    ),
    "other_region": Words(
        zh="上年没有这一行政区（区划有变更），不作比较。", en="The region was another last year; not compared."
    ),
    "missing": Words(
        zh="上年同期或本期没有数，不作比较。", en="There is no figure of one of the two periods; not compared."
    ),
}


def bridge(question: Question, now: Summary, last: Summary | None) -> Bridge:
    """Return the difference from last year by its causes, exactly: all parts are fractions until they are written."""
    indicator, is_flow = question.indicator, question.spec.kind is FigureKind.CUMULATIVE
    after = now.total.indicators[indicator].headline
    before = None if last is None else last.total.indicators[indicator].headline
    values = (None if before is None else _value(before, question), _value(after, question))
    if before is None or values[0] is None or values[1] is None:
        note = NOTES["other_region" if last is None else "missing"]
        return _bridge(question, values, None, [], note)
    whole = (_part(before.denominator), _part(after.denominator))
    terms = (_part(before.numerator), _part(after.numerator))
    by_numerator = _over(terms[1] - terms[0], whole[1], is_flow=is_flow)
    effects = (by_numerator, None if is_flow else values[1] - values[0] - by_numerator)
    names = {row.region.code: row.region for summary in (last, now) if summary for row in summary.rows}
    figures = [{row.region.code: row.indicators[indicator] for row in one.rows} for one in (last, now) if one]
    rows = [_row(region, figures[0], figures[1], whole, is_flow=is_flow) for _, region in sorted(names.items())]
    shown = [row for row in rows if row.before is not None or row.after is not None]
    return _bridge(question, values, effects, shown, NOTES["flow" if is_flow else "compared"])


def _row(
    region: RegionName,
    last: dict[str, IndicatorSummary],
    now: dict[str, IndicatorSummary],
    whole: tuple[Fraction, Fraction],
    *,
    is_flow: bool,
) -> BridgeRow:
    before, after = (one[region.code].headline.numerator if region.code in one else None for one in (last, now))
    effect = _over(_part(after), whole[1], is_flow=is_flow) - _over(_part(before), whole[0], is_flow=is_flow)
    return BridgeRow(
        region_code=region.code, region_name=region.name, before=before, after=after, effect=plain(as_decimal(effect))
    )


def _value(figure: ViewFigure, question: Question) -> Fraction | None:
    """Return the figure as a fraction: a rate, a change, or the amount of a flow; None where there is none."""
    if figure.numerator is None:
        return None
    if question.spec.kind is FigureKind.CUMULATIVE:
        return _part(figure.numerator)
    if not _part(figure.denominator):
        return None
    ratio = _part(figure.numerator) / _part(figure.denominator)
    return ratio - 1 if question.spec.kind is FigureKind.CHANGE else ratio


def _part(text: str | None) -> Fraction:
    return ZERO if text is None else Fraction(Decimal(text))


def _over(amount: Fraction, whole: Fraction, *, is_flow: bool) -> Fraction:
    return amount if is_flow else amount / whole


def _bridge(
    question: Question,
    values: tuple[Fraction | None, Fraction | None],
    effects: tuple[Fraction, Fraction | None] | None,
    rows: list[BridgeRow],
    note: Words,
) -> Bridge:
    before, after = values
    difference = None if before is None or after is None else after - before
    is_flow = question.spec.kind is FigureKind.CUMULATIVE
    return Bridge(
        period=str(question.last_year),
        before=_written(before),
        after=_written(after),
        difference=_written(difference),
        numerator_effect=_written(effects[0]) if effects else None,
        denominator_effect=_written(effects[1]) if effects else None,
        unit=question.spec.numerator.unit if is_flow else Unit.RATE,
        rows=rows,
        zh=note.zh,
        en=note.en,
    )


def _written(value: Fraction | None) -> str | None:
    return None if value is None else plain(as_decimal(value))
