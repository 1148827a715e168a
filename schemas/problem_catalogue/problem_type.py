"""What a kind of problem is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: its HTTP status where it is the answer to a request, and its texts with `{placeholders}`."""

    status: int
    zh: str
    en: str
