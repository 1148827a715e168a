"""What went wrong with a request, as a phone understands it: refused, not signed in, not reached."""

from dataclasses import dataclass

import httpx
from pydantic import ValidationError

from schemas.changes import ChangeOutcome


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a problem document (RFC 9457) said, as far as it could be read."""

    status: int
    code: str
    zh: str
    en: str
    outcomes: tuple[ChangeOutcome, ...] = ()
    fields: tuple[str, ...] = ()
    """The fields at fault, by JSON Pointer, as far as any are named."""


class SignInNeededError(Exception):
    """The server knows no valid sign-in of this phone and the client holds no password for one.

    `refusal` is what the server said of the one that it had, such as that the phone was revoked; None without one.
    """

    def __init__(self, refusal: Refusal | None = None) -> None:
        super().__init__("" if refusal is None else f"{refusal.status} {refusal.code}: {refusal.en}")
        self.refusal = refusal


class RefusedError(Exception):
    """The server refused a request as a whole."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.status} {refusal.code}: {refusal.en}")
        self.refusal = refusal


class UnreachableError(Exception):
    """No usable answer came within the client's patience. `retry_after_s` is what the server asked for, else 0."""

    def __init__(self, reason: str, retry_after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


def refusal_of(response: httpx.Response) -> Refusal:
    """Return what an error answer says; a proxy's page instead of a problem gives an empty text."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {}
    code = str(body.get("code") or str(body.get("type", "")).rpartition("/")[2])
    try:
        outcomes = tuple(ChangeOutcome.model_validate(outcome) for outcome in body.get("outcomes") or ())
    except ValidationError:
        outcomes = ()
    english = body.get("en") or body.get("detail") or body.get("title") or response.reason_phrase
    errors = body.get("errors")
    named = [one.get("field") for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    fields = tuple(field for field in (body.get("field"), *named) if isinstance(field, str))
    return Refusal(response.status_code, code, str(body.get("zh") or ""), str(english), outcomes, fields)
