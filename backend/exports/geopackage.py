"""Tables as GeoPackage: written by GDAL in batches, then given the names, units and origin that a GIS shows."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from backend.exports.provenance import CRS_SAID, Provenance
from backend.exports.sheet import Column, Kind, RowDigest, Value
from backend.exports.tables import Table

CRS = "EPSG:4490"
DRIVER = "GPKG"
METADATA = "metadata"
FASTER = {"OGR_SQLITE_SYNCHRONOUS": "OFF"}
"""The file is new and thrown away where writing it fails: there is nothing to keep safe on the way."""

SCHEMA_TABLES = """
    CREATE TABLE IF NOT EXISTS gpkg_extensions (
        table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
        CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
    CREATE TABLE IF NOT EXISTS gpkg_data_columns (
        table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
        constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name));
"""
"""The schema extension of the standard (OGC 12-128r19, annex F.9): where the words for a column are kept."""

REGISTER = """
    INSERT OR IGNORE INTO gpkg_extensions VALUES
        (?, NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write')
"""
DESCRIBE = "INSERT OR REPLACE INTO gpkg_data_columns (table_name, column_name, title, description) VALUES (?, ?, ?, ?)"
CAPTION = "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?"


class GeoPackage:
    """A GeoPackage that grows by layers, and layers that grow by batches."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._layers: dict[str, tuple[str, Sequence[Column]]] = {}
        pyogrio.set_gdal_config_options(FASTER)

    def add(
        self,
        layer: str,
        zh: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Value]],
        shapes: Sequence[shapely.Geometry | None] | None = None,
    ) -> None:
        """Add rows to a layer, which the first batch makes; without shapes it is a plain table."""
        cells: Sequence[Sequence[Value]] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
        arrays = [_array(values, column.kind) for values, column in zip(cells, columns, strict=True)]
        pyogrio.raw.write(
            self._path,
            None if shapes is None else np.array(_wkb(shapes), dtype=object),
            [values for values, _ in arrays],
            [column.name for column in columns],
            field_mask=[mask for _, mask in arrays],
            layer=layer,
            driver=DRIVER,
            geometry_type=None if shapes is None else "MultiPolygon",
            crs=None if shapes is None else CRS,
            promote_to_multi=shapes is not None,
            append=layer in self._layers,
        )
        self._layers[layer] = (zh, columns)

    def finish(self, provenance: Provenance, rows: int, sha256: str) -> None:
        """Add the table `metadata`, and to every layer and column what it is called and counted in."""
        columns = [Column("name", "项", "Item"), Column("label", "名称", "Label"), Column("value", "内容", "Value")]
        said = [*provenance.lines(rows, sha256), ("crs", "坐标系", CRS_SAID)]
        self.add(METADATA, "数据说明", columns, said)
        with closing(sqlite3.connect(self._path)) as database, database:
            database.executescript(SCHEMA_TABLES)
            for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
                database.execute(REGISTER, (table,))
            for layer, (zh, described) in self._layers.items():
                database.execute(CAPTION, (f"{layer} {zh}", provenance.marked_title, layer))
                for column in described:
                    database.execute(DESCRIBE, (layer, column.name, column.head, column.description))


def write_geopackage(
    path: Path,
    headlines: Table,
    tables: Sequence[Table],
    shapes: Mapping[str, shapely.Geometry],
    provenance: Provenance,
) -> RowDigest:
    """Write the rows with their outlines as layer `regions`, every indicator's table with its totals, and the origin.

    The digest is that of the rows of the indicators' tables, one table after another.
    """
    package, digest = GeoPackage(path), RowDigest()
    key = [one.name for one in headlines.columns].index("region_code")
    rows = headlines.rows[headlines.totals :]
    package.add("regions", headlines.zh, headlines.columns, rows, [shapes.get(str(row[key])) for row in rows])
    for table in tables:
        package.add(table.name, table.zh, table.columns, table.rows)
        digest.add(table.rows)
    package.finish(provenance, digest.rows, digest.hex)
    return digest


def _wkb(shapes: Sequence[shapely.Geometry | None]) -> list[bytes | None]:
    return [None if shape is None else shapely.to_wkb(shape) for shape in shapes]


def _array(values: Sequence[Value], kind: Kind) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return a column's values as GDAL takes them, and which of them are missing."""
    match kind:
        case Kind.TEXT:
            return np.array(values, dtype=object), None
        case Kind.COUNT:
            missing = np.array([value is None for value in values], dtype=bool)
            return np.array([int(value or 0) for value in values], dtype=np.int64), missing
        case Kind.AMOUNT | Kind.PERCENT:
            return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64), None
