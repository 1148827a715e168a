"""The closed sets of the field, one enum each, spelled the same on the wire and in the tables."""

from collections.abc import Mapping
from enum import StrEnum


class Indicator(StrEnum):
    """What the national plan measures; each has a module in `schemas.indicators`."""

    FILM_RECOVERY = "film_recovery"
    STRAW_UTILISATION = "straw_utilisation"
    MANURE_UTILISATION = "manure_utilisation"
    FERTILISER_REDUCTION = "fertiliser_reduction"
    PESTICIDE_REDUCTION = "pesticide_reduction"
    IRRIGATION_NEW_AREA = "irrigation_new_area"
    GREEN_CONTROL_COVERAGE = "green_control_coverage"


class FigureKind(StrEnum):
    """How a figure follows from its sums: a share, a change against the base year, or a flow added up over years."""

    RATE = "rate"
    CHANGE = "change"
    CUMULATIVE = "cumulative"


class Level(StrEnum):
    """Who a report speaks for: one farm, or the county as a whole (the statement)."""

    FARM = "farm"
    COUNTY = "county"


class RecordKind(StrEnum):
    """What a record is."""

    FARM = "farm"
    REPORT = "report"


class RecordStatus(StrEnum):
    """Where a record stands. A farm is `submitted` until it is withdrawn."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


LIVE_STATUSES = frozenset({RecordStatus.SUBMITTED, RecordStatus.RETURNED, RecordStatus.ACCEPTED})


class Action(StrEnum):
    """What a change does to a record."""

    CREATE = "create"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    RETURN = "return"
    PRECHECK = "precheck"


REVIEWS = frozenset({Action.ACCEPT, Action.RETURN, Action.PRECHECK})
"""What offices do to a report: they decide on it and leave what it says."""


class EntryAction(StrEnum):
    """What an entry of a ledger does: what a change asked for, or the decision on one that was held."""

    CREATE = "create"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    RETURN = "return"
    PRECHECK = "precheck"
    ERASE = "erase"
    """The county has erased the personal fields: what the revision says names nobody any more."""
    DECIDE = "decide"
    """A change that was held has come to its end without effect; its outcome comes down in the pull."""


class Outcome(StrEnum):
    """What became of a change."""

    APPLIED = "applied"
    MERGED = "merged"
    CONFLICT = "conflict"
    HELD = "held"
    REJECTED = "rejected"


class HoldReason(StrEnum):
    """Why a change is kept without being decided."""

    BASE_MISSING = "base_missing"
    FARM_MISSING = "farm_missing"
    YEAR_LOCKED = "year_locked"
    SCOPE_LOST = "scope_lost"
    SCHEMA_UNKNOWN = "schema_unknown"


class Disposition(StrEnum):
    """What the phone does next: nothing, send again later, or ask its user."""

    TERMINAL = "terminal"
    RETRY_AFTER = "retry_after"
    NEEDS_USER = "needs_user"


class Role(StrEnum):
    """What an account may do within the region of its grant."""

    WORKER = "worker"
    TOWNSHIP = "township"
    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"
    MINISTRY = "ministry"
    ADMIN = "admin"


class FilingState(StrEnum):
    """Where the filing of a county's figure stands on its way up, lowest first."""

    OPEN = "open"
    FILED = "filed"
    ENDORSED = "endorsed"
    ACCEPTED = "accepted"
    PUBLISHED = "published"


OFFICIAL_STATES = frozenset({FilingState.ACCEPTED, FilingState.PUBLISHED})
"""Only these figures add up to official ones."""


class FilingAction(StrEnum):
    """What an office does with a filing."""

    FILE = "file"
    RECALL = "recall"
    ENDORSE = "endorse"
    ACCEPT = "accept"
    RETURN = "return"
    PUBLISH = "publish"


class EntityKind(StrEnum):
    """The kinds of reporting entity 经营主体."""

    HOUSEHOLD = "household"
    LARGE_GROWER = "large_grower"
    COOPERATIVE = "cooperative"
    ENTERPRISE = "enterprise"
    LIVESTOCK_FARM = "livestock_farm"
    STRAW_FIRM = "straw_firm"
    FILM_COLLECTION_POINT = "film_collection_point"
    SERVICE_ORGANISATION = "service_organisation"
    IRRIGATION_PROJECT = "irrigation_project"


class Datum(StrEnum):
    """The datum in which a client gives coordinates; CGCS2000 (EPSG:4490) is stored."""

    CGCS2000 = "cgcs2000"
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class RegionLevel(StrEnum):
    """The tiers of administration."""

    NATION = "nation"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"


class BasinTier(StrEnum):
    """How closely a county belongs to a key basin; the headline figure uses `core`."""

    CORE = "core"
    EXTENDED = "extended"
    PERIPHERAL = "peripheral"

    def is_closer_than(self, other: "BasinTier") -> bool:
        """Whether a county of this tier belongs to the basin more closely than one of the other."""
        return _CLOSENESS[self] > _CLOSENESS[other]


_CLOSENESS = {BasinTier.PERIPHERAL: 0, BasinTier.EXTENDED: 1, BasinTier.CORE: 2}


class View(StrEnum):
    """The two views of one truth: the sum of the field reports, and the county's statement."""

    FARM = "farm"
    STATEMENT = "statement"


class FigureView(StrEnum):
    """What a figure is read from: what stands in the ledgers, or what was frozen when counties filed it."""

    HEADLINE = "headline"
    """A county's statement, or its field sum until it has one."""
    FARM = "farm"
    STATEMENT = "statement"
    OFFICIAL = "official"
    """Of filings that are accepted or published, as they were frozen."""
    PENDING = "pending"
    """Of filings on their way up, as they were frozen."""
    PUBLISHED = "published"


class GoalState(StrEnum):
    """Where a figure stands against its goal."""

    MET = "met"
    BELOW = "below"
    NOT_DUE = "not_due"
    NO_GOAL = "no_goal"
    NO_DATA = "no_data"


class GoalType(StrEnum):
    """How a goal is compared."""

    FLOOR = "floor"
    CUMULATIVE_AMOUNT = "cumulative_amount"
    NO_INCREASE = "no_increase"


class Standing(StrEnum):
    """How the farm figures of an indicator stand for the county."""

    CENSUS = "census"
    SAMPLE = "sample"
    REGISTRY = "registry"


class SourceStatus(StrEnum):
    """How far a number can be trusted: its text was seen, it is ours, or nobody checked it."""

    OFFICIAL = "official"
    CONVENTION = "convention"
    UNVERIFIED = "unverified"


class ReferenceOrigin(StrEnum):
    """Where a version of reference data came from; a deployment's own rows are never overridden by shipped ones."""

    SHIPPED = "shipped"
    LOADED = "loaded"
    DERIVED = "derived"
    ADOPTED = "adopted"


class Severity(StrEnum):
    """A block refuses one report; a warning is a flag for the reviewer."""

    BLOCK = "block"
    WARN = "warn"


class CheckLevel(StrEnum):
    """What a check looks at: single reports, the figures that a county files, or a province as a whole."""

    REPORT = "report"
    FILING = "filing"
    PROVINCE = "province"


class FindingState(StrEnum):
    """What became of a finding; it opens again where its evidence changes, and is gone with its cause."""

    OPEN = "open"
    EXPLAINED = "explained"
    DISMISSED = "dismissed"
    GONE = "gone"


class Unit(StrEnum):
    """Units of measured numbers."""

    KG = "kg"
    TONNE = "t"
    MU = "mu"
    HEAD = "head"
    RATE = "1"
    COUNT = "count"
    KG_PER_MU = "kg/mu"
    KG_PER_DAY = "kg/d"
    LITRE_PER_DAY = "l/d"
    DAY = "d"
    MILLIMETRE = "mm"


UNIT_NAMES: Mapping[Unit, tuple[str, str]] = {
    Unit.KG: ("公斤", "kg"),
    Unit.TONNE: ("吨", "t"),
    Unit.MU: ("亩", "mu"),
    Unit.HEAD: ("头（只）", "heads"),
    Unit.RATE: ("比例", "share"),
    Unit.COUNT: ("个", "count"),
    Unit.KG_PER_MU: ("公斤/亩", "kg/mu"),
    Unit.KG_PER_DAY: ("公斤/天", "kg/d"),
    Unit.LITRE_PER_DAY: ("升/天", "l/d"),
    Unit.DAY: ("天", "days"),
    Unit.MILLIMETRE: ("毫米", "mm"),
}
"""How units are called, zh and en."""
