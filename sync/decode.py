"""From bytes to items: a push is decoded item by item, so that a bad one never harms its neighbours."""

import gzip
import hashlib
import io
import json
import re
import zlib
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
import zstandard
from pydantic import ValidationError

from schemas.canonical import MAX_MEMBERS, NotCanonicalError, canonical_bytes, shape_fault
from schemas.changes import MAX_BODY_BYTES, MAX_ITEMS, SCHEMA_VERSION, ChangeItem, Push
from schemas.identifiers import is_uuid
from schemas.indicators.validation import translate, unstorable
from schemas.problems import Problem, problem
from schemas.vocabulary import Action
from sync.content import Content, ContentRefused, Place, read_content
from sync.reference import Reference
from sync.upcast import form_name, upcast_payload

SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escaped surrogate, as a pair or alone."""


class PushRefused(Exception):  # noqa: N818 - it is an answer to the phone, not a fault
    """The push as a whole cannot be read; `kept` says whether its bytes belong into quarantine."""

    def __init__(self, problem_: Problem, errors: tuple[Problem, ...] = (), *, kept: bool) -> None:
        super().__init__(problem_.code)
        self.problem = problem_
        self.errors = errors
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Decoded:
    """One item that can be stored: valid ids and a canonical form. `problems` refuse it before the ledger is asked."""

    index: int
    raw: dict[str, Any]
    item: ChangeItem
    item_hash: bytes
    schema_version: int
    content: Content | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def schema_known(self) -> bool:
        """Whether this server knows the forms the item was written with."""
        return self.schema_version <= SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Undecodable:
    """One item that cannot be stored as a change: kept as bytes in quarantine."""

    index: int
    change_id: str | None
    body: bytes | None
    """The item's own bytes; None where it nests too deeply to be written again and the whole push must be kept."""
    problems: tuple[Problem, ...]


def decompressed(body: bytes, encoding: str) -> bytes:
    """Return the body of a push as sent. Raises PushRefused; never holds more than the limit in memory."""
    try:
        match encoding.strip().lower():
            case "" | "identity":
                plain = body
            case "gzip":
                with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
                    plain = stream.read(MAX_BODY_BYTES + 1)
            case "zstd":
                with zstandard.ZstdDecompressor(max_window_size=1 << 23).stream_reader(body) as stream:
                    plain = stream.read(MAX_BODY_BYTES + 1)
            case _:
                raise PushRefused(problem("unsupported_encoding", encoding=encoding[:40]), kept=False)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError):
        raise PushRefused(problem("broken_encoding", encoding=encoding), kept=True) from None
    if len(plain) > MAX_BODY_BYTES:
        raise PushRefused(problem("body_too_large", limit=MAX_BODY_BYTES), kept=False)
    return plain


def read_push(body: bytes) -> Push:
    """Return the envelope of a push. Raises PushRefused."""
    parsed = _parse_json(body)
    try:
        push = Push.model_validate(parsed)
    except ValidationError as error:
        raise PushRefused(problem("invalid_request"), tuple(translate(error, Push, "")), kept=True) from None
    if len(push.changes) > MAX_ITEMS:
        raise PushRefused(problem("too_many_items", limit=MAX_ITEMS, count=len(push.changes)), kept=False)
    return push


def read_item(index: int, raw: Any, schema_version: int, today: date, reference: Reference) -> Decoded | Undecodable:
    """Return one item with its content checked, as far as that can be done without the ledger."""
    change_id = _readable_id(raw)
    try:
        item_hash = _hash_of_storable(raw)
        item = ChangeItem.model_validate(raw)
    except ContentRefused as refused:
        return Undecodable(index, change_id, _ascii(raw), refused.problems)
    except ValidationError as error:
        return Undecodable(index, change_id, _ascii(raw), tuple(translate(error, ChangeItem, "")))
    if item.county_code not in reference.ledgers:
        unknown = problem("unknown_county", "/county_code", value=item.county_code)
        return Undecodable(index, change_id, _ascii(raw), (unknown,))
    decoded = Decoded(index, raw, item, item_hash, schema_version)
    if not decoded.schema_known or item.action is not Action.CREATE or item.payload is None:
        return decoded
    place = Place(item.county_code, item.record_id, today)
    form = form_name(item.kind, item.payload.get("indicator"), item.payload.get("level"))
    payload = upcast_payload(item.payload, schema_version, form)
    try:
        return replace(decoded, content=read_content(item.kind, payload, item.datum, place, reference))
    except ContentRefused as refused:
        return replace(decoded, problems=refused.problems)


def _readable_id(raw: Any) -> str | None:
    """Return the change id of an item to answer it by, or None where it has none that is one."""
    change_id = raw.get("change_id") if isinstance(raw, dict) else None
    return change_id if isinstance(change_id, str) and is_uuid(change_id) else None


def _hash_of_storable(raw: Any) -> bytes:
    """Return the item hash. Raises ContentRefused for an item that can be neither hashed nor stored."""
    if not isinstance(raw, dict):
        raise ContentRefused((problem("not_an_object"),))
    if (fault := shape_fault(raw)) is not None:
        raise ContentRefused((problem(fault, limit=MAX_MEMBERS),))
    try:
        canonical = canonical_bytes(raw)
    except NotCanonicalError:
        raise ContentRefused(tuple(unstorable(raw, "", ChangeItem)) or (problem("not_canonical"),)) from None
    if b"\\u0000" in canonical and (found := unstorable(raw, "", ChangeItem)):
        raise ContentRefused(tuple(found))
    return hashlib.sha256(canonical).digest()


def _parse_json(body: bytes) -> Any:
    if not SURROGATE_ESCAPE.search(body):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass
    # The fast parser refuses a whole body for one NaN and silently replaces a lone surrogate; with the thorough one
    # the item at fault is found and named.
    try:
        return json.loads(body)
    except RecursionError:
        raise PushRefused(problem("too_deep"), kept=True) from None
    except (ValueError, UnicodeDecodeError) as error:
        reason = f"{getattr(error, 'msg', 'not UTF-8')}, byte {getattr(error, 'pos', getattr(error, 'start', 0))}"
        raise PushRefused(problem("malformed_json", reason=reason), kept=True) from None


def _ascii(raw: Any) -> bytes | None:
    """Return an undecodable item as bytes that keep it exactly; None where it nests too deeply to be written."""
    try:
        return json.dumps(raw, ensure_ascii=True).encode("ascii")
    except RecursionError:
        return None
