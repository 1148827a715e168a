"""Every generated file by its path, and whether what lies in the repository is what would be written today."""

import json
from pathlib import Path
from typing import Any

from backend.app import create_app
from backend.contract.json_schemas import schema_files
from backend.contract.method.page import method_page
from backend.contract.typescript import typescript
from backend.contract.vectors import vector_files
from backend.contract.versions import REPOSITORY, SUFFIX
from backend.settings import Settings

SCHEMAS = Path("mobile_contract/schemas")
OPENAPI = Path("mobile_contract/openapi.json")
TYPESCRIPT = Path("mobile_contract/typescript/qingtian.ts")
METHOD = Path("docs/method.md")

NOWHERE = "postgresql://nowhere/none"
"""An application that only describes itself asks its database nothing."""


def outputs() -> dict[Path, bytes]:
    """Return the content of every generated file by its path in the repository."""
    files: dict[Path, bytes] = {SCHEMAS / f"{name}{SUFFIX}": _json(schema) for name, schema in schema_files().items()}
    files[OPENAPI] = _json(create_app(Settings(database_url=NOWHERE)).openapi())
    files[TYPESCRIPT] = typescript().encode()
    files |= {path: _json(content) for path, content in vector_files().items()}
    files[METHOD] = method_page().encode()
    return files


def stale(repository: Path = REPOSITORY) -> list[Path]:
    """Return the generated files that are missing or differ, and schema files that nothing generates any more."""
    expected = outputs()
    differing = [path for path, content in expected.items() if _content(repository / path) != content]
    return sorted({*differing, *_left_over(repository, expected)})


def write(repository: Path = REPOSITORY) -> list[Path]:
    """Write what is stale, delete what is left over, and return both."""
    expected, changed = outputs(), stale(repository)
    for path in changed:
        target = repository / path
        if path in expected:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(expected[path])
        else:
            target.unlink()
    return changed


def _left_over(repository: Path, expected: dict[Path, bytes]) -> list[Path]:
    found = (path.relative_to(repository) for path in (repository / SCHEMAS).glob(f"*{SUFFIX}"))
    return [path for path in found if path not in expected]


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _json(document: Any) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
