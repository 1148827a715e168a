"""A spreadsheet as a person sees it: rows of cells that hold text, whatever the file stored; and how texts compare."""

import re
import unicodedata
from dataclasses import dataclass

MAX_ROWS = 5_000
"""How many filled rows one file may hold; a county's roster beyond that is imported township by township."""

MAX_COLUMNS = 702
"""The columns A to ZZ; no form needs more, and a wider file is a mistake or an attack."""

MAX_CELL_CHARS = 2_000

_FULL_WIDTH = str.maketrans(
    {code: code - 0xFEE0 for span in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B)) for code in range(*span)}
    | {0x3000: " ", 0x00A0: " "}
)
"""Full-width digits and letters, the ideographic space and the hard space. Nothing else: NFKC would replace
compatibility ideographs, which stand in people's names."""

_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
"""Characters of no width that travel along when cells are pasted from web pages."""

_LETTERS = re.compile(r"[^\w%‰]|_")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `fault` is the problem code of a cell that has no value to read."""

    text: str = ""
    is_number: bool = False
    """Whether the spreadsheet stored a number, so that leading zeros or digits past the 15th may be gone."""
    fault: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether the cell holds nothing at all."""
        return not self.text and not self.fault


BLANK = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line, counted from 1 as the spreadsheet counts."""

    line: int
    cells: tuple[Cell, ...]

    def cell(self, index: int) -> Cell:
        """Return the cell of a column counted from 0; rows may end early."""
        return self.cells[index] if index < len(self.cells) else BLANK


@dataclass(frozen=True, slots=True)
class Table:
    """What was read from one sheet, blank rows left out. `sheet` is empty for a CSV file."""

    sheet: str
    encoding: str
    rows: tuple[Row, ...]


class FileRefused(Exception):  # noqa: N818 - it is an answer to the person, not a fault
    """The file as a whole cannot be read; `code` and `params` are those of a catalogued problem."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def tidy(text: str) -> str:
    """Return a typed text as it is kept: half-width digits and letters, outer and invisible blanks gone.

    Rare characters stay what they are: `䶮` and `𬭚` are names, not variants.
    """
    return text.translate(_FULL_WIDTH).translate(_INVISIBLE).strip()


def squash(text: str) -> str:
    """Return a text for comparison only: NFKC, lower case, without blanks and punctuation."""
    return _LETTERS.sub("", unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold())


def letters_of(index: int) -> str:
    """Return the letters of a column counted from 0: A, B, ..., Z, AA."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
