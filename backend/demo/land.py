"""The land of a demo county: where plots lie, apart from one another and inside the county."""

from dataclasses import dataclass, field
from math import cos, hypot, radians

from backend.demo.counties import CountyPlace

M_PER_DEGREE = 111_320.0
PATH_M = 20.0
"""What is left between a plot and its neighbours, and between a plot and the county's border."""


@dataclass(slots=True)
class Land:
    """The plots of a county so far: (longitude, latitude, half the width and half the height in m), CGCS2000."""

    place: CountyPlace
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def take(self, half_width_m: float, half_height_m: float) -> tuple[float, float] | None:
        """Return the centre of a rectangle that no other one touches, or None where the county has no room left."""
        for longitude, latitude, room_m in self.place.spots:
            reach_m = hypot(half_width_m, half_height_m) + PATH_M
            if room_m > reach_m and self._is_free(longitude, latitude, half_width_m, half_height_m):
                self.taken.append((longitude, latitude, half_width_m, half_height_m))
                return longitude, latitude
        return None

    def _is_free(self, longitude: float, latitude: float, half_width_m: float, half_height_m: float) -> bool:
        m_per_degree_lon = M_PER_DEGREE * cos(radians(latitude))
        return all(
            abs(longitude - other_lon) * m_per_degree_lon > half_width_m + other_width + PATH_M
            or abs(latitude - other_lat) * M_PER_DEGREE > half_height_m + other_height + PATH_M
            for other_lon, other_lat, other_width, other_height in self.taken
        )
