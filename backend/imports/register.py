"""What the county's ledger already holds of what a file is about, and how a line finds its farm there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.imports.cells import squash
from backend.imports.columns import PROJECT, Layout
from schemas.vocabulary import RecordKind
from sync.leaves import Leaves, flatten
from sync.personal import Sealed, Vault

READ_FARMS = """
    SELECT record.id, record.revision, record.last_change_id, record.township_code, record.payload, record.farm_id,
           personal.salt, personal.ciphertext, personal.key_id
    FROM record LEFT JOIN personal
      ON personal.county_code = record.county_code AND personal.record_id = record.id
     AND personal.revision = record.revision
    WHERE record.county_code = :county_code AND record.kind = 'farm' AND record.status <> 'withdrawn'
      AND (cast(:townships AS text[]) IS NULL OR record.township_code = ANY(:townships))
"""

READ_REPORTS = """
    SELECT record.id, record.revision, record.last_change_id, record.township_code, record.payload, record.farm_id,
           personal.salt, personal.ciphertext, personal.key_id
    FROM record LEFT JOIN personal
      ON personal.county_code = record.county_code AND personal.record_id = record.id
     AND personal.revision = record.revision
    WHERE record.county_code = :county_code AND record.kind = 'report' AND record.status <> 'withdrawn'
      AND record.indicator = :indicator AND record.level = :level AND record.period = :period
"""

READ_PROJECTS = """
    SELECT project_id FROM record
    WHERE county_code = ANY(:merged_codes) AND project_id IS NOT NULL AND status <> 'withdrawn'
"""


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A live record: where it stands, and its whole payload by JSON Pointer."""

    id: str
    last_change_id: str
    township_code: str
    leaves: Leaves
    farm_id: str | None = None


class AmbiguousFarmError(LookupError):
    """A line fits several farms of the county."""


@dataclass
class Register:
    """The live farms of a county that the account may see, and its reports of one indicator, level and period."""

    farms: tuple[KnownRecord, ...] = ()
    reports: dict[str, KnownRecord] = field(default_factory=dict)
    """Farm id -> its report."""
    statement: KnownRecord | None = None
    projects: set[str] = field(default_factory=set)
    """The numbers of the projects that are reported already, in whatever year."""
    _by_number: dict[str, list[KnownRecord]] = field(default_factory=dict, init=False)
    _by_name: dict[str, list[KnownRecord]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for farm in self.farms:
            number = farm.leaves.get("/external_id")
            if number:
                self._by_number.setdefault(squash(number), []).append(farm)
            self._by_name.setdefault(squash(str(farm.leaves.get("/name", ""))), []).append(farm)

    def farm(self, number: str, name: str, township_code: str | None, village_code: str | None) -> KnownRecord | None:
        """Return the farm that a line is about, or None for one that is not registered yet.

        The roster number decides. Without it, or where no farm has it, the name within the township does; a farm with
        another number is another farm. Raises AmbiguousFarmError where several fit.
        """
        if number and (numbered := self._by_number.get(squash(number))):
            return _only(numbered)
        if not squash(name):
            return None
        fitting = [
            farm
            for farm in self._by_name.get(squash(name), ())
            if township_code in (None, farm.township_code)
            and village_code in (None, farm.leaves.get("/village_code", village_code))
            and not (number and farm.leaves.get("/external_id"))
        ]
        return _only(fitting) if fitting else None


def _only(farms: Iterable[KnownRecord]) -> KnownRecord:
    first, *others = farms
    if others:
        raise AmbiguousFarmError
    return first


async def load_register(
    connection: AsyncConnection,
    county_code: str,
    layout: Layout,
    period: str | None,
    townships: Collection[str] | None,
    merged_codes: Collection[str],
    vault: Vault,
) -> Register:
    """Return what is known of the county; `townships` are those whose farms the account may see (None: all).

    `merged_codes` are the ledgers of today's county, in all of which a project may have been reported.
    """
    farms: list[KnownRecord] = []
    if not layout.is_statement:
        scope = {"county_code": county_code, "townships": None if townships is None else sorted(townships)}
        rows = await connection.execute(text(READ_FARMS), scope)
        farms = [_known(row, county_code, vault) for row in rows]
    register = Register(tuple(farms))
    if layout.kind is RecordKind.FARM:
        return register
    if PROJECT in {column.pointer for column in layout.plain}:
        register.projects.update(await connection.scalars(text(READ_PROJECTS), {"merged_codes": sorted(merged_codes)}))
    asked: dict[str, Any] = {
        "county_code": county_code,
        "indicator": layout.indicator,
        "level": layout.level,
        "period": period,
    }
    for row in await connection.execute(text(READ_REPORTS), asked):
        record = _known(row, county_code, vault)
        if record.farm_id is None:
            register.statement = record
        else:
            register.reports[record.farm_id] = record
    return register


def _known(row: Row[Any], county_code: str, vault: Vault) -> KnownRecord:
    payload: dict[str, Any] = dict(row.payload)
    if row.ciphertext is not None:
        sealed = Sealed(bytes(row.salt), bytes(row.ciphertext), row.key_id)
        payload |= vault.open(sealed, county_code, str(row.id), row.revision)
    farm_id = None if row.farm_id is None else str(row.farm_id)
    return KnownRecord(str(row.id), str(row.last_change_id), row.township_code, flatten(payload), farm_id)
