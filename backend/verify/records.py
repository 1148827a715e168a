"""A record against its entries: its state, every revision's content, its sealed parts and what it adds to the sums."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import shapely
from cryptography.exceptions import InvalidTag
from pydantic import ValidationError

from backend.verify.course import course_of, review_faults
from backend.verify.faults import Fault
from geo.shapes import geodesic_area_mu
from schemas.decimals import EXACT, ONE, ZERO, plain
from schemas.farms import Farm
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.form import Form, ReportForm
from schemas.indicators.spec import WHOLE
from schemas.regions import NO_TOWNSHIP
from schemas.tables.columns import CGCS2000_SRID
from schemas.vocabulary import Indicator, Level, RecordKind
from sync.cells import FLAGGED, REPORTS
from sync.content import personal_fields
from sync.leaves import Leaves, flatten, nest
from sync.personal import Sealed, Vault, commitment, committed_hash
from sync.sealing import ChangeText, joined, open_change

READ_RECORDS = """
    SELECT record.county_code, cast(record.id AS text) AS id, record.kind, record.status, record.revision,
           record.position, record.township_code, cast(record.farm_id AS text) AS farm_id, record.indicator,
           record.level, record.period, record.project_id, record.payload, record.quantities, record.warnings,
           encode(ST_AsEWKB(record.geom), 'hex') AS geom, record.area_mu, encode(record.payload_hash, 'hex')
           AS payload_hash, cast(record.last_change_id AS text) AS last_change_id, cast(record.account AS text)
           AS account, record.recorded_at, record.submitted_at, record.review, record.reviewed_revision,
           record.erased_position, encode(record.mark, 'hex') AS mark,
           (SELECT json_agg(entry ORDER BY entry.position) FROM (
                SELECT position, kind, revision, action, change_id, actor, encode(payload_hash, 'hex') AS payload_hash,
                       deltas, recorded_at, encode(substr(entry_hash, 1, 8), 'hex') AS mark
                FROM ledger_entry WHERE county_code = record.county_code AND record_id = record.id
                                    AND action <> 'decide'
           ) AS entry) AS entries,
           (SELECT json_object_agg(made.decided_position, made.said) FROM (
                SELECT decided_position, json_build_object(
                    'change_id', change_id, 'sealed', sealed, 'sealed_key_id', sealed_key_id, 'replaced', replaced,
                    'payload', item -> 'payload', 'reasons', item -> 'reasons', 'office', result -> 'office',
                    'is_erased', item_hash = decode(repeat('00', 32), 'hex')) AS said
                FROM change WHERE county_code = record.county_code AND record_id = record.id
                              AND outcome IN ('applied', 'merged') AND decided_position IS NOT NULL
                              AND (replaced <> '{}' OR item ->> 'action' IN ('create', 'accept', 'return', 'precheck'))
           ) AS made) AS changes,
           (SELECT json_agg(part) FROM (
                SELECT revision, encode(salt, 'hex') AS salt, encode(ciphertext, 'hex') AS ciphertext, key_id
                FROM personal WHERE county_code = record.county_code AND record_id = record.id
           ) AS part) AS parts,
           (SELECT json_object_agg(gone.revision, encode(gone.commitment, 'hex')) FROM personal_erased AS gone
            WHERE gone.county_code = record.county_code AND gone.record_id = record.id) AS erased
    FROM record WHERE record.county_code = :county_code
"""
"""Every record of a county with its whole history; one record at a time is held."""


def record_faults(row: Any, vault: Vault) -> Iterator[Fault]:
    """Give what is wrong with a row of `READ_RECORDS`."""
    entries = row.entries
    if not entries:
        yield Fault(row.county_code, row.position, "record_without_entry", row.id)
        return
    try:
        changes = _opened_changes(row, vault)
    except (KeyError, InvalidTag, ValueError):
        yield Fault(row.county_code, row.position, "record_changes", row.id)
        return
    yield from _state_faults(row, entries, changes)
    yield from review_faults(row, entries, changes)
    personal: dict[int, dict[str, Any]] = {}
    salts: dict[int, bytes] = {}
    for part in row.parts or []:
        fault = _opened(row, part, vault, personal)
        if fault is None:
            salts[part["revision"]] = bytes.fromhex(part["salt"])
        else:
            yield fault
            if fault.code == "personal":
                return
    content = list(_content_faults(row, entries, changes, personal, salts))
    yield from content
    if not any(fault.params["revision"] == str(row.revision) for fault in content):
        yield from _derived_faults(row, personal.get(row.revision, {}))
    if not _adds_up(row, entries):
        yield Fault(row.county_code, entries[-1]["position"], "deltas", row.id)


def _opened_changes(row: Any, vault: Vault) -> dict[str, Any]:
    """Return what was sent and answered, by position, with what was sealed of it. Raises KeyError or InvalidTag."""
    changes: dict[str, Any] = {}
    for position, said in (row.changes or {}).items():
        clear = ChangeText({"payload": said["payload"]}, said["replaced"], {})
        whole = joined(clear, open_change(vault, said, row.county_code))
        changes[position] = said | {"payload": whole.item.get("payload"), "replaced": whole.replaced}
    return changes


def _state_faults(row: Any, entries: Sequence[Mapping[str, Any]], changes: Mapping[str, Any]) -> Iterator[Fault]:
    """Compare the columns that the entries spell out."""
    last, course = entries[-1], course_of(entries, changes)
    said = {
        "kind": last["kind"],
        "status": course.status,
        "revision": last["revision"],
        "position": last["position"],
        "payload_hash": course.content_hash,
        "submitted_at": None if course.submitted_at is None else datetime.fromisoformat(course.submitted_at),
        "review": course.review,
        "reviewed_revision": course.reviewed_revision,
        "erased_position": course.erased_position,
        "last_change_id": last["change_id"],
        "account": entries[0]["actor"],
        "recorded_at": datetime.fromisoformat(last["recorded_at"]),
        "mark": last["mark"],
    }
    for column, value in said.items():
        if getattr(row, column) != value:
            yield Fault(row.county_code, last["position"], "record", row.id, {"column": column})


def _opened(row: Any, part: Mapping[str, Any], vault: Vault, personal: dict[int, dict[str, Any]]) -> Fault | None:
    """Open a sealed part into `personal`; return what is wrong with it."""
    revision = part["revision"]
    positions = _positions(row.entries)
    if revision not in positions:
        return Fault(row.county_code, row.position, "personal_without_entry", row.id, {"revision": str(revision)})
    sealed = Sealed(bytes.fromhex(part["salt"]), bytes.fromhex(part["ciphertext"]), part["key_id"])
    try:
        personal[revision] = vault.open(sealed, row.county_code, row.id, revision)
    except KeyError:
        column = "key_id"
    except (InvalidTag, ValueError):
        column = "ciphertext"
    else:
        return None
    params = {"revision": str(revision), "column": column}
    return Fault(row.county_code, positions[revision], "personal", row.id, params)


def _content_faults(
    row: Any,
    entries: Sequence[Mapping[str, Any]],
    changes: Mapping[str, Any],
    personal: Mapping[int, dict[str, Any]],
    salts: Mapping[int, bytes],
) -> Iterator[Fault]:
    """Compare the content of every revision, walking back from today's by what each change replaced."""
    erased = {int(revision): bytes.fromhex(said) for revision, said in (row.erased or {}).items()}
    positions = _positions(entries)
    hashes = {entry["position"]: entry["payload_hash"] for entry in entries}
    public: dict[str, Any] = row.payload
    for revision in sorted(positions, reverse=True):
        position = positions[revision]
        own = None if revision in erased else personal.get(revision, {})
        if revision == row.revision:
            candidates = [public]
        else:
            later = changes.get(str(positions[revision + 1]), {}) if revision + 1 in positions else {}
            leaves = _before(flatten(public | personal.get(revision + 1, {})), later.get("replaced") or {})
            candidates = _spellings(row, leaves, own, changes.get(str(position), {}).get("payload"))
        committed = erased.get(revision)
        if revision in salts:
            committed = commitment(salts[revision], own or {})
        fitting = next((one for one in candidates if committed_hash(one, committed).hex() == hashes[position]), None)
        if fitting is None:
            columns = "record.payload, personal" if revision == row.revision else "change.replaced, personal"
            params = {"revision": str(revision), "columns": columns}
            yield Fault(row.county_code, position, "content_hash", row.id, params)
            return
        public = fitting


def _positions(entries: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Return the entry that made each revision."""
    positions: dict[int, int] = {}
    for entry in entries:
        positions.setdefault(entry["revision"], entry["position"])
    return positions


def _before(leaves: Leaves, replaced: Mapping[str, Any]) -> Leaves:
    kept = {pointer: value for pointer, value in leaves.items() if pointer not in replaced}
    return kept | {pointer: value for pointer, value in replaced.items() if value is not None}


def _spellings(row: Any, leaves: Leaves, own: Mapping[str, Any] | None, payload: Any) -> list[dict[str, Any]]:
    """Return the public parts that an earlier revision may have had: leaves do not tell an empty object from none.

    Nothing, where the personal answers are not those of the revision's sealed part; of an erased one (None) none are
    known.
    """
    private = personal_fields(_form(row))
    told = {pointer: value for pointer, value in leaves.items() if pointer.split("/")[1] in private}
    if own is not None and told != flatten(own):
        return []
    public = nest({pointer: value for pointer, value in leaves.items() if pointer not in told})
    empty: dict[str, Any] = {name: {} for name, value in row.payload.items() if isinstance(value, dict)}
    spellings = [public, empty | public]
    if isinstance(payload, dict):
        try:
            answers = _form(row).model_validate(payload).model_dump(mode="json", exclude_none=True)
        except ValidationError:
            return spellings
        sent = {name: value for name, value in answers.items() if name not in private}
        if flatten(sent) == flatten(public):
            spellings.append(sent)
    return spellings


def _derived_faults(row: Any, personal: Mapping[str, Any]) -> Iterator[Fault]:
    """Compare the columns that follow from the content; the quantities by today's catalogue."""

    def fault(column: str) -> Fault:
        return Fault(row.county_code, row.position, "derived", row.id, {"column": column})

    payload = row.payload
    is_report = row.kind == RecordKind.REPORT
    said = {name: payload.get(name) for name in ("farm_id", "indicator", "level", "period", "project_id")}
    township = payload.get("township_code", row.county_code + NO_TOWNSHIP)
    said = {name: value if is_report else None for name, value in said.items()} | {"township_code": township}
    yield from (fault(column) for column, value in said.items() if getattr(row, column) != value)
    if not _is_drawn_as(row.geom, personal.get("geometry")):
        yield fault("geom")
    elif row.area_mu != _area_mu(personal.get("geometry")):
        yield fault("area_mu")
    try:
        form = _form(row).model_validate({**payload, **personal})
    except (ValidationError, LookupError, ValueError):
        yield Fault(row.county_code, row.position, "content_form", row.id)
        return
    quantities = CATALOGUE[form.indicator].quantities(form) if isinstance(form, ReportForm) else {}
    if [[subject, name, plain(amount)] for (subject, name), amount in sorted(quantities.items())] != row.quantities:
        yield fault("quantities")


def _form(row: Any) -> type[Form]:
    """Return the form of a record's payload. Raises LookupError or ValueError where it names none."""
    if row.kind == RecordKind.FARM:
        return Farm
    return CATALOGUE[Indicator(row.payload["indicator"])].form(Level(row.payload["level"]))


def _is_drawn_as(geom: str | None, geometry: Any) -> bool:
    if geom is None or geometry is None:
        return geom is None and geometry is None
    stored, drawn = shapely.from_wkb(geom), shapely.from_geojson(orjson.dumps(geometry))
    return bool(shapely.equals_identical(stored, drawn)) and shapely.get_srid(stored) == CGCS2000_SRID


def _area_mu(geometry: Any) -> Decimal | None:
    if geometry is None or geometry["type"] == "Point":
        return None
    return geodesic_area_mu(shapely.from_geojson(orjson.dumps(geometry)))


def _adds_up(row: Any, entries: Sequence[Mapping[str, Any]]) -> bool:
    try:
        return _summed(entries) == _contribution(row)
    except (ArithmeticError, TypeError, ValueError):
        return False  # not even numbers


def _summed(entries: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], Decimal]:
    """Return what the entries of a record have added to the sums, without what is 0."""
    sums: dict[tuple[str, str, str], Decimal] = {}
    for entry in entries:
        for status, subject, quantity, amount in entry["deltas"]:
            key = (status, subject, quantity)
            sums[key] = EXACT.add(sums.get(key, ZERO), Decimal(amount))
    return {key: amount for key, amount in sums.items() if amount != 0}


def _contribution(row: Any) -> dict[tuple[str, str, str], Decimal]:
    """Return what a record's row says that it adds to the sums, without what is 0."""
    if row.indicator is None:
        return {}
    amounts = {(row.status, subject, name): Decimal(amount) for subject, name, amount in row.quantities}
    amounts[row.status, WHOLE, REPORTS] = ONE
    if row.warnings:
        amounts[row.status, WHOLE, FLAGGED] = ONE
    return {key: amount for key, amount in amounts.items() if amount != 0}
