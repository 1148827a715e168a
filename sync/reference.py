"""What a push must know besides the ledger, held in memory: regions, county outlines, coefficients."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from geo.counties import CountyIndex
from schemas.indicators.spec import Coefficient, Coefficients
from schemas.regions import RegionTree


@dataclass(frozen=True)
class Reference:
    """One consistent snapshot of the reference data; replaced as a whole when the data change."""

    tree: RegionTree
    """Today's regions with their townships."""
    counties: CountyIndex
    ledgers: frozenset[str]
    """The county codes that have a ledger."""
    retired: dict[str, str]
    """A retired county code -> the code that followed it."""
    coefficients: tuple[Coefficient, ...]
    _by_region: dict[str, list[Coefficient]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for coefficient in sorted(self.coefficients, key=lambda one: one.year):
            self._by_region.setdefault(coefficient.region_code, []).append(coefficient)

    def coefficients_for(self, county_code: str, year: int) -> Coefficients:
        """Return what is valid for a county and year: the nearest region up the tree wins, then the latest year."""
        chain = list(self.tree.chain(self.region_of(county_code)))
        valid: dict[tuple[str, str], Coefficient] = {}
        for region in reversed(chain):
            for coefficient in self._valid(region.code, year):
                valid[coefficient.name, coefficient.subject] = coefficient
        return Coefficients(valid)

    def region_of(self, ledger_code: str) -> str:
        """Return today's county code of a ledger: its own, or that of the county it was merged into."""
        return self.retired.get(ledger_code, ledger_code)

    def _valid(self, region_code: str, year: int) -> Iterable[Coefficient]:
        return (one for one in self._by_region.get(region_code, ()) if one.year <= year)
