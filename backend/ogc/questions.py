"""What a client may ask, checked before tipg sees it: every fault is answered 400 with the parameter named."""

import math
from typing import Annotated, Any, Literal

from ciso8601 import parse_rfc3339
from cql2 import Expr
from fastapi import Path, Query, Request
from morecantile import Tile
from tipg.collections import PgCollection
from tipg.dependencies import accept_media_type
from tipg.resources.enums import MediaType

from backend.ogc.description import query_parameters
from backend.ogc.layers import COLLECTIONS
from backend.problems import Refused
from schemas.problems import problem

MAX_FILTER_CHARACTERS = 2_000
MAX_FILTER_NEGATIONS = 20
"""The parser of filters descends once for each, takes time quadratic in them, and ends the process where they are
thousands."""

MAX_ZOOM = 22

OPERATORS = frozenset(
    {
        "and", "or", "not", "=", "<>", "<", ">", "<=", ">=", "like", "between", "in", "isNull", "casei",
        "s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within", "s_overlaps", "s_crosses", "s_contains",
        "t_after", "t_before", "t_equals",
    }
)  # fmt: skip
"""A filter may name any function, and tipg would have the database run it: `set_config`, `query_to_xml`, `pg_sleep`."""

JsonAsked = Annotated[Literal["json"] | None, Query(description="JSON alone.")]
ITEM_FORMATS = Literal["geojson", "json", "csv", "geojsonseq", "ndjson"]
DEFAULT_FORMATS = [MediaType.geojson, MediaType.json, MediaType.csv, MediaType.geojsonseq, MediaType.ndjson]


def refused(name: str, reason: str) -> Refused:
    """Return the refusal of a parameter."""
    return Refused(problem("invalid_query", name, label=name, reason=reason))


def collection_asked(
    request: Request,
    collectionId: Annotated[str, Path(description="Collection identifier")],  # noqa: N803
) -> PgCollection:
    """Return the collection of the path."""
    found = COLLECTIONS.get(collectionId)
    if found is None:
        raise Refused(problem("not_found", path=request.url.path[:200]))
    return found


def bbox_asked(bbox: Annotated[str | None, Query(description="West, south, east, north in degrees.")] = None) -> Any:
    """Return the bounds of a box, two or three of each corner, or None."""
    if not bbox:
        return None
    try:
        bounds = [float(part) for part in bbox.split(",")]
    except ValueError:
        raise refused("bbox", "it is not a list of numbers") from None
    if len(bounds) not in {4, 6} or not all(map(math.isfinite, bounds)):
        raise refused("bbox", "it needs 4 or 6 numbers")
    half = len(bounds) // 2
    (west, south), (east, north) = bounds[:2], bounds[half : half + 2]
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90 or south > north:
        raise refused("bbox", "it leaves the earth, or south lies above north")
    if west > east:
        raise refused("bbox", "a box across the antimeridian is not answered")
    return bounds


def datetime_asked(
    datetime: Annotated[str | None, Query(description="A moment, or two divided by a slash.")] = None,
) -> list[str] | None:
    """Return one moment or the ends of a span, `..` for an open one, or None."""
    if not datetime:
        return None
    ends = datetime.split("/")
    if len(ends) > 2 or all(end in {"", ".."} for end in ends):
        raise refused("datetime", "it needs a moment, or two divided by a slash")
    try:
        for end in ends:
            if end not in {"", ".."} or len(ends) == 1:
                parse_rfc3339(end)
    except ValueError:
        raise refused("datetime", "it is not in the form of RFC 3339") from None
    return ends


def filter_asked(
    query: Annotated[str | None, Query(description="CQL2 filter.", alias="filter")] = None,
    filter_lang: Annotated[Literal["cql2-text", "cql2-json"] | None, Query(alias="filter-lang")] = None,
) -> Expr | None:
    """Return a filter that names nothing but comparisons, or None."""
    del filter_lang  # the parser tells the two apart
    if not query:
        return None
    if len(query) > MAX_FILTER_CHARACTERS or query.lower().count("not") > MAX_FILTER_NEGATIONS:
        raise refused("filter", f"it is longer than {MAX_FILTER_CHARACTERS} characters, or negates too often")
    try:
        tree = Expr(query).to_json()
        _check_operators(tree)
        # Read back from JSON, shapes are in degrees: tipg's own way, see its `filter_query`.
        return Expr(tree)
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - the parser raises several kinds, all meaning the same
        raise refused("filter", "it is not CQL2") from None


def _check_operators(node: Any) -> None:
    if isinstance(node, list):
        for one in node:
            _check_operators(one)
    elif isinstance(node, dict):
        operator = node.get("op")
        if operator is not None and operator not in OPERATORS:
            raise refused("filter", f"'{str(operator)[:40]}' is not among the operators answered here")
        for one in node.values():
            _check_operators(one)


def format_of_document(f: JsonAsked = None) -> MediaType:
    """Return JSON: pages would load programs from another host, and people have the dashboard."""
    del f
    return MediaType.json


def format_of_queryables(f: Annotated[Literal["schemajson", "json"] | None, Query()] = None) -> MediaType:
    """Return JSON Schema."""
    del f
    return MediaType.schemajson


def format_of_items(request: Request, f: Annotated[ITEM_FORMATS | None, Query()] = None) -> MediaType:
    """Return the form of features: as asked, else by the `Accept` header, else GeoJSON."""
    if f is not None:
        return MediaType[f]
    return accept_media_type(request.headers.get("accept", ""), DEFAULT_FORMATS) or MediaType.geojson


def tile_asked(
    request: Request, z: Annotated[int, Path()], x: Annotated[int, Path()], y: Annotated[int, Path()]
) -> Tile:
    """Return the tile of the path."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise Refused(problem("not_found", path=request.url.path[:200]))
    return Tile(x, y, z)


def known_parameters(request: Request) -> None:
    """Refuse a parameter that neither the route nor its collection has: a misspelt filter would answer everything."""
    route = request.scope["route"]
    known = query_parameters(request.app, route.path)
    collection = COLLECTIONS.get(request.path_params.get("collectionId", ""))
    fields = set() if collection is None else {one.name for one in collection.properties} - {"geom"}
    filtered = route.name in {"items", "collection_get_tile", "collection_tilejson", "collection_stylejson"}
    for name in request.query_params:
        if name not in known and not (filtered and name in fields):
            raise Refused(problem("unknown_query", name, label=name[:40]))
    if not request.query_params.get("limit", "1").lstrip("+-0"):
        raise refused("limit", "it is 0")
    chosen = request.query_params.get("properties")
    for name in chosen.split(",") if chosen else ():
        if name.strip() not in fields:
            raise refused("properties", f"'{name.strip()[:40]}' is no field")
