"""When a job is due: at every so many seconds, every night, every week. Pure; hours are China Standard Time."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from schemas.period import CHINA_STANDARD_TIME

WEEKDAYS = (
    ("周一", "Monday"), ("周二", "Tuesday"), ("周三", "Wednesday"), ("周四", "Thursday"), ("周五", "Friday"),
    ("周六", "Saturday"), ("周日", "Sunday"),
)  # fmt: skip

KEPT_RUNS = 100
KEPT_DAYS = 400


@dataclass(frozen=True, slots=True)
class Every:
    """At every multiple of a number of seconds since 1970."""

    seconds: int

    def last_due(self, now: datetime) -> datetime:
        """Return the latest moment at which it was due."""
        return datetime.fromtimestamp(int(now.timestamp()) // self.seconds * self.seconds, UTC)

    @property
    def words(self) -> tuple[str, str]:
        """When that is, zh and en."""
        return f"每 {self.seconds} 秒", f"every {self.seconds} s"

    @property
    def kept(self) -> timedelta:
        """How long its runs are kept."""
        return timedelta(seconds=self.seconds * KEPT_RUNS)


@dataclass(frozen=True, slots=True)
class Nightly:
    """Once a day; once a week where a day of the week is named, 0 being Monday."""

    at: time
    weekday: int | None = None

    def last_due(self, now: datetime) -> datetime:
        """Return the latest moment at which it was due; however many were missed, it is one."""
        local = now.astimezone(CHINA_STANDARD_TIME)
        due = datetime.combine(local.date(), self.at, CHINA_STANDARD_TIME)
        if due > local:
            due -= timedelta(days=1)
        if self.weekday is not None:
            due -= timedelta(days=(due.weekday() - self.weekday) % 7)
        return due

    @property
    def words(self) -> tuple[str, str]:
        """When that is, zh and en."""
        if self.weekday is None:
            return f"每天 {self.at:%H:%M}", f"daily at {self.at:%H:%M}"
        zh, en = WEEKDAYS[self.weekday]
        return f"每{zh} {self.at:%H:%M}", f"{en}s at {self.at:%H:%M}"

    @property
    def kept(self) -> timedelta:
        """How long its runs are kept."""
        return timedelta(days=KEPT_DAYS)


When = Every | Nightly
