"""The settings of a deployment, read once from the environment when the service is built."""

from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.checks.thresholds import Thresholds
from schemas.regions import NATION

DEMO_DATABASE = "qingtian_demo"
REAL_DATABASE = "qingtian"
DEFAULT_HOME = Path(__file__).resolve().parent.parent / ".qingtian"


def _known_thresholds(given: dict[str, str]) -> dict[str, str]:
    Thresholds.parse(given)
    return given


class Settings(BaseSettings):
    """Everything a deployment may set. Every variable is `QINGTIAN_<NAME>`; `PORT` and `DEMO` work alone too."""

    model_config = SettingsConfigDict(env_prefix="QINGTIAN_", extra="ignore")

    home: Path = DEFAULT_HOME
    """Where the private PostgreSQL, the keys, the downloaded reference packages and the logs live."""
    database_url: str | None = None
    """The service's database as the service role; without it a private cluster is kept in `home`."""
    owner_database_url: str | None = None
    """The same database as its owner, for migrations and set-up; defaults to `database_url`."""
    read_url: str | None = None
    """A streaming replica for summaries and maps; defaults to the primary."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(validation_alias=AliasChoices("PORT", "QINGTIAN_PORT"), ge=0, le=65535)] = 8000
    demo: Annotated[bool, Field(validation_alias=AliasChoices("DEMO", "QINGTIAN_DEMO"))] = False
    pool_size: Annotated[int, Field(ge=1)] = 10
    follow_s: Annotated[int, Field(ge=1)] = 15
    """How often a process looks for new versions of the reference data."""
    checkpoint_at: time = time(2)
    """When the heads of all ledgers are signed every night, China Standard Time, such as `02:00`."""
    token_ttl_s: Annotated[int, Field(ge=60)] = 1800
    """How long an access token holds; an app and the pages renew it by themselves."""
    sign_in_days: Annotated[int, Field(ge=1)] = 180
    """How long a sign-in that is not used stays good: a phone may be without a network for a season."""
    held_days: Annotated[int, Field(ge=1, le=365)] = 5
    """How long a change waits for the change or farm that it was made on before it is ended without it."""
    sweep_s: Annotated[int, Field(ge=1)] = 600
    """How often a process looks for changes that waited for too long."""
    top_region: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = NATION
    """The deployment's top tier, which publishes: a province where one runs its own, else the nation."""
    device_days: Annotated[int, Field(ge=30)] = 400
    """How long a county is still shown a phone that has not been heard of."""
    checks: Annotated[dict[str, str], AfterValidator(_known_thresholds)] = {}
    """Thresholds of the checks that are the deployment's own, as JSON, such as `{"rate_jumps.change": "0.2"}`; of one
    indicator: `rate_jumps.change.straw_utilisation`; to switch a check off: `{"round_numbers": "off"}`."""
    checks_s: Annotated[int, Field(ge=60)] = 6 * 3600
    """How often the checks are run."""
    retain_settled_days: Annotated[int, Field(ge=1)] = 90
    """How long quarantined bytes are kept after a replay brought them into the ledger."""
    retain_quarantine_days: Annotated[int, Field(ge=30)] = 730
    """How long quarantined bytes are kept that nobody could use."""
    retain_sessions_days: Annotated[int, Field(ge=1)] = 30
    """How long a sign-in is kept after its end."""
    retain_attempts_days: Annotated[int, Field(ge=1)] = 1
    """How long failed attempts to sign in are counted."""
    retain_uploads_days: Annotated[int, Field(ge=1)] = 30
    """How long the announcement of a finished upload is kept, which may hold the name of the file."""
    retain_sent_days: Annotated[int, Field(ge=365)] = 3 * 365
    """How long after its filing was published the personal answers of a report are kept as they were sent; what the
    report holds now is kept."""
    secret: str | None = None
    """The master secret, at least 32 characters; without it one is made and kept in `home/keys`."""

    attachments_url: str | None = None
    """An S3-compatible bucket for photos, such as `s3://bucket/prefix`; without it they lie in `home/attachments`.

    Endpoint and credentials of the bucket come from `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` and
    `AWS_SECRET_ACCESS_KEY`.
    """
    attachment_max_bytes: Annotated[int, Field(ge=1_000)] = 10_000_000
    upload_ttl_s: Annotated[int, Field(ge=1)] = 7 * 24 * 3600
    """How long an unfinished upload can be resumed after its last byte."""
    upload_idle_s: Annotated[float, Field(gt=0)] = 30
    """How long a phone may send nothing in the middle of a file before its request is ended; it resumes later."""

    @property
    def database_name(self) -> str:
        """The database of the private cluster: the demo has its own."""
        return DEMO_DATABASE if self.demo else REAL_DATABASE
