"""What a push must know besides the ledger, held in memory: regions, county outlines, coefficients."""

from dataclasses import dataclass, field

from geo.counties import CountyIndex
from schemas.indicators.spec import Coefficient, Coefficients
from schemas.lineage import CodeHistory
from schemas.regions import RegionTree


@dataclass(frozen=True, slots=True)
class Retired:
    """A county code that was given up: the one that followed it, and the last year it was valid in."""

    successor: str
    last_year: int


@dataclass(frozen=True)
class Reference:
    """One consistent snapshot of the reference data; replaced as a whole when the data change."""

    tree: RegionTree
    """Today's regions with their townships."""
    counties: CountyIndex
    ledgers: frozenset[str]
    """The county codes that have a ledger."""
    retired: dict[str, Retired]
    """The county codes that are no longer in use."""
    coefficients: tuple[Coefficient, ...]
    coefficient_version: int = 0
    """The version of the coefficients as a whole; every figure says under which one it was computed."""
    history: CodeHistory = field(default_factory=CodeHistory)
    """What every code that changed came from and became."""
    _by_region: dict[str, list[Coefficient]] = field(default_factory=dict, init=False)
    _regions_of: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)
    _valid_for: dict[tuple[tuple[str, ...], int], dict[tuple[str, str], Coefficient]] = field(
        default_factory=dict, init=False
    )
    """By the regions that have any: the counties of a province share what they share."""

    def __post_init__(self) -> None:
        for coefficient in sorted(self.coefficients, key=lambda one: one.year):
            self._by_region.setdefault(coefficient.region_code, []).append(coefficient)

    def coefficients_for(self, county_code: str, year: int) -> Coefficients:
        """Return what is valid for a county and year: the nearest region up the tree wins, then the latest year.

        A code that was given up has its own coefficients still, and those of the county that followed it; a code that
        took the place of another keeps the other's.
        """
        regions = self._regions_of.get(county_code)
        if regions is None:
            regions = self._regions_of[county_code] = self._regions_with_coefficients(county_code)
        valid = self._valid_for.get((regions, year))
        if valid is None:
            valid = self._valid_for[regions, year] = self._nearest(regions, year)
        return Coefficients(valid)

    def region_of(self, ledger_code: str) -> str:
        """Return today's county code of a ledger: its own, or that of the county it was merged into."""
        retired = self.retired.get(ledger_code)
        return ledger_code if retired is None else retired.successor

    def ledgers_with(self, ledger_code: str) -> list[str]:
        """Return the ledgers of today's county that this ledger belongs to, itself among them."""
        county = self.tree.get(self.region_of(ledger_code))
        return sorted({ledger_code, *(county.ledger_codes if county is not None else ())})

    def _regions_with_coefficients(self, county_code: str) -> tuple[str, ...]:
        """Return the regions from the nation down to a ledger's code that have coefficients of their own."""
        chain = [region.code for region in self.tree.chain(self.region_of(county_code))]
        today = self.region_of(county_code)
        renumbered = [code for code in self.ledgers_with(county_code) if self.history.is_of(today, code)]
        chain[1:1] = [code for code in renumbered if code not in (*chain, county_code)]
        if county_code not in chain:
            chain.insert(0, county_code)
        return tuple(code for code in reversed(chain) if code in self._by_region)

    def _nearest(self, regions: tuple[str, ...], year: int) -> dict[tuple[str, str], Coefficient]:
        return {(one.name, one.subject): one for code in regions for one in self._by_region[code] if one.year <= year}
