"""Taking one step of a filing, once however often it is asked for."""

from collections.abc import Sequence

from backend.checks.townships import keep_filed_before_townships
from backend.explanation.statement import FrozenDiffersError, PublishedStep, keep_statement
from backend.filing.desk import Desk, OpenFiling
from backend.filing.following import anything_follows, differences
from backend.filing.freeze import Basis, read_basis
from backend.filing.store import READ_STEP, Frozen, NewStep, progress_of, write_step
from backend.filing.workflow import Progress, Step, StepRefusedError, actor, take
from backend.outbox.events import NewEvent, keep_events
from backend.problems import Refused
from schemas.filing import WHOLE_STATEMENT, Difference, StepAsked
from schemas.problems import Problem, problem
from schemas.vocabulary import UNIT_NAMES, FilingAction, FilingState, Indicator, Role
from schemas.webhooks import EventKind, FilingMoved


async def take_step(desk: Desk, action: FilingAction, asked: StepAsked) -> bool:
    """Take a step and return whether it had been taken before by the same request. Raises Refused.

    What the ledgers hold then is recorded with the step; a filing freezes it, an opening lets late changes in.
    """
    async with desk.opened() as filing:
        if await _taken_before(filing, action, asked):
            return True
        before, number = await progress_of(filing.connection, desk.key)
        step = Step(action, asked.seen, asked.explanation, len(asked.reasons))
        try:
            after = take(before, step, desk.tiers, desk.region.name, desk.acts_as)
        except StepRefusedError as refused:
            raise Refused(refused.problem) from None
        basis = await read_basis(filing.connection, desk.key)
        is_filing = action is FilingAction.FILE
        explained = _explained(desk.key.indicator, basis, asked) if is_filing else []
        taken = await _record(filing, asked, action, (before, after), number + 1, explained, basis)
        if is_filing:
            await keep_filed_before_townships(filing.connection, desk.key, desk.townships, filing.now)
        if action is FilingAction.PUBLISH:
            await _sign(filing, taken)
        if after.state is FilingState.OPEN:
            await filing.let_in()
    return False


async def _taken_before(filing: OpenFiling, action: FilingAction, asked: StepAsked) -> bool:
    """Return whether the step is there already. Raises Refused where its id was used for another."""
    key = filing.desk.key
    rows = await READ_STEP.rows(filing.connection, region_code=key.region_code, id=asked.step_id)
    if not rows:
        return False
    known = (rows[0]["period"], rows[0]["indicator"], str(rows[0]["account"]), rows[0]["action"])
    if known != (key.period, key.indicator, filing.desk.access.account_id, action):
        raise Refused(problem("step_id_reused", "/step_id"))
    return True


async def _record(
    filing: OpenFiling,
    asked: StepAsked,
    action: FilingAction,
    moved: tuple[Progress, Progress],
    number: int,
    explained: Sequence[Difference],
    basis: Basis,
) -> PublishedStep:
    desk = filing.desk
    before, after = moved
    role = actor(action, before.state, desk.tiers) or Role.COUNTY
    step = NewStep(
        id=asked.step_id,
        number=number,
        account=desk.access.account_id,
        office=desk.access.display_name,
        role=role,
        action=action,
        before=before.state,
        after=after,
        explanation=asked.explanation,
        reasons=[one.model_dump() for one in asked.reasons],
        differences=[one.model_dump(mode="json") for one in explained],
        taken_at=filing.now,
    )
    frozen = basis.frozen(filing.positions)
    await write_step(filing.connection, desk.key, step, frozen, freezes=action is FilingAction.FILE)
    await keep_events(filing.connection, _events(desk, step, frozen), filing.now)
    return PublishedStep(step.id, number, role, filing.now)


def _events(desk: Desk, step: NewStep, frozen: Frozen) -> list[NewEvent]:
    """Return what systems outside are told of a step; of a publication twice, as a step and as a figure."""
    said = FilingMoved(
        region_code=desk.key.region_code,
        indicator=desk.key.indicator,
        period=desk.key.period,
        action=FilingAction(step.action),
        from_state=step.before,
        state=step.after.state,
        role=Role(step.role),
        step_id=step.id,
        positions=dict(frozen.positions),
        statement_id=frozen.statement_id,
        statement_revision=frozen.statement_revision,
    )
    kinds = [EventKind.FILING_MOVED]
    if step.after.state is FilingState.PUBLISHED:
        kinds.append(EventKind.FIGURE_PUBLISHED)
    return [NewEvent(kind, desk.key.region_code, said) for kind in kinds]


async def _sign(filing: OpenFiling, step: PublishedStep) -> None:
    """Sign the figure that the step publishes and keep it with the step. Raises Refused where it cannot be rebuilt."""
    key = filing.desk.key
    try:
        document = await filing.desk.publishing.signed(key.region_code, key.indicator, key.period, step)
    except FrozenDiffersError:
        raise Refused(problem("figure_not_rebuilt", region=filing.desk.region.name)) from None
    await keep_statement(filing.connection, document, step.taken_at)


def _explained(indicator: Indicator, basis: Basis, asked: StepAsked) -> list[Difference]:
    """Return where the statement differs from the accepted reports, each with its reason.

    Raises Refused where there is no statement, or a reason is missing: one problem for each, naming its field.
    """
    if basis.stated is None:
        raise Refused(problem("statement_missing"))
    if anything_follows(indicator) and not basis.reports:
        if WHOLE_STATEMENT not in asked.differences:
            missing = [problem("filed_without_reports", "/differences/")]
            raise Refused(missing[0], missing)
        found = problem("filed_without_reports")
        return [
            Difference(
                key=WHOLE_STATEMENT, zh=found.zh, en=found.en, unit=one.unit, stated=one.stated, accepted=one.accepted,
                reason=asked.differences[WHOLE_STATEMENT],
            )
            for one in differences(indicator, {}, basis.stated)[:1]
        ]  # fmt: skip
    found_all = differences(indicator, basis.accepted, basis.stated)
    unexplained = [_unexplained(one) for one in found_all if one.key not in asked.differences]
    if unexplained:
        raise Refused(unexplained[0], unexplained)
    return [one.model_copy(update={"reason": asked.differences[one.key]}) for one in found_all]


def _unexplained(one: Difference) -> Problem:
    unit_zh, unit_en = UNIT_NAMES[one.unit]
    return problem(
        "difference_unexplained",
        "/differences/" + one.key.replace("~", "~0").replace("/", "~1"),
        label=one.zh,
        label_en=one.en,
        stated=one.stated,
        accepted=one.accepted,
        unit=unit_en,
        unit_zh=unit_zh,
    )
