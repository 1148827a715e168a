"""A published figure explained to whoever asks: from what was frozen when it was filed, and nothing beside it."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.explanation.explained import explain
from backend.explanation.revisions import Page
from backend.explanation.stand import Archive, Question, Stand
from backend.explanation.standpoint import Standpoint, versions_at
from backend.problems import Refused
from backend.rollup.source import frozen_in
from backend.rollup.summaries import Frame
from schemas.explanations import Explanation
from schemas.period import BASE_YEAR
from schemas.problems import problem
from schemas.vocabulary import FilingState, RegionLevel

COEFFICIENTS = """coalesce((
        SELECT stored.coefficients FROM county_figure AS stored
        WHERE stored.county_code = figure.county_code AND stored.period = filing.period
          AND stored.indicator = filing.indicator AND stored.view = figure.view AND stored.series = figure.series
          AND stored.coefficient_version = figure.coefficient_version
          AND stored.numerator IS NOT DISTINCT FROM figure.numerator
          AND stored.denominator IS NOT DISTINCT FROM figure.denominator), '[]')"""
"""A filing freezes the figure and the version; which coefficients those were is read where the figure is still it."""

SOURCE = frozen_in({FilingState.PUBLISHED}, COEFFICIENTS)


async def explain_published(connection: AsyncConnection, archive: Archive, question: Question) -> Explanation:
    """Return what is published of a figure and how it comes about. The region is known and in scope.

    Raises Refused where nothing of it is published, and for any moment but the present.
    """
    if question.as_of not in (None, FilingState.PUBLISHED):
        raise Refused(problem("published_only", "as_of"))
    tree = await archive.trees.of_year(connection, question.period.year)
    base_tree = await archive.trees.of_year(connection, BASE_YEAR)
    region = tree[question.region_code]
    now = datetime.now(UTC)
    stand = Stand(
        archive,
        replace(question, as_of=None),
        region,
        tree.descendants(region.code, RegionLevel.COUNTY),
        Standpoint(None, now, {}, await versions_at(connection, now)),
        Frame(tree, archive.plan, question.period, base_tree, archive.reference.history),
        SOURCE,
        cells={},
        figures=None,
        published=True,
    )
    if not stand.of(await stand.summary(connection)).headline.counties:
        raise Refused(problem("figure_not_published", region=region.name))
    return await explain(connection, stand, Page())
