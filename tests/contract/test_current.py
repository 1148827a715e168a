"""What is generated lies in the repository as it would be written today."""

from pathlib import Path

import pytest

from backend.contract.command import REMEDY
from backend.contract.outputs import METHOD, OPENAPI, SCHEMAS, TYPESCRIPT, stale, write
from backend.contract.vectors import FOLDER as VECTORS
from backend.contract.versions import REPOSITORY


def test_every_generated_file_is_current():
    found = stale()
    assert not found, f"{', '.join(map(str, found))} differ from the catalogue; run: {REMEDY}"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folders = (REPOSITORY / SCHEMAS, REPOSITORY / VECTORS)
    listed = [each.relative_to(REPOSITORY) for folder in folders for each in folder.iterdir() if each.is_file()]
    for path in (OPENAPI, TYPESCRIPT, METHOD, *listed):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((REPOSITORY / path).read_bytes())
    return tmp_path


def test_a_single_changed_byte_is_found_and_written_anew(copied: Path):
    method = copied / METHOD
    method.write_text(method.read_text(encoding="utf-8").replace("film-1", "film-9", 1), encoding="utf-8")
    assert stale(copied) == [METHOD]
    assert write(copied) == [METHOD]
    assert stale(copied) == []


def test_a_missing_file_and_a_schema_of_a_form_that_is_gone_are_found(copied: Path):
    (copied / OPENAPI).unlink()
    gone = SCHEMAS / "gone.farm.schema.json"
    (copied / gone).write_text("{}\n", encoding="utf-8")
    assert stale(copied) == sorted([OPENAPI, gone])
    write(copied)
    assert not (copied / gone).exists()


def test_writing_twice_gives_the_same_bytes(tmp_path: Path):
    write(tmp_path)
    assert stale(tmp_path) == []
