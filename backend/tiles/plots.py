"""Tiles of plots: exact positions, cut by one statement for the townships or the county that owns them, and never kept.

Every change of a plot is an entry of its county's ledger, so the heads of the ledgers say whether a tile is still good.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from backend.auth.access import Access
from backend.db import connected
from backend.problems import Refused
from geo.tiles import BUFFER, EXTENT, Tile
from schemas.problems import problem
from sync.statement import Statement

PLOT_FIELDS = {
    "record_id": "String",
    "kind": "String",
    "county_code": "String",
    "township_code": "String",
    "entity_kind": "String",
}

READ_PLOTS = Statement.of(f"""
    WITH scope AS (
        SELECT county_code, township_code
        FROM unnest(cast(:counties AS text[]), cast(:townships AS text[])) AS given(county_code, township_code)
    ), heads AS (
        SELECT left(encode(sha256(string_agg(entry_hash, ''::bytea ORDER BY county_code)), 'hex'), 32) AS digest
        FROM ledger_head WHERE county_code = ANY(cast(:counties AS text[]))
    )
    SELECT heads.digest, CASE WHEN heads.digest = :known THEN NULL ELSE (
        SELECT ST_AsMVT(one, 'plot', {EXTENT}, 'geom') FROM (
            SELECT cast(plot.id AS text) AS record_id, plot.kind, plot.county_code, plot.township_code,
                   coalesce(farm.payload, plot.payload) ->> 'entity_kind' AS entity_kind,
                   ST_AsMVTGeom(ST_Transform(plot.geom, 3857), ST_MakeBox2D(ST_Point(:west_m, :south_m),
                                                                            ST_Point(:east_m, :north_m)),
                                {EXTENT}, {BUFFER}) AS geom
            FROM scope
            JOIN record AS plot ON plot.county_code = scope.county_code
                AND (scope.township_code IS NULL OR plot.township_code = scope.township_code)
            LEFT JOIN record AS farm ON farm.county_code = plot.county_code AND farm.id = plot.farm_id
            WHERE plot.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) AND plot.status <> 'withdrawn'
            ORDER BY plot.county_code, plot.id
            OFFSET 0 -- a fence: the database would place every plot twice, once to see whether anything is left of it
        ) AS one WHERE geom IS NOT NULL
    ) END AS mvt
    FROM heads
""")


@dataclass(frozen=True, slots=True)
class PlotsScope:
    """Ledger -> the townships whose plots are shown; None: all of them."""

    townships: Mapping[str, frozenset[str] | None]

    @property
    def county_codes(self) -> list[str]:
        """The ledgers, by code."""
        return sorted(self.townships)

    @property
    def pairs(self) -> list[tuple[str, str | None]]:
        """(ledger, township or None for all), in order."""
        found: list[tuple[str, str | None]] = []
        for code in self.county_codes:
            held = self.townships[code]
            found += [(code, None)] if held is None else [(code, one) for one in sorted(held)]
        return found

    @property
    def digest(self) -> str:
        """What tells this scope from others in the tag of a tile."""
        return hashlib.sha256(repr(self.pairs).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class PlotTile:
    """A tile and its tag. `mvt` is empty where there is nothing in it, or nothing that the caller does not have."""

    mvt: bytes
    tag: str


def plots_scope(access: Access) -> PlotsScope:
    """Return whose plots the account may see. Raises Refused for one that sees none anywhere."""
    townships = access.exact_positions()
    if not townships:
        raise Refused(problem("plots_of_county_only"))
    return PlotsScope(townships)


async def plot_tile(pool: asyncpg.Pool, scope: PlotsScope, tile: Tile, if_none_match: str) -> PlotTile:
    """Return the plots of a tile in a scope; not cut where the caller has it as of the same heads of the ledgers."""
    values = {
        "counties": [code for code, _ in scope.pairs],
        "townships": [township for _, township in scope.pairs],
        "known": _known(if_none_match, scope),
        **_box("{}_m", tile.bounds_3857),
        **_box("{}", _wider(tile.bounds_4490)),
    }
    async with connected(pool) as connection:
        (row,) = await READ_PLOTS.rows(connection, **values)
    return PlotTile(row["mvt"] or b"", f"{row['digest']}-{scope.digest}")


def _known(if_none_match: str, scope: PlotsScope) -> str:
    """Return the digest of the heads in the caller's tag, where that is of this scope."""
    for tag in if_none_match.split(","):
        digest, _, rest = tag.strip().removeprefix("W/").strip('"').partition("-")
        if rest.removesuffix("-gzip") == scope.digest:
            return digest
    return ""


def _box(name: str, bounds: tuple[float, ...]) -> dict[str, Any]:
    return {name.format(side): value for side, value in zip(("west", "south", "east", "north"), bounds, strict=True)}


def _wider(bounds: tuple[float, float, float, float]) -> tuple[float, ...]:
    """Return bounds with the tile's buffer around them, so that a plot across an edge is in both tiles."""
    west, south, east, north = bounds
    margin = (east - west) * BUFFER / EXTENT
    return west - margin, south - margin, east + margin, north + margin
