"""Who may pass which door: every route of the service, as data.

The target is always the same: 华容县, its township 三封寺镇, a farm there, and the account and phone of a worker there.
Each role asks from three places: where the target is in its scope, from a neighbouring region that is not the target's,
and from another province.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.auth.access import Grant
from schemas.vocabulary import Role
from tests.support import door_requests as ask
from tests.support import door_signs as signs
from tests.support.offices import COUNTY, TOWNSHIP

CELLS: dict[str, Grant] = {
    "worker in": Grant(Role.WORKER, TOWNSHIP),
    "worker out": Grant(Role.WORKER, "430623102"),
    "worker foreign": Grant(Role.WORKER, "110105"),
    "township in": Grant(Role.TOWNSHIP, TOWNSHIP),
    "township out": Grant(Role.TOWNSHIP, "430623102"),
    "township foreign": Grant(Role.TOWNSHIP, "430624101"),
    "county in": Grant(Role.COUNTY, COUNTY),
    "county out": Grant(Role.COUNTY, "430624"),
    "county foreign": Grant(Role.COUNTY, "110105"),
    "prefecture in": Grant(Role.PREFECTURE, "430600"),
    "prefecture out": Grant(Role.PREFECTURE, "430100"),
    "prefecture foreign": Grant(Role.PREFECTURE, "130100"),
    "province in": Grant(Role.PROVINCE, "430000"),
    "province out": Grant(Role.PROVINCE, "420000"),
    "province foreign": Grant(Role.PROVINCE, "650000"),
    "ministry in": Grant(Role.MINISTRY, "100000"),
    "admin in": Grant(Role.ADMIN, "430000"),
    "admin out": Grant(Role.ADMIN, "430624"),
    "admin foreign": Grant(Role.ADMIN, "110000"),
}
"""The nation holds all, so a ministry is never out of scope."""

EVERYBODY = frozenset(CELLS)
NOBODY: frozenset[str] = frozenset()
FIELD = frozenset({"worker in", "township in"})
SAME_COUNTY = FIELD | {"worker out", "township out"}
WRITERS = FIELD | {"county in"}
ABOVE = frozenset({"prefecture in", "province in", "ministry in", "admin in"})
READERS = ABOVE | {"county in"}
PULLERS = READERS | FIELD
ADMINISTRATORS = frozenset({"county in", "admin in"})
ENROLLERS = ADMINISTRATORS | {"township in"}

Passed = Callable[[httpx.Response, dict[str, str]], bool]


@dataclass(frozen=True, slots=True)
class Door:
    """A route, a request through it to the target, and the cells that pass; `allowed` None: whoever asks."""

    method: str
    route: str
    allowed: frozenset[str] | None
    passed: Passed = signs.is_answered
    path: str | None = None
    request: Callable[[dict[str, str]], dict[str, Any]] = field(default=lambda _: {})
    public: bool = False
    """Whether it answers without a sign-in too, and then what is published alone."""

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.route


UPLOAD = "/v1/attachments/uploads/{upload_id}"
WEBHOOK = "/v1/webhooks/{webhook_id}"
REVIEWS = "/v1/counties/{county_code}/reviews"
FILING = "/v1/filings/{region_code}/{indicator}/{period}"
FIGURE = "/v1/figures/{region_code}/{indicator}/{period}"
PLOTS = "/v1/tiles/plots/14/13314/6783.mvt"
"""Where the target's plot lies."""
SHAPES = "/v1/findings/{finding_id}/shapes"
ESTIMATE = "/v1/estimates/{county_code}/{indicator}/{period}"
REVIEWERS = frozenset({"county in", "township in"})
DESKS = REVIEWERS | {"township out"}
OWNER = frozenset({"worker in"})
BUREAU = frozenset({"county in"})
LOCAL = frozenset(cell for cell in CELLS if cell.split()[0] in {"worker", "township", "county"})
"""Whoever has plots of their own somewhere."""
ADMIN = frozenset({"admin in"})
ADMINS = frozenset({"admin in", "admin out", "admin foreign"})


TILE = {"itemId": "taihu", "z": "5", "x": "26", "y": "13"}
OGC = "/ogc/collections/{collectionId}"
OGC_TILES = OGC + "/tiles/{tileMatrixSetId}"
OGC_DOORS = (
    Door("GET", "/ogc/", None),
    Door("GET", "/ogc/api", None),
    Door("GET", "/ogc/api.html", None),
    Door("GET", "/ogc/conformance", None),
    Door("GET", "/ogc/collections", None),
    Door("GET", "/ogc/tileMatrixSets", None),
    Door("GET", "/ogc/tileMatrixSets/{tileMatrixSetId}", None, path="/ogc/tileMatrixSets/WebMercatorQuad"),
    *(
        Door("GET", route, None, path=route.format(collectionId="basins", tileMatrixSetId="WebMercatorQuad", **TILE))
        for route in (
            OGC,
            OGC + "/queryables",
            OGC + "/items",
            OGC + "/items/{itemId}",
            OGC + "/tiles",
            OGC_TILES,
            OGC_TILES + "/{z}/{x}/{y}",
            OGC_TILES + "/tilejson.json",
            OGC_TILES + "/style.json",
        )
    ),
)
"""They let everybody in and show each the rows of his scope, see `test_ogc`."""

DOORS = (
    Door("POST", "/v1/auth/token", None),
    Door("POST", "/v1/auth/enrol", None),
    Door("POST", "/v1/auth/sign-out", None),
    Door("GET", "/v1/auth/oidc/start", None),
    Door("GET", "/v1/auth/oidc/callback", None),
    Door("POST", "/v1/auth/oidc/token", None),
    Door("GET", "/v1/me", EVERYBODY),
    Door("POST", "/v1/me/password", EVERYBODY, signs.is_own_password, request=ask.own_password),
    Door("GET", "/v1/accounts", ENROLLERS, signs.has_person, request=lambda _: {"params": {"limit": "200"}}),
    Door("POST", "/v1/accounts", ADMINISTRATORS, request=ask.account),
    Door("POST", "/v1/accounts/{account_id}/disable", ADMINISTRATORS),
    Door("POST", "/v1/accounts/{account_id}/enable", ADMINISTRATORS),
    Door("POST", "/v1/accounts/{account_id}/password", ADMINISTRATORS),
    Door("POST", "/v1/accounts/{account_id}/grants", ADMINISTRATORS, request=ask.grant("township")),
    Door("POST", "/v1/accounts/{account_id}/grants/remove", ADMINISTRATORS, request=ask.grant("worker")),
    Door("GET", "/v1/accounts/{account_id}/identities", ADMINISTRATORS, signs.is_without_provider),
    Door(
        "POST", "/v1/accounts/{account_id}/identities", ADMINISTRATORS, signs.is_without_provider, request=ask.identity
    ),
    Door(
        "POST",
        "/v1/accounts/{account_id}/identities/remove",
        ADMINISTRATORS,
        signs.is_without_provider,
        request=ask.identity,
    ),
    Door("GET", "/v1/audit", ENROLLERS, signs.has_person),
    Door("POST", "/v1/enrolments", ENROLLERS, request=ask.person),
    Door("POST", "/v1/devices/{device_id}/revoke", ENROLLERS),
    Door("POST", "/v1/sync/push", WRITERS, signs.is_applied, request=ask.push),
    Door("GET", "/v1/sync/pull", PULLERS, signs.has_target, request=ask.county),
    Door("GET", "/v1/sync/manifest", PULLERS, signs.has_target, request=ask.county),
    Door("POST", "/v1/sync/records", PULLERS, signs.has_target, request=ask.wanted),
    Door("GET", "/v1/packs", PULLERS | SAME_COUNTY, request=ask.county),
    Door("HEAD", "/v1/packs/{name}", PULLERS | SAME_COUNTY, path="/v1/packs/geopackage", request=ask.county),
    Door("GET", "/v1/packs/{name}", PULLERS, signs.has_target, path="/v1/packs/farms", request=ask.county),
    Door("GET", "/v1/counties/{county_code}/devices", READERS),
    Door("GET", "/v1/quarantine", READERS, request=ask.county),
    Door("OPTIONS", "/v1/attachments", None),
    Door("OPTIONS", "/v1/attachments/uploads/{_upload_id}", None),
    Door("POST", "/v1/attachments", WRITERS | SAME_COUNTY, request=ask.upload),
    Door("HEAD", UPLOAD, OWNER, request=ask.tus),
    Door("PATCH", UPLOAD, OWNER, request=ask.patch),
    Door("DELETE", UPLOAD, OWNER, request=ask.tus),
    Door("POST", UPLOAD, OWNER, request=ask.deletion),
    Door("GET", "/v1/attachments/{sha256}", PULLERS | SAME_COUNTY, signs.is_let_in, request=ask.county),
    Door("GET", "/v1/records/{county}/{record_id}/attachments", PULLERS),
    Door("POST", "/v1/imports", WRITERS, signs.is_new, request=ask.import_file),
    Door("GET", "/v1/imports/templates", EVERYBODY),
    Door("GET", "/v1/imports/templates/{name}.xlsx", EVERYBODY, path="/v1/imports/templates/farm.xlsx"),
    Door("GET", "/v1/imports/templates/{name}.csv", EVERYBODY, path="/v1/imports/templates/farm.csv"),
    Door("POST", "/v1/personal/erasures", BUREAU, signs.is_let_in, request=ask.erasure),
    Door("POST", "/v1/personal/search", BUREAU, request=ask.phone),
    Door("GET", "/v1/personal/{county_code}/{record_id}", BUREAU, signs.has_target),
    Door("GET", "/v1/summaries/{region_code}", READERS, request=ask.period, public=True),
    Door("GET", "/v1/summaries/{region_code}/measures", READERS, request=ask.period),
    Door("GET", "/v1/summaries/{region_code}/trend", READERS, request=ask.values, public=True),
    Door("GET", "/v1/summaries/{region_code}/gaps", READERS, request=ask.values),
    Door("GET", "/v1/summaries/{county_code}/townships", READERS, request=ask.period),
    Door("GET", "/v1/completeness", READERS, request=ask.values),
    Door("GET", "/v1/published", EVERYBODY, public=True),
    Door("GET", "/v1/published/{region_code}", READERS, public=True),
    Door("GET", "/v1/basins", EVERYBODY, public=True),
    Door("GET", "/v1/basins/{code}/summary", READERS, signs.has_county, request=ask.period, public=True),
    Door("GET", "/v1/exports/summaries/{region_code}", READERS, request=ask.period, public=True),
    Door("GET", "/v1/exports/basins/{code}", READERS, signs.lists_county, request=ask.period_as_csv, public=True),
    Door("GET", "/v1/exports/reports/{region_code}", PULLERS, signs.has_report, request=ask.film_reports),
    Door("POST", "/v1/reviews", REVIEWERS, signs.is_heard, request=ask.review),
    Door("GET", REVIEWS, REVIEWERS, signs.has_report),
    Door("GET", REVIEWS + "/{record_id}", REVIEWERS, path=REVIEWS + "/{report_id}"),
    Door("POST", REVIEWS + "/bulk", DESKS, signs.is_let_in, request=ask.bulk),
    Door("GET", "/v1/counties/{county_code}/turnaround", READERS),
    Door("GET", FIGURE + "/explanation", READERS, public=True),
    Door("GET", FIGURE + "/statement", READERS, signs.is_let_in),
    Door("GET", "/v1/filings/{region_code}", READERS, request=ask.period),
    Door("GET", FILING, READERS),
    Door("GET", FILING + "/held", READERS),
    Door("POST", FILING + "/exceptions", READERS, signs.is_let_in, request=ask.exception),
    Door("POST", FILING + "/{action}", frozenset({"county in"}), signs.is_let_in, request=ask.step),
    Door("GET", "/v1/counties/{county_code}/statements/{indicator}/{period}/draft", READERS),
    Door("GET", "/v1/counties/{county_code}/readiness", READERS, request=ask.period),
    Door("GET", "/v1/findings", READERS, request=ask.region),
    Door("POST", "/v1/findings/{finding_id}/explain", EVERYBODY, signs.is_let_in, request=ask.settlement),
    Door("POST", "/v1/findings/{finding_id}/dismiss", EVERYBODY, signs.is_let_in, request=ask.settlement),
    Door("GET", SHAPES, WRITERS, signs.has_target, path="/v1/findings/{target_finding_id}/shapes"),
    Door("GET", ESTIMATE, READERS, signs.is_let_in),
    Door("GET", ESTIMATE + "/design", READERS, signs.is_let_in),
    Door("PUT", ESTIMATE + "/design", frozenset({"county in"}), signs.is_let_in, request=ask.design),
    Door("GET", "/v1/counties/{county_code}/inspections", READERS, request=ask.draw),
    Door("GET", "/v1/reminders", READERS, signs.has_reminder),
    Door("GET", "/v1/jobs", ADMINS),
    Door("POST", "/v1/webhooks", ADMIN, request=ask.webhook),
    Door("GET", "/v1/webhooks", ADMIN, signs.has_webhook),
    Door("PATCH", WEBHOOK, ADMIN, request=ask.paused),
    Door("DELETE", WEBHOOK, ADMIN),
    Door("POST", WEBHOOK + "/rotate", ADMIN),
    Door("POST", WEBHOOK + "/trial", ADMIN),
    Door("GET", WEBHOOK + "/deliveries", ADMIN),
    Door("POST", WEBHOOK + "/deliveries/{event_id}/replay", ADMIN),
    Door("GET", "/v1/map/layers/{name}", None),
    Door("GET", "/v1/map/values", READERS, request=ask.values, public=True),
    Door("GET", "/v1/tiles/regions.json", None),
    Door("GET", "/v1/tiles/regions/{sha256}/{z}/{x}/{y}.mvt", None),
    Door("GET", "/v1/tiles/plots.json", LOCAL),
    Door("GET", "/v1/tiles/plots/{z}/{x}/{y}.mvt", FIELD | BUREAU, signs.has_target, path=PLOTS),
    Door("GET", "/.well-known/qingtian-keys.json", None),
    Door("GET", "/v1/checkpoints", None),
    Door("GET", "/v1/checkpoints/latest", None),
    Door("GET", "/v1/checkpoints/{checkpoint_id}", None),
    Door("GET", "/v1/deployment", None),
    Door("GET", "/healthz", None),
    Door("GET", "/readyz", None),
    Door("GET", "/metrics", None),
    Door("GET", "/problems/{code}", None),
    Door("GET", "/openapi.json", None),
    Door("GET", "/", None),
    Door("GET", "/figures/{region_code}/{indicator}/{period}", None),
    Door("GET", "/desk", None),
    Door("GET", "/docs", None),
    *OGC_DOORS,
)
