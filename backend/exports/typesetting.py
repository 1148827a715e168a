"""Sets the printed summary: Typst, in this process, with nothing from the network and only the glyphs that are used."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import orjson
import shapely
import typst

from backend.exports.fonts import Type
from backend.exports.pages import MapAsked, document, map_indicator
from backend.exports.sheet import RowDigest
from backend.exports.summaries import Gathered
from backend.exports.tables import headline_table

SETTING = Path(__file__).with_name("summary.typ")
ARCHIVED: Literal["a-2b"] = "a-2b"
"""PDF/A: the file can be kept for good, for all of its fonts are in it."""


def set_pages(document: Mapping[str, Any], type_: Type, moment: datetime, path: Path) -> None:
    """Write the pages as PDF; equal documents of one moment give equal files."""
    inputs = {
        "data": orjson.dumps(document).decode(),
        "text": type_.text[0],
        "heads": type_.heads[0],
    }
    typst.compile(
        str(SETTING),
        output=str(path),
        root=str(SETTING.parent),
        font_paths=type_.fonts,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=ARCHIVED,
        timestamp=moment.replace(microsecond=0),
    )


def write_pages(
    path: Path, gathered: Gathered, shapes: Mapping[str, shapely.Geometry], map_source: str, type_: Type
) -> RowDigest:
    """Write the printed summary of gathered figures; the digest is that of the headlines of all its counties."""
    figures, digest = gathered.figures, RowDigest()
    digest.add(headline_table(figures).rows)
    shown = map_indicator(figures)
    drawn = MapAsked(shown, shapes, map_source) if shown is not None and shapes else None
    said = document(figures, gathered.provenance, digest.hex, gathered.basins, drawn)
    set_pages(said, type_, gathered.provenance.exported_at, path)
    return digest
