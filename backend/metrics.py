"""What the service counts about itself, for Prometheus; nothing here names a person or a farm."""

from collections.abc import Iterable

from prometheus_client import Counter, Histogram

from schemas.changes import ChangeOutcome

CHANGES = Counter("qingtian_changes", "Changes answered, by outcome", ["outcome", "replayed"])
PUSH_SECONDS = Histogram("qingtian_push_seconds", "Time to take a push, commit included")
PULL_SECONDS = Histogram("qingtian_pull_seconds", "Time to answer a page of a pull")
SUMMARY_SECONDS = Histogram("qingtian_summary_seconds", "Time to answer a summary")


def count_outcomes(outcomes: Iterable[ChangeOutcome]) -> None:
    """Count what became of the changes of a push."""
    for one in outcomes:
        CHANGES.labels(outcome=one.outcome, replayed=str(one.replayed).lower()).inc()
