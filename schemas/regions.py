"""Regions as a tree by parent links, never by code prefixes: 兵团 and 省直辖县 break every prefix rule."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from schemas.vocabulary import RegionLevel

NATION = "100000"
"""中华人民共和国, the root of every tree."""

BINGTUAN = "660000"
"""新疆生产建设兵团 reports as a province although its land lies in 650000."""

NO_TOWNSHIP = "000"
"""The last three digits of a township code that means "none"."""


@dataclass(frozen=True, slots=True)
class Region:
    """One region as valid in a year. A county names the ledgers it is summed from (several after a merger)."""

    code: str
    name: str
    level: RegionLevel
    parent_code: str | None
    ledger_codes: tuple[str, ...] = ()
    in_scope: bool = True
    """False for 台湾, 香港 and 澳门, which are drawn but not part of the reports."""


PlainTownship = tuple[str, str, str]
"""(code, name, county code) of a township of which nothing else is to be said; its code has nine digits."""


def _is_plain(region: Region) -> bool:
    """Return whether a region is a township that says nothing but its code of nine digits, its name and its county."""
    return (
        region.level is RegionLevel.TOWNSHIP
        and region.parent_code is not None
        and region.in_scope
        and not region.ledger_codes
        and len(region.code) == 9
        and region.code.isascii()
        and region.code.isdecimal()
    )


class _Townships:
    """Townships by code in a few flat arrays: some 30 bytes each, where objects take 600, and nothing to trace."""

    def __init__(self, townships: Iterable[PlainTownship]) -> None:
        ordered = sorted(townships)
        names = [name.encode() for _, name, _ in ordered]
        self._codes = array("I", [int(code) for code, _, _ in ordered])
        self._names = b"".join(names)
        self._ends = array("I", accumulate(map(len, names)))
        self._counties = sorted({county for _, _, county in ordered})
        number = {code: index for index, code in enumerate(self._counties)}
        self._county_of = array("I", [number[county] for _, _, county in ordered])
        self._by_county = array("I", sorted(range(len(ordered)), key=self._county_of.__getitem__))

    @property
    def counties(self) -> Sequence[str]:
        """The counties that have any, by code."""
        return self._counties

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[Region]:
        return map(self._at, range(len(self._codes)))

    def get(self, code: str) -> Region | None:
        """Return the township, or None."""
        if len(code) != 9 or not (code.isascii() and code.isdecimal()):
            return None
        index = bisect_left(self._codes, int(code))
        return self._at(index) if index < len(self._codes) and self._codes[index] == int(code) else None

    def below(self, county_code: str) -> Iterator[Region]:
        """Yield the townships of a county, by code."""
        number = bisect_left(self._counties, county_code)
        if number < len(self._counties) and self._counties[number] == county_code:
            first = bisect_left(self._by_county, number, key=self._county_of.__getitem__)
            last = bisect_right(self._by_county, number, key=self._county_of.__getitem__)
            yield from map(self._at, self._by_county[first:last])

    def _at(self, index: int) -> Region:
        start = self._ends[index - 1] if index else 0
        name = self._names[start : self._ends[index]].decode()
        return Region(f"{self._codes[index]:09d}", name, RegionLevel.TOWNSHIP, self._counties[self._county_of[index]])


class RegionTree:
    """The regions of one year, for look-ups in memory. Townships, of which there are 38,000, are packed."""

    def __init__(self, regions: Iterable[Region], townships: Iterable[PlainTownship] = ()) -> None:
        """Every parent must be among `regions`; ValueError names the first that is not."""
        self._regions: dict[str, Region] = {}
        plain = list(townships)
        for region in regions:
            if _is_plain(region):
                plain.append((region.code, region.name, region.parent_code or ""))
            else:
                self._regions[region.code] = region
        self._townships = _Townships(plain)
        self._children: dict[str, list[str]] = {}
        for region in self._regions.values():
            if region.parent_code is not None:
                self._check_parent(region.code, region.parent_code)
                self._children.setdefault(region.parent_code, []).append(region.code)
        for codes in self._children.values():
            codes.sort()
        for county_code in self._townships.counties:
            self._check_parent(next(self._townships.below(county_code)).code, county_code)

    def _check_parent(self, code: str, parent_code: str) -> None:
        if parent_code not in self._regions:
            raise ValueError(f"region {code} has an unknown parent {parent_code}")

    def __len__(self) -> int:
        return len(self._regions) + len(self._townships)

    def __iter__(self) -> Iterator[Region]:
        yield from self._regions.values()
        yield from self._townships

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self.get(code) is not None

    def get(self, code: str) -> Region | None:
        """Return the region, or None."""
        return self._regions.get(code) or self._townships.get(code)

    def __getitem__(self, code: str) -> Region:
        region = self.get(code)
        if region is None:
            raise KeyError(code)
        return region

    def chain(self, code: str) -> Iterator[Region]:
        """Yield the region and everything above it up to the nation; nothing for an unknown code."""
        region = self.get(code)
        while region is not None:
            yield region
            region = self._regions.get(region.parent_code) if region.parent_code else None

    def is_within(self, code: str, ancestor: str) -> bool:
        """Return whether `code` is `ancestor` or lies below it."""
        return any(region.code == ancestor for region in self.chain(code))

    def children(self, code: str) -> list[Region]:
        """Return the regions directly below, by code."""
        below = [*(self._regions[child] for child in self._children.get(code, ())), *self._townships.below(code)]
        return sorted(below, key=lambda region: region.code)

    def descendants(self, code: str, level: RegionLevel) -> list[Region]:
        """Return all regions of `level` at or below `code`, by code."""
        found: list[Region] = []
        first = self.get(code)
        waiting = [first] if first is not None else []
        while waiting:
            region = waiting.pop()
            if region.level is level:
                found.append(region)
            elif level is RegionLevel.TOWNSHIP:
                waiting.extend(self.children(region.code))
            else:
                waiting.extend(self._regions[child] for child in self._children.get(region.code, ()))
        return sorted(found, key=lambda region: region.code)

    def county_of(self, code: str) -> Region | None:
        """Return the county that a county or township code belongs to; `<county>000` means the county itself."""
        if len(code) == 9 and code.endswith(NO_TOWNSHIP):
            code = code[:6]
        return next((region for region in self.chain(code) if region.level is RegionLevel.COUNTY), None)
