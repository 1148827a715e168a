"""What a figure lacks of its goal, and where its difference from last year comes from: exact, whatever the numbers."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from backend.explanation.bridge import bridge
from backend.explanation.stand import Question
from backend.explanation.value import with_unit
from schemas.decimals import plain
from schemas.period import Period
from schemas.regions import NATION
from schemas.summaries import IndicatorSummary, RegionName, RegionSummary, Summary, ViewFigure
from schemas.vocabulary import GoalState, Indicator, RegionLevel, Unit

AMOUNTS = st.decimals("0", "999999", places=6).map(plain)
WHOLES = st.decimals("0.000001", "999999", places=6).map(plain)
TINY = Decimal("1e-22")
"""Each part is rounded at its 24th decimal."""


def figure(numerator: str, denominator: str | None) -> ViewFigure:
    return ViewFigure(
        numerator=numerator, denominator=denominator, rate=None, rate_percent=None, state=GoalState.NO_GOAL,
        reports=1, counties=1,
    )  # fmt: skip


def summary(indicator: Indicator, parts: list[tuple[str, str]], *, is_flow: bool) -> Summary:
    """Return a summary of as many regions as there are parts; the total is their sum."""
    whole = None if is_flow else plain(sum((Decimal(one) for _, one in parts), Decimal(0)))
    total = figure(plain(sum((Decimal(one) for one, _ in parts), Decimal(0))), whole)
    rows = [
        row_of(str(110000 + number), indicator, figure(top, None if is_flow else below))
        for number, (top, below) in enumerate(parts)
    ]
    return Summary.model_construct(total=row_of(NATION, indicator, total), rows=rows)


def row_of(code, indicator, headline):
    one = IndicatorSummary.model_construct(headline=headline)
    region = RegionName(code=code, name=code, level=RegionLevel.PROVINCE)
    return RegionSummary.model_construct(region=region, indicators={indicator: one})


@given(
    indicator=st.sampled_from([Indicator.FILM_RECOVERY, Indicator.FERTILISER_REDUCTION, Indicator.IRRIGATION_NEW_AREA]),
    before=st.lists(st.tuples(AMOUNTS, WHOLES), min_size=1, max_size=6),
    after=st.lists(st.tuples(AMOUNTS, WHOLES), min_size=1, max_size=6),
)
def test_the_parts_of_a_difference_add_up_to_it(indicator, before, after):
    is_flow = indicator is Indicator.IRRIGATION_NEW_AREA
    now, last = (summary(indicator, parts, is_flow=is_flow) for parts in (after, before))
    found = bridge(Question(NATION, indicator, Period(2025)), now, last)
    difference = Decimal(found.difference)
    effects = Decimal(found.numerator_effect) + Decimal(found.denominator_effect or 0)
    bound = TINY * max(1, abs(difference))
    assert abs(effects - difference) <= bound
    assert abs(sum(Decimal(row.effect) for row in found.rows) - difference) <= bound
    assert len(found.rows) == max(len(before), len(after))
    assert (found.unit, found.period) == (Unit.MU if is_flow else Unit.RATE, "2024")


def test_amounts_are_read_out_in_whole_numbers_too():
    question = Question(NATION, Indicator.IRRIGATION_NEW_AREA, Period(2025))
    assert with_unit(Decimal(1200), question, 0) == "1,200 亩"
    assert with_unit(Decimal("1200.50"), question, 1) == "1,200.5 mu"
