"""The phone's clock beside the server's."""

import sqlite3
from collections.abc import Callable
from datetime import datetime

from mobile_contract.store import store_setting

CLOCK_SKEW = "clock_skew_s"
"""The setting that holds the phone's clock less the server's, in seconds."""


def note_skew(connection: sqlite3.Connection, clock: Callable[[], datetime], server_time: datetime) -> None:
    """Remember how far the phone's clock is off, in seconds; what was captured keeps the time it was given."""
    skew_s = (clock() - server_time).total_seconds()
    store_setting(connection, CLOCK_SKEW, f"{skew_s:.0f}")
