"""What the demo's bureaus decide: most of last year accepted, a few returned with a reason that names the answer."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from backend.demo.reviews import plan_reviews
from schemas.changes import ChangeItem, PulledRecord
from schemas.problems import problem
from tests.support.reports import film

NOW = datetime(2025, 12, 1, tzinfo=UTC)
COUNTY = "430623"
WORTH_A_LOOK = problem("area_differs", "/payload/mulch_covered_area_mu", declared="1", measured="9")


def record(period: str, **members: Any) -> PulledRecord:
    item = film("01928f3c-0000-7000-8000-00000000000a", period=period)
    return PulledRecord.model_validate(
        {
            "id": item["record_id"], "kind": "report", "status": "submitted", "revision": 1, "position": 7,
            "mark": "0" * 16, "last_change_id": item["change_id"], "township_code": "430623101",
            "payload": item["payload"], "warnings": [], "recorded_at": NOW,
        }
        | members
    )  # fmt: skip


def records(count: int, period: str, **members: Any) -> list[PulledRecord]:
    """Records with the same ids at every run: what is decided on a record is drawn by its id."""
    return [record(period, id=f"01928f3c-0000-7000-8000-{number:012x}", **members) for number in range(count)]


def test_most_of_the_year_before_is_accepted_and_a_part_of_this_one() -> None:
    shares = {}
    for period in ("2024", "2025"):
        items = plan_reviews(records(400, period), COUNTY, 2025, NOW)
        counts = Counter(one["action"] for one in items)
        shares[period] = counts["accept"] / 400
        assert 0 < counts["return"] < 40
        assert all(ChangeItem.model_validate(one).position == 7 for one in items)
    assert shares["2024"] > 0.9
    assert 0.3 < shares["2025"] < 0.6


def test_a_flagged_report_is_never_accepted_and_its_return_names_the_answer() -> None:
    items = plan_reviews(records(40, "2024", warnings=[WORTH_A_LOOK]), COUNTY, 2025, NOW)
    assert {one["action"] for one in items} == {"return"}
    assert {one["reasons"][0]["field"] for one in items} == {"/mulch_covered_area_mu"}


def test_what_was_decided_before_and_statements_are_left_alone() -> None:
    review = {
        "decision": "return", "reasons": [], "office": "县局", "decided_at": NOW, "position": 6, "revision": 1,
    }  # fmt: skip
    statement = record("2024")
    statement.payload["level"] = "county"
    left = [record("2024", status="accepted"), record("2024", status="withdrawn"), record("2024", review=review)]
    assert plan_reviews([*left, statement], COUNTY, 2025, NOW) == []
