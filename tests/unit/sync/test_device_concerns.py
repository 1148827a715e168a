"""What is gathered of phones, and whose county helps first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.changes import SCHEMA_VERSION
from sync.devices import MOST_GATHERED, DeviceLog, DeviceState, Seen, by_need, concerns

NOW = datetime(2026, 10, 3, 12, tzinfo=UTC)
DEVICE = "01928f3c-0000-7000-8000-000000000001"


def pushed(**said: Any) -> Seen:
    return Seen("430623", DEVICE, "a", last_push_at=NOW, **said)


def codes(**said: Any) -> list[str]:
    given = {"oldest_queued_at": None, "clock_skew_s": None, "schema_version": None, "last_heard_at": NOW} | said
    return [one.code for one in concerns(NOW, **given)]


def test_a_phone_is_gathered_once_and_a_pull_does_not_undo_what_the_push_said() -> None:
    log = DeviceLog()
    log.hear(pushed(queued=3, oldest_queued_at=NOW, schema_version=2, app_version="1.0"))
    log.hear(Seen("430623", DEVICE, "a", app_version="1.1", last_pull_at=NOW))
    [seen] = log.take()
    assert (seen.queued, seen.oldest_queued_at, seen.schema_version, seen.app_version) == (3, NOW, 2, "1.1")
    assert (seen.last_push_at, seen.last_pull_at) == (NOW, NOW)
    assert log.take() == []


def test_a_later_push_says_how_many_wait_now() -> None:
    log = DeviceLog()
    log.hear(pushed(queued=3, oldest_queued_at=NOW))
    log.hear(pushed(queued=0))
    [seen] = log.take()
    assert (seen.queued, seen.oldest_queued_at) == (0, None)


def test_the_log_is_bounded_and_phones_it_has_are_still_heard() -> None:
    log = DeviceLog()
    for number in range(MOST_GATHERED + 5):
        log.hear(Seen("430623", str(number), "a", last_pull_at=NOW))
    log.hear(Seen("430623", "0", "a", app_version="2", last_pull_at=NOW))
    assert len(log) == MOST_GATHERED
    assert log.take()[0].app_version == "2"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, []),
        ({"oldest_queued_at": NOW - timedelta(days=3)}, ["device_queue_old"]),
        ({"oldest_queued_at": NOW - timedelta(days=2, hours=23)}, []),
        ({"clock_skew_s": -601}, ["clock_skew"]),
        ({"clock_skew_s": 600}, []),
        ({"schema_version": SCHEMA_VERSION - 1}, ["device_forms_old"]),
        ({"schema_version": SCHEMA_VERSION + 1}, []),
        ({"last_heard_at": NOW - timedelta(days=14), "oldest_queued_at": NOW - timedelta(days=20)},
         ["device_queue_old", "device_silent"]),
    ],
)  # fmt: skip
def test_concerns_name_what_the_county_can_help_with(said: dict[str, Any], expected: list[str]) -> None:
    assert codes(**said) == expected


def test_who_has_work_stuck_longest_comes_first() -> None:
    def state(name: str, queue_age: timedelta | None = None, **said: Any) -> DeviceState:
        oldest = None if queue_age is None else NOW - queue_age
        given = {"clock_skew_s": None, "schema_version": SCHEMA_VERSION} | said
        return DeviceState(
            device_id=DEVICE,
            account_id=DEVICE,
            display_name=name,
            app_version=None,
            queued=None if oldest is None else 1,
            oldest_queued_at=oldest,
            queue_age_s=None if queue_age is None else int(queue_age.total_seconds()),
            first_seen_at=NOW,
            last_push_at=NOW,
            last_pull_at=None,
            concerns=concerns(NOW, oldest_queued_at=oldest, last_heard_at=NOW, **given),
            **given,
        )

    days = timedelta(days=1)
    phones = [
        state("安好"),
        state("旧表", schema_version=SCHEMA_VERSION - 1),
        state("四天", 4 * days),
        state("慢钟", clock_skew_s=-4000),
        state("九天", 9 * days, clock_skew_s=9000),
        state("一天", 1 * days),
    ]
    assert [one.display_name for one in by_need(phones)] == ["九天", "四天", "慢钟", "旧表", "一天", "安好"]
