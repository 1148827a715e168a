"""Regions as a tree by parent links, never by code prefixes: 兵团 and 省直辖县 break every prefix rule."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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


class RegionTree:
    """The regions of one year, for look-ups in memory."""

    def __init__(self, regions: Iterable[Region]) -> None:
        """Every parent must be among `regions`; ValueError names the first that is not."""
        self._regions = {region.code: region for region in regions}
        self._children: dict[str, list[str]] = {}
        for region in self._regions.values():
            if region.parent_code is None:
                continue
            if region.parent_code not in self._regions:
                raise ValueError(f"region {region.code} has an unknown parent {region.parent_code}")
            self._children.setdefault(region.parent_code, []).append(region.code)
        for codes in self._children.values():
            codes.sort()

    def __len__(self) -> int:
        return len(self._regions)

    def __iter__(self) -> Iterator[Region]:
        return iter(self._regions.values())

    def __contains__(self, code: object) -> bool:
        return code in self._regions

    def get(self, code: str) -> Region | None:
        """Return the region, or None."""
        return self._regions.get(code)

    def __getitem__(self, code: str) -> Region:
        return self._regions[code]

    def chain(self, code: str) -> Iterator[Region]:
        """Yield the region and everything above it up to the nation; nothing for an unknown code."""
        region = self._regions.get(code)
        while region is not None:
            yield region
            region = self._regions.get(region.parent_code) if region.parent_code else None

    def is_within(self, code: str, ancestor: str) -> bool:
        """Return whether `code` is `ancestor` or lies below it."""
        return any(region.code == ancestor for region in self.chain(code))

    def children(self, code: str) -> list[Region]:
        """Return the regions directly below, by code."""
        return [self._regions[child] for child in self._children.get(code, [])]

    def descendants(self, code: str, level: RegionLevel) -> list[Region]:
        """Return all regions of `level` at or below `code`, by code."""
        found: list[Region] = []
        waiting = [code] if code in self._regions else []
        while waiting:
            region = self._regions[waiting.pop()]
            if region.level is level:
                found.append(region)
            else:
                waiting.extend(self._children.get(region.code, ()))
        return sorted(found, key=lambda region: region.code)

    def county_of(self, code: str) -> Region | None:
        """Return the county that a county or township code belongs to; `<county>000` means the county itself."""
        if len(code) == 9 and code.endswith(NO_TOWNSHIP):
            code = code[:6]
        return next((region for region in self.chain(code) if region.level is RegionLevel.COUNTY), None)
