"""The same runs over ledgers that are backed up and restored: what was acknowledged since comes back by the phones."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.faults.counties import County
from tests.faults.machine import Sync
from tests.faults.morning import OFFICES


class RestoredSync(Sync):
    """The run; a backup is taken now and then, and put back later."""

    def __init__(self) -> None:
        super().__init__()
        self.backed_up: set[County] = set()

    @rule(which=st.integers(0, 1))
    def back_up(self, which: int) -> None:
        self.stage.back_up(self.stage.counties[which])
        self.backed_up.add(self.stage.counties[which])

    @precondition(lambda self: self.backed_up)
    @rule(which=st.integers(0, 1))
    def restore(self, which: int) -> None:
        county = self.stage.counties[which]
        if county in self.backed_up:
            self.stage.restore(county)
            self.is_restored = True
            self.unsettled.update(OFFICES)

    def _heal(self) -> None:
        """Let the moving worker into both counties: whoever is shut out of one is not told that it was restored."""
        self._grant(self.posting, (self.posting + 2) % len(self.places))
        super()._heal()
