"""What the map's vector tiles are cut from: shapes generalised as one coverage, and the hash of all of them."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Float, Index, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from schemas.tables import columns as c

WEB_MERCATOR_SRID = 3857

REGIONS_SET = "regions"
"""The name of the one set there is."""


class TileShape(SQLModel, table=True):
    """A shape of a tile layer for a band of zooms, its corners on the grid of the band. Worked out from the outlines.

    Neighbours of one layer share their edges exactly, and the layers share theirs with the counties.
    """

    __tablename__ = "tile_shape"
    __table_args__ = (Index("tile_shape_geom", "geom", postgresql_using="gist"),)

    zoom: int = Field(sa_type=SmallInteger(), primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The last zoom of the band."""
    layer: str = c.text(primary_key=True)
    code: str = c.text(primary_key=True)
    tier: str = c.text(primary_key=True)
    """Of a basin; empty in all other layers."""
    feature_id: int | None = Field(default=None, sa_type=BigInteger(), nullable=True)
    """The region's code as a number, by which a map joins values."""
    name: str = c.text()
    parent_code: str | None = c.text(nullable=True, default=None)
    in_scope: bool | None = None
    geom: Any = Field(sa_type=Geometry("GEOMETRY", srid=WEB_MERCATOR_SRID, spatial_index=False), nullable=False)


class TileSet(SQLModel, table=True):
    """A set of tiles: its hash stands in the address of every tile, which therefore never changes."""

    __tablename__ = "tile_set"

    name: str = c.text(primary_key=True)
    sha256: bytes = c.digest()
    bounds: list[float] = Field(sa_type=ARRAY(Float()), nullable=False)
    """West, south, east, north in degrees."""
