"""What a decision on one change is made of: who writes, what is known, and the answer. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from schemas.changes import ChangeOutcome
from schemas.problems import Problem
from schemas.vocabulary import Action, Disposition, HoldReason, Indicator, Level, Outcome, RecordKind
from sync.decode import Decoded
from sync.records import RecordState
from sync.reference import Reference


class Rights(Protocol):
    """What an account may do right now, and what it is called."""

    @property
    def display_name(self) -> str:
        """The name by which the account's decisions are shown."""

    def may_write(self, county_code: str, township_code: str, level: Level, indicator: Indicator | None = None) -> bool:
        """Whether it may write a record of a township: a report on the indicator, or a farm."""

    def may_review(self, county_code: str, indicator: Indicator) -> bool:
        """Whether it accepts and returns the farm reports of a ledger."""

    def may_precheck(self, township_code: str, indicator: Indicator) -> bool:
        """Whether it prechecks and returns the farm reports of a township."""


@dataclass(frozen=True, slots=True)
class NoRights:
    """Of an account that is gone or disabled; what it sent before lies held for the county to see."""

    display_name: str = ""

    def may_write(
        self, _county_code: str, _township_code: str, _level: Level, _indicator: Indicator | None = None
    ) -> bool:
        """It may not."""
        return False

    def may_review(self, _county_code: str, _indicator: Indicator) -> bool:
        """It may not."""
        return False

    def may_precheck(self, _township_code: str, _indicator: Indicator) -> bool:
        """It may not."""
        return False


@dataclass(frozen=True, slots=True)
class Writer:
    """Who sends, and what they may do."""

    account: str
    device_id: str
    rights: Rights


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
    is_of_erased: bool = False
    """Whether the record was erased: of the change is kept that it was refused, and nothing that it says."""
    cause: str | None = None
    """The lock that a change of a filed year waits for."""

    @property
    def is_new(self) -> bool:
        """Whether the outcome has to be stored; a replay and a refused reuse of an id are only answered."""
        return not self.answer.replayed and not any(one.code == "change_id_reused" for one in self.answer.problems)

    @property
    def waits_for(self) -> str | None:
        """What must come before this one can be decided, where only that is missing: a change, a farm, an open lock."""
        match self.answer.reason:
            case HoldReason.BASE_MISSING:
                return self.decoded.item.base_change_id
            case HoldReason.FARM_MISSING if self.decoded.content is not None:
                return self.decoded.content.farm_id
            case HoldReason.YEAR_LOCKED:
                return self.cause
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

    def __init__(
        self,
        outcome: Outcome,
        *problems: Problem,
        hold: HoldReason | None = None,
        waits_for: str | None = None,
        **answer: Any,
    ) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.problems = problems
        self.hold = hold
        self.waits_for = waits_for
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
