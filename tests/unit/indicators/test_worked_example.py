"""The page that shows how to add an indicator works as it stands: its blocks are executed on a copy of the schemas."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = REPOSITORY / "docs/adding-an-indicator.md"
BLOCK = re.compile(r"<!-- (?P<what>[^>]+) -->\n```python\n(?P<code>.*?)```", re.DOTALL)


def follow(page: str, root: Path) -> list[str]:
    """Carry out the page's blocks below `root` and return the code that it says to run."""
    programs = []
    for block in BLOCK.finditer(page):
        what, code = block["what"], block["code"]
        if what == "run":
            programs.append(code)
        elif what.startswith("file: "):
            (root / what.removeprefix("file: ")).write_text(code)
        elif match := re.fullmatch(r"insert into (\S+) after: (.+)", what):
            change(root / match[1], match[2], f"{match[2]}\n{code.rstrip()}")
        elif match := re.fullmatch(r"replace in (\S+): (.+)", what):
            change(root / match[1], match[2], code.rstrip())
        else:
            raise AssertionError(f"the page says something that nobody can follow: {what}")
    return programs


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, f"{path.name} has {text.count(old)} times: {old}"
    path.write_text(text.replace(old, new))


def test_following_the_page_gives_an_indicator_that_works(tmp_path):
    shutil.copytree(REPOSITORY / "schemas", tmp_path / "schemas", ignore=shutil.ignore_patterns("__pycache__"))
    programs = follow(PAGE.read_text(), tmp_path)
    assert len(programs) == 1
    for program in programs:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
