"""Packs of reference data: listed with their hashes, sent only where the phone's copy is another."""

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import Response

from backend.api.dependencies import CountyAsked, CurrentAccess, CurrentService, reader_of
from backend.api.zipped import accepts_gzip, knows
from backend.contract.definitions import forms
from backend.contract.json_schemas import schema_files
from backend.db import connected
from backend.service import Service
from schemas.changes import SCHEMA_VERSION, PackList, PackRef
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import IndicatorSpec, Rule
from schemas.problem_catalogue import PROBLEMS
from schemas.vocabulary import UNIT_NAMES
from sync.cursor import scope_digest
from sync.packs import Pack, PackName, farms_pack, hash_of_hashes, head_hash_of, read_farms
from sync.reading import Reader

router = APIRouter(prefix="/v1/packs", tags=["sync"])

CACHE_CONTROL = "private, no-cache"
"""A phone may keep a pack, and asks each time whether it is still the one."""


@router.get("")
async def list_packs(county: CountyAsked, access: CurrentAccess, service: CurrentService) -> PackList:
    """Answer the packs of a county with their hashes and sizes."""
    reader = reader_of(county, access, service)
    refs = [one.ref for one in (await reference_packs(county, service)).values()]
    farms = await _register(county, reader, service)
    return PackList(county_code=county, sha256=hash_of_hashes(refs), packs=[*refs, farms.ref])


@router.get("/{name}", response_class=Response, responses={200: {"content": {"application/json": {}}}, 304: {}})
async def send_pack(
    name: PackName,
    county: CountyAsked,
    access: CurrentAccess,
    service: CurrentService,
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
    accept_encoding: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """Answer a pack; with `If-None-Match` only where its hash is another."""
    reader = reader_of(county, access, service)
    if name is PackName.FARMS:
        pack = await _register(county, reader, service)
    else:
        pack = (await reference_packs(county, service))[name]
    return _answer(pack, if_none_match, accept_encoding)


async def reference_packs(county_code: str, service: Service) -> Mapping[PackName, Pack]:
    """Return the packs of a county that follow from the reference data and the forms alone."""
    catalogue = (
        await asyncio.to_thread(catalogue_pack) if not catalogue_pack.cache_info().currsize else catalogue_pack()
    )
    return service.packs.of_county(county_code, service.reference, service.plan, catalogue)


async def packs_unless(known: str, county_code: str, service: Service) -> list[PackRef] | None:
    """Return the list of packs where the phone's hash of hashes is another; None where it is the same."""
    refs = [one.ref for one in (await reference_packs(county_code, service)).values()]
    return None if hash_of_hashes(refs) == known else refs


async def _register(county_code: str, reader: Reader, service: Service) -> Pack:
    """Return the farms of the caller's townships; made anew only where the ledger went on."""
    key = (county_code, scope_digest(reader.townships, sees_personal=reader.sees_personal))
    async with connected(service.pool) as connection:
        # Read before the farms: a farm that comes in between is in the pack, and the pack is made again next time.
        head = await head_hash_of(connection, county_code)
        kept = service.packs.registers.get(key)
        if kept is not None and kept[0] == head:
            return kept[1]
        rows = await read_farms(connection, county_code, reader)
    pack = await asyncio.to_thread(farms_pack, rows, county_code, reader)
    service.packs.registers.put(key, (head, pack))
    return pack


def _answer(pack: Pack, if_none_match: str, accept_encoding: str) -> Response:
    """Return the pack, compressed where asked for. Each encoding has its strong tag; either says that it is known."""
    tags = {False: f'"{pack.sha256}"', True: f'"{pack.sha256}-gzip"'}
    zipped = accepts_gzip(accept_encoding)
    headers = {"ETag": tags[zipped], "Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding"}
    if knows(if_none_match, *tags.values()):
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(pack.gzipped if zipped else pack.body, media_type="application/json", headers=headers)


@cache
def catalogue_pack() -> Pack:
    """Return the forms of this version as JSON Schemas, and the texts of rules, units and problems."""
    schemas = schema_files()
    content = {
        "schema_version": SCHEMA_VERSION,
        "forms": {name: _ordered(schemas[name]) for name in forms()},
        "indicators": [_indicator(spec) for spec in CATALOGUE.values()],
        "units": {unit: {"zh": zh, "en": en} for unit, (zh, en) in UNIT_NAMES.items()},
        "problems": {code: {"zh": kind.zh, "en": kind.en} for code, kind in PROBLEMS.items()},
    }
    return Pack.of(PackName.CATALOGUE, content)


def _ordered(schema: Any) -> Any:
    """Return a JSON Schema whose objects say in `x-order` how their fields follow: a canonical form sorts its keys."""
    match schema:
        case dict():
            found = {name: _ordered(each) for name, each in schema.items()}
            properties = schema.get("properties")
            return found | {"x-order": list(properties)} if isinstance(properties, dict) else found
        case list():
            return [_ordered(each) for each in schema]
        case _:
            return schema


def _indicator(spec: IndicatorSpec) -> dict[str, Any]:
    return {
        "indicator": spec.indicator,
        "zh": spec.zh,
        "en": spec.en,
        "kind": spec.kind,
        "standing": spec.standing,
        "subjects": {code: {"zh": zh, "en": en} for code, (zh, en) in spec.subject_labels.items()},
        "merge_groups": sorted(sorted(group) for group in spec.merge_groups),
        "rules": [_rule(rule) for rule in spec.rules],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "zh": rule.zh,
        "en": rule.en,
        "on_farm": rule.on_farm,
        "on_county": rule.on_county,
        "status": rule.status,
    }
