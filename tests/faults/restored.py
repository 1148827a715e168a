"""The same runs over ledgers that are backed up and restored: what was acknowledged since comes back by the phones."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from schemas.vocabulary import RecordKind
from tests.faults.counties import County
from tests.faults.machine import Sync, anything, offices
from tests.faults.morning import OFFICES

counties = st.integers(0, 1)


class RestoredSync(Sync):
    """The run; the first backup is that of the morning."""

    def __init__(self) -> None:
        super().__init__()
        self.backed_up: set[County] = set()

    @rule(which=counties)
    def back_up(self, which: int) -> None:
        self.stage.back_up(self.stage.counties[which])
        self.backed_up.add(self.stage.counties[which])

    @rule(which=counties)
    def restore(self, which: int) -> None:
        self._restore(self.stage.counties[which])

    @rule(office=offices, which=anything)
    def restore_right_after_a_push(self, office: str, which: int) -> None:
        report = self._shown(office, which, RecordKind.REPORT)
        if report is not None:
            record_id, shown = report
            self.phones[office].amend(record_id, {"/mulch_used_kg": self._next()})
            self._synced(office, push_only=True)
            self._restore(self._county_of(shown))

    def _restore(self, county: County) -> None:
        self.stage.restore(county, from_morning=county not in self.backed_up)
        self.is_restored = True
        self.unsettled.update(OFFICES)

    def _heal(self) -> None:
        """Let the moving worker into both counties: whoever is shut out of one is not told that it was restored."""
        self._grant(self.posting, (self.posting + 2) % len(self.places))
        super()._heal()
