"""Letting late changes in for a time although a year is filed: recorded, and ending by itself."""

from datetime import timedelta

from backend.filing.desk import Desk
from backend.filing.store import READ_EXCEPTION, WRITE_EXCEPTION, progress_of
from backend.filing.tiers import ROLE_NAMES
from backend.filing.workflow import holder
from backend.problems import Refused
from schemas.filing import ExceptionAsked
from schemas.problems import problem
from schemas.vocabulary import FilingState

MAX_EXCEPTION = timedelta(days=90)
"""An exception that is meant to last for longer is a return."""


async def grant_exception(desk: Desk, asked: ExceptionAsked) -> bool:
    """Open what a filing locks until a moment; return whether that very request had done so before. Raises Refused.

    Only the tier that the filing lies with may: the county's own way is to recall it.
    """
    key = desk.key
    async with desk.opened() as filing:
        known = await READ_EXCEPTION.rows(filing.connection, region_code=key.region_code, id=asked.exception_id)
        if known:
            same = (known[0]["period"], known[0]["indicator"], str(known[0]["account"]))
            if same != (key.period, key.indicator, desk.access.account_id):
                raise Refused(problem("step_id_reused", "/exception_id"))
            return True
        progress, _ = await progress_of(filing.connection, key)
        if progress.state is FilingState.OPEN:
            raise Refused(problem("exception_of_open"))
        role = holder(progress.state, desk.tiers)
        if not desk.acts_as(role):
            office_zh, office = ROLE_NAMES[role]
            names = {"action": "open", "action_zh": "开放补报", "office": office, "office_zh": office_zh}
            raise Refused(problem("not_your_step", region=desk.region.name, **names))
        if not filing.now < asked.until <= filing.now + MAX_EXCEPTION:
            raise Refused(
                problem("exception_too_long", "/until", days=MAX_EXCEPTION.days, value=asked.until.isoformat())
            )
        await WRITE_EXCEPTION.rows(
            filing.connection,
            **key.values,
            id=asked.exception_id,
            account=desk.access.account_id,
            office=desk.access.display_name,
            role=str(role),
            reason=asked.reason,
            until=asked.until,
            granted_at=filing.now,
            ledger_codes=list(key.ledger_codes),
        )
        await filing.let_in()
    return False
