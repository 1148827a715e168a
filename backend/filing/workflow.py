"""The steps of a filing: open, filed, endorsed, accepted, published, and back. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend.filing.tiers import ROLE_NAMES, Tiers
from schemas.problems import Problem, problem
from schemas.vocabulary import FilingAction, FilingState, Role

STATE_NAMES: Mapping[FilingState, str] = {
    FilingState.OPEN: "未报送",
    FilingState.FILED: "已报送",
    FilingState.ENDORSED: "已复核",
    FilingState.ACCEPTED: "已通过",
    FilingState.PUBLISHED: "已公布",
}
ACTION_NAMES: Mapping[FilingAction, str] = {
    FilingAction.FILE: "报送",
    FilingAction.RECALL: "撤回",
    FilingAction.ENDORSE: "复核",
    FilingAction.ACCEPT: "审核通过",
    FilingAction.RETURN: "退回",
    FilingAction.PUBLISH: "公布",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a filing stands, and whether it was returned since it was last accepted."""

    state: FilingState = FilingState.OPEN
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What an office wants to do, and the state that it saw when it decided so."""

    action: FilingAction
    seen: FilingState
    explanation: str | None = None
    reasons: int = 0
    """How many reasons a return gives."""


class StepRefusedError(Exception):
    """A step that cannot be taken."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


def holder(state: FilingState, tiers: Tiers) -> Role:
    """Return the tier that a filing lies with: whoever acts on it next; a published one stays with its publisher."""
    match state:
        case FilingState.OPEN:
            return tiers.filer
        case FilingState.FILED:
            return tiers.endorser or tiers.acceptor
        case FilingState.ENDORSED:
            return tiers.acceptor
        case FilingState.ACCEPTED | FilingState.PUBLISHED:
            return tiers.publisher


def actor(action: FilingAction, state: FilingState, tiers: Tiers) -> Role | None:
    """Return the tier that may take a step from a state, or None where nobody may."""
    forward = {
        FilingState.OPEN: FilingAction.FILE,
        FilingState.FILED: FilingAction.ENDORSE if tiers.endorser else FilingAction.ACCEPT,
        FilingState.ENDORSED: FilingAction.ACCEPT,
        FilingState.ACCEPTED: FilingAction.PUBLISH,
    }
    if forward.get(state) is action:
        return holder(state, tiers)
    if state in (FilingState.OPEN, FilingState.PUBLISHED):
        return None
    if action is FilingAction.RETURN:
        return holder(state, tiers)
    if action is FilingAction.RECALL:
        took = {
            FilingState.FILED: tiers.filer,
            FilingState.ENDORSED: tiers.endorser,
            FilingState.ACCEPTED: tiers.acceptor,
        }
        return took[state]
    return None


def actors(action: FilingAction, tiers: Tiers) -> frozenset[Role]:
    """Return the tiers that may take a step from any state."""
    return frozenset(role for state in FilingState if (role := actor(action, state, tiers)) is not None)


def after(progress: Progress, action: FilingAction, tiers: Tiers) -> Progress:
    """Return where a step leads that may be taken. Raises ValueError for one that may not."""
    if actor(action, progress.state, tiers) is None:
        raise ValueError(f"{action} from {progress.state}")
    match action:
        case FilingAction.FILE:
            return Progress(FilingState.FILED, progress.returned)
        case FilingAction.ENDORSE:
            return Progress(FilingState.ENDORSED, progress.returned)
        case FilingAction.ACCEPT:
            return Progress(FilingState.ACCEPTED)
        case FilingAction.PUBLISH:
            return Progress(FilingState.PUBLISHED)
        case FilingAction.RETURN:
            return Progress(FilingState.OPEN, returned=True)
        case FilingAction.RECALL:
            back = {
                FilingState.FILED: FilingState.OPEN,
                FilingState.ENDORSED: FilingState.FILED,
                FilingState.ACCEPTED: FilingState.ENDORSED if tiers.endorser else FilingState.FILED,
            }
            return Progress(back[progress.state], progress.returned)


def take(progress: Progress, step: Step, tiers: Tiers, region: str, acts_as: Callable[[Role], bool]) -> Progress:
    """Return where a step leads. Raises StepRefusedError.

    Whoever may never take such a step of this county is told so first; then a state that has moved on; then whose turn
    it is. `region` is the county's name, for the refusal.
    """
    allowed = actors(step.action, tiers)
    if not any(acts_as(role) for role in allowed):
        raise _not_yours(step.action, sorted(allowed), region)
    if step.seen is not progress.state:
        raise StepRefusedError(
            problem(
                "filing_moved",
                "/seen",
                state=progress.state,
                state_zh=STATE_NAMES[progress.state],
                seen=step.seen,
                seen_zh=STATE_NAMES[step.seen],
            )
        )
    role = actor(step.action, progress.state, tiers)
    if role is None:
        raise StepRefusedError(
            problem(
                "step_impossible",
                state=progress.state,
                state_zh=STATE_NAMES[progress.state],
                action=step.action,
                action_zh=ACTION_NAMES[step.action],
            )
        )
    if not acts_as(role):
        raise _not_yours(step.action, [role], region)
    if step.action is FilingAction.RETURN and not step.reasons:
        raise StepRefusedError(problem("return_reasons_missing", "/reasons"))
    if step.action is FilingAction.FILE and progress.returned and not (step.explanation or "").strip():
        raise StepRefusedError(problem("explanation_missing", "/explanation"))
    return after(progress, step.action, tiers)


def _not_yours(action: FilingAction, roles: list[Role], region: str) -> StepRefusedError:
    return StepRefusedError(
        problem(
            "not_your_step",
            region=region,
            action=action,
            action_zh=ACTION_NAMES[action],
            office=" / ".join(ROLE_NAMES[role][1] for role in roles),
            office_zh="、".join(ROLE_NAMES[role][0] for role in roles),
        )
    )
