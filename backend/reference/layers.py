"""The drawn layers, made once at set-up: small GeoJSON files, gzip, each a sound coverage. Pure.

Provinces are drawn from one simplification of the whole country and counties from one finer one, so that within a layer
and between the county layers of neighbouring provinces every edge is shared: nothing overlaps and nothing gapes.
"""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely

from backend.reference.boundaries import Boundaries, CountyShape, Line, attribution
from geo.coverage import dissolve, simplify

PROVINCE_TOLERANCE_DEG = 0.022
COUNTY_TOLERANCE_DEG = 0.0125
"""So that the province layer stays below 400 kB and every county layer below 300 kB of GeoJSON."""

WATER_SOURCE = "Natural Earth"
PLACES = 4
"""About 11 m, less than the smallest reef of the South China Sea."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A row of `map_layer`: `sha256` is that of the compressed body, which is served as it is."""

    name: str
    body: bytes
    sha256: bytes


def build_layers(
    boundaries: Boundaries, province_of: Mapping[str, str], provinces: Mapping[str, tuple[str, bool]]
) -> list[Layer]:
    """Return `provinces`, one `counties-<province_code>` each, and `boundary-lines`.

    `province_of` maps every outline's code to the province it is drawn with (兵团 to 650000), `provinces` those
    provinces to (name, in_scope).
    """
    owners = [province_of[county.code] for county in boundaries.counties]
    shapes = np.array([county.geometry for county in boundaries.counties], dtype=object)
    outlines = dissolve(simplify(shapes, PROVINCE_TOLERANCE_DEG, PLACES), owners)
    drawn = simplify(shapes, COUNTY_TOLERANCE_DEG, PLACES)
    sources = attribution({county.source for county in boundaries.counties})
    of_province: dict[str, list[tuple[CountyShape, Any]]] = {}
    for owner, county, shape in zip(owners, boundaries.counties, drawn, strict=True):
        of_province.setdefault(owner, []).append((county, shape))
    return [
        _layer("provinces", _province_features(outlines, provinces), sources),
        *(_layer(f"counties-{code}", _county_features(found), sources) for code, found in sorted(of_province.items())),
        _layer("boundary-lines", _line_features(boundaries.lines), sources),
    ]


def water_layer(waters: Iterable[tuple[str, str, str, Any]]) -> Layer:
    """Return `basin-waters` from (code, name, English name, shape) of every basin that has an outline."""
    features = (_feature(_short(shape), code=code, name=name, name_en=name_en) for code, name, name_en, shape in waters)
    return _layer("basin-waters", features, WATER_SOURCE)


def _province_features(
    outlines: Mapping[str, Any], provinces: Mapping[str, tuple[str, bool]]
) -> Iterable[dict[str, Any]]:
    for code, shape in outlines.items():
        name, in_scope = provinces[code]
        yield _feature(shape, code=code, name=name, in_scope=in_scope)


def _county_features(counties: Iterable[tuple[CountyShape, Any]]) -> Iterable[dict[str, Any]]:
    for county, shape in counties:
        yield _feature(shape, code=county.code, name=county.name, in_scope=county.in_scope)


def _line_features(lines: Iterable[Line]) -> Iterable[dict[str, Any]]:
    for line in lines:
        yield _feature(_short(line.geometry), id=line.id, name=line.name)


def _short(shape: Any) -> Any:
    return shapely.transform(shape, lambda coordinates: np.round(coordinates, PLACES))


def _feature(shape: Any, **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature, its rings by the right-hand rule (RFC 7946)."""
    if shapely.get_dimensions(shape) == 2:
        shape = shapely.orient_polygons(shape, exterior_cw=False)
    return {"type": "Feature", "properties": properties, "geometry": orjson.Fragment(shapely.to_geojson(shape))}


def _layer(name: str, features: Iterable[dict[str, Any]], sources: str) -> Layer:
    """Return a layer; equal content gives equal bytes, for no time of making is written into the file."""
    document = orjson.dumps({"type": "FeatureCollection", "attribution": sources, "features": list(features)})
    body = gzip.compress(document, compresslevel=9, mtime=0)
    return Layer(name, body, hashlib.sha256(body).digest())
