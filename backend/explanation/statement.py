"""The signed statement of a published figure: rebuilt from the positions that were frozen, signed, kept for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.db import snapshot
from backend.explanation.coefficients import coefficients_used
from backend.explanation.rebuilt import COMPARED, frozen_agrees
from backend.explanation.stand import Archive, Question, Stand, take_stand
from backend.filing.tiers import ROLE_NAMES, ROLE_OF
from schemas.figure_statements import FIGURE_ALGORITHM
from schemas.period import Period
from schemas.receipts import Signer, spelled
from schemas.regions import RegionTree
from schemas.summaries import IndicatorSummary
from schemas.vocabulary import FilingState, GoalState, Indicator, Role
from sync.ledger import timestamp
from sync.statement import Connection, Statement

KEEP_STATEMENT = Statement.of("""
    INSERT INTO figure_statement (region_code, step_id, period, indicator, issued_at, key_id, document)
    VALUES (:region_code, :step_id, :period, :indicator, :issued_at, :key_id, cast(:document AS jsonb))
""")

READ_STATEMENT = """
    SELECT document FROM figure_statement
    WHERE region_code = :region_code AND indicator = :indicator AND period = :period
    ORDER BY issued_at DESC LIMIT 1
"""

READ_HEADS = """
    SELECT entry.county_code, entry.position, encode(entry.entry_hash, 'hex') AS entry_hash
    FROM unnest(cast(:codes AS text[]), cast(:positions AS bigint[])) AS held (code, position)
    JOIN ledger_entry AS entry ON entry.county_code = held.code AND entry.position = held.position
    ORDER BY entry.county_code
"""

DECIDED: Mapping[GoalState, bool] = {GoalState.MET: True, GoalState.BELOW: False}


class FrozenDiffersError(RuntimeError):
    """What a filing froze is not what the ledger entries give: nothing is signed."""


@dataclass(frozen=True)
class PublishedStep:
    """The step that publishes."""

    id: str
    number: int
    role: Role
    taken_at: datetime


@dataclass(frozen=True)
class Publishing:
    """What signs figures."""

    archive: Archive
    engine: AsyncEngine
    signer: Signer

    async def signed(self, region_code: str, indicator: Indicator, period: str, step: PublishedStep) -> dict[str, Any]:
        """Return the signed statement of a figure that has been accepted and is being published.

        It is rebuilt from the ledger entries first. Raises FrozenDiffersError where that is not what was frozen.
        """
        question = Question(region_code, indicator, _period(period), FilingState.ACCEPTED)
        async with snapshot(self.engine) as connection:
            stand = await take_stand(connection, self.archive, question, step.taken_at)
            [filing] = stand.standpoint.filings
            if not frozen_agrees(filing, stand.figures or (), period):
                raise FrozenDiffersError(f"{region_code} {indicator} {period}")
            document = await figure_document(connection, stand, step)
        return self.signer.signed({**document, "alg": FIGURE_ALGORITHM, "issued_at": spelled(step.taken_at)})


async def keep_statement(connection: Connection, document: Mapping[str, Any], issued_at: datetime) -> None:
    """Keep a signed statement, in the transaction of the step that published it."""
    await KEEP_STATEMENT.rows(
        connection,
        region_code=document["region_code"],
        step_id=document["step"]["id"],
        period=document["period"],
        indicator=document["indicator"],
        issued_at=issued_at,
        key_id=document["key_id"],
        document=orjson.dumps(document).decode(),
    )


async def kept_statement(connection: AsyncConnection, question: Question) -> dict[str, Any] | None:
    """Return the signed statement of a figure, or None before it was published."""
    key = {"region_code": question.region_code, "indicator": str(question.indicator), "period": str(question.period)}
    document: dict[str, Any] | None = await connection.scalar(text(READ_STATEMENT), key)
    return document


async def figure_document(connection: AsyncConnection, stand: Stand, step: PublishedStep) -> dict[str, Any]:
    """Return what is signed of a figure at its standpoint, a filing; without algorithm, key and time of issue."""
    question = stand.question
    figure = stand.of(await stand.summary(connection))
    [filing] = stand.standpoint.filings
    positions = filing.positions
    heads = await connection.execute(
        text(READ_HEADS), {"codes": list(positions), "positions": list(positions.values())}
    )
    used = await coefficients_used(connection, stand)
    return {
        "region_code": question.region_code,
        "region_name": stand.region.name,
        "indicator": str(question.indicator),
        "period": str(question.period),
        "kind": str(question.spec.kind),
        "terms": [
            {name: row[name] for name in ("county_code", "view", "series", *COMPARED)}
            for row in sorted(stand.figures or (), key=lambda row: (row["county_code"], row["view"], row["series"]))
            if row["period"] == str(question.period)
        ],
        "value": _value(question, figure),
        "goal": _goal(figure),
        "formula": stand.computed_under(question.region_code)[1].version,
        "coefficients": [
            {
                **one.model_dump(mode="json", include={"name", "subject", "region_code", "year", "version", "value"}),
                "status": str(one.status),
            }
            for one in used
        ],
        "coefficient_versions": sorted({stand.computed_under(code)[0].coefficient_version for code in positions}),
        "goal_version": stand.standpoint.versions.goals,
        "baseline_version": stand.standpoint.versions.baselines,
        "filed_step": filing.filed["id"],
        "step": {
            "id": step.id,
            "number": step.number,
            "role": str(step.role),
            "office": office_name(stand.tree, question.region_code, step.role),
            "taken_at": timestamp(step.taken_at),
        },
        "heads": [dict(row) for row in heads.mappings()],
    }


def office_name(tree: RegionTree, county_code: str, role: Role) -> str:
    """Return the office that acts on a county's filings in a role, by its region and tier; never an account's name."""
    region = next((one for one in tree.chain(county_code) if ROLE_OF.get(one.level) is role), None)
    return ROLE_NAMES[role][0] if region is None else f"{region.name}（{ROLE_NAMES[role][0]}）"


def _value(question: Question, figure: IndicatorSummary) -> dict[str, Any]:
    headline = figure.headline
    return {
        **headline.model_dump(
            mode="json", include={"numerator", "denominator", "rate", "rate_percent", "amount", "state"}
        ),
        "unit": str(question.spec.numerator.unit),
    }


def _goal(figure: IndicatorSummary) -> dict[str, Any] | None:
    if figure.goal is None:
        return None
    said = figure.goal.model_dump(mode="json", exclude={"department", "assigned"})
    return {**said, "met": DECIDED.get(figure.headline.state)}


def _period(spelled_as: str) -> Period:
    period = Period.parse(spelled_as)
    if period is None:
        raise ValueError(spelled_as)
    return period
