"""The TypeScript types: the compiler takes them and the example, and refuses what the server would refuse."""

import shutil
import subprocess
from pathlib import Path

import pytest

from backend.contract.definitions import definitions
from backend.contract.outputs import TYPESCRIPT
from backend.contract.typescript import typescript
from backend.contract.versions import REPOSITORY
from schemas.indicators.manure_form import SPECIES_NAMES

EXAMPLE = Path("mobile_contract/examples/push.ts")
COMPILER = shutil.which("tsc")
OPTIONS = ("--noEmit", "--strict", "--target", "es2022", "--module", "nodenext")

compiled = pytest.mark.skipif(COMPILER is None, reason="the TypeScript compiler tsc is not installed")


def faults(path: Path) -> list[str]:
    """Return the lines that the compiler complains in."""
    done = subprocess.run([COMPILER, *OPTIONS, path], capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if ": error " in line]


def test_every_type_is_declared_once():
    text = typescript()
    for name in definitions():
        assert text.count(f"export interface {name} {{") + text.count(f"export type {name} =") == 1, name


def test_a_field_says_its_label_unit_limits_and_hint_in_both_languages():
    text = typescript()
    rate = text[: text.index("  mulch_impurity_rate?: DecimalString | null;")]
    label, limits, hint, _ = rate.splitlines()[-4:]
    assert label == "   * 地膜含杂率（比例） · Impurity rate of mulch film (share)"
    assert limits == "   * 0 – 1"
    assert hint.startswith("   * 泥土、秸秆等杂质占回收毛重的比例，如 15% 填 0.15 · soil and straw")
    assert "  /** 地膜使用量（公斤） · Mulch film used (kg) */\n  mulch_used_kg?: DecimalString | null;" in text


def test_a_tuple_says_the_type_of_every_place():
    text = typescript()
    assert "  entries: [string, string][];" in text
    assert "  items: [string, string, string, string, number][];" in text


def test_the_codes_of_a_set_are_named():
    text = typescript()
    for species, (zh, en) in SPECIES_NAMES.items():
        assert f'  /** {zh} · {en} */\n  | "{species}"' in text


@compiled
def test_the_compiler_takes_types_and_example():
    assert faults(REPOSITORY / EXAMPLE) == []


@compiled
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('mulch_used_kg: "31.2"', "mulch_used_kg: 31.2"),
        ('mulch_used_kg: "31.2"', 'mulch_used_t: "31.2"'),
        ('  period: "2025",\n  farm_id', "  farm_id"),
        ("crops: { wheat:", "crops: { barley:"),
        ('set: { "/mulch_used_kg": "32.5" }', "payload: film"),
        ('kind: "farm",\n    action: "create"', 'kind: "report",\n    action: "create"'),
    ],
)
def test_the_compiler_refuses_what_the_server_would(right, wrong, tmp_path):
    example = (REPOSITORY / EXAMPLE).read_text(encoding="utf-8")
    assert right in example
    for path, text in ((TYPESCRIPT, typescript()), (EXAMPLE, example.replace(right, wrong, 1))):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert faults(tmp_path / EXAMPLE)
