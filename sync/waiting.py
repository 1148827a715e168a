"""The decisions of one county in ledger order: what is sent, and at once whatever waited for it. Pure."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from schemas.problems import problem
from schemas.vocabulary import Outcome
from sync.decide import decide, expire
from sync.decision import Context, Decision, NoRights, Rights, Writer
from sync.decode import Decoded, read_item
from sync.preconditions import is_open_lock
from sync.records import CountyState, HeldChange
from sync.reference import Reference
from sync.sealing import ERASED_HASH

NOT_SENT = -1
"""The index of a change that was not sent now but lay held."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits, and under whom it is decided: whoever wrote it, not whoever brings what it waits for."""

    decoded: Decoded
    writer: Writer


@dataclass(slots=True)
class Fold:
    """Decides one change after another and carries the county's state forward.

    A change is decided as soon as what it waits for has come to its end, be it sent in the same push: so a chain ends
    the same whichever of its links arrives first.
    """

    state: CountyState
    context: Context
    decisions: list[Decision] = field(default_factory=list)
    _waiting: dict[str, list[Waiting]] = field(default_factory=dict)

    def await_(self, waiting: Waiting, cause: str) -> None:
        """Keep a change until its cause has come."""
        self._waiting.setdefault(cause, []).append(waiting)

    def take(self, decoded: Decoded) -> None:
        """Decide a change that was sent, and what waited for it."""
        self._run(Waiting(decoded, self.context.writer), decide)

    def sweep(self, change_ids: Collection[str], days: int) -> None:
        """Decide what waits for something that has come, then end those of `change_ids` that still wait."""
        for cause in list(self._waiting):
            known = self.state.changes.get(cause)
            if cause not in self._waiting:
                continue  # what came first has brought it
            has_come = cause in self.state.records or (known is not None and known.answer.outcome is not Outcome.HELD)
            if has_come or is_open_lock(cause, self._waiting[cause][0].decoded, self.state):
                for one in self._waiting.pop(cause):
                    self._run(one, decide)
        self._give_up(change_ids, days)

    def _give_up(self, change_ids: Collection[str], days: int) -> None:
        def ended(decoded: Decoded, state: CountyState, context: Context) -> Decision:
            return expire(decoded, state, context, days)

        over = [one for several in self._waiting.values() for one in several if _id(one) in change_ids]
        for one in over:
            if _id(one) in self.state.held:
                self._run(one, ended)

    def _run(self, first: Waiting, rule: Callable[[Decoded, CountyState, Context], Decision]) -> None:
        pending = deque([first])
        while pending:
            one = pending.popleft()
            decision = rule(one.decoded, self.state, replace(self.context, writer=one.writer))
            rule = decide
            self.decisions.append(decision)
            if decision.waits_for is not None:
                self.await_(one, decision.waits_for)
            for cause in decision.brings:
                pending.extend(self._waiting.pop(cause, ()))


def fold_of(state: CountyState, context: Context, grants: Mapping[str, Rights]) -> Fold:
    """Return the fold of a county with what waits there; `grants` are those of the accounts that wrote it."""
    fold = Fold(state, context)
    for held in state.waiting:
        decoded = _read_again(held, context.today, context.reference)
        if decoded is not None:
            writer = Writer(held.account, held.device_id, grants.get(held.account, NoRights()))
            fold.await_(Waiting(decoded, writer), held.waits_for)
    return fold


def waiting_accounts(waiting: Iterable[HeldChange]) -> list[str]:
    """Return whose grants are asked to decide what waits."""
    return sorted({one.account for one in waiting})


def _read_again(held: HeldChange, today: date, reference: Reference) -> Decoded | None:
    """Return a held change with its content checked by today's rules; None where it is no item any more."""
    read = read_item(NOT_SENT, dict(held.item), held.schema_version, today, reference)
    if not isinstance(read, Decoded):
        return None
    if held.item_hash == ERASED_HASH:
        return replace(read, item_hash=ERASED_HASH, content=None, problems=(problem("record_erased", "/record_id"),))
    return replace(read, item_hash=held.item_hash)


def _id(one: Waiting) -> str:
    return one.decoded.item.change_id
