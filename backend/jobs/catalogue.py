"""The jobs of a deployment, run by one process among all: what each is called, when it is due, what it comes to.

What a process does for itself, such as taking in new reference data or clearing its own disk, is none of these: see
`schedule`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from backend.auth.attempts import forget_attempts
from backend.auth.provider_sign_ins import forget_provider_sign_ins
from backend.checks.sweep import Swept
from backend.jobs.checkpoints import issue_if_due
from backend.jobs.checks import PLOTS_JOB, sweep_touched, sweep_years
from backend.jobs.devices import forget_devices
from backend.jobs.held import decide_held
from backend.jobs.reminding import remind
from backend.jobs.verifying import VerifiedRun, verify_added, verify_all
from backend.jobs.when import Every, Nightly, When
from backend.outbox.delivering import deliver, forget_events
from backend.privacy.retention import apply_retention
from backend.service import Service
from backend.settings import Settings

HOUR_S = 3600
SUNDAY = 6
NIGHT = time(4)


@dataclass(frozen=True, slots=True)
class Job:
    """One job: a function that the terminal can run too, and that does no harm when it is run twice."""

    name: str
    zh: str
    en: str
    when: When
    run: Callable[[Service], Awaitable[str]]
    """Returns what it came to in a few words, without a person in them."""
    limit_s: float = HOUR_S
    """How long a run may take before it is ended as failed."""


def catalogue(settings: Settings) -> Mapping[str, Job]:
    """Return the jobs by name, in the order in which they are listed."""
    night = settings.verify_at
    jobs = (
        Job("deliver", "推送事件", "Deliver events to webhooks", Every(settings.webhooks_s), _deliver),
        Job("held", "裁决待决变更", "Decide changes that waited", Every(settings.sweep_s), _held),
        Job("remind", "催办与提醒", "Deadlines and reminders", Every(HOUR_S), _remind),
        Job("checks", "核查填报", "Run the checks", Every(settings.checks_s), _checks),
        Job(PLOTS_JOB, "核查新报地块", "Check plots that were just sent", Every(settings.plots_s), _plots),
        Job("checkpoint", "签发检查点", "Issue the night's checkpoint", Nightly(settings.checkpoint_at), _checkpoint),
        Job("verify", "核对新增账目", "Verify what ledgers gained", Nightly(night), _verify, 6 * HOUR_S),
        Job("verify-all", "完整核对账本", "Verify all ledgers", Nightly(night, SUNDAY), _verify_all, 24 * HOUR_S),
        Job("sign-ins", "清理登录尝试", "Forget attempts to sign in", Every(HOUR_S), _sign_ins),
        Job("devices", "清理久无音讯的手机", "Forget phones long silent", Nightly(NIGHT), _devices),
        Job("retention", "清理到期内容", "End what was kept long enough", Nightly(NIGHT), _retention, 6 * HOUR_S),
        Job("outbox", "清理已推送的事件", "Forget events that were delivered", Nightly(NIGHT), _outbox),
    )
    return {job.name: job for job in jobs}


async def _deliver(service: Service) -> str:
    done = await deliver(service)
    return f"routed {done.routed}, arrived {done.arrived}, failed {done.failed}"


async def _held(service: Service) -> str:
    done = await decide_held(service.push_context)
    return f"decided {done.settled}, ended {done.ended}, busy {done.busy}"


async def _remind(service: Service) -> str:
    kept = await remind(service)
    return f"opened {len(kept.opened)}, closed {kept.closed}"


async def _checks(service: Service) -> str:
    return _swept(await sweep_years(service))


async def _plots(service: Service) -> str:
    return _swept(await sweep_touched(service)) or "nothing new"


def _swept(swept: Mapping[int, Swept]) -> str:
    return ", ".join(f"{year}: opened {one.opened}, gone {one.gone}" for year, one in swept.items())


async def _checkpoint(service: Service) -> str:
    settings = service.settings
    path = await issue_if_due(service.engine, service.signer, settings.home, settings.checkpoint_at)
    return "is there" if path is None else f"issued {path.name}"


async def _verify(service: Service) -> str:
    return _said(await verify_added(service))


async def _verify_all(service: Service) -> str:
    return _said(await verify_all(service))


def _said(run: VerifiedRun) -> str:
    codes = " ".join(run.unsound)
    return f"ledgers {run.ledgers}, entries {run.entries}, unsound {len(run.unsound)}" + (f": {codes}" if codes else "")


async def _sign_ins(service: Service) -> str:
    async with service.engine.begin() as connection:
        attempts = await forget_attempts(connection)
        await forget_provider_sign_ins(connection)
    return f"attempts {attempts}"


async def _devices(service: Service) -> str:
    return f"forgotten {await forget_devices(service)}"


async def _retention(service: Service) -> str:
    done = await apply_retention(service.engine, service.settings, service.vault, datetime.now(UTC))
    return f"bodies {done.bodies}, sign-ins {done.sessions}, uploads {done.uploads}, sent {done.sent}"


async def _outbox(service: Service) -> str:
    return f"forgotten {await forget_events(service.pool, service.settings.outbox_days)}"
