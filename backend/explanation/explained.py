"""A figure explained: everything that it says of itself, from one snapshot, in a number of statements that is fixed."""

from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.explanation.bridge import bridge
from backend.explanation.coefficients import coefficients_used
from backend.explanation.contributions import contributions
from backend.explanation.pending import pending
from backend.explanation.rebuilt import frozen_agrees
from backend.explanation.revisions import Page, revisions
from backend.explanation.stand import Stand
from backend.explanation.standpoint import FrozenFiling
from backend.explanation.statement import office_name
from backend.explanation.value import figure_value, formula_shown, term_label, to_goal
from backend.rollup.measures import region_measures
from backend.rollup.summaries import name_of
from schemas.explanations import Basis, Explanation, FilingPoint, LedgerHeadShown, Words
from schemas.indicators.spec import Formula
from schemas.period import CHINA_STANDARD_TIME
from schemas.vocabulary import FilingAction, FilingState, Role

READ_HEADS = """
    SELECT county_code, position, encode(entry_hash, 'hex') AS entry_hash, recorded_at FROM ledger_head
    WHERE county_code = ANY(cast(:codes AS text[])) AND position > 0 ORDER BY county_code
"""

READ_PUBLISHED = """
    SELECT count(*) FROM figure_statement
    WHERE region_code = :region_code AND indicator = :indicator AND period = :period AND issued_at <= :moment
"""


async def explain(connection: AsyncConnection, stand: Stand, page: Page) -> Explanation:
    """Return the explanation of a figure. Raises Refused for a bad page mark."""
    question, spec = stand.question, stand.question.spec
    summary = await stand.summary(connection)
    last = await stand.last_summary(connection)
    figure = stand.of(summary)
    measures = await region_measures(
        connection, stand.tree, stand.region.code, question.period, stand.frame.history, stand.source
    )
    indicator = question.indicator
    return Explanation(
        region=name_of(stand.region),
        path=[name_of(one) for one in reversed(list(stand.tree.chain(stand.region.code)))],
        indicator=indicator,
        zh=spec.zh,
        en=spec.en,
        kind=spec.kind,
        standing=spec.standing,
        period=str(question.period),
        basis=_basis(stand),
        value=figure_value(question, figure, stand.region.name),
        numerator=term_label(spec.numerator),
        denominator=None if spec.denominator is None else term_label(spec.denominator),
        goal=figure.goal,
        to_goal=to_goal(question, figure),
        other_goals=figure.other_goals,
        formula=formula_shown(_formula(stand)),
        sums=[one for one in measures.quantities if one.indicator is indicator],
        measures=[one for one in measures.measures if one.indicator is indicator],
        coefficients=await coefficients_used(connection, stand),
        contributions=await contributions(connection, stand, summary),
        bridge=bridge(question, summary, last),
        pending=None if stand.published else pending(stand, figure),
        filing=figure.filing,
        revisions=await revisions(connection, stand, page),
        ledgers=await _heads(connection, stand),
        ledger=summary.ledger,
        statement=None if stand.published else await _statement(connection, stand),
        demo=stand.archive.demo,
    )


def _formula(stand: Stand) -> Formula:
    code = stand.ledger_codes[0] if stand.ledger_codes else ""
    return stand.computed_under(code)[1]


async def _heads(connection: AsyncConnection, stand: Stand) -> list[LedgerHeadShown]:
    rows = await connection.execute(stand.source.over(READ_HEADS), {**stand.source.values, "codes": stand.ledger_codes})
    return [LedgerHeadShown.model_validate(dict(row)) for row in rows.mappings()]


async def _statement(connection: AsyncConnection, stand: Stand) -> str | None:
    question = stand.question
    key = {"region_code": question.region_code, "indicator": str(question.indicator), "period": str(question.period)}
    found = await connection.scalar(text(READ_PUBLISHED), {**key, "moment": stand.standpoint.moment})
    path = f"/v1/figures/{question.region_code}/{question.indicator}/{question.period}/statement"
    return path if found else None


def _basis(stand: Stand) -> Basis:
    standpoint = stand.standpoint
    points = [_point(stand, one) for one in standpoint.filings]
    words = _words(stand)
    kind: Literal["stored", "moment", "filing", "published"] = "filing" if points else "moment"
    if standpoint.is_now:
        kind = "published" if stand.published else "stored"
    versions = sorted({stand.computed_under(code)[0].coefficient_version for code in stand.cells})
    return Basis(
        kind=kind,
        zh=words.zh,
        en=words.en,
        moment=standpoint.moment,
        as_of=standpoint.as_of,
        coefficient_versions=versions or [standpoint.versions.coefficients],
        goal_version=standpoint.versions.goals,
        baseline_version=standpoint.versions.baselines,
        filings=points,
    )


def _words(stand: Stand) -> Words:
    standpoint, ledgers = stand.standpoint, len(stand.standpoint.positions)
    moment = standpoint.moment.astimezone(CHINA_STANDARD_TIME).isoformat(sep=" ", timespec="seconds")
    if stand.published:
        return Words(
            zh="取已公布的县级报表，数字为报送时冻结的数；未公布的不计入。",
            en="From county statements that are published, as they were frozen when filed; nothing else is counted.",
        )
    if standpoint.is_now:
        return Words(
            zh=f"现存合计，对应 {ledgers} 个县级账本的末端；县级数字随每次推送即时更新。",
            en=f"Sums as they are kept, at the heads of {ledgers} county ledgers; every push updates them.",
        )
    if standpoint.filings:
        return Words(
            zh=f"按报送时冻结的账本位置，由 {ledgers} 个县级账本的条目逐条累加重建；系数、公式取报送时的版本，"
            f"目标、基期值取 {moment} 的版本，区划取统计期当年。",
            en=f"Rebuilt from the entries of {ledgers} county ledgers up to the positions that the filing froze, with "
            f"its coefficients and formula; goals and base values are those of {moment}, regions those of the year.",
        )
    return Words(
        zh=f"由 {ledgers} 个县级账本截至 {moment} 的条目逐条累加重建；"
        "系数、目标、基期值取当时的版本，区划取统计期当年。",
        en=f"Rebuilt from the entries of {ledgers} county ledgers recorded up to {moment}, with the coefficients, "
        "goals and base values of then; regions are those of the year.",
    )


def _point(stand: Stand, one: FrozenFiling) -> FilingPoint:
    step = one.step
    return FilingPoint(
        region_code=one.region_code,
        step_id=step["id"],
        number=step["number"],
        action=FilingAction(step["action"]),
        state=FilingState(step["to_state"]),
        role=Role(step["role"]),
        office=office_name(stand.tree, one.region_code, Role(step["role"])),
        taken_at=step["taken_at"],
        frozen_by=one.filed["id"],
        positions=one.positions,
        agrees=frozen_agrees(one, stand.figures or (), str(stand.question.period)),
    )
