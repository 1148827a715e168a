"""Plots in PostGIS: their areas, what two of them share, how far one lies outside. SQL over CGCS2000 columns.

Areas and distances are geodesic, of the geographies; lines between vertices are straight in longitude and latitude, as
everywhere else, which for a plot is the same to a millimetre.
"""

MU_OF_M2 = "15 / 10000"
"""1 ha = 15 mu, exactly."""


def area_m2(geometry: str) -> str:
    """Return the SQL for the area of a geometry in m2; 0 for a point or a line."""
    return f"ST_Area(cast({geometry} AS geography))"


def area_mu(geometry: str) -> str:
    """Return the SQL for the area of a geometry in mu, a numeric."""
    return f"cast({area_m2(geometry)} * {MU_OF_M2} AS numeric)"


def shared(one: str, other: str) -> str:
    """Return the SQL for the polygons that two geometries share: empty where they only touch, or one has no area."""
    return f"ST_CollectionExtract(ST_Intersection({one}, {other}), 3)"


def have_area(one: str, other: str) -> str:
    """Return the SQL condition that two geometries are plots with an area and may share some of it."""
    return f"ST_Dimension({one}) = 2 AND ST_Dimension({other}) = 2 AND ST_Intersects({one}, {other})"


def distance_m(one: str, other: str) -> str:
    """Return the SQL for the geodesic distance of two geometries in m."""
    return f"ST_Distance(cast({one} AS geography), cast({other} AS geography))"
