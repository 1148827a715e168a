"""What one sync did, for whoever shows it."""

from collections import Counter
from dataclasses import dataclass, field

from mobile_contract.wire import Refusal
from schemas.problems import Problem
from schemas.vocabulary import Outcome


@dataclass(slots=True)
class SyncReport:
    """What one sync did. `reached` is False where the server gave no usable answer: try again later."""

    reached: bool = True
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    replayed: int = 0
    pulled: int = 0
    resets: int = 0
    mismatches: int = 0
    """Counties whose checksum did not fit and that were read anew."""
    settled_late: int = 0
    """Held changes whose end came down in the pull."""
    dropped: int = 0
    """Records that left the phone's townships."""
    packs: int = 0
    files: int = 0
    """Files of the county's map that came whole."""
    photos: int = 0
    """Photos that the server has all of since."""
    unfinished: bool = False
    """The byte budget ended the pull; there is more."""
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    """What the server says of the push as a whole, such as that the phone's clock is off."""
    reason: str = ""
    retry_after_s: float = 0.0
    """How long the server asks to be left alone."""
