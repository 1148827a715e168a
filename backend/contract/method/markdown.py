"""Tables and bilingual cells of a Markdown page."""

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a cell may hold `<br>` and code, a bar in it is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def folded(title: str, body: str) -> str:
    """Return a part that a reader opens when it is wanted."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def both(zh: str, en: str) -> str:
    """Return a cell with Chinese above English."""
    return f"{zh}<br>{en}" if en and en != zh else zh


def code(text: str) -> str:
    """Return an identifier as it is written in a program."""
    return f"`{text}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
