"""Faults that a deployer can mend: told in words, zh and en, instead of a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from backend.embedded import ClusterError
from backend.keys import KeysError
from backend.prepare import ForeignKeyError, SettingsError, WrongDatabaseError
from backend.reference.packages import PackagesUnavailableError
from backend.terminal import Terminal


class PortTakenError(RuntimeError):
    """Something else answers at the port."""


SAYS_WHAT_TO_DO = (
    ClusterError,
    ForeignKeyError,
    KeysError,
    PackagesUnavailableError,
    PortTakenError,
    SettingsError,
    WrongDatabaseError,
)


@contextmanager
def told_in_words(terminal: Terminal) -> Iterator[None]:
    """Run the block; a fault that a deployer can mend is shown and ends the program with exit code 1."""
    try:
        yield
    except SAYS_WHAT_TO_DO as error:
        terminal.fault(str(error))
        raise SystemExit(1) from None
    except (DBAPIError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        terminal.fault(
            "数据库不能使用：请检查 QINGTIAN_DATABASE_URL 和 QINGTIAN_OWNER_DATABASE_URL，"
            "数据库是否已启动、是否装有 PostGIS。\n"
            "The database cannot be used: check QINGTIAN_DATABASE_URL and QINGTIAN_OWNER_DATABASE_URL, whether it "
            f"runs and whether it has PostGIS.\n{type(reason).__name__}: {str(reason).splitlines()[0]}"
        )
        raise SystemExit(1) from None
