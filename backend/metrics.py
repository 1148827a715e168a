"""What the service counts about itself, for Prometheus; nothing here names a person or a farm."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from schemas.changes import ChangeOutcome

CHANGES = Counter("qingtian_changes", "Changes answered, by outcome", ["outcome", "replayed"])
PUSH_SECONDS = Histogram("qingtian_push_seconds", "Time to take a push, commit included")
PULL_SECONDS = Histogram("qingtian_pull_seconds", "Time to answer a page of a pull")
SUMMARY_SECONDS = Histogram("qingtian_summary_seconds", "Time to answer a summary")
JOB_RUNS = Counter("qingtian_job_runs", "Runs of jobs that ended in this process", ["job", "state"])
JOB_SECONDS = Histogram("qingtian_job_seconds", "Time that a run of a job took", ["job"])
JOB_FAILING = Gauge("qingtian_job_failing", "1 where the last run of a job in this process failed", ["job"])
IS_RUNNER = Gauge("qingtian_job_runner", "1 in the process that runs the deployment's jobs")
LEDGER_FAULTS = Gauge("qingtian_ledger_faults", "Counties whose ledger did not verify, at the last verification")
DELIVERIES = Counter("qingtian_webhook_attempts", "Attempts to deliver an event to an endpoint", ["outcome"])


def count_outcomes(outcomes: Iterable[ChangeOutcome]) -> None:
    """Count what became of the changes of a push."""
    for one in outcomes:
        CHANGES.labels(outcome=one.outcome, replayed=str(one.replayed).lower()).inc()
