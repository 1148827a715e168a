"""Patience: clock, dice and waits of a client that tries again."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Pacing:
    """Clock, sleep and dice, so that a run can be repeated; and how long the client keeps trying."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    dice: random.Random = field(default_factory=random.SystemRandom)
    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0
    longest_asked_s: float = 300.0
    """A server that asks for a longer wait is left alone for that long, instead of being waited for."""

    def wait_s(self, attempt: int, at_least_s: float) -> float:
        """Return the wait after the failed `attempt` (from 0): full jitter, never less than the server asked for."""
        ceiling = min(self.longest_wait_s, self.first_wait_s * 2**attempt)
        return at_least_s + self.dice.uniform(0, ceiling)

    def asked_wait_s(self, retry_after: str) -> float:
        """Return the seconds of `Retry-After` (RFC 9110: seconds or a date); 0 without one that can be read."""
        text = retry_after.strip()
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return 0.0
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self.clock()).total_seconds())
