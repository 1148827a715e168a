"""Tables as GeoJSON (RFC 7946), written as they come; origin, totals and digest are members of the collection."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import shapely

from backend.exports.provenance import CRS_SAID, Provenance
from backend.exports.sheet import Column, RowDigest, Value
from backend.exports.tables import Table
from schemas.decimals import plain

PLACES = 0.000001
"""About 0.1 m: the outlines are far coarser."""


class GeoJsonFile:
    """Writes features one after another and holds none of them. Without the last members the file is no JSON."""

    def __init__(self, path: Path, name: str, columns: Sequence[Column]) -> None:
        self._file: BinaryIO = path.open("wb")
        self._names = [one.name for one in columns]
        self._digest = RowDigest()
        head = {
            "type": "FeatureCollection",
            "name": name,
            "crs_note": CRS_SAID,
            "fields": {one.name: one.description for one in columns},
        }
        self._file.write(orjson.dumps(head)[:-1] + b',"features":[\n')

    def close(self) -> None:
        """Let the file go, finished or not."""
        self._file.close()

    def add(self, rows: Sequence[Sequence[Value]], shapes: Sequence[shapely.Geometry | None] | None = None) -> None:
        """Write some features; without shapes they have none: `"geometry": null`."""
        for index, row in enumerate(rows):
            shape = shapes[index] if shapes is not None else None
            feature: dict[str, Any] = {
                "type": "Feature",
                "properties": dict(zip(self._names, map(_json, row), strict=True)),
                "geometry": None if shape is None else _geometry(shape),
            }
            self._file.write((b",\n" if self._digest.rows else b"") + orjson.dumps(feature))
            self._digest.add([row])

    def finish(self, provenance: Provenance, totals: Sequence[Mapping[str, Any]] = ()) -> RowDigest:
        """Write the members that follow the features and return the digest of their rows."""
        said = provenance.document(self._digest.rows, self._digest.hex)
        tail: dict[str, Any] = {"metadata": said}
        if totals:
            tail["totals"] = list(totals)
        self._file.write(b"\n]," + orjson.dumps(tail)[1:] + b"\n")
        self.close()
        return self._digest


def write_geojson(
    path: Path, table: Table, shapes: Mapping[str, shapely.Geometry], provenance: Provenance
) -> RowDigest:
    """Write a table's rows with their outlines, and its totals beside them; a row without an outline has null."""
    key = [one.name for one in table.columns].index("region_code")
    rows = table.rows[table.totals :]
    names = [one.name for one in table.columns]
    totals = [dict(zip(names, map(_json, row), strict=True)) for row in table.rows[: table.totals]]
    with closing(GeoJsonFile(path, table.name, table.columns)) as file:
        file.add(rows, [shapes.get(str(row[key])) for row in rows])
        return file.finish(provenance, totals)


def _geometry(shape: shapely.Geometry) -> orjson.Fragment:
    """Return a geometry with its rings by the right-hand rule (RFC 7946)."""
    rounded = shapely.set_precision(shape, PLACES, mode="pointwise")
    if shapely.get_dimensions(rounded) == 2:
        rounded = shapely.orient_polygons(rounded, exterior_cw=False)
    return orjson.Fragment(shapely.to_geojson(rounded))


def _json(value: Value) -> Any:
    """Return a value as a JSON number: whoever reads GeoJSON counts with it. The exact ones are in CSV and digest."""
    return value if isinstance(value, str | int) or value is None else orjson.Fragment(plain(value))
