"""Run the plan against a serving instance: phones of the reference client, real HTTP, and one long day offline."""

import shutil
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from backend.demo.accounts import bureau_username
from backend.demo.counties import CountyPlace
from backend.demo.crew import County, Crew, DemoStoppedError, Person, Progress
from backend.demo.filings import FilingStoppedError, carry_filings
from backend.demo.network import Fate, SharedTransport
from backend.demo.plan import Plan, plan_demo
from backend.demo.report import DemoReport, OfflineStory
from mobile_contract.outbox import ChangeState
from mobile_contract.wire import Pacing
from schemas.changes import PulledRecord
from schemas.vocabulary import RecordKind

__all__ = ["DemoReport", "DemoStoppedError", "Progress", "fill"]

THREADS = 3
OFFLINE_USERNAME = "worker"
REPORT_FILE = "report.json"
_FLAKY_EVERY = 5
"""Every fifth county's worker has a bad line."""


def fill(
    base_url: str, places: Sequence[CountyPlace], folder: Path, progress: Progress, seed: int = 2025
) -> DemoReport:
    """Let the planned phones report to the service at `base_url` and return what happened.

    The phones' files live below `folder` and start empty, so that a run after an interrupted one sends everything
    again and the service recognises what it has. A filled database is left alone. Raises DemoStoppedError.
    """
    started = time.monotonic()
    plan = plan_demo(places, seed)
    phones = folder / "phones"
    shutil.rmtree(phones, ignore_errors=True)
    phones.mkdir(parents=True)
    report = DemoReport(counties=len(plan.counties))
    with httpx.HTTPTransport() as network:
        crew = Crew(base_url, phones, seed, SharedTransport(network), progress, len(plan.items), report)
        if _is_sealed(crew, plan):
            progress(crew.total, crew.total)
            return _earlier_report(folder)
        _carry_out(crew, plan)
    report.seconds = time.monotonic() - started
    (folder / REPORT_FILE).write_text(report.model_dump_json(indent=2), encoding="utf-8")
    return report


def _earlier_report(folder: Path) -> DemoReport:
    path = folder / REPORT_FILE
    report = DemoReport.model_validate_json(path.read_text(encoding="utf-8")) if path.exists() else DemoReport()
    return report.model_copy(update={"filled_before": True})


def _is_sealed(crew: Crew, plan: Plan) -> bool:
    """Return whether the service has the last change of the plan: then all others came before it."""
    with Person(crew, bureau_username(plan.shown_county), file_name="seal-check") as bureau:
        bureau.phone.follow(plan.shown_county)
        bureau.sync()
        found = bureau.phone.mirror.find(plan.seal["record_id"])
        return found is not None and found.record.last_change_id == plan.seal["change_id"]


def _carry_out(crew: Crew, plan: Plan) -> None:
    """Work on the counties side by side, each with its steps in order, and on the offline phone among them."""
    counties = [County(crew, county, flaky=number % _FLAKY_EVERY == 0) for number, county in enumerate(plan.counties)]
    with ThreadPoolExecutor(THREADS + 1) as pool:
        futures = [pool.submit(_work_offline, crew, plan)]
        futures += [pool.submit(_work_share, crew, counties[start::THREADS]) for start in range(THREADS)]
        try:
            for future in futures:
                future.result()
        except BaseException:
            crew.stopped.set()
            raise
    try:
        crew.report.filing_steps = carry_filings(
            crew.base_url, crew.network, [county.county_code for county in plan.counties], crew.seed
        )
    except (FilingStoppedError, httpx.HTTPError) as error:
        raise DemoStoppedError(str(error)) from error
    with Person(crew, bureau_username(plan.shown_county), file_name="seal") as bureau:
        bureau.file([plan.seal])
        bureau.hand_in()


def _work_share(crew: Crew, counties: Sequence[County]) -> None:
    """Work on some counties in rounds, one step of each a round, so that all of them fill at once."""
    try:
        for number in range(max((county.steps for county in counties), default=0)):
            for county in counties:
                if crew.stopped.is_set():
                    return
                county.take(number)
        for county in counties:
            county.finish()
    except BaseException:
        crew.stopped.set()
        raise
    finally:
        for county in counties:
            county.close()


def _work_offline(crew: Crew, plan: Plan) -> None:
    """Tell the story of the phone that queues forty farms, loses the answer to its push, and sends again."""
    story = crew.report.offline
    story.farms = sum(item["kind"] == RecordKind.FARM for item in plan.offline)
    story.changes = len(plan.offline)
    half = story.changes // 2
    fates = (Fate.LOST_REQUEST, Fate.LOST_REQUEST, Fate.LOST_ANSWER)
    with Person(crew, OFFLINE_USERNAME, fates=fates, pacing=Pacing(attempts=1)) as worker:
        # Each visit is kept by itself; twice the worker tries to send from the field, where there is no network.
        for part in (plan.offline[:half], plan.offline[half:]):
            for visit in range(0, len(part), 2):
                worker.phone.keep(part[visit : visit + 2])
            worker.phone.push()
        story.queued_without_network = worker.phone.outbox.counts().get(ChangeState.QUEUED, 0)
        worker.phone.push()
        story.unknown_after_lost_answer = worker.phone.outbox.counts().get(ChangeState.SENT_UNKNOWN, 0)
    # The app is started again and has nothing but its file.
    with Person(crew, OFFLINE_USERNAME) as worker:
        story.replayed = worker.sync().replayed
        _look_for_copies(story, plan, worker.phone.mirror.records(plan.shown_county))
        worker.hand_in()
    crew.sent(story.changes)


def _look_for_copies(story: OfflineStory, plan: Plan, listed: Sequence[PulledRecord]) -> None:
    """Count the phone's farms among the records pulled, and how many of them stand there under another id too."""
    wanted = {item["record_id"]: item["payload"] for item in plan.offline if item["kind"] == RecordKind.FARM}
    farms = [record for record in listed if record.kind is RecordKind.FARM]
    alike = Counter((farm.payload.get("name"), farm.payload.get("phone")) for farm in farms)
    story.farms_on_server = sum(farm.id in wanted for farm in farms)
    story.farms_twice = sum(alike[payload["name"], payload["phone"]] > 1 for payload in wanted.values())
