"""`/ogc` with the programs that geographers use: GDAL, QGIS and OWSLib, over a real server on a real socket."""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from owslib.ogcapi.features import Features
from PIL import Image
from sqlalchemy import text

from backend.db import make_engine
from tests.conftest import REPOSITORY, Database
from tests.support.servers import LiveServer, offices_of, serving

BOX = (112.2, 29.2, 113.1, 29.9)
FIGURE = "indicator='film_recovery' AND period='2025' AND view='farm'"
PYTHON_OF_QGIS = "/usr/bin/python3"
SCRIPT = Path(__file__).parent / "map_in_qgis.py"

needs_gdal = pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="GDAL's programs are not here: gdal-bin")
needs_qgis = pytest.mark.skipif(
    shutil.which("qgis") is None or not Path("/usr/lib/python3/dist-packages/qgis").exists(),
    reason="QGIS is not here: qgis, python3-qgis",
)

INSERT_FIGURES = """
    INSERT INTO county_figure (county_code, period, indicator, view, series, numerator, denominator, n, formula,
                               coefficients, coefficient_version)
    SELECT code, '2025', 'film_recovery', 'farm', '',
           (cast(:shares AS int[]))[1 + row_number() OVER (ORDER BY code) % 50], 100, 1, '', '[]', 1000000
    FROM region_version AS county JOIN current_county_geom AS outline ON outline.county_code = county.code
    WHERE level = 'county' AND valid_to IS NULL
      AND ST_DWithin(geom, ST_SetSRID(ST_MakePoint(112.6, 29.5), 4490), 1)
"""
"""Under coefficients of so late a version that no job computes them anew from reports, of which there are none."""

READ_BOX = f"""
    SELECT county_code FROM current_county_geom
    WHERE ST_Intersects(geom, ST_MakeEnvelope({", ".join(map(str, BOX))}, 4490)) ORDER BY county_code
"""

READ_LOW = f"""
    SELECT figure.county_code FROM county_figure AS figure
    JOIN current_county_geom AS outline ON outline.county_code = figure.county_code
    WHERE figure.numerator < 60 AND ST_Intersects(geom, ST_MakeEnvelope({", ".join(map(str, BOX))}, 4490)) ORDER BY 1
"""


async def filled(url: str) -> None:
    draw = random.Random(6)
    engine = make_engine(url, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(INSERT_FIGURES), {"shares": [draw.randint(30, 99) for _ in range(50)]})
    finally:
        await engine.dispose()


async def codes(url: str, statement: str) -> list[str]:
    engine = make_engine(url, pool_size=1)
    try:
        async with engine.connect() as connection:
            return list(await connection.scalars(text(statement)))
    finally:
        await engine.dispose()


@pytest.fixture(scope="module")
def place(laundry: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, Database]]:
    """A server over figures of all counties; the tests only read."""
    home = tmp_path_factory.mktemp("ogc")
    with laundry.borrow() as name:
        database = Database(laundry.cluster, name)
        accounts = anyio.run(offices_of, database.owner_url)
        anyio.run(filled, database.owner_url)
        with serving(database, home, demo=False) as server:
            yield LiveServer(server.url, server.home, server.process, accounts), database


def token_of(server: LiveServer, office: str) -> str:
    username, password = server.accounts[office]
    form = {"username": username, "password": password}
    token: str = httpx.post(f"{server.url}/v1/auth/token", data=form, trust_env=False).json()["access_token"]
    return token


def ogr(*arguments: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Return what ogr2ogr writes as GeoJSON: the features as GDAL understood them."""
    done = subprocess.run(
        ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", *arguments],
        env=os.environ | (environment or {}), capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def counties(collection: dict[str, Any]) -> list[str]:
    return sorted(feature["properties"]["county_code"] for feature in collection["features"])


@needs_gdal
def test_gdal_lists_the_layers(place: tuple[LiveServer, Database]) -> None:
    server, _ = place
    told = subprocess.run(
        ["ogrinfo", "-ro", "-q", f"OAPIF:{server.url}/ogc"], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    for name in ("county", "county_figures", "published_statements", "basins", "basin_counties"):
        assert f": {name} (title: {name})" in told
    assert "county (title: county) (Multi Polygon)" in told


@needs_gdal
def test_gdal_finds_in_a_box_and_by_attribute_what_postgis_finds(place: tuple[LiveServer, Database]) -> None:
    server, database = place
    box = ("-spat", *map(str, BOX), "-oo", "PAGE_SIZE=1000")
    found = ogr(f"OAPIF:{server.url}/ogc", "county", *box)
    expected = anyio.run(codes, database.owner_url, READ_BOX)
    assert counties(found) == expected
    assert len(expected) > 5
    # Longitude comes first, or the box would have found nothing; the outline is the one that the database holds.
    corners = [feature["geometry"]["coordinates"][0][0][0] for feature in found["features"]]
    assert all(BOX[0] - 2 < longitude < BOX[2] + 2 for longitude, _ in corners)
    signed_in = {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {token_of(server, 'ministry')}"}
    low = ("-where", f"{FIGURE} AND rate_percent < 60")
    figures = ogr(f"OAPIF:{server.url}/ogc", "county_figures", *box, *low, environment=signed_in)
    assert counties(figures) == anyio.run(codes, database.owner_url, READ_LOW) != []
    assert all(isinstance(feature["properties"]["rate_percent"], float) for feature in figures["features"])


@needs_gdal
def test_gdal_sees_the_scope_of_its_token_alone(place: tuple[LiveServer, Database]) -> None:
    server, _ = place
    source = (f"OAPIF:{server.url}/ogc", "county_figures")
    assert counties(ogr(*source)) == []
    as_password = {"GDAL_HTTP_USERPWD": f"token:{token_of(server, 'county')}"}
    assert counties(ogr(*source, "-where", FIGURE, environment=as_password)) == ["430623"]


def test_owslib_reads_descriptions_and_features(place: tuple[LiveServer, Database]) -> None:
    server, database = place
    features = Features(f"{server.url}/ogc/", headers={"Authorization": f"Bearer {token_of(server, 'ministry')}"})
    assert "county_figures" in features.feature_collections()
    assert features.conformance()["conformsTo"]
    assert features.api()["openapi"].startswith("3.0")
    assert "county_code" in features.collection_queryables("county")["properties"]
    found = features.collection_items("county", bbox=list(BOX), limit=1000)
    assert counties(found) == anyio.run(codes, database.owner_url, READ_BOX)
    chosen = f"{FIGURE} AND rate_percent < 60"
    low = features.collection_items("county_figures", bbox=list(BOX), filter=chosen, limit=1000)
    assert counties(low) == anyio.run(codes, database.owner_url, READ_LOW)
    assert low["numberMatched"] == len(low["features"])


def drawn(server: LiveServer, collection: str, token: str, chosen: str, picture: Path) -> dict[str, Any]:
    """Have QGIS draw a layer and return what it tells of it."""
    home = server.home / "qgis"
    home.mkdir(mode=0o700, exist_ok=True)
    folders = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(home))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [PYTHON_OF_QGIS, SCRIPT, f"{server.url}/ogc", collection, token, chosen, *map(str, BOX), picture],
        env=clean | folders | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@needs_qgis
def test_qgis_draws_the_figures_of_a_signed_in_province(place: tuple[LiveServer, Database]) -> None:
    server, database = place
    artifacts = REPOSITORY / "test-artifacts"
    artifacts.mkdir(exist_ok=True)
    picture = artifacts / "ogc-figures-in-qgis.png"
    told = drawn(server, "county_figures", token_of(server, "ministry"), FIGURE, picture)
    assert (told["valid"], told["error"], told["errors"]) == (True, "", [])
    assert told["fields"]["rate_percent"] == "Real"
    assert sorted(set(told["in_box"])) == anyio.run(codes, database.owner_url, READ_BOX)
    with Image.open(picture) as image:
        assert image.size == (900, 700)
        colours = image.convert("RGB").getcolors(900 * 700)
    assert colours is not None
    most = sorted(colours, reverse=True)[:4]
    assert len([count for count, _ in most if count > 900 * 700 / 50]) >= 3, "several classes are on the map"
    white = sum(count for count, colour in colours if colour == (255, 255, 255))
    assert white < 900 * 700 / 20, "the land of the box is filled"
