"""The published versions of the forms: a form that phones have is never changed, a new version stands beside it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from backend.contract.definitions import Schema, definitions, forms
from backend.contract.json_schemas import whole
from backend.contract.structure import differences, without_words
from schemas.changes import SCHEMA_VERSION

REPOSITORY = Path(__file__).parents[2]
VERSIONS = REPOSITORY / "mobile_contract" / "versions"
CHANGELOG = REPOSITORY / "CHANGELOG.md"
SUFFIX = ".schema.json"

Forms = Mapping[str, Schema]
"""The structure of every form by name, without words."""

UNRELEASED = re.compile(r"^## \[.*(未发布|Unreleased)", re.MULTILINE)
HEADING = re.compile(r"^## \[.*$", re.MULTILINE)


class PublishedError(Exception):
    """A version that is published already is not published again."""


def forms_today(version: int = SCHEMA_VERSION) -> dict[str, Schema]:
    """Return the structure of the forms as the catalogue declares them now."""
    types = definitions()
    return {name: without_words(whole(name, form.__name__, types, version)) for name, form in forms().items()}


def published(folder: Path = VERSIONS) -> dict[int, Forms]:
    """Return the published versions, oldest first."""
    numbers = sorted(int(each.name) for each in folder.iterdir() if each.name.isdecimal()) if folder.exists() else []
    return {number: _read(folder / str(number)) for number in numbers}


def publish(folder: Path = VERSIONS, version: int = SCHEMA_VERSION) -> list[Path]:
    """Write the forms of today as a published version and return the files. Raises PublishedError."""
    target = folder / str(version)
    if target.exists():
        raise PublishedError(
            f"表式版本 {version} 已经公布，不能改写；表单有改动的，先增大 SCHEMA_VERSION。\n"
            f"Version {version} of the forms is published and stays as it is; raise SCHEMA_VERSION first."
        )
    faults = version_faults(published(folder), forms_today(version), version)
    if faults:
        raise PublishedError("\n".join(faults))
    target.mkdir(parents=True)
    written = []
    for name, schema in forms_today(version).items():
        path = target / f"{name}{SUFFIX}"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written


def is_released(changelog: str) -> bool:
    """Return whether the newest section of a changelog is a release and not work that goes on."""
    newest = HEADING.search(changelog)
    return newest is not None and not UNRELEASED.match(newest[0])


def version_faults(versions: Mapping[int, Forms], today: Forms, current: int, *, released: bool = False) -> list[str]:
    """Return what keeps the forms of today from being version `current`, each naming form and field.

    A published version may not change at all, and no form may refuse what any published version takes. A version
    without a snapshot is in preparation and may change, but a release may not go out with one.
    """
    faults = []
    if versions and current < max(versions):
        faults.append(
            f"SCHEMA_VERSION 为 {current}，而版本 {max(versions)} 已经公布 · "
            f"SCHEMA_VERSION is {current}, but version {max(versions)} is published"
        )
    if released and current not in versions:
        faults.append(
            f"本次发布的表式版本 {current} 尚未公布，请运行 qingtian contract publish · "
            f"this release has forms of version {current} that are not published; run: qingtian contract publish"
        )
    for number, then in versions.items():
        faults += _faults_against(number, then, today, current)
    return faults


def _faults_against(number: int, then: Forms, today: Forms, current: int) -> list[str]:
    faults = []
    if number == current:
        faults += [_fault(name, "", "新表", "new form", number, breaks=False) for name in today if name not in then]
    for name, before in then.items():
        if name not in today:
            faults.append(_fault(name, "", "删除", "removed", number, breaks=True))
            continue
        faults += [
            _fault(name, each.field, each.zh, each.en, number, breaks=each.breaks)
            for each in differences(before, today[name])
            if each.breaks or number == current
        ]
    return faults


def _fault(form: str, field: str, zh: str, en: str, number: int, *, breaks: bool) -> str:
    where = f"{form} {field}".rstrip()
    what = zh if zh == en else f"{zh} {en}"
    if breaks:
        return (
            f"{where}（{what}）：会拒收按版本 {number} 填写的内容，已公布的版本须始终可收 · "
            f"refuses what version {number} takes; a published version stays accepted"
        )
    return (
        f"{where}（{what}）：版本 {number} 已经公布，请增大 schemas/changes.py 中的 SCHEMA_VERSION · "
        f"version {number} is published; raise SCHEMA_VERSION in schemas/changes.py"
    )


def _read(folder: Path) -> Forms:
    return {
        path.name.removesuffix(SUFFIX): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob(f"*{SUFFIX}"))
    }
