"""The figure in numbers and in a sentence, and how far it is from its goal in tonnes or mu. Pure."""

from decimal import Decimal

from backend.explanation.stand import Question
from schemas.decimals import EXACT, ONE, ZERO, plain, rounded
from schemas.explanations import FigureValue, FormulaShown, TermLabel, ToGoal
from schemas.indicators.spec import Formula, QuantityLabel
from schemas.summaries import GoalShown, IndicatorSummary, ViewFigure
from schemas.vocabulary import UNIT_NAMES, FigureKind, GoalState

STATES: dict[GoalState, tuple[str, str]] = {
    GoalState.MET: ("已达到目标", "the goal is met"),
    GoalState.BELOW: ("未达到目标", "below the goal"),
    GoalState.NOT_DUE: ("目标尚未到期", "the goal is not due yet"),
    GoalState.NO_GOAL: ("未设目标", "no goal is set"),
    GoalState.NO_DATA: ("尚无数据", "no data yet"),
}


def figure_value(question: Question, summary: IndicatorSummary, name: str) -> FigureValue:
    """Return the figure and what it says in one sentence; `name` is the region's."""
    headline, spec = summary.headline, question.spec
    zh, en = STATES[headline.state]
    return FigureValue(
        headline=headline,
        views=summary.views,
        series=summary.series,
        zh=f"{name} {question.period} 期{spec.zh}：{shown(question, headline, 0)}，{zh}。",
        en=f"{name}, {question.period}, {spec.en.lower()}: {shown(question, headline, 1)}; {en}.",
    )


def shown(question: Question, figure: ViewFigure, language: int) -> str:
    """Return a figure as it is read out: percent, a change with its sign, or an amount with its unit; 0: zh, 1: en."""
    match question.spec.kind:
        case FigureKind.RATE:
            return "—" if figure.rate_percent is None else f"{figure.rate_percent}%"
        case FigureKind.CHANGE:
            if figure.rate_percent is None:
                return "—" if figure.amount is None else with_unit(Decimal(figure.amount), question, language)
            change = Decimal(figure.rate_percent)
            if change == 0:
                return ("与基期持平", "no change from the base year")[language]
            words = (("比基期增加", "up"), ("比基期减少", "down"))[change < 0]
            return (f"{words[0]} {abs(change)}%", f"{words[1]} {abs(change)} % on the base year")[language]
        case FigureKind.CUMULATIVE:
            return "—" if figure.numerator is None else with_unit(Decimal(figure.numerator), question, language)


def with_unit(amount: Decimal, question: Question, language: int) -> str:
    """Return an amount grouped by thousands, with the unit of the numerator."""
    unit = UNIT_NAMES[question.spec.numerator.unit][language]
    return f"{rounded(amount, 2):,f}".rstrip("0").rstrip(".") + f" {unit}"


def term_label(label: QuantityLabel) -> TermLabel:
    """Return what a term is called."""
    return TermLabel(zh=label.zh, en=label.en, unit=label.unit)


def formula_shown(formula: Formula) -> FormulaShown:
    """Return a formula in words."""
    return FormulaShown(
        version=formula.version, zh=formula.zh, en=formula.en, source=formula.source, status=formula.status
    )


def to_goal(question: Question, summary: IndicatorSummary) -> ToGoal | None:
    """Return what the goal asks for in the unit of the numerator; None without a goal or a figure."""
    figure, goal = summary.headline, summary.goal
    if goal is None or figure.numerator is None:
        return None
    actual = Decimal(figure.numerator)
    match question.spec.kind:
        case FigureKind.RATE:
            required = _share_of(figure, Decimal(goal.value))
            lacking = None if required is None else EXACT.subtract(required, actual)
        case FigureKind.CHANGE:
            required = _share_of(figure, EXACT.add(ONE, Decimal(goal.value)))
            lacking = None if required is None else EXACT.subtract(actual, required)
        case FigureKind.CUMULATIVE:
            required, lacking = _flow(summary, goal)
            actual = actual if required is None or lacking is None else EXACT.subtract(required, lacking)
    if required is None or lacking is None:
        return None
    return ToGoal(
        required=plain(required),
        actual=plain(actual),
        shortfall=plain(max(lacking, ZERO)),
        margin=plain(max(-lacking, ZERO)),
        unit=question.spec.numerator.unit,
        state=figure.state,
    )


def _share_of(figure: ViewFigure, share: Decimal) -> Decimal | None:
    return None if figure.denominator is None else EXACT.multiply(share, Decimal(figure.denominator))


def _flow(summary: IndicatorSummary, goal: GoalShown) -> tuple[Decimal | None, Decimal | None]:
    """Return what a goal of a flow asks for and what is lacking, over the years that the goal counts."""
    required = Decimal(goal.value)
    if summary.distance_amount is None:
        return None, None
    return required, -Decimal(summary.distance_amount)
