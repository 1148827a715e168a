"""A log that names nobody: of an error it tells the kind and the place, never the message, which quotes what failed."""

import logging
import traceback
from types import TracebackType


class WordlessFormatter(logging.Formatter):
    """Formats records as usual, and their errors without what they say."""

    def formatException(  # noqa: N802 - the name that logging calls
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """Return where an error came from and the types of all that led to it."""
        lines: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__name__}\n"]
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()
