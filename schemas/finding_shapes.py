"""The wire models of a finding on the map: the plots it is about, what they share, where one would lie otherwise."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.vocabulary import Datum, RecordKind

GeoJSON = dict[str, Any]


class PlotPart(StrEnum):
    """What a plot is to a finding."""

    ABOUT = "about"
    REGISTERED = "registered"
    NEARBY = "nearby"


class PlotShape(BaseModel):
    """One plot: of a report, or as a farm has it registered."""

    model_config = ConfigDict(frozen=True)

    record_id: str
    farm_id: str
    kind: RecordKind
    part: PlotPart = Field(
        description="`about`: the finding is about it; `registered`: the registered plot of a farm whose report it is "
        "about; `nearby`: a registered plot close by."
    )
    geometry: GeoJSON = Field(description="GeoJSON in CGCS2000 (EPSG:4490), 7 decimals.")
    area_mu: str | None = Field(description="Geodesic; null for a point.")


class SharedGround(BaseModel):
    """What two plots share."""

    model_config = ConfigDict(frozen=True)

    records: tuple[str, str]
    geometry: GeoJSON
    area_m2: str
    area_mu: str
    share: str = Field(description="Of the smaller plot.")


class Reread(BaseModel):
    """Where a plot would lie, had it been given in the suspected datum."""

    model_config = ConfigDict(frozen=True)

    record_id: str
    declared: Datum
    suspected: Datum
    geometry: GeoJSON
    shift_m: str = Field(description="How far the plot moves from where it is stored.")


class FindingShapes(BaseModel):
    """A finding on the map. Exact positions: for the county that owns them and its field staff."""

    model_config = ConfigDict(frozen=True)

    finding_id: str
    code: str
    county_code: str
    county_name: str
    outline: GeoJSON | None = Field(description="Of the county, generalised by its source; null where there is none.")
    source: str | None = Field(description="Of the outline, to be shown with it.")
    plots: list[PlotShape] = Field(description="Those that the finding is about first, the nearby ones last.")
    overlap: SharedGround | None = None
    reread: Reread | None = None
