"""The map page names in its head every module that it is going to need, so that they come in one round of requests."""

import re
from pathlib import Path

from backend.web.pages import STATIC

IMPORTED = re.compile(r"""^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)";""", re.MULTILINE)
PRELOADED = re.compile(r'<link rel="modulepreload" href="static/([^"]+)">')


def modules_of(first: Path) -> set[Path]:
    """Return the modules that one imports, and those that these import, without itself."""
    found: set[Path] = set()
    waiting = [first]
    while waiting:
        module = waiting.pop()
        for name in IMPORTED.findall(module.read_text(encoding="utf-8")):
            path = (module.parent / name).resolve()
            if path not in found:
                found.add(path)
                waiting.append(path)
    return found


def test_the_page_asks_for_all_of_its_modules_at_once():
    needed = {path.relative_to(STATIC.resolve()).as_posix() for path in modules_of(STATIC / "app.js")}
    named = PRELOADED.findall((STATIC / "index.html").read_text(encoding="utf-8"))
    assert sorted(named) == sorted(needed)
