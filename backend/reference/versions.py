"""Versions of reference data: what a file changes against what is there, and the rows that it adds. Never an update.

The current row of a key is the one with the highest version. Rows that a deployment loaded itself, or retired itself,
stand until it loads others: shipped data go round them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.reference.targets import VersionedTarget, as_json
from schemas.vocabulary import ReferenceOrigin

Key = tuple[Any, ...]
Columns = Mapping[str, Any]

READ_VERSIONS = """
    SELECT kind, version, origin, source_name, rows, loaded_at, loaded_by, note FROM reference_version
    WHERE kind <> 'demo' AND (cast(:kind AS text) IS NULL OR kind = :kind) ORDER BY kind, version
"""
READ_SHIPPED = """
    SELECT DISTINCT ON (kind) kind, sha256 FROM reference_version
    WHERE origin IN ('shipped', 'adopted') ORDER BY kind, version DESC
"""
READ_NEWEST = "SELECT kind, max(version) AS version FROM reference_version GROUP BY kind"
OPEN_VERSION = """
    INSERT INTO reference_version (kind, version, origin, source_name, sha256, rows, loaded_at, loaded_by, note)
    SELECT :kind, coalesce(max(version), 0) + 1, :origin, :source_name, :sha256, :rows, now(), :loaded_by, :note
    FROM reference_version WHERE kind = :kind
    RETURNING version
"""
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('qingtian reference data'))"
WAIT_FOR_THE_OTHER = "SET LOCAL lock_timeout = '120s'"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who brings a version, and from what."""

    origin: ReferenceOrigin
    source_name: str
    sha256: bytes
    loaded_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The latest row of a key."""

    columns: Columns
    withdrawn: bool
    origin: ReferenceOrigin


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that takes the place of another: the columns that differ, old and new."""

    key: Key
    row: Columns
    differences: Mapping[str, tuple[Any, Any]]


@dataclass(slots=True)
class Comparison:
    """What a file does to what is there. `kept` are rows of the deployment that shipped data go round."""

    target: VersionedTarget
    new: list[Columns] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    withdrawn: list[Columns] = field(default_factory=list)
    unchanged: int = 0
    kept: int = 0
    unknown: list[Key] = field(default_factory=list)
    """Keys to retire that there is nothing under."""

    @property
    def rows(self) -> list[Columns]:
        """The rows that hold from this version on."""
        return [*self.new, *(one.row for one in self.changed)]

    @property
    def size(self) -> int:
        """How many rows the version brings."""
        return len(self.new) + len(self.changed) + len(self.withdrawn)


def compare(
    target: VersionedTarget, held: Mapping[Key, Held], rows: Iterable[Columns], withdrawn: Iterable[Key] = ()
) -> Comparison:
    """Return what a deployment's own file changes: rows that it does not name stay. A column it lacks is carried on."""
    result = Comparison(target)
    for given in rows:
        before = held.get(_key(target, given))
        _compare_row(result, given, before)
    for key in withdrawn:
        before = held.get(key)
        if before is None:
            result.unknown.append(key)
        elif before.withdrawn:
            result.unchanged += 1
        else:
            result.withdrawn.append(before.columns)
    return result


def compare_shipped(target: VersionedTarget, held: Mapping[Key, Held], rows: Iterable[Columns]) -> Comparison:
    """Return what the shipped rows change: all but the deployment's own, and what they lack of their own is retired."""
    result = Comparison(target)
    named: set[Key] = set()
    for given in rows:
        key = _key(target, given)
        named.add(key)
        before = held.get(key)
        if before is not None and before.origin is ReferenceOrigin.LOADED:
            result.kept += 1
        else:
            _compare_row(result, given, before)
    for key, before in held.items():
        if key not in named and not before.withdrawn and before.origin is ReferenceOrigin.SHIPPED:
            result.withdrawn.append(before.columns)
    return result


def _key(target: VersionedTarget, row: Columns) -> Key:
    return tuple(row[column] for column in target.key)


def _compare_row(result: Comparison, given: Columns, before: Held | None) -> None:
    carried = {} if before is None else before.columns
    row = {column: given[column] if column in given else carried.get(column) for column in result.target.columns}
    if before is None or before.withdrawn:
        result.new.append(row)
        return
    differences = {
        column: (before.columns[column], value) for column, value in row.items() if before.columns[column] != value
    }
    if differences:
        result.changed.append(Changed(_key(result.target, row), row, differences))
    else:
        result.unchanged += 1


async def read_held(connection: AsyncConnection, kind: str, target: VersionedTarget) -> dict[Key, Held]:
    """Return the latest row of every key; geometries as upper-case hexadecimal EWKB."""
    shapes = [name for name, kind_of in target.columns.items() if kind_of == "geometry"]
    held: dict[Key, Held] = {}
    for row in (await connection.execute(text(target.latest), {"kind": kind})).mappings():
        columns = {name: row[name] for name in target.columns}
        for name in shapes:
            columns[name] = None if columns[name] is None else columns[name].upper()
        held[_key(target, columns)] = Held(columns, row["is_withdrawn"], ReferenceOrigin(row["origin"]))
    return held


async def append_version(
    connection: AsyncConnection,
    kind: str,
    comparisons: Sequence[Comparison],
    origin: Origin,
    *,
    rows: int | None = None,
) -> int:
    """Add a version of `kind` with the rows of its comparisons (`rows` where it has none of its own); return it."""
    size = sum(one.size for one in comparisons) if rows is None else rows
    version: int = (
        await connection.execute(
            text(OPEN_VERSION),
            {
                "kind": kind,
                "origin": origin.origin,
                "source_name": origin.source_name,
                "sha256": origin.sha256,
                "rows": size,
                "loaded_by": origin.loaded_by,
                "note": origin.note,
            },
        )
    ).scalar_one()
    for one in comparisons:
        for given, withdrawn in ((one.rows, False), (one.withdrawn, True)):
            if given:
                await connection.execute(
                    text(one.target.append),
                    {"rows": as_json(list(given)), "version": version, "withdrawn": withdrawn},
                )
    return version


async def lock_reference(connection: AsyncConnection) -> None:
    """Let no other process load reference data until the transaction ends."""
    await connection.execute(text(WAIT_FOR_THE_OTHER))
    await connection.execute(text(ONE_AT_A_TIME))


async def newest_versions(connection: AsyncConnection) -> dict[str, int]:
    """Return kind -> its newest version."""
    return {row.kind: row.version for row in await connection.execute(text(READ_NEWEST))}
