"""GeoPackage files (OGC 12-128) for QGIS, QField and GDAL: equal layers give equal bytes, whenever they are written."""

import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely

CGCS2000 = "EPSG:4490"
GEOPACKAGE_VERSION = "1.2"
"""Read without a warning by the GDAL of every QGIS and QField in use; nothing later is needed."""
MEDIA_TYPE = "application/geopackage+sqlite3"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: columns of equal length, each of text (str or None) or of numbers (int, or float with nan for none)."""

    name: str
    title: str
    """What people read of it, such as 本县 County."""
    columns: Mapping[str, Sequence[Any]]
    shapes: Sequence[Any] | None = None
    """CGCS2000 geometries, None where a row has none; without any the layer is a plain table."""
    geometry_type: str = "MultiPolygon"


def geopackage(layers: Sequence[Layer], as_of: datetime) -> bytes:
    """Return the file; `as_of` stands in it as the time of the last change, for the clock must not change its bytes."""
    with tempfile.TemporaryDirectory(prefix="qingtian-gpkg-") as folder:
        written, settled = Path(folder, "written.gpkg"), Path(folder, "settled.gpkg")
        for layer in layers:
            _write(layer, written)
        _settle(written, settled, layers, as_of)
        return settled.read_bytes()


def _write(layer: Layer, path: Path) -> None:
    fields = list(layer.columns)
    data = [_array(layer.columns[name]) for name in fields]
    shapes = None if layer.shapes is None else shapely.to_wkb(np.array(layer.shapes, dtype=object))
    pyogrio.raw.write(
        path,
        shapes,
        data,
        fields,
        layer=layer.name,
        driver="GPKG",
        geometry_type=None if shapes is None else layer.geometry_type,
        crs=None if shapes is None else CGCS2000,
        append=path.exists(),
        dataset_options={"VERSION": GEOPACKAGE_VERSION},
    )


def _array(values: Sequence[Any]) -> Any:
    first = next((value for value in values if value is not None), None)
    if isinstance(first, bool | int):
        return np.array(values, dtype=np.int32)
    if isinstance(first, float):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array(values, dtype=object)


def _settle(written: Path, settled: Path, layers: Sequence[Layer], as_of: datetime) -> None:
    """Put `as_of` in the place of the clock, name the layers, and write all pages in order into a new file."""
    moment = as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with closing(sqlite3.connect(written, isolation_level=None)) as connection:
        connection.execute("UPDATE gpkg_contents SET last_change = ?", (moment,))
        connection.executemany(
            "UPDATE gpkg_contents SET description = ? WHERE table_name = ?",
            [(layer.title, layer.name) for layer in layers],
        )
        connection.execute("VACUUM INTO ?", (str(settled),))
