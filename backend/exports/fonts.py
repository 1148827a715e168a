"""The Chinese type that printed pages are set in: found on the machine, embedded as far as it is used."""

from functools import lru_cache
from pathlib import Path

import typst

from backend.problems import Refused
from schemas.problems import problem

SERIF = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Songti SC", "SimSun", "FandolSong")
SANS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "SimHei", "Microsoft YaHei", "WenQuanYi Zen Hei",
    "FandolHei",
)  # fmt: skip
"""In the order in which they are preferred; any one of either serves for both."""


class Type:
    """The fonts of this machine, read once, and which of them set the text and the heads."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` holds fonts besides those of the system."""
        self.fonts = typst.Fonts(include_system_fonts=True, font_paths=[folder] if folder is not None else [])
        known = set(self.fonts.families())
        serif = [name for name in SERIF if name in known]
        sans = [name for name in SANS if name in known]
        self.text = (serif or sans)[:1]
        self.heads = (sans or serif)[:1]


@lru_cache(maxsize=2)
def type_of(folder: Path | None) -> Type:
    """Return the machine's Chinese type. Raises Refused where it has none."""
    found = Type(folder)
    if not found.text:
        raise Refused(problem("export_fonts_missing"))
    return found
