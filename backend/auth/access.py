"""The one place that decides access: grants in, yes or no out. Pure."""

from dataclasses import dataclass, field

from schemas.lineage import CodeHistory
from schemas.regions import RegionTree
from schemas.vocabulary import Indicator, Level, Role

FIELD_ROLES = frozenset({Role.WORKER, Role.TOWNSHIP})
"""They write farm reports in their townships (or their county) and read them back."""

READING_ROLES = frozenset({Role.COUNTY, Role.PREFECTURE, Role.PROVINCE, Role.MINISTRY, Role.ADMIN})
"""They read the figures of their region and all below it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a region."""

    role: Role
    region_code: str
    indicators: frozenset[Indicator] | None = None
    """The indicators that the grant is about; None: all."""


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

    def may_read_figures(self, region_code: str, tree: RegionTree) -> bool:
        """Whether the account may read a region's figures: its own and those below in the tree of the figures' year.

        Who answers for a county today answers for its past years too, under whatever code.
        """
        return any(
            grant.role in READING_ROLES
            and (tree.is_within(region_code, grant.region_code) or self._reaches(grant, region_code))
            for grant in self.grants
        )

    def may_write(self, county_code: str, township_code: str, level: Level) -> bool:
        """Whether the account may write a record of a township: only counties enter data, and below them the field.

        A county statement is the county bureau's alone.
        """
        return any(self._writes(grant, county_code, township_code, level) for grant in self.grants)

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
            grant.role is role and self._covers(grant, indicator) and self._reaches(grant, region_code)
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
            if grant.role in READING_ROLES and self._reaches(grant, county_code):
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
