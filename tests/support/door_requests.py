"""What is sent through each door of the access matrix to reach its target."""

import base64
from collections.abc import Callable
from typing import Any

from tests.support.offices import COUNTY, TOWNSHIP
from tests.support.reports import body, farm, new_id


def county(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"county": COUNTY}}


def period(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"period": "2025"}}


def period_as_csv(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"period": "2025", "format": "csv"}}


def film_reports(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"period": "2025", "indicator": "film_recovery"}}


def push(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": body(farm(name=f"主体{new_id()}"))}


def import_file(_target: dict[str, str]) -> dict[str, Any]:
    name, entity = f"主体{new_id()[-6:]}", "农户"
    text = f"经营主体名称,主体类型,乡镇代码\n{name},{entity},{TOWNSHIP}\n"
    return {"files": {"file": ("farms.csv", text.encode())}, "data": {"county_code": COUNTY, "kind": "farm"}}


def upload(_target: dict[str, str]) -> dict[str, Any]:
    metadata = f"county_code {in_base64(COUNTY)}"
    return {"headers": {"tus-resumable": "1.0.0", "upload-length": "10", "upload-metadata": metadata}}


def tus(_target: dict[str, str]) -> dict[str, Any]:
    return {"headers": {"tus-resumable": "1.0.0"}}


def patch(_target: dict[str, str]) -> dict[str, Any]:
    headers = {"tus-resumable": "1.0.0", "upload-offset": "0", "content-type": "application/offset+octet-stream"}
    return {"headers": headers, "content": b"12345"}


def deletion(_target: dict[str, str]) -> dict[str, Any]:
    return {"headers": {"tus-resumable": "1.0.0", "x-http-method-override": "DELETE"}}


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def identity(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"subject": "a person of the provider"}}


def grant(role: str) -> Callable[[dict[str, str]], dict[str, Any]]:
    return lambda _: {"json": {"role": role, "region_code": TOWNSHIP}}


def account(_target: dict[str, str]) -> dict[str, Any]:
    grant = {"role": "worker", "region_code": TOWNSHIP}
    return {"json": {"username": f"new-{new_id()}", "display_name": "新来的", "grants": [grant]}}


def person(target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"username": target["username"]}}


def wanted(target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"county_code": COUNTY, "ids": [target["record_id"]]}}


def own_password(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"present": "not it", "password": "稻田 油菜 紫云英"}}


def review(target: dict[str, str]) -> dict[str, Any]:
    decision = {
        "change_id": new_id(), "record_id": target["report_id"], "decision": "return", "position": 1,
        "reasons": [{"field": None, "text": "请核对"}],
    }  # fmt: skip
    return {"json": {"county_code": COUNTY, "decisions": [decision]}}


def bulk(_target: dict[str, str]) -> dict[str, Any]:
    asked = {"request_id": new_id(), "decision": "return", "filter": {}, "expected_count": 4711, "reason": "请核对"}
    return {"json": asked}


def step(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"step_id": new_id(), "seen": "open"}}


def exception(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"exception_id": new_id(), "until": "2099-01-01T00:00:00+08:00", "reason": "汛情"}}


def region(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"region": COUNTY}}


def settlement(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"explanation": "已核实", "evidence": "0" * 16}}


def design(_target: dict[str, str]) -> dict[str, Any]:
    village = {"village_code": f"{TOWNSHIP}001", "stratum": "平原", "stratum_villages": 20, "households": 300}
    return {"json": {"villages": [village]}}


def draw(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"period": "2025", "seed": "1", "size": "1"}}


def webhook(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"url": "https://hooks.example/qingtian", "region_code": COUNTY, "kinds": ["filing.moved"]}}


def paused(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"enabled": False}}


def erasure(_target: dict[str, str]) -> dict[str, Any]:
    """Ask to erase what is not there: the target of the other doors stays as it is."""
    record = {"county_code": COUNTY, "record_id": new_id()}
    return {"json": {"request_id": new_id(), "ground": "unlawful"} | record}


def phone(_target: dict[str, str]) -> dict[str, Any]:
    return {"json": {"county_code": COUNTY, "phone": "13800000000"}}


def values(_target: dict[str, str]) -> dict[str, Any]:
    return {"params": {"region": COUNTY, "period": "2025", "indicator": "film_recovery"}}
