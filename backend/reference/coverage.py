"""What a layer of boundaries would leave: counties without an outline, overlaps, a shift that its file hides. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import shapely

from backend.reference.layer_files import ReadLayer
from geo.datum import shape_from_cgcs2000
from geo.shapes import CGCS2000_ELLIPSOID
from schemas.vocabulary import Datum

Note = tuple[str, str]
SHOWN = 12
OVERLAP_KM2 = 0.05
"""Smaller overlaps are the rounding of coordinates."""

UNLIKE = 0.5
"""An outline that shares less with the one before, as a part of both, is named."""

SHIFT_AT_LEAST = 3
SHIFTED_SHARE = 0.8


def coverage_notes(
    read: ReadLayer, standing: Mapping[str, str], counties: Collection[str], names: Mapping[str, str]
) -> list[Note]:
    """Return what a person should know of a layer before it is written.

    `standing` maps codes to the outlines that hold now (hexadecimal EWKB), `counties` are today's counties in scope.
    """
    if not read.outlines:
        return []
    before = {code: shapely.from_wkb(shape) for code, shape in standing.items()}
    after = {**before, **read.outlines}
    notes = [(f"坐标系：{read.crs}", f"coordinate system: {read.crs}")]
    if read.repaired:
        notes.append((f"修复了 {read.repaired} 个图形", f"{read.repaired} outlines were repaired"))
    if read.merged:
        notes.append((f"{read.merged} 个图形并入同代码的县", f"{read.merged} features were joined by their code"))
    missing = sorted(counties - after.keys())
    notes.append(
        (
            f"载入后 {len(missing)} 个县没有边界{_listed(missing, names)}",
            f"{len(missing)} counties without an outline then",
        )
    )
    notes += _overlap_notes(read.outlines, after, names)
    notes += _shift_notes(read.outlines, before, names)
    return notes


def _overlap_notes(given: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> list[Note]:
    codes = list(after)
    shapes = np.array(list(after.values()), dtype=object)
    tree = shapely.STRtree(shapes)
    pairs = set()
    for index, code in enumerate(codes):
        if code in given:
            touching = tree.query(shapes[index], predicate="intersects").tolist()
            pairs |= {(min(index, other), max(index, other)) for other in touching if other != index}
    found = []
    for one, other in sorted(pairs):
        area = _area_km2(shapely.intersection(shapes[one], shapes[other]))
        if area > OVERLAP_KM2:
            found.append((area, codes[one], codes[other]))
    if not found:
        return [("没有重叠", "no overlaps")]
    found.sort(reverse=True)
    shown = [f"{_named(one, names)}与{_named(other, names)} {area:.2f} km²" for area, one, other in found[:SHOWN]]
    more = f"，另有 {len(found) - SHOWN} 处" if len(found) > SHOWN else ""
    total = sum(area for area, _, _ in found)
    return [
        (
            f"{len(found)} 处重叠，共 {total:.2f} km²：{'；'.join(shown)}{more}",
            f"{len(found)} overlaps, {total:.2f} km² in all",
        )
    ]


def _shift_notes(given: Mapping[str, Any], before: Mapping[str, Any], names: Mapping[str, str]) -> list[Note]:
    """Compare with the outlines that hold: a layer in GCJ-02 lies where theirs would lie after that shift."""
    common = [code for code in given if code in before]
    unlike = [code for code in common if _likeness(given[code], before[code]) < UNLIKE]
    notes = []
    if unlike:
        notes.append(
            (
                f"{len(unlike)} 个县与现有边界相差很大{_listed(unlike, names)}",
                f"{len(unlike)} outlines are very unlike those that hold",
            )
        )
    shifted = sum(_is_nearer_to_gcj02(given[code], before[code]) for code in common)
    if len(common) >= SHIFT_AT_LEAST and shifted >= SHIFTED_SHARE * len(common):
        notes.append(
            (
                f"警告：{len(common)} 个县中有 {shifted} 个更像是 GCJ-02（火星坐标）偏移后的位置，请核对来源",
                f"warning: {shifted} of {len(common)} outlines lie as if shifted to GCJ-02; check the source",
            )
        )
    return notes


def _likeness(one: Any, other: Any) -> float:
    return float(shapely.area(shapely.intersection(one, other)) / shapely.area(shapely.union(one, other)))


def _is_nearer_to_gcj02(given: Any, before: Any) -> bool:
    shifted = shape_from_cgcs2000(before, Datum.GCJ02)
    return _likeness(given, shifted) > _likeness(given, before)


def _area_km2(shape: Any) -> float:
    polygons = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    return sum(abs(CGCS2000_ELLIPSOID.geometry_area_perimeter(part)[0]) for part in polygons) / 1e6


def _listed(codes: Collection[str], names: Mapping[str, str]) -> str:
    if not codes:
        return ""
    shown = "、".join(_named(code, names) for code in list(codes)[:SHOWN])
    return f"：{shown}{' 等' if len(codes) > SHOWN else ''}"


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"{names.get(code, '')}（{code}）"
