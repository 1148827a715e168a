"""Who may pass which door: every route of the service, as data.

The target is always the same: 华容县, its township 三封寺镇, a farm there, and the account and phone of a worker there.
Each role asks from three places: where the target is in its scope, from a neighbouring region that is not the target's,
and from another province.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.auth.access import Grant
from schemas.vocabulary import Role
from tests.support.offices import COUNTY, TOWNSHIP
from tests.support.reports import body, farm, new_id

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


def is_answered(response: httpx.Response, _target: dict[str, str]) -> bool:
    return response.status_code < 400


def has_target(response: httpx.Response, target: dict[str, str]) -> bool:
    """Whether the answer tells of the target's farm."""
    return response.status_code == 200 and target["record_id"] in response.text


def has_person(response: httpx.Response, target: dict[str, str]) -> bool:
    """Whether the answer tells of the target's account."""
    return response.status_code == 200 and f'"{target["username"]}"' in response.text


def has_county(response: httpx.Response, _target: dict[str, str]) -> bool:
    """Whether the answer tells of the target's county."""
    return response.status_code == 200 and f'"{COUNTY}"' in response.text


def is_applied(response: httpx.Response, _target: dict[str, str]) -> bool:
    return response.status_code == 200 and response.json()["outcomes"][0]["outcome"] == "applied"


def is_new(response: httpx.Response, _target: dict[str, str]) -> bool:
    return response.status_code == 200 and [row["outcome"] for row in response.json()["rows"]] == ["new"]


def is_let_in(response: httpx.Response, _target: dict[str, str]) -> bool:
    """Whether the door was passed, although what was asked for is not there or not as it should be."""
    return response.status_code not in (401, 403)


def is_without_provider(response: httpx.Response, _target: dict[str, str]) -> bool:
    """Whether the door was passed, behind which there is no identity provider here."""
    return response.status_code == 404 and response.json()["code"] == "provider_off"


def is_own_password(response: httpx.Response, _target: dict[str, str]) -> bool:
    return response.json()["code"] == "wrong_password"


@dataclass(frozen=True, slots=True)
class Door:
    """A route, a request through it to the target, and the cells that pass; `allowed` None: whoever asks."""

    method: str
    route: str
    allowed: frozenset[str] | None
    passed: Passed = is_answered
    path: str | None = None
    request: Callable[[dict[str, str]], dict[str, Any]] = field(default=lambda _: {})

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.route


def _county(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"county": COUNTY}}


def _period(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"period": "2025"}}


def _push(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": body(farm(name=f"主体{new_id()}"))}


def _import(_target: dict[str, str]) -> dict[str, Any]:
    name, entity = f"主体{new_id()[-6:]}", "农户"
    text = f"经营主体名称,主体类型,乡镇代码\n{name},{entity},{TOWNSHIP}\n"
    return {"files": {"file": ("farms.csv", text.encode())}, "data": {"county_code": COUNTY, "kind": "farm"}}


def _upload(_target: dict[str, str]) -> dict[str, Any]:
    metadata = f"county_code {_base64(COUNTY)}"
    return {"headers": {"tus-resumable": "1.0.0", "upload-length": "10", "upload-metadata": metadata}}


def _tus(_target: dict[str, str]) -> dict[str, Any]:
    return {"headers": {"tus-resumable": "1.0.0"}}


def _patch(_target: dict[str, str]) -> dict[str, Any]:
    headers = {"tus-resumable": "1.0.0", "upload-offset": "0", "content-type": "application/offset+octet-stream"}
    return {"headers": headers, "content": b"12345"}


def _deletion(_target: dict[str, str]) -> dict[str, Any]:
    return {"headers": {"tus-resumable": "1.0.0", "x-http-method-override": "DELETE"}}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _identity(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"subject": "a person of the provider"}}


def _grant(role: str) -> Callable[[dict[str, str]], dict[str, Any]]:
    return lambda _: {"json": {"role": role, "region_code": TOWNSHIP}}


def _account(_target: dict[str, str]) -> dict[str, Any]:
    grant = {"role": "worker", "region_code": TOWNSHIP}
    return {"json": {"username": f"new-{new_id()}", "display_name": "新来的", "grants": [grant]}}


def _person(target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"username": target["username"]}}


def _wanted(target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"county_code": COUNTY, "ids": [target["record_id"]]}}


def _own_password(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"present": "not it", "password": "稻田 油菜 紫云英"}}


def has_report(response: httpx.Response, target: dict[str, str]) -> bool:
    """Whether the answer tells of the target's report."""
    return response.status_code == 200 and target["report_id"] in response.text


def is_heard(response: httpx.Response, _target: dict[str, str]) -> bool:
    """Whether a decision came from an office that decides, although it saw another position than the present one."""
    return response.status_code == 200 and response.json()["outcomes"][0]["outcome"] == "conflict"


def _review(target: dict[str, str]) -> dict[str, Any]:
    decision = {
        "change_id": new_id(), "record_id": target["report_id"], "decision": "return", "position": 1,
        "reasons": [{"field": None, "text": "请核对"}],
    }  # fmt: skip
    return {"json": {"county_code": COUNTY, "decisions": [decision]}}


def _bulk(_target: dict[str, str]) -> dict[str, Any]:
    asked = {"request_id": new_id(), "decision": "return", "filter": {}, "expected_count": 4711, "reason": "请核对"}
    return {"json": asked}


def _step(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"step_id": new_id(), "seen": "open"}}


def _exception(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"exception_id": new_id(), "until": "2099-01-01T00:00:00+08:00", "reason": "汛情"}}


def _region(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"region": COUNTY}}


def _settlement(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"explanation": "已核实", "evidence": "0" * 16}}


def _design(_target: dict[str, str]) -> dict[str, Any]:
    village = {"village_code": f"{TOWNSHIP}001", "stratum": "平原", "stratum_villages": 20, "households": 300}
    return {"json": {"villages": [village]}}


def _draw(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"period": "2025", "seed": "1", "size": "1"}}


def _webhook(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"url": "https://hooks.example/qingtian", "region_code": COUNTY, "kinds": ["filing.moved"]}}


def _paused(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"enabled": False}}


def _erasure(_target: dict[str, str]) -> dict[str, Any]:
    """Ask to erase what is not there: the target of the other doors stays as it is."""
    record = {"county_code": COUNTY, "record_id": new_id()}
    return {"json": {"request_id": new_id(), "ground": "unlawful"} | record}


def _phone(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"county_code": COUNTY, "phone": "13800000000"}}


UPLOAD = "/v1/attachments/uploads/{upload_id}"
WEBHOOK = "/v1/webhooks/{webhook_id}"
REVIEWS = "/v1/counties/{county_code}/reviews"
FILING = "/v1/filings/{region_code}/{indicator}/{period}"
FIGURE = "/v1/figures/{region_code}/{indicator}/{period}"
ESTIMATE = "/v1/estimates/{county_code}/{indicator}/{period}"
REVIEWERS = frozenset({"county in", "township in"})
DESKS = REVIEWERS | {"township out"}
OWNER = frozenset({"worker in"})
ADMIN = frozenset({"admin in"})
ADMINS = frozenset({"admin in", "admin out", "admin foreign"})


def has_webhook(response: httpx.Response, target: dict[str, str]) -> bool:
    """Whether the answer tells of the target's endpoint."""
    return response.status_code == 200 and target["webhook_id"] in response.text


def has_reminder(response: httpx.Response, _target: dict[str, str]) -> bool:
    """Whether the answer tells of the reminder of the target's county."""
    return response.status_code == 200 and f'"region_code":"{COUNTY}"' in response.text


BUREAU = frozenset({"county in"})

DOORS = (
    Door("POST", "/v1/auth/token", None),
    Door("POST", "/v1/auth/enrol", None),
    Door("POST", "/v1/auth/sign-out", None),
    Door("GET", "/v1/auth/oidc/start", None),
    Door("GET", "/v1/auth/oidc/callback", None),
    Door("POST", "/v1/auth/oidc/token", None),
    Door("GET", "/v1/me", EVERYBODY),
    Door("POST", "/v1/me/password", EVERYBODY, is_own_password, request=_own_password),
    Door("GET", "/v1/accounts", ENROLLERS, has_person, request=lambda _: {"params": {"limit": "200"}}),
    Door("POST", "/v1/accounts", ADMINISTRATORS, request=_account),
    Door("POST", "/v1/accounts/{account_id}/disable", ADMINISTRATORS),
    Door("POST", "/v1/accounts/{account_id}/enable", ADMINISTRATORS),
    Door("POST", "/v1/accounts/{account_id}/password", ADMINISTRATORS),
    Door("POST", "/v1/accounts/{account_id}/grants", ADMINISTRATORS, request=_grant("township")),
    Door("POST", "/v1/accounts/{account_id}/grants/remove", ADMINISTRATORS, request=_grant("worker")),
    Door("GET", "/v1/accounts/{account_id}/identities", ADMINISTRATORS, is_without_provider),
    Door("POST", "/v1/accounts/{account_id}/identities", ADMINISTRATORS, is_without_provider, request=_identity),
    Door("POST", "/v1/accounts/{account_id}/identities/remove", ADMINISTRATORS, is_without_provider, request=_identity),
    Door("GET", "/v1/audit", ENROLLERS, has_person),
    Door("POST", "/v1/enrolments", ENROLLERS, request=_person),
    Door("POST", "/v1/devices/{device_id}/revoke", ENROLLERS),
    Door("POST", "/v1/sync/push", WRITERS, is_applied, request=_push),
    Door("GET", "/v1/sync/pull", PULLERS, has_target, request=_county),
    Door("GET", "/v1/sync/manifest", PULLERS, has_target, request=_county),
    Door("POST", "/v1/sync/records", PULLERS, has_target, request=_wanted),
    Door("GET", "/v1/packs", PULLERS | SAME_COUNTY, request=_county),
    Door("GET", "/v1/packs/{name}", PULLERS, has_target, path="/v1/packs/farms", request=_county),
    Door("GET", "/v1/counties/{county_code}/devices", READERS),
    Door("GET", "/v1/quarantine", READERS, request=_county),
    Door("OPTIONS", "/v1/attachments", None),
    Door("OPTIONS", "/v1/attachments/uploads/{_upload_id}", None),
    Door("POST", "/v1/attachments", WRITERS | SAME_COUNTY, request=_upload),
    Door("HEAD", UPLOAD, OWNER, request=_tus),
    Door("PATCH", UPLOAD, OWNER, request=_patch),
    Door("DELETE", UPLOAD, OWNER, request=_tus),
    Door("POST", UPLOAD, OWNER, request=_deletion),
    Door("GET", "/v1/attachments/{sha256}", PULLERS | SAME_COUNTY, is_let_in, request=_county),
    Door("GET", "/v1/records/{county}/{record_id}/attachments", PULLERS),
    Door("POST", "/v1/imports", WRITERS, is_new, request=_import),
    Door("GET", "/v1/imports/templates", EVERYBODY),
    Door("GET", "/v1/imports/templates/{name}.xlsx", EVERYBODY, path="/v1/imports/templates/farm.xlsx"),
    Door("GET", "/v1/imports/templates/{name}.csv", EVERYBODY, path="/v1/imports/templates/farm.csv"),
    Door("POST", "/v1/personal/erasures", BUREAU, is_let_in, request=_erasure),
    Door("POST", "/v1/personal/search", BUREAU, request=_phone),
    Door("GET", "/v1/personal/{county_code}/{record_id}", BUREAU, has_target),
    Door("GET", "/v1/summaries/{region_code}", READERS, request=_period),
    Door("GET", "/v1/summaries/{region_code}/measures", READERS, request=_period),
    Door("GET", "/v1/published", EVERYBODY),
    Door("GET", "/v1/published/{region_code}", READERS),
    Door("GET", "/v1/basins", EVERYBODY),
    Door("GET", "/v1/basins/{code}/summary", READERS, has_county, request=_period),
    Door("POST", "/v1/reviews", REVIEWERS, is_heard, request=_review),
    Door("GET", REVIEWS, REVIEWERS, has_report),
    Door("GET", REVIEWS + "/{record_id}", REVIEWERS, path=REVIEWS + "/{report_id}"),
    Door("POST", REVIEWS + "/bulk", DESKS, is_let_in, request=_bulk),
    Door("GET", "/v1/counties/{county_code}/turnaround", READERS),
    Door("GET", FIGURE + "/explanation", READERS),
    Door("GET", FIGURE + "/statement", READERS, is_let_in),
    Door("GET", "/v1/filings/{region_code}", READERS, request=_period),
    Door("GET", FILING, READERS),
    Door("GET", FILING + "/held", READERS),
    Door("POST", FILING + "/exceptions", READERS, is_let_in, request=_exception),
    Door("POST", FILING + "/{action}", frozenset({"county in"}), is_let_in, request=_step),
    Door("GET", "/v1/counties/{county_code}/statements/{indicator}/{period}/draft", READERS),
    Door("GET", "/v1/counties/{county_code}/readiness", READERS, request=_period),
    Door("GET", "/v1/findings", READERS, request=_region),
    Door("POST", "/v1/findings/{finding_id}/explain", EVERYBODY, is_let_in, request=_settlement),
    Door("POST", "/v1/findings/{finding_id}/dismiss", EVERYBODY, is_let_in, request=_settlement),
    Door("GET", ESTIMATE, READERS, is_let_in),
    Door("GET", ESTIMATE + "/design", READERS, is_let_in),
    Door("PUT", ESTIMATE + "/design", frozenset({"county in"}), is_let_in, request=_design),
    Door("GET", "/v1/counties/{county_code}/inspections", READERS, request=_draw),
    Door("GET", "/v1/reminders", READERS, has_reminder),
    Door("GET", "/v1/jobs", ADMINS),
    Door("POST", "/v1/webhooks", ADMIN, request=_webhook),
    Door("GET", "/v1/webhooks", ADMIN, has_webhook),
    Door("PATCH", WEBHOOK, ADMIN, request=_paused),
    Door("DELETE", WEBHOOK, ADMIN),
    Door("POST", WEBHOOK + "/rotate", ADMIN),
    Door("POST", WEBHOOK + "/trial", ADMIN),
    Door("GET", WEBHOOK + "/deliveries", ADMIN),
    Door("POST", WEBHOOK + "/deliveries/{event_id}/replay", ADMIN),
    Door("GET", "/v1/map/layers/{name}", None),
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
)
