"""Vector tiles of the map: the regions for everybody, the plots for the county that owns them.

Anonymous routes: the outlines of regions are public. Plots are exact positions, and read with a sign-in.
"""

import gzip
import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Path, Request
from fastapi.responses import Response

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.api.zipped import accepts_gzip, knows
from backend.headers import ASK_AGAIN, FOR_EVER
from backend.problems import Refused
from backend.tiles.plots import PLOT_FIELDS, plot_tile, plots_scope
from backend.tiles.regions import LAYERS, current_set, region_tile
from geo.tiles import PLOT_ZOOMS, REGION_ZOOMS, Tile
from schemas.problems import problem

router = APIRouter(prefix="/v1/tiles", tags=["map"])

MVT = "application/vnd.mapbox-vector-tile"
IMMUTABLE = f"public, {FOR_EVER}"
MVT_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"content": {MVT: {}}}, 204: {}, 304: {}}

Number = Annotated[int, Path(ge=0, le=2**24)]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The hash in the address that the TileJSON gives.")]
Encodings = Annotated[str, Header(max_length=1000)]
Tags = Annotated[str, Header(max_length=1000)]


@router.get("/regions.json", response_class=Response, responses={200: {"content": {"application/json": {}}}, 304: {}})
async def regions_tilejson(request: Request, service: CurrentService, if_none_match: Tags = "") -> Response:
    """Describe the tiles of the regions as TileJSON 3.0; the addresses change with the boundaries."""
    found = await current_set(service.read_pool)
    if found is None:
        raise Refused(problem("not_found", path=request.url.path))
    document = _tilejson(f"{request.base_url}v1/tiles/regions/{found.sha256}", REGION_ZOOMS, LAYERS) | {
        "name": "regions",
        "description": "行政区划、重点流域、境界线。Regions, key basins and boundary lines.",
        "bounds": found.bounds,
        "attribution": service.map_source,
    }
    return _described(document, "public, no-cache", if_none_match)


@router.get("/regions/{sha256}/{z}/{x}/{y}.mvt", response_class=Response, responses=MVT_RESPONSES)
async def region_tile_of_set(
    sha256: Sha256,
    z: Number,
    x: Number,
    y: Number,
    request: Request,
    service: CurrentService,
    if_none_match: Tags = "",
    accept_encoding: Encodings = "",
) -> Response:
    """Answer a tile of the regions (Mapbox Vector Tile); it never changes, another set has another address."""
    body = await region_tile(service.read_pool, service.tiles, sha256, Tile(z, x, y))
    if body is None:
        raise Refused(problem("not_found", path=request.url.path[:200]))
    return _tile(body, f"{sha256[:32]}-{z}-{x}-{y}", IMMUTABLE, if_none_match, accept_encoding)


@router.get("/plots.json", response_class=Response, responses={200: {"content": {"application/json": {}}}, 304: {}})
async def plots_tilejson(
    request: Request, access: CurrentAccess, service: CurrentService, if_none_match: Tags = ""
) -> Response:
    """Describe the tiles of the plots that the caller may see as TileJSON 3.0; above the county there are none."""
    scope = plots_scope(access)
    document = _tilejson(f"{request.base_url}v1/tiles/plots", PLOT_ZOOMS, {"plot": PLOT_FIELDS}) | {
        "name": "plots",
        "description": "本县、本乡镇的地块。The plots of the caller's county or townships.",
        "bounds": service.reference.counties.bounds(scope.county_codes),
        "attribution": service.map_source,
    }
    return _described(document, f"private, {ASK_AGAIN}", if_none_match)


@router.get("/plots/{z}/{x}/{y}.mvt", response_class=Response, responses=MVT_RESPONSES)
async def plots_of_tile(
    z: Number,
    x: Number,
    y: Number,
    request: Request,
    access: CurrentAccess,
    service: CurrentService,
    if_none_match: Tags = "",
    accept_encoding: Encodings = "",
) -> Response:
    """Answer the plots in a tile that the caller may see; asked again, only where a ledger of theirs went on."""
    tile = Tile(z, x, y)
    if not tile.exists or z not in PLOT_ZOOMS:
        raise Refused(problem("not_found", path=request.url.path[:200]))
    found = await plot_tile(service.read_pool, plots_scope(access), tile, if_none_match)
    body = gzip.compress(found.mvt, compresslevel=5, mtime=0) if found.mvt else b""
    return _tile(body, found.tag, f"private, {ASK_AGAIN}", if_none_match, accept_encoding)


def _tilejson(folder: str, zooms: range, layers: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return what TileJSON 3.0 says of all our tiles; `layers` are fields and their kinds by layer."""
    bounds = {"minzoom": zooms[0], "maxzoom": zooms[-1]}
    return {
        "tilejson": "3.0.0",
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [f"{folder}/{{z}}/{{x}}/{{y}}.mvt"],
        "vector_layers": [{"id": name, "fields": fields, **bounds} for name, fields in layers.items()],
        **bounds,
    }


def _described(document: dict[str, Any], cache_control: str, if_none_match: str) -> Response:
    body = orjson.dumps(document)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": cache_control}
    if knows(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _tile(body: bytes, tag: str, cache_control: str, if_none_match: str, accept_encoding: str) -> Response:
    """Return a tile that is kept as gzip, unpacked for whoever does not take that; 204 where nothing is in it."""
    zipped = accepts_gzip(accept_encoding)
    tags = {True: f'"{tag}-gzip"', False: f'"{tag}"'}
    headers = {"ETag": tags[zipped], "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if cache_control != IMMUTABLE:
        headers["Vary"] = "Accept-Encoding, Authorization"
    if knows(if_none_match, *tags.values()):
        return Response(status_code=304, headers=headers)
    if not body:
        return Response(status_code=204, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(body if zipped else gzip.decompress(body), headers=headers, media_type=MVT)
