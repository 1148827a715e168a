"""Byte ranges of bodies that never change under their tag: what lets a phone go on where the line broke (RFC 9110)."""

import re
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response

from backend.problems import problem_response
from schemas.problems import problem

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


def wanted_range(request: Request, etag: str) -> str | None:
    """Return the range that is asked for; None where the caller holds the beginning of another body (`If-Range`)."""
    return request.headers.get("range") if request.headers.get("if-range", etag) == etag else None


def part(body: bytes, wanted: str | None, headers: Mapping[str, str], media_type: str, path: str) -> Response:
    """Return all of a body, or the one range that is asked for; several at once are answered with all of it."""
    whole = {**headers, "Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(wanted) if wanted is not None else None
    if asked is None or not any(asked.groups()):
        return Response(body, headers=whole, media_type=media_type)
    first, last = asked.groups()
    size = len(body)
    start = int(first) if first else max(0, size - int(last))
    stop = min(int(last) + 1, size) if first and last else size
    if start >= stop:
        response = problem_response(problem("range_outside", size=size), path)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    span = {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}
    return Response(body[start:stop], status_code=206, headers=whole | span, media_type=media_type)
