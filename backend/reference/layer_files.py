"""County outlines from a layer that a deployment has: any of the usual files, its datum declared, in CGCS2000."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from backend.reference.boundaries import COUNTRY_PREFIX
from geo.coverage import dissolve
from schemas.reference.sheet import Fault

SUFFIXES = (".gpkg", ".shp", ".zip", ".geojson", ".json", ".fgb")
CGCS2000 = CRS.from_epsg(4490)
SAME_DATUMS = frozenset({"China 2000", "World Geodetic System 1984", "World Geodetic System 1984 ensemble"})
"""WGS 84 is treated as equal to CGCS2000: they differ by centimetres."""

CODE_COLUMNS = (
    "code",
    "county_code",
    "gb",
    "pac",
    "adcode",
    "xzqdm",
    "xzqhdm",
    "区划代码",
    "县代码",
    "行政区划代码",
    "代码",
)
NAME_COLUMNS = ("name", "county_name", "mc", "xzqmc", "区划名称", "县名称", "行政区划名称", "名称")
CHINA_BOX = (73.0, 3.0, 136.0, 54.0)
"""Longitudes and latitudes that an outline lies within."""


@dataclass(frozen=True, slots=True)
class LayerOptions:
    """What a file does not say by itself."""

    code_column: str | None = None
    name_column: str | None = None
    layer: str | None = None


@dataclass(slots=True)
class ReadLayer:
    """The outlines of a file by today's code, how many had to be repaired, and every fault."""

    outlines: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    crs: str = ""
    repaired: int = 0
    merged: int = 0
    faults: list[Fault] = field(default_factory=list)


def read_layer(path: Path, options: LayerOptions, todays: Mapping[str, str]) -> ReadLayer:
    """Return the polygons of a layer by code. `todays` maps every known code to the one that holds today.

    Formats: GeoPackage, Shapefile (also zipped), GeoJSON, FlatGeobuf. Codes of six digits, of twelve, or of nine that
    begin with the country's 156. Invalid polygons are repaired; whatever else is wrong is a fault of its feature.
    """
    result = ReadLayer()
    try:
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=options.layer, force_2d=True, datetime_as_string=True)
    except (DataSourceError, DataLayerError, ValueError) as error:
        message = str(error).splitlines()[0]
        result.faults.append(Fault(f"读不出图层：{message}", f"the layer cannot be read: {message}"))
        return result
    fields = dict(zip(meta["fields"], columns, strict=True))
    to_cgcs2000 = _transformer(meta["crs"], result)
    code_column = _column(options.code_column, CODE_COLUMNS, fields, ("代码", "code"), "--code-column", result)
    if to_cgcs2000 is None or code_column is None:
        return result
    codes = _codes(fields[code_column], code_column, todays, result)
    shapes = _shapes(shapely.from_wkb(wkb), to_cgcs2000, result)
    if result.faults:
        return result
    result.outlines = dissolve(shapes, codes)
    counted = Counter(codes)
    result.merged = sum(count - 1 for count in counted.values())
    name_column = _column(options.name_column, NAME_COLUMNS, fields, None, "--name-column", result)
    if name_column is not None:
        names = {code: str(name or "").strip() for code, name in zip(codes, fields[name_column], strict=True)}
        result.names = {code: name for code, name in names.items() if name and counted[code] == 1}
    return result


def _transformer(given: str | None, result: ReadLayer) -> Transformer | None:
    """Return what brings the file's coordinates to CGCS2000; a fault where that cannot be done exactly."""
    if not given:
        result.faults.append(
            Fault(
                "文件没有写明坐标系，不能载入（Shapefile 请带上 .prj）",
                "the file does not say its coordinate system (a Shapefile needs its .prj)",
            )
        )
        return None
    try:
        crs = CRS.from_user_input(given)
        geodetic = crs.geodetic_crs
    except CRSError:
        geodetic = None
    if geodetic is None or geodetic.datum is None:
        result.faults.append(Fault("坐标系无法识别", "the coordinate system is not understood"))
        return None
    if geodetic.datum.name not in SAME_DATUMS and not geodetic.equals(CGCS2000, ignore_axis_order=True):
        result.faults.append(
            Fault(
                f"坐标系是 {crs.name}，与 CGCS2000 之间没有通用的精确参数，请先用本地参数转换为 CGCS2000",
                f"the datum of {crs.name} has no exact public transformation; convert the file to CGCS2000 first",
            )
        )
        return None
    result.crs = crs.name
    return Transformer.from_crs(crs, CGCS2000, always_xy=True)


def _column(
    wanted: str | None,
    usual: Sequence[str],
    fields: Mapping[str, Any],
    what: tuple[str, str] | None,
    option: str,
    result: ReadLayer,
) -> str | None:
    """Return the column asked for, else the first with a usual name; a fault where one is needed and none is found."""
    lower = {name.lower(): name for name in fields}
    if wanted is not None and wanted.lower() in lower:
        return lower[wanted.lower()]
    found = next((lower[name] for name in usual if name in lower), None) if wanted is None else None
    if found is None and (what is not None or wanted is not None):
        zh, en = what or ("名称", "name")
        listed = ", ".join(fields) or "-"
        result.faults.append(
            Fault(
                f"找不到{zh}列，请用 {option} 指明；文件里有：{listed}",
                f"no column with the {en} is found, give {option}; the file has: {listed}",
            )
        )
    return found


def _codes(values: Sequence[Any], column: str, todays: Mapping[str, str], result: ReadLayer) -> list[str]:
    codes = []
    for number, value in enumerate(values, start=1):
        given = "" if value is None else _digits(value)
        if len(given) == 9 and given.startswith(COUNTRY_PREFIX):
            given = given.removeprefix(COUNTRY_PREFIX)
        code = todays.get(given[:6])
        if code is None:
            shown = given or "空 empty"
            result.faults.append(
                Fault(f"没有这个县级代码：{shown}", f"there is no county with this code: {shown}", number, column)
            )
        codes.append(code or "")
    return codes


def _digits(value: Any) -> str:
    """Return a code as text; a layer may hold it as a number."""
    text = str(value).strip()
    return text.removesuffix(".0")


def _shapes(shapes: Any, transformer: Transformer, result: ReadLayer) -> Any:
    """Return sound polygons in CGCS2000; faults are counted from 1 in the order of the features."""
    moved = shapely.transform(
        shapes, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])), include_z=False
    )
    for number, shape in enumerate(moved, start=1):
        fault = _shape_fault(shape)
        if fault is not None:
            result.faults.append(Fault(*fault, number))
    broken = ~shapely.is_valid(moved)
    moved[broken] = shapely.make_valid(moved[broken], method="structure", keep_collapsed=False)
    result.repaired = int(broken.sum())
    for number in (np.flatnonzero(shapely.is_empty(moved) & broken) + 1).tolist():
        result.faults.append(Fault("图形修复后没有面积", "nothing of the outline is left after its repair", number))
    return moved


def _shape_fault(shape: Any) -> tuple[str, str] | None:
    if shape is None or shape.is_empty:
        return "没有图形", "has no outline"
    if shapely.get_dimensions(shape) != 2 or shape.geom_type == "GeometryCollection":
        return f"应为面，现为 {shape.geom_type}", f"must be a polygon, is a {shape.geom_type}"
    west, south, east, north = shape.bounds
    low_x, low_y, high_x, high_y = CHINA_BOX
    if not (low_x <= west and east <= high_x and low_y <= south and north <= high_y):
        return (
            f"坐标不在中国范围内（{west:.3f}, {south:.3f}），请核对坐标系",
            f"lies outside China ({west:.3f}, {south:.3f}); check the coordinate system",
        )
    return None
