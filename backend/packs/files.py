"""The packs that are files of their own: named by what they are made from, made when somebody asks for their bytes."""

import hashlib
from collections.abc import Iterable, Mapping

import asyncpg

from backend.db import connected
from backend.packs.kept import EVERYBODY, FileKey
from backend.service import Service
from geo.geopackage import MEDIA_TYPE as GEOPACKAGE_TYPE
from schemas.changes import SCHEMA_VERSION, PackFile
from schemas.reference.kinds import REGIONS, ReferenceKind
from sync.cursor import scope_digest
from sync.farm_stand import FarmStand, farm_stand
from sync.packs import Pack, PackName
from sync.reading import Reader

PMTILES_TYPE = "application/vnd.pmtiles"
FORMAT = 1
"""To be raised when a file of the same content is to be written in another way: phones then fetch it anew."""

OUTLINE_KINDS = (ReferenceKind.BOUNDARIES, ReferenceKind.REGION_RECODES, REGIONS)


MEDIA_TYPES: Mapping[PackName, str] = {PackName.GEOPACKAGE: GEOPACKAGE_TYPE, PackName.BOUNDARY_TILES: PMTILES_TYPE}
"""The packs that are files, and what they are."""


def digest_of_files(files: Iterable[PackFile]) -> str:
    """Return SHA-256 of the lines `<name>:<version>`, each ended by a line feed, sorted: what a phone was told last."""
    lines = sorted(f"{one.name}:{one.version}\n" for one in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


async def keys_of(
    county_code: str, reader: Reader, packs: Mapping[PackName, Pack], service: Service
) -> dict[PackName, FileKey]:
    """Return the file packs of a county for a reader as they are now. One statement, whatever the ledger holds."""
    async with connected(service.pool) as connection:
        stand = await stand_of(connection, county_code, service)
    found = {PackName.GEOPACKAGE: geopackage_key(county_code, reader, packs, stand, service)}
    drawn = await service.files.tile_set(service.state, service.read_pool)
    if drawn is not None and service.reference.region_of(county_code) in service.reference.counties:
        inputs = (drawn.sha256, *_versions(service, OUTLINE_KINDS), service.map_source)
        version = _version(PackName.BOUNDARY_TILES, county_code, EVERYBODY, inputs)
        found[PackName.BOUNDARY_TILES] = FileKey(PackName.BOUNDARY_TILES, county_code, EVERYBODY, version)
    return found


def geopackage_key(
    county_code: str, reader: Reader, packs: Mapping[PackName, Pack], stand: FarmStand, service: Service
) -> FileKey:
    """Return what a reader's GeoPackage is called that is made from these packs and the register at that stand."""
    scope = scope_digest(reader.townships, sees_personal=reader.sees_personal)
    inputs = (
        *_versions(service, OUTLINE_KINDS),
        *(packs[name].sha256 for name in (PackName.REGIONS, PackName.GOALS, PackName.COEFFICIENTS)),
        stand.name,
        service.map_source,
        str(SCHEMA_VERSION),
        f"demo {service.settings.demo}",
    )
    return FileKey(PackName.GEOPACKAGE, county_code, scope, _version(PackName.GEOPACKAGE, county_code, scope, inputs))


async def stand_of(connection: asyncpg.Connection, county_code: str, service: Service) -> FarmStand:
    """Return the last entry that touched a farm of the county; what was found before is not looked for again."""
    stand = await farm_stand(connection, county_code, service.files.stands.get(county_code))
    service.files.stands.put(county_code, stand)
    return stand


def _versions(service: Service, kinds: Iterable[str]) -> list[str]:
    return [f"{kind} {service.state.versions.get(kind, 0)}" for kind in kinds]


def _version(name: PackName, county_code: str, scope: str, inputs: Iterable[str]) -> str:
    return hashlib.sha256("\n".join([f"{name} {FORMAT}", county_code, scope, *inputs]).encode()).hexdigest()
