"""The packs of a process, made once per state of the reference data and kept for the counties asked for last."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from typing import Generic, TypeVar

from backend.rollup.goals import Goal
from backend.rollup.plan import Plan
from schemas.decimals import plain
from schemas.vocabulary import GoalType
from sync.packs import Pack, PackName, coefficients_pack, regions_pack
from sync.reference import Reference

COUNTIES_KEPT = 512
REGISTERS_KEPT = 64

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The values used last, at most so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return a value, or None."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep a value; the one that was not used for longest makes room."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)


class PackShelf:
    """What was made already. Packs of one state of the reference data are all dropped when another takes its place."""

    def __init__(self) -> None:
        self._reference: Reference | None = None
        self._counties: Kept[str, Mapping[PackName, Pack]] = Kept(COUNTIES_KEPT)
        self.registers: Kept[tuple[str, str], tuple[bytes, Pack]] = Kept(REGISTERS_KEPT)
        """(county, scope) -> the farms as of an entry of the ledger, by its hash."""

    def of_county(self, county_code: str, reference: Reference, plan: Plan, catalogue: Pack) -> Mapping[PackName, Pack]:
        """Return the packs of reference data for a ledger, by name."""
        if self._reference is not reference:
            self._reference, self._counties = reference, Kept(COUNTIES_KEPT)
        packs = self._counties.get(county_code)
        if packs is None:
            made = (
                regions_pack(county_code, reference),
                goals_pack(county_code, reference, plan),
                coefficients_pack(county_code, reference),
                catalogue,
            )
            packs = {one.name: one for one in made}
            self._counties.put(county_code, packs)
        return packs


def goals_pack(county_code: str, reference: Reference, plan: Plan) -> Pack:
    """Return the goals that hold for a county: its own and those of what it lies in; the nearest region wins."""
    rows = [
        {
            "region_code": goal.region_code,
            "indicator": goal.indicator,
            "scope": goal.scope,
            "valid_from": goal.valid_from,
            "due_year": goal.due_year,
            "type": goal.type,
            "value": plain(goal.value),
            "unit": goal.unit,
            "source": goal.source,
            "status": goal.status,
            "department": goal.department,
        }
        for goal in _goals_for(reference.region_of(county_code), reference, plan)
    ]
    rows.sort(key=lambda row: [str(row[name]) for name in ("region_code", "indicator", "scope", "valid_from")])
    return Pack.of(PackName.GOALS, {"goals": rows})


def _goals_for(county_code: str, reference: Reference, plan: Plan) -> Iterator[Goal]:
    """Yield the goals; an amount set for a larger region says nothing of the county."""
    for region in reference.tree.chain(county_code):
        for goal in plan.goals.of_region(region.code):
            if region.code == county_code or goal.type is not GoalType.CUMULATIVE_AMOUNT:
                yield goal
