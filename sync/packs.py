"""Packs of reference data for a phone: canonical bytes, named by their content, so that nothing is fetched twice."""

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import orjson

from schemas.canonical import canonical_bytes
from schemas.changes import PackRef
from schemas.decimals import plain
from schemas.regions import NO_TOWNSHIP
from sync.personal import Sealed
from sync.reading import Reader
from sync.reference import Reference
from sync.statement import Connection, Statement


class PackName(StrEnum):
    """What a phone may keep besides records."""

    REGIONS = "regions"
    GOALS = "goals"
    COEFFICIENTS = "coefficients"
    CATALOGUE = "catalogue"
    FARMS = "farms"
    """The register of the caller's townships in short, for apps that keep no mirror; it changes with the ledger."""
    GEOPACKAGE = "geopackage"
    """A file for QGIS and QField: outlines, the register in the caller's scope, townships, goals, coefficients."""
    BOUNDARY_TILES = "boundary_tiles"
    """A file of vector tiles (PMTiles): the boundaries around the county."""


FARM_COLUMNS = """
    id, revision, township_code, payload ->> 'entity_kind' AS entity_kind,
    payload ->> 'village_code' AS village_code, payload ->> 'area_mu' AS area_mu
    FROM record WHERE county_code = cast(:county_code AS text) AND kind = 'farm' AND status <> 'withdrawn'
"""

FARMS_OF_COUNTY = f"SELECT {FARM_COLUMNS}"

FARMS_OF_TOWNSHIPS = f"""
    SELECT farm.* FROM unnest(cast(:townships AS text[])) AS held (township_code)
    CROSS JOIN LATERAL (SELECT {FARM_COLUMNS} AND township_code = held.township_code OFFSET 0) AS farm
"""

READ_FARMS = """
    SELECT json_agg(one) AS farms FROM (
        SELECT farm.*, sealed.* FROM ({farms}) AS farm
        LEFT JOIN LATERAL (
            SELECT encode(salt, 'hex') AS salt, encode(ciphertext, 'hex') AS ciphertext, key_id FROM personal
            WHERE county_code = cast(:county_code AS text) AND record_id = farm.id AND revision = farm.revision
              AND cast(:sees_personal AS boolean) OFFSET 0
        ) AS sealed ON true
        ORDER BY farm.id
    ) AS one
"""

READ_FARMS_OF_COUNTY = Statement.of(READ_FARMS.format(farms=FARMS_OF_COUNTY))
READ_FARMS_OF_TOWNSHIPS = Statement.of(READ_FARMS.format(farms=FARMS_OF_TOWNSHIPS))

READ_HEAD_HASH = Statement.of("SELECT entry_hash FROM ledger_head WHERE county_code = :county_code")


@dataclass(frozen=True)
class Pack:
    """One pack: the RFC 8785 form of its content, which is the same whichever process writes it."""

    name: PackName
    body: bytes

    @classmethod
    def of(cls, name: PackName, content: Any) -> "Pack":
        """Return the pack of a content, a JSON value."""
        return cls(name, canonical_bytes(content))

    @cached_property
    def sha256(self) -> str:
        """What the pack is named by."""
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def gzipped(self) -> bytes:
        """The body compressed, without a time, so that it too is the same everywhere."""
        return gzip.compress(self.body, 6, mtime=0)

    @property
    def ref(self) -> PackRef:
        """What a list of packs says of this one."""
        return PackRef(name=self.name, sha256=self.sha256, size=len(self.body))


def hash_of_hashes(packs: Iterable[PackRef]) -> str:
    """Return SHA-256 of the lines `<name>:<sha256>`, each ended by a line feed, sorted: what a phone says it has."""
    lines = sorted(f"{one.name}:{one.sha256}\n" for one in packs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def regions_pack(county_code: str, reference: Reference) -> Pack:
    """Return the county of a ledger as it is today: what it lies in, and its townships."""
    today = reference.region_of(county_code)
    above = [{"code": one.code, "name": one.name, "level": one.level} for one in reference.tree.chain(today)]
    townships = [{"code": one.code, "name": one.name} for one in reference.tree.children(today)]
    content = {
        "county_code": county_code,
        "today": today,
        "regions": above,
        "townships": townships,
        "no_township": county_code + NO_TOWNSHIP,
    }
    return Pack.of(PackName.REGIONS, content)


def coefficients_pack(county_code: str, reference: Reference) -> Pack:
    """Return the coefficients of the county and of what it lies in: the nearest region wins, then the latest year."""
    regions = {one.code for one in reference.tree.chain(reference.region_of(county_code))}
    regions |= set(reference.ledgers_with(county_code))
    rows = [
        {
            "region_code": one.region_code,
            "year": one.year,
            "name": one.name,
            "subject": one.subject,
            "value": plain(one.value),
            "unit": one.unit,
            "source": one.source,
            "status": one.status,
        }
        for one in reference.coefficients
        if one.region_code in regions
    ]
    rows.sort(key=lambda row: (row["region_code"], row["year"], row["name"], row["subject"]))
    return Pack.of(PackName.COEFFICIENTS, {"coefficients": rows})


async def head_hash_of(connection: Connection, county_code: str) -> bytes:
    """Return the hash of a ledger's last entry: a restored ledger has another at the same place."""
    [row] = await READ_HEAD_HASH.rows(connection, county_code=county_code)
    entry_hash: bytes = row["entry_hash"]
    return entry_hash


async def read_farms(connection: Connection, county_code: str, reader: Reader) -> bytes | str:
    """Return the live farms of the reader's townships as a JSON array, names sealed; `farms_pack` opens it."""
    statement = READ_FARMS_OF_COUNTY if reader.townships is None else READ_FARMS_OF_TOWNSHIPS
    [row] = await statement.rows(
        connection, county_code=county_code, townships=reader.held, sees_personal=reader.sees_personal
    )
    farms: str | None = row["farms"]
    return farms or b"[]"


def farms_pack(rows: bytes | str, county_code: str, reader: Reader) -> Pack:
    """Return the register in short; names are there only where the reader may see them."""
    farms = []
    for row in orjson.loads(rows):
        personal = personal_of(row, county_code, reader)
        farm = {name: row[name] for name in ("id", "entity_kind", "township_code")}
        farms.append(farm | ({} if personal is None else {"name": personal["name"]}))
    return Pack.of(PackName.FARMS, {"county_code": county_code, "farms": farms})


def personal_of(row: dict[str, Any], county_code: str, reader: Reader) -> dict[str, Any] | None:
    """Return the personal fields of a row of `read_farms`, None where the reader may not see them."""
    if row["ciphertext"] is None:
        return None
    sealed = Sealed(bytes.fromhex(row["salt"]), bytes.fromhex(row["ciphertext"]), row["key_id"])
    return reader.vault.open(sealed, county_code, row["id"], row["revision"])
