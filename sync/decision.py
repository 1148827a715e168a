"""What a decision on one change is made of: who writes, what is known, and the answer. Values only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.changes import ChangeOutcome
from schemas.problems import Problem
from schemas.vocabulary import Action, Disposition, HoldReason, Indicator, Level, Outcome, RecordKind
from sync.decode import Decoded
from sync.records import RecordState
from sync.reference import Reference

MayWrite = Callable[[str, str, Level, Indicator | None], bool]
"""(county code, township code, level, indicator of a report) -> allowed."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who sends, and where they may write."""

    account: str
    device_id: str
    may_write: MayWrite


@dataclass(frozen=True, slots=True)
class Context:
    """What every decision of one push needs."""

    county_code: str
    today: date
    reference: Reference
    writer: Writer


@dataclass(frozen=True, slots=True)
class Decision:
    """One item decided. `after` is set where the ledger gets an entry; `before` is the record until then."""

    decoded: Decoded
    answer: ChangeOutcome
    writer: Writer
    before: RecordState | None = None
    after: RecordState | None = None
    replaced: Mapping[str, Any] | None = None
    settled_position: int | None = None
    """The entry by which a change that lay held came to its end."""

    @property
    def is_new(self) -> bool:
        """Whether the outcome has to be stored; a replay and a refused reuse of an id are only answered."""
        return not self.answer.replayed and not any(one.code == "change_id_reused" for one in self.answer.problems)

    @property
    def waits_for(self) -> str | None:
        """The change or farm that must come before this one can be decided, where only that is missing."""
        match self.answer.reason:
            case HoldReason.BASE_MISSING:
                return self.decoded.item.base_change_id
            case HoldReason.FARM_MISSING if self.decoded.content is not None:
                return self.decoded.content.farm_id
            case _:
                return None

    @property
    def brings(self) -> tuple[str, ...]:
        """What others may have waited for: a change that has come to its end, a farm that is there now."""
        item = self.decoded.item
        if not self.is_new or self.answer.outcome is Outcome.HELD:
            return ()
        is_new_farm = item.kind is RecordKind.FARM and item.action is Action.CREATE and self.after is not None
        return (item.change_id, item.record_id) if is_new_farm else (item.change_id,)


class Refusal(Exception):  # noqa: N818 - control flow inside the fold, turned into an outcome by `refused`
    """An outcome other than applied."""

    def __init__(self, outcome: Outcome, *problems: Problem, hold: HoldReason | None = None, **answer: Any) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.problems = problems
        self.hold = hold
        self.answer = answer


def accepted(decoded: Decoded, outcome: Outcome, record: RecordState) -> ChangeOutcome:
    """Return the outcome of a change that the record has taken."""
    return ChangeOutcome(
        change_id=decoded.item.change_id,
        outcome=outcome,
        disposition=Disposition.TERMINAL,
        record_id=record.id,
        position=record.position,
        revision=record.revision,
        warnings=list(record.content.warnings),
    )


def refused(decoded: Decoded, refusal: Refusal) -> ChangeOutcome:
    """Return the outcome of a change that was not taken."""
    waits = "retry_after_s" in refusal.answer
    return ChangeOutcome(
        change_id=decoded.item.change_id,
        outcome=refusal.outcome,
        disposition=Disposition.RETRY_AFTER if waits else Disposition.NEEDS_USER,
        reason=refusal.hold,
        record_id=decoded.item.record_id,
        problems=list(refusal.problems),
        **refusal.answer,
    )
