"""How an answer shows that a door of the access matrix was passed."""

import httpx

from tests.support.offices import COUNTY


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


def lists_county(response: httpx.Response, _target: dict[str, str]) -> bool:
    """Whether a file names the target's county."""
    return response.status_code == 200 and COUNTY in response.text


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


def has_report(response: httpx.Response, target: dict[str, str]) -> bool:
    """Whether the answer tells of the target's report."""
    return response.status_code == 200 and target["report_id"] in response.text


def is_heard(response: httpx.Response, _target: dict[str, str]) -> bool:
    """Whether a decision came from an office that decides, although it saw another position than the present one."""
    return response.status_code == 200 and response.json()["outcomes"][0]["outcome"] == "conflict"


def has_webhook(response: httpx.Response, target: dict[str, str]) -> bool:
    """Whether the answer tells of the target's endpoint."""
    return response.status_code == 200 and target["webhook_id"] in response.text


def has_reminder(response: httpx.Response, _target: dict[str, str]) -> bool:
    """Whether the answer tells of the reminder of the target's county."""
    return response.status_code == 200 and f'"region_code":"{COUNTY}"' in response.text
