"""What proves a figure: the chain below it, the figure rebuilt from its entries, what was frozen, what was signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.explanation.rebuilt import frozen_agrees
from backend.explanation.stand import Archive, Question, Stand, take_stand
from backend.explanation.standpoint import FILING_PREFIX, FrozenFiling
from backend.explanation.statement import PublishedStep, figure_document, kept_statement
from backend.explanation.value import shown
from backend.problems import Refused
from backend.verify.chain import Walk, chain_faults
from schemas.decimals import plain
from schemas.figure_statements import FigureStatement
from schemas.period import Period
from schemas.receipts import SignatureState, signature_state
from schemas.vocabulary import RegionLevel, Role

READ_STORED = """
    SELECT county_code, period, view, series, cast(numerator AS text) AS numerator,
           cast(denominator AS text) AS denominator, n, formula, coefficient_version
    FROM county_figure
    WHERE county_code = ANY(cast(:codes AS text[])) AND indicator = :indicator
      AND period = ANY(cast(:periods AS text[]))
"""

KEY = ("county_code", "period", "view", "series")
TERMS = ("numerator", "denominator", "n", "formula")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, whether it agrees, and what was seen, zh and en."""

    code: str
    agrees: bool
    zh: str
    en: str


async def verify_figure(
    connection: AsyncConnection, archive: Archive, question: Question, keys: Mapping[str, bytes]
) -> list[Check]:
    """Return all that was checked of a figure at its standpoint. Raises Refused for one that cannot be asked for."""
    stand = await take_stand(connection, archive, question, rebuilds=True)
    figure = stand.of(await stand.summary(connection)).headline
    checks = [
        Check(
            "rebuilt",
            agrees=True,
            zh=f"由账本条目重建：{stand.region.name} {question.period} 期{question.spec.zh} "
            f"{shown(question, figure, 0)}（分子 {figure.numerator or '—'}，分母 {figure.denominator or '—'}）",
            en=f"rebuilt from ledger entries: {shown(question, figure, 1)} "
            f"(numerator {figure.numerator or '-'}, denominator {figure.denominator or '-'})",
        )
    ]
    for code, position in sorted(stand.standpoint.positions.items()):
        checks.append(await _chain_check(connection, code, position))
    if stand.standpoint.is_now:
        checks += await _stored_checks(connection, stand)
    checks += [_frozen_check(stand, one) for one in stand.standpoint.filings]
    document = await kept_statement(connection, question) if stand.region.level is RegionLevel.COUNTY else None
    if document is not None:
        checks += await verify_statement(connection, archive, document, keys)
    return checks


async def verify_statement(
    connection: AsyncConnection | None, archive: Archive | None, document: Any, keys: Mapping[str, bytes]
) -> list[Check]:
    """Return what was checked of a signed statement: its signature, and with a database all that it says."""
    try:
        said = FigureStatement.model_validate(document)
    except ValidationError:
        return [Check("statement", agrees=False, zh="不是数字签名文书", en="it is no signed statement of a figure")]
    checks = [_signature_check(said, document, keys)]
    if connection is not None and archive is not None:
        checks.append(await _content_check(connection, archive, said, document))
    return checks


def _signature_check(said: FigureStatement, document: Mapping[str, Any], keys: Mapping[str, bytes]) -> Check:
    about = f"{said.region_name} {said.period} {said.indicator}"
    state = signature_state(document, keys)
    match state:
        case SignatureState.HOLDS:
            words = (
                f"签名文书（{about}）签名有效，公钥 {said.key_id}",
                f"the statement's signature holds, key {said.key_id}",
            )
        case SignatureState.BROKEN:
            words = (
                f"签名文书（{about}）签名无效，内容被改动过",
                "the statement's signature does not hold: it was changed",
            )
        case SignatureState.UNKNOWN_KEY:
            words = (f"签名文书（{about}）所用公钥 {said.key_id} 不在列表中", f"the key {said.key_id} is not known")
    return Check("signature", state is SignatureState.HOLDS, *words)


async def _content_check(
    connection: AsyncConnection, archive: Archive, said: FigureStatement, document: Mapping[str, Any]
) -> Check:
    """Rebuild all that a statement says from the ledger entries up to its positions."""
    again = await _stated_again(connection, archive, said)
    if again is None:
        return Check("statement", agrees=False, zh="库中没有这次公布", en="the database knows no such publication")
    differing = sorted(name for name in again if again[name] != document.get(name))
    if differing:
        listed = "、".join(differing)
        zh = f"签名文书与账本重建的结果不符：{listed}"
        return Check("statement", agrees=False, zh=zh, en=f"the statement differs from the rebuilt figure in: {listed}")
    return Check(
        "statement",
        agrees=True,
        zh=f"签名文书的各项内容与账本重建的结果一致（{len(said.heads)} 个账本末端）",
        en=f"the statement says what the ledgers give, at {len(said.heads)} heads",
    )


async def _stated_again(connection: AsyncConnection, archive: Archive, said: FigureStatement) -> dict[str, Any] | None:
    period = Period.parse(said.period)
    if period is None:
        return None
    question = Question(said.region_code, said.indicator, period, f"{FILING_PREFIX}{said.step.id}")
    tree = await archive.trees.of_year(connection, period.year)
    if said.region_code not in tree:
        return None
    try:
        stand = await take_stand(connection, archive, question)
    except Refused:
        return None
    [filing] = stand.standpoint.filings
    taken_at: datetime = filing.step["taken_at"]
    step = PublishedStep(filing.step["id"], filing.step["number"], Role(filing.step["role"]), taken_at)
    return await figure_document(connection, stand, step)


async def _chain_check(connection: AsyncConnection, county_code: str, position: int) -> Check:
    walk = Walk()
    # To its end, so that the stream closes.
    faults = [fault async for fault in chain_faults(connection, county_code, walk, position)]
    if faults:
        zh, en = faults[0].words
        where = f"{county_code} #{faults[0].position}"
        return Check("chain", agrees=False, zh=f"账本 {where}：{zh}", en=f"ledger {where}: {en}")
    digest = walk.entry_hash.hex()
    return Check(
        "chain",
        agrees=True,
        zh=f"账本 {county_code} 第 1—{position} 条哈希链完整，摘要 {digest}",
        en=f"ledger {county_code}: the chain holds from 1 to {position}, digest {digest[:16]}",
    )


async def _stored_checks(connection: AsyncConnection, stand: Stand) -> list[Check]:
    """Return whether the figures that are kept are those that the entries give."""
    question = stand.question
    codes = sorted(stand.cells)
    values = {"codes": codes, "indicator": str(question.indicator), "periods": question.read_periods}
    rows = (await connection.execute(text(READ_STORED), values)).mappings().all()
    kept = {tuple(str(row[name]) for name in KEY): dict(row) for row in rows}
    again = {tuple(str(row[name]) for name in KEY): row for row in stand.figures or ()}
    stale = sum(row["coefficient_version"] < stand.standpoint.versions.coefficients for row in rows)
    checks = []
    for key in sorted(kept.keys() | again.keys()):
        differs = _differing(kept.get(key), again.get(key), stand.standpoint.versions.coefficients)
        if differs:
            where = " ".join(part for part in key if part)
            zh = f"库存县级数字 {where} 与重建结果不符：{differs}"
            checks.append(Check("stored", agrees=False, zh=zh, en=f"the kept figure {where} differs: {differs}"))
    if not checks:
        zh, en = f"库存县级数字 {len(kept)} 项与重建结果逐项一致", f"{len(kept)} kept figures are those rebuilt"
        if stale:
            zh, en = (
                f"{zh}（其中 {stale} 项待按新系数重算）",
                f"{en}; {stale} wait to be computed under new coefficients",
            )
        checks.append(Check("stored", agrees=True, zh=zh, en=en))
    return checks


def _differing(kept: Mapping[str, Any] | None, again: Mapping[str, Any] | None, version: int) -> str:
    """Return the columns that differ. One of older coefficients is computed again by a job."""
    if kept is None or again is None:
        return "*"
    names: Sequence[str] = TERMS if kept["coefficient_version"] >= version else ("n",)
    return ", ".join(name for name in names if _plain(kept[name]) != _plain(again[name]))


def _plain(value: Any) -> Any:
    try:
        return plain(Decimal(value)) if isinstance(value, str) else value
    except ArithmeticError:
        return value


def _frozen_check(stand: Stand, one: FrozenFiling) -> Check:
    agrees = frozen_agrees(one, stand.figures or (), str(stand.question.period))
    where = f"{one.region_code}（第 {one.filed['number']} 步）"
    return Check(
        "frozen",
        agrees,
        f"报送时冻结的数字 {where} 与重建结果{'逐项一致' if agrees else '不符'}",
        f"what the filing of {one.region_code} froze {'is' if agrees else 'is not'} what is rebuilt",
    )
