"""The settings of a deployment, read once from the environment when the service is built."""

from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.urls import is_safe_url
from schemas.checks.thresholds import Thresholds
from schemas.deadlines import Deadlines
from schemas.regions import NATION

DEMO_DATABASE = "qingtian_demo"
REAL_DATABASE = "qingtian"
DEFAULT_HOME = Path(__file__).resolve().parent.parent / ".qingtian"


def _known_thresholds(given: dict[str, str]) -> dict[str, str]:
    Thresholds.parse(given)
    return given


def _reached_safely(issuer: str | None) -> str | None:
    if issuer is not None and not is_safe_url(issuer):
        raise ValueError("身份认证地址必须是 https · an issuer is reached by https")
    return issuer


def _in_small_letters(given: frozenset[str]) -> frozenset[str]:
    return frozenset(map(str.lower, given))


def _known_deadlines(given: dict[str, str]) -> dict[str, str]:
    Deadlines.parse(given)
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
    """How often changes are looked for that waited for too long."""
    public_view: bool = True
    """Whether published figures, and nothing else, are read without a sign-in."""
    top_region: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = NATION
    """The deployment's top tier, which publishes: a province where one runs its own, else the nation."""
    device_days: Annotated[int, Field(ge=30)] = 400
    """How long a county is still shown a phone that has not been heard of."""
    checks: Annotated[dict[str, str], AfterValidator(_known_thresholds)] = {}
    """Thresholds of the checks that are the deployment's own, as JSON, such as `{"rate_jumps.change": "0.2"}`; of one
    indicator: `rate_jumps.change.straw_utilisation`; to switch a check off: `{"round_numbers": "off"}`."""
    checks_s: Annotated[int, Field(ge=60)] = 6 * 3600
    """How often the checks are run."""
    oidc_issuer: Annotated[str | None, AfterValidator(_reached_safely)] = None
    """A province's own identity provider (OpenID Connect), such as `https://id.example.gov.cn`; without it none."""
    oidc_client_id: str = ""
    """What the provider knows this deployment as."""
    oidc_client_secret_file: Path | None = None
    """A file with the secret that goes with it; without one this is a public client."""
    oidc_claim: str = "sub"
    """The claim that names a person for good, such as `sub` or a staff number; identities are linked by it."""
    oidc_domains: Annotated[frozenset[str], AfterValidator(_in_small_letters)] = frozenset()
    """Only people with a verified address in one of these domains come in, as JSON; none: whoever is linked."""
    oidc_create_accounts: bool = False
    """Whether a person of the provider who is linked to no account gets one, without any grant."""
    oidc_name: str = "统一身份认证"
    """What the provider is called on the button of the sign-in panel."""
    oidc_redirect_url: str | None = None
    """Where the provider sends browsers back to, ending in `/v1/auth/oidc/callback`; else as the browser asked."""
    jobs: bool = True
    """Whether this process may be the one that runs the deployment's jobs."""
    jobs_url: str | None = None
    """The database for the runner's own session; needed where `database_url` leads through a pooler."""
    verify_at: time = time(3)
    """When the ledgers are verified every night, China Standard Time; all of them from the first entry on Sundays."""
    deadlines: Annotated[dict[str, str], AfterValidator(_known_deadlines)] = {}
    """Dates that are the deployment's own, as JSON, such as `{"year": "02-15", "straw_utilisation.year": "03-31",
    "film_recovery.Q3": "10-31", "manure_utilisation.Q1": "off"}`: month and day after the end of the period."""
    deadline_days: Annotated[int, Field(ge=1, le=120)] = 14
    """How many days before a date an office is reminded of it."""
    wait_days: Annotated[int, Field(ge=1, le=365)] = 14
    """After how many days an office is reminded of what waits for it, or was returned to it."""
    webhooks_s: Annotated[int, Field(ge=1)] = 5
    """How often events are sent to the endpoints that ask for them."""
    webhook_attempts: Annotated[int, Field(ge=1, le=30)] = 12
    """After how many attempts a delivery is given up; the waits between grow from `webhook_retry_s` to six hours."""
    webhook_retry_s: Annotated[float, Field(gt=0)] = 10
    webhook_timeout_s: Annotated[float, Field(gt=0, le=60)] = 15
    """How long one attempt may take, from looking up the name to the end of the answer."""
    webhook_pause_after: Annotated[int, Field(ge=1)] = 50
    """After how many failures in a row an endpoint is paused until its administrator enables it again."""
    webhook_private: bool = False
    """Whether endpoints may lie in private networks and be spoken to without TLS: inside a government network."""
    outbox_days: Annotated[int, Field(ge=7)] = 90
    """How long events are kept after all their deliveries have ended."""
    retain_settled_days: Annotated[int, Field(ge=1)] = 90
    """How long quarantined bytes are kept after a replay brought them into the ledger."""
    retain_quarantine_days: Annotated[int, Field(ge=30)] = 730
    """How long quarantined bytes are kept that nobody could use."""
    retain_sessions_days: Annotated[int, Field(ge=1)] = 30
    """How long a sign-in is kept after its end."""
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

    @model_validator(mode="after")
    def _names_its_client(self) -> "Settings":
        if self.oidc_issuer is not None and not self.oidc_client_id:
            raise ValueError("QINGTIAN_OIDC_CLIENT_ID 未设置 · QINGTIAN_OIDC_CLIENT_ID is not set")
        return self

    @property
    def database_name(self) -> str:
        """The database of the private cluster: the demo has its own."""
        return DEMO_DATABASE if self.demo else REAL_DATABASE
