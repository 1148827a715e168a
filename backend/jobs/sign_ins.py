"""Clear away what signing in leaves behind: sessions a month over, attempts a day old."""

import logging

from backend.auth.attempts import forget_attempts
from backend.auth.provider_sign_ins import forget_provider_sign_ins
from backend.auth.sessions import forget_sessions
from backend.service import Service

LOG = logging.getLogger(__name__)
FORGET_SIGN_INS_S = 3600


async def forget_sign_ins(service: Service) -> None:
    """Delete sessions and attempts that nothing hangs on any more."""
    async with service.engine.begin() as connection:
        sessions, attempts = await forget_sessions(connection), await forget_attempts(connection)
        await forget_provider_sign_ins(connection)
    if sessions or attempts:
        LOG.info("%d ended sign-ins and %d counts of failed ones forgotten", sessions, attempts)
