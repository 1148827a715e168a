"""The one place that decides access: grants in, yes or no out. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from schemas.lineage import CodeHistory
from schemas.regions import RegionTree
from schemas.vocabulary import Indicator, Level, RegionLevel, Role

FIELD_ROLES = frozenset({Role.WORKER, Role.TOWNSHIP})
"""They write farm reports in their townships (or their county) and read them back."""

READING_ROLES = frozenset({Role.COUNTY, Role.PREFECTURE, Role.PROVINCE, Role.MINISTRY, Role.ADMIN})
"""They read the figures of their region and all below it."""

BASIN_ROLES = frozenset({Role.PREFECTURE, Role.PROVINCE, Role.MINISTRY})
"""They may be granted the counties of a key basin within their region, to read."""

ROLE_LEVELS: Mapping[Role, frozenset[RegionLevel]] = {
    Role.WORKER: frozenset({RegionLevel.TOWNSHIP, RegionLevel.COUNTY}),
    Role.TOWNSHIP: frozenset({RegionLevel.TOWNSHIP}),
    Role.COUNTY: frozenset({RegionLevel.COUNTY}),
    Role.PREFECTURE: frozenset({RegionLevel.PREFECTURE}),
    Role.PROVINCE: frozenset({RegionLevel.PROVINCE}),
    Role.MINISTRY: frozenset({RegionLevel.NATION}),
    Role.ADMIN: frozenset(RegionLevel) - {RegionLevel.TOWNSHIP},
}
"""At which tier a role can be held. A township that has no code yet is served by its county."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a region."""

    role: Role
    region_code: str
    indicators: frozenset[Indicator] | None = None
    """The indicators that the grant writes, reviews and acts on; None: all. Reading is not narrowed by them."""
    basin_code: str | None = None
    """The key basin whose counties within the region are read, and nothing else; None: no basin."""


@dataclass(frozen=True, slots=True)
class Access:
    """What one account may do, by its grants and today's regions.

    A grant outlives its code: it reaches the ledgers of all codes that went into its own, and those of a code that its
    own became alone. It does not grow with a merger: a grant on one of the merged counties stays with its ledger.
    """

    account_id: str
    username: str
    display_name: str
    grants: tuple[Grant, ...]
    tree: RegionTree
    history: CodeHistory = field(default_factory=CodeHistory)
    basins: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Basin code -> today's county codes, of the basins in the grants."""

    def may_read_figures(self, region_code: str, tree: RegionTree) -> bool:
        """Whether the account may read a region's figures: its own and those below in the tree of the figures' year.

        Who answers for a county today answers for its past years too, under whatever code.
        """
        return any(
            grant.role in READING_ROLES
            and (tree.is_within(region_code, grant.region_code) or self._reaches(grant, region_code))
            and self._is_of_basin(grant, region_code, tree)
            for grant in self.grants
        )

    def may_write(self, county_code: str, township_code: str, level: Level, indicator: Indicator | None = None) -> bool:
        """Whether the account may write a record of a township: only counties enter data, and below them the field.

        A county statement is the county bureau's alone. A farm has no indicator: whoever reports on it registers it.
        """
        return any(
            (indicator is None or self._covers(grant, indicator))
            and self._writes(grant, county_code, township_code, level)
            for grant in self.grants
        )

    def may_review(self, county_code: str, indicator: Indicator) -> bool:
        """Whether the account accepts and returns the farm reports of a ledger: its county bureau alone."""
        return any(
            grant.role is Role.COUNTY
            and self._covers(grant, indicator)
            and self.history.is_of(county_code, grant.region_code)
            for grant in self.grants
        )

    def may_precheck(self, township_code: str, indicator: Indicator) -> bool:
        """Whether the account prechecks and returns the farm reports of a township: the township's office."""
        return any(
            grant.role is Role.TOWNSHIP and self._covers(grant, indicator) and grant.region_code == township_code
            for grant in self.grants
        )

    def acts_as(self, role: Role, region_code: str, indicator: Indicator) -> bool:
        """Whether the account acts on the filings of a region in a role: its own region or one below."""
        return any(
            grant.role is role
            and grant.basin_code is None
            and self._covers(grant, indicator)
            and self._reaches(grant, region_code)
            for grant in self.grants
        )

    def _covers(self, grant: Grant, indicator: Indicator) -> bool:
        return grant.indicators is None or indicator in grant.indicators

    def writes_in(self, county_code: str) -> bool:
        """Whether the account may write any record of a county's ledger, whatever its township."""
        for grant in self.grants:
            if grant.role is not Role.COUNTY and grant.role not in FIELD_ROLES:
                continue
            if self.history.is_of(county_code, grant.region_code):
                return True
            county = self.tree.county_of(grant.region_code) if grant.role in FIELD_ROLES else None
            if county is not None and county.code == self.history.today(county_code):
                return True
        return False

    def _writes(self, grant: Grant, county_code: str, township_code: str, level: Level) -> bool:
        if grant.role is Role.COUNTY:
            return self.history.is_of(county_code, grant.region_code)
        if grant.role not in FIELD_ROLES or level is Level.COUNTY:
            return False
        return grant.region_code == township_code or self.history.is_of(county_code, grant.region_code)

    def _reaches(self, grant: Grant, county_code: str) -> bool:
        """Whether a county's ledger lies within the region of a grant today, or is that of the grant's old code."""
        today = self.history.today(county_code)
        return self.tree.is_within(today, grant.region_code) or self.history.is_of(county_code, grant.region_code)

    def pulls(self, county_code: str) -> bool:
        """Whether the account may pull records of a county's ledger at all."""
        return self.townships(county_code) is None or bool(self.townships(county_code))

    def townships(self, county_code: str) -> frozenset[str] | None:
        """Return the townships of a ledger whose records the account may see; None stands for all of them."""
        held: set[str] = set()
        for grant in self.grants:
            if (
                grant.role in READING_ROLES
                and self._reaches(grant, county_code)
                and self._is_of_basin(grant, county_code, self.tree)
            ):
                return None
            if grant.role not in FIELD_ROLES:
                continue
            if self.history.is_of(county_code, grant.region_code):
                return None
            county = self.tree.county_of(grant.region_code)
            if county is not None and county.code == self.history.today(county_code):
                held.add(grant.region_code)
        return frozenset(held)

    def sees_personal(self, county_code: str) -> bool:
        """Whether the account sees names and plots: only the county that owns them and its field staff do."""
        for grant in self.grants:
            if grant.role is not Role.COUNTY and grant.role not in FIELD_ROLES:
                continue
            if self.history.is_of(county_code, grant.region_code):
                return True
            county = self.tree.county_of(grant.region_code)
            if county is not None and county.code == self.history.today(county_code):
                return True
        return False

    def exact_positions(self) -> dict[str, frozenset[str] | None]:
        """Return ledger -> the townships whose plots the account sees on a map, None for all; no other ledgers.

        A county sees its own, a worker or an office of a township that township's; above the county nobody does.
        """
        found: dict[str, frozenset[str] | None] = {}
        for grant in self.grants:
            if grant.role is not Role.COUNTY and grant.role not in FIELD_ROLES:
                continue
            county = self.tree.county_of(grant.region_code)
            today = self.history.today(grant.region_code if county is None else county.code)
            region = self.tree.get(today)
            for ledger in {grant.region_code, today, *(region.ledger_codes if region is not None else ())}:
                if self.history.is_of(ledger, grant.region_code):
                    found[ledger] = None
                elif grant.role in FIELD_ROLES and county is not None and county.code != grant.region_code:
                    held = found.get(ledger, frozenset())
                    found[ledger] = None if held is None else held | {grant.region_code}
        return {ledger: townships for ledger, townships in found.items() if len(ledger) == 6}

    def _is_of_basin(self, grant: Grant, region_code: str, tree: RegionTree) -> bool:
        """Whether a grant without a basin is asked, or about a county of its basin; regions above counties are none."""
        if grant.basin_code is None:
            return True
        county = tree.county_of(region_code)
        code = self.history.today(county.code if county is not None else region_code)
        return code in self.basins.get(grant.basin_code, ())

    def may_grant(self, grant: Grant) -> bool:
        """Whether the account gives and takes a grant: administrators in their region, bureaus to their field staff."""
        return any(self._governs(held, grant) for held in self.grants)

    def administers(self, grants: Collection[Grant]) -> bool:
        """Whether the account administers one that holds these grants: it could have given every one of them."""
        return bool(grants) and all(self.may_grant(grant) for grant in grants)

    def may_enrol(self, grants: Collection[Grant]) -> bool:
        """Whether the account enrols and revokes the phones of one that holds these grants.

        A township's office does so for its own workers, besides whoever administers them.
        """
        return self.administers(grants) or (
            bool(grants)
            and all(
                grant.role is Role.WORKER
                and any(held.role is Role.TOWNSHIP and held.region_code == grant.region_code for held in self.grants)
                for grant in grants
            )
        )

    def governed_regions(self) -> frozenset[str]:
        """Return the regions whose accounts, with those of all regions below, the account has to do with."""
        return frozenset(
            grant.region_code for grant in self.grants if grant.role in {Role.ADMIN, Role.COUNTY, Role.TOWNSHIP}
        )

    def _governs(self, held: Grant, grant: Grant) -> bool:
        if held.role is Role.ADMIN:
            return self._lies_within(grant.region_code, held.region_code)
        return (
            held.role is Role.COUNTY
            and grant.role in FIELD_ROLES
            and self._lies_within(grant.region_code, held.region_code)
            and (held.indicators is None or (grant.indicators is not None and grant.indicators <= held.indicators))
        )

    def _lies_within(self, region_code: str, ancestor: str) -> bool:
        return self.tree.is_within(region_code, ancestor) or self._reaches(Grant(Role.ADMIN, ancestor), region_code)
