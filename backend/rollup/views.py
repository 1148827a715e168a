"""What a figure is read from: the ledgers as they stand, or what was frozen when counties filed."""

from collections.abc import Mapping
from dataclasses import replace

from backend.rollup.parts import IndicatorSums
from backend.rollup.source import PUBLISHED, STORED, Source, frozen_in
from schemas.vocabulary import OFFICIAL_STATES, FigureView, FilingState

FILED: Mapping[FigureView, Source] = {
    FigureView.OFFICIAL: frozen_in(OFFICIAL_STATES),
    FigureView.PENDING: frozen_in({FilingState.FILED, FilingState.ENDORSED}),
    FigureView.PUBLISHED: PUBLISHED,
}
"""Of each view of what was filed, the filings that it takes."""


def source_of_view(view: FigureView) -> Source:
    """Return what a view is summed from."""
    return FILED.get(view, STORED)


def seen_as(view: FigureView, sums: IndicatorSums) -> IndicatorSums:
    """Return sums whose headline is the figure of a view; all that was filed is statements, and so the headline."""
    match view:
        case FigureView.FARM:
            headline, compared = sums.farm, sums.compared_farm
        case FigureView.STATEMENT:
            headline, compared = sums.statement, sums.compared_statement
        case _:
            return sums
    since = {year: seen_as(view, one) for year, one in sums.since.items()}
    return replace(sums, headline=headline, compared=compared, since=since)
