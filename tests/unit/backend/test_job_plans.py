"""When jobs are due, what makes up for missed runs, and by when counties file."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.jobs.reminding import dates_near
from backend.jobs.runs import LONGEST_WAIT, MOST_ATTEMPTS, LastRun, due_at, wait_after
from backend.jobs.when import Every, Nightly
from schemas.deadlines import Deadlines
from schemas.jobs import RunState
from schemas.period import CHINA_STANDARD_TIME, Period
from schemas.vocabulary import Indicator

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TWO = Nightly(time(2))
MOMENTS = st.integers(1_760_000_000, 1_830_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def test_a_nightly_job_is_due_at_its_hour_of_china() -> None:
    assert TWO.last_due(NOW) == datetime(2026, 3, 4, 2, tzinfo=CHINA_STANDARD_TIME)
    before = datetime(2026, 3, 3, 17, 59, tzinfo=UTC)
    assert TWO.last_due(before) == datetime(2026, 3, 3, 2, tzinfo=CHINA_STANDARD_TIME)


@given(MOMENTS, st.integers(0, 6))
def test_a_weekly_job_is_due_once_in_seven_days(moment: datetime, weekday: int) -> None:
    due = Nightly(time(3), weekday).last_due(moment)
    assert due.weekday() == weekday
    assert timedelta() <= moment - due < timedelta(days=7)


@given(MOMENTS, st.integers(1, 100_000))
def test_an_interval_is_due_within_itself(moment: datetime, seconds: int) -> None:
    assert timedelta() <= moment - Every(seconds).last_due(moment) < timedelta(seconds=seconds)


def test_many_missed_nights_are_made_up_for_by_one_run() -> None:
    due = TWO.last_due(NOW)
    long_ago = LastRun(due - timedelta(days=30), RunState.DONE, 1)
    assert due_at(TWO, long_ago, NOW) == due
    assert due_at(TWO, LastRun(due, RunState.DONE, 1), NOW) is None
    assert due_at(TWO, None, NOW) == due


def test_a_failed_run_is_made_again_when_its_wait_is_over() -> None:
    due = TWO.last_due(NOW)
    assert due_at(TWO, LastRun(due, RunState.FAILED, 1, NOW + timedelta(seconds=1)), NOW) is None
    assert due_at(TWO, LastRun(due, RunState.FAILED, 1, NOW), NOW) == due
    assert due_at(TWO, LastRun(due, RunState.FAILED, MOST_ATTEMPTS, None), NOW) is None
    yesterday = due - timedelta(days=1)
    assert due_at(TWO, LastRun(yesterday, RunState.FAILED, MOST_ATTEMPTS, None), NOW) == due


def test_a_lost_run_is_made_again_at_once_but_not_for_ever() -> None:
    due = TWO.last_due(NOW)
    assert due_at(TWO, LastRun(due, RunState.LOST, 1), NOW) == due
    assert due_at(TWO, LastRun(due, RunState.LOST, MOST_ATTEMPTS), NOW) is None


def test_a_run_under_way_is_not_made_twice_even_when_the_next_is_due() -> None:
    assert due_at(TWO, LastRun(TWO.last_due(NOW) - timedelta(days=2), RunState.RUNNING, 1), NOW) is None


def test_waits_after_failures_grow_to_an_hour_and_end() -> None:
    waits = [wait_after(attempts) for attempts in range(1, MOST_ATTEMPTS + 1)]
    assert waits[0] == timedelta(seconds=30)
    assert waits[-1] is None
    known = [wait for wait in waits if wait is not None]
    assert known == sorted(known)
    assert max(known) <= LONGEST_WAIT


def test_dates_fall_after_the_end_of_their_period() -> None:
    dates = Deadlines.parse({})
    assert dates.due(Indicator.STRAW_UTILISATION, Period(2025)) == date(2026, 1, 31)
    assert dates.due(Indicator.MANURE_UTILISATION, Period(2025, "Q1")) == date(2025, 4, 30)
    assert dates.due(Indicator.MANURE_UTILISATION, Period(2025, "Q3")) == date(2025, 10, 31)
    assert dates.due(Indicator.STRAW_UTILISATION, Period(2025, "Q3")) is None


def test_a_deployment_sets_its_own_dates() -> None:
    dates = Deadlines.parse(
        {"year": "02-29", "film_recovery.year": "off", "H1": "07-15", "manure_utilisation.Q1": "off"}
    )
    assert dates.due(Indicator.STRAW_UTILISATION, Period(2024)) == date(2025, 2, 28)
    assert dates.due(Indicator.STRAW_UTILISATION, Period(2023)) == date(2024, 2, 29)
    assert dates.due(Indicator.FILM_RECOVERY, Period(2025)) is None
    assert dates.due(Indicator.FILM_RECOVERY, Period(2025, "H1")) == date(2025, 7, 15)
    assert dates.due(Indicator.MANURE_UTILISATION, Period(2025, "Q1")) is None


@pytest.mark.parametrize("given", [{"Q5": "01-01"}, {"cows.year": "01-01"}, {"year": "13-01"}, {"year": "soon"}])
def test_a_date_that_is_none_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Deadlines.parse(given)


def test_a_date_is_asked_for_from_two_weeks_before_until_half_a_year_after() -> None:
    dates, lead = Deadlines.parse({}), timedelta(days=14)

    def asked(today: date) -> set[str]:
        return {str(period) for indicator, period, _ in dates_near(dates, today, lead) if indicator == "film_recovery"}

    assert asked(date(2026, 1, 16)) == set()
    assert asked(date(2026, 1, 17)) == {"2025"}
    assert asked(date(2026, 7, 30)) == {"2025"}
    assert asked(date(2026, 8, 1)) == set()
