"""A deployment's own boundaries: any usual file, its datum declared, drawn and named on the map."""

import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.schedule import follow_reference
from backend.reference.files import LayerSource
from backend.reference.layer_files import LayerOptions
from backend.service import Service
from geo.datum import shape_from_cgcs2000
from schemas.reference.kinds import ReferenceKind
from schemas.vocabulary import Datum
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR
from tests.support.reference_files import (
    MERGER,
    loaded,
    previewed,
    rows,
    table_file,
)

pytestmark = pytest.mark.anyio

SOURCE = "某省测绘院 湘S(2025)001号"
PREFECTURE_OUTLINES = """
    SELECT county_code, name, ST_AsBinary(geom) FROM current_county_geom WHERE county_code LIKE '4306%' ORDER BY 1
"""
MOVED_DEG = 0.0004


async def outlines_of(engine: AsyncEngine) -> tuple[Any, Any, Any]:
    found = await rows(engine, PREFECTURE_OUTLINES)
    codes = np.array([int(f"156{code}") for code, _, _ in found])
    names = np.array([name for _, name, _ in found], dtype=object)
    shapes = shapely.from_wkb([bytes(shape) for _, _, shape in found])
    return codes, names, shapely.transform(shapes, lambda xy: xy + MOVED_DEG)


def layer_file(path: Path, layer: tuple[Any, Any, Any], driver: str, crs: str | None) -> Path:
    codes, names, shapes = layer
    parts = np.array([shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in shapes], dtype=object)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(parts),
        field_data=[codes, names],
        fields=["gb", "name"],
        geometry_type="MultiPolygon",
        crs=crs,
        driver=driver,
        encoding="UTF-8",
    )
    return path


def projected(layer: tuple[Any, Any, Any], epsg: int) -> tuple[Any, Any, Any]:
    transformer = Transformer.from_crs(4490, epsg, always_xy=True)
    codes, names, shapes = layer
    moved = shapely.transform(shapes, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
    return codes, names, moved


def zipped(folder: Path, shapefile: Path) -> Path:
    path = folder / "layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in shapefile.parent.glob(f"{shapefile.stem}.*"):
            archive.write(part, part.name)
    return path


SAID = LayerSource(source=SOURCE)


async def packed_files(caller: Caller) -> dict[str, tuple[str, bytes]]:
    """Return name -> version and bytes of the county's files."""
    told = (await caller.get("/v1/packs", county=COUNTY)).json()["files"]
    return {
        one["name"]: (one["version"], (await caller.http.get(one["url"], headers=caller.headers)).content)
        for one in told
    }


@pytest.mark.parametrize("given", ["gpkg", "shp", "zip", "geojson", "fgb"])
async def test_boundaries_of_any_usual_file_are_loaded_in_cgcs2000(
    owner_engine: AsyncEngine, tmp_path: Path, given: str
) -> None:
    layer = await outlines_of(owner_engine)
    match given:
        case "gpkg":
            path = layer_file(tmp_path / "a.gpkg", layer, "GPKG", "EPSG:4490")
        case "shp" | "zip":
            path = layer_file(tmp_path / "a.shp", projected(layer, 4547), "ESRI Shapefile", "EPSG:4547")
            path = zipped(tmp_path, path) if given == "zip" else path
        case "geojson":
            path = layer_file(tmp_path / "a.geojson", layer, "GeoJSON", "EPSG:4326")
        case _:
            path = layer_file(tmp_path / "a.fgb", layer, "FlatGeobuf", "EPSG:4326")
    preview = await previewed(owner_engine, ReferenceKind.BOUNDARIES, path, SAID)
    assert preview.faults == []
    assert len(preview.comparison.changed) == len(layer[0]) == 9
    notes = "".join(zh for zh, _ in preview.notes)
    assert "4 个县没有边界" in notes
    assert "处重叠" in notes
    assert "GCJ-02" not in notes
    written = {row["county_code"]: shapely.from_wkb(row["geom"]) for row in preview.rows}
    for code, shape in zip(layer[0].tolist(), layer[2], strict=True):
        assert shapely.hausdorff_distance(written[str(code)[3:]], shape) < 1e-6


async def test_loaded_boundaries_are_drawn_and_named_on_the_map(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    ministry = await offices.of("ministry")
    before = (await ministry.get("/v1/map/layers/counties-430000")).headers["etag"]
    packed = await packed_files(ministry)
    path = layer_file(tmp_path / "a.gpkg", await outlines_of(owner_engine), "GPKG", "EPSG:4490")
    assert await loaded(owner_engine, ReferenceKind.BOUNDARIES, path, SAID) == 2
    await follow_reference(service)
    layer = await ministry.get("/v1/map/layers/counties-430000")
    assert layer.headers["etag"] != before
    for shown in (layer.json()["attribution"], (await ministry.get("/v1/deployment")).json()["map_source"]):
        assert SOURCE in shown
        assert "天地图 GS(2024)0650号" in shown
    counts = "SELECT count(*), count(*) FILTER (WHERE source = :source) FROM current_county_geom"
    ((drawn, own),) = await rows(owner_engine, counts, source=SOURCE)
    assert (drawn, own) == (2890, 9)
    for name, (version, body) in (await packed_files(ministry)).items():
        assert version != packed[name][0], name
        assert body != packed[name][1], name


async def test_own_outlines_of_merged_counties_become_one(owner_engine: AsyncEngine, tmp_path: Path) -> None:
    layer = await outlines_of(owner_engine)
    await loaded(
        owner_engine, ReferenceKind.BOUNDARIES, layer_file(tmp_path / "a.gpkg", layer, "GPKG", "EPSG:4490"), SAID
    )
    await loaded(owner_engine, ReferenceKind.REGION_RECODES, table_file(tmp_path, *MERGER))
    found = "SELECT source, ST_Area(geom) FROM current_county_geom WHERE county_code = '430699'"
    ((source, area),) = await rows(owner_engine, found)
    parts = [shape for code, shape in zip(layer[0], layer[2], strict=True) if str(code)[3:] in {COUNTY, NEIGHBOUR}]
    assert source == SOURCE
    assert area == pytest.approx(shapely.area(shapely.union_all(parts)))
    gone = "SELECT count(*) FROM current_county_geom WHERE county_code = ANY(:codes)"
    assert await rows(owner_engine, gone, codes=[COUNTY, NEIGHBOUR]) == [(0,)]


@pytest.mark.parametrize(
    ("change", "zh"),
    [
        ("no_crs", "没有写明坐标系"),
        ("xian_1980", "请先用本地参数转换为 CGCS2000"),
        ("unknown_code", "没有这个县级代码：999999"),
        ("lines", "应为面，现为 MultiLineString"),
        ("elsewhere", "坐标不在中国范围内"),
        ("no_source", "--source"),
        ("no_column", "找不到代码列"),
        ("no_layer", "读不出图层"),
    ],
)
async def test_a_layer_with_a_fault_is_refused_in_words(
    owner_engine: AsyncEngine, tmp_path: Path, change: str, zh: str
) -> None:
    codes, names, shapes = await outlines_of(owner_engine)
    crs: str | None = "EPSG:4490"
    said = SAID
    match change:
        case "no_crs":
            crs = None
        case "xian_1980":
            crs = "EPSG:4610"
        case "unknown_code":
            codes[3] = 999999
        case "elsewhere":
            shapes[2] = shapely.transform(shapes[2], lambda xy: xy[:, ::-1])
        case "no_source":
            said = LayerSource()
        case "no_column":
            said = LayerSource(LayerOptions(code_column="daima"), SOURCE)
    path = tmp_path / "a.gpkg"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the writer's own word on a layer without a CRS
        match change:
            case "no_layer":
                path.write_bytes(b"nothing")
            case "lines":
                edges = shapely.to_wkb(shapely.boundary(shapes))
                pyogrio.raw.write(
                    path, edges, [codes, names], ["gb", "name"], geometry_type="Unknown", crs=crs, driver="GPKG"
                )
            case _:
                layer_file(path, (codes, names, shapes), "GPKG", crs)
    preview = await previewed(owner_engine, ReferenceKind.BOUNDARIES, path, said)
    assert any(zh in fault.zh for fault in preview.faults), preview.faults
    assert all(fault.en for fault in preview.faults)


async def test_a_layer_that_hides_a_shift_is_warned_of(owner_engine: AsyncEngine, tmp_path: Path) -> None:
    codes, names, shapes = await outlines_of(owner_engine)
    back = shapely.transform(shapes, lambda xy: xy - MOVED_DEG)
    shifted = np.array([shape_from_cgcs2000(shape, Datum.GCJ02) for shape in back], dtype=object)
    path = layer_file(tmp_path / "a.geojson", (codes, names, shifted), "GeoJSON", "EPSG:4326")
    preview = await previewed(owner_engine, ReferenceKind.BOUNDARIES, path, SAID)
    assert any("9 个县中有 9 个更像是 GCJ-02" in zh for zh, _ in preview.notes)
