"""What an indicator declares: its forms, its rules, the quantities a report adds, and the formula over their sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from schemas.decimals import EXACT, ZERO, as_decimal
from schemas.indicators.form import CountyForm, FarmForm, ReportForm
from schemas.period import Period
from schemas.problem_catalogue import ProblemType
from schemas.problems import Problem, compose
from schemas.vocabulary import FigureKind, Indicator, Level, Severity, SourceStatus, Standing, Unit, View

WHOLE = ""
"""The subject of quantities that belong to no crop, species or kind of film."""

Key = tuple[str, str]
Quantities = dict[Key, Decimal]
"""(subject, quantity) -> amount in t, mu or heads; what one report adds to its county's sums. Zeros are left out."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of one county, period, indicator and level over its reports: (subject, quantity) -> amount and count.

    `period` matters to formulas that count days; None stands for a whole year.
    """

    amounts: Mapping[Key, Decimal] = field(default_factory=dict)
    reports: int = 0
    period: Period | None = None

    def of(self, subject: str, quantity: str) -> Decimal:
        """Return the sum; 0 where no report gave one."""
        return self.amounts.get((subject, quantity), ZERO)

    def over(self, quantity: str) -> Decimal:
        """Return the sum over all subjects."""
        result = ZERO
        for (_, name), amount in self.amounts.items():
            if name == quantity:
                result = EXACT.add(result, amount)
        return result

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects with any amount, sorted."""
        return tuple(sorted({subject for subject, _ in self.amounts}))


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient as loaded: where it holds, what it is, and how far it can be trusted."""

    year: int
    region_code: str
    name: str
    subject: str
    value: Decimal
    unit: str
    source: str
    status: SourceStatus
    version: int = 0
    """The version of the coefficients that brought it; 0 for one that was not read from a database."""


class Coefficients:
    """The coefficients valid for one county and year; it remembers which a formula used, and which it missed."""

    def __init__(self, valid: Mapping[Key, Coefficient]) -> None:
        """`valid` maps (name, subject) to the coefficient nearest up the region tree and latest up to the year."""
        self._valid = valid
        self.used: dict[Key, Coefficient] = {}
        self.missing: set[Key] = set()

    def get(self, name: str, subject: str = WHOLE) -> Decimal | None:
        """Return the value, or None where none is loaded; a formula without its coefficient gives no figure.

        A coefficient loaded without a subject stands for every subject that has none of its own.
        """
        found = self._valid.get((name, subject)) or self._valid.get((name, WHOLE))
        if found is None:
            self.missing.add((name, subject))
            return None
        self.used[name, found.subject] = found
        return found.value


@dataclass(frozen=True, slots=True)
class Terms:
    """A numerator and a denominator, in t unless the indicator says otherwise; both are additive over regions.

    A change against a base year and a cumulative flow have the amount of the period alone: their denominator is None.
    """

    numerator: Decimal
    denominator: Decimal | None = None


NONE_THIS_YEAR: Mapping[str, Terms] = {WHOLE: Terms(ZERO, ZERO)}
"""The terms of a county that has reported, and had none: it is covered, and adds nothing."""

CountyTerms = Callable[[View, Sums, Sums, Coefficients], Mapping[str, Terms]]
"""(view, farm sums, statement sums, coefficients) -> terms per subject; empty where the view has no figure."""


@dataclass(frozen=True, slots=True)
class Formula:
    """One version of an indicator's formula."""

    version: str
    zh: str
    en: str
    source: str
    status: SourceStatus
    terms: CountyTerms


Breach = tuple[str, dict[str, str]]
"""Where a report breaks a rule (JSON Pointer below the payload), and the values that the rule's text names."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named check of one report by itself. Rules of one code have one text, whatever their indicator.

    A parameter `label` of the texts may have a twin `label_en`, which then stands in the English text.
    """

    code: str
    zh: str
    en: str
    on_farm: Severity | None
    on_county: Severity | None
    check: Callable[[Any], list[Breach]]
    status: SourceStatus = SourceStatus.CONVENTION
    """`official` only where the text that sets the bound was seen."""

    def severity(self, level: Level) -> Severity | None:
        """Return how hard the rule bites on this level; None where it does not apply."""
        return self.on_farm if level is Level.FARM else self.on_county

    def findings(self, form: ReportForm) -> list[Problem]:
        """Return one problem for every breach, its field given from the item's root."""
        breaches = self.check(form)
        if not breaches:
            return []
        return [compose(self.code, self.kind, f"/payload{pointer}", params) for pointer, params in breaches]

    @property
    def kind(self) -> ProblemType:
        """The problem type of the rule, for the catalogue of problem types."""
        return ProblemType(422, self.zh, self.en)


@dataclass(frozen=True, slots=True)
class QuantityLabel:
    """What a summed quantity is called and counted in."""

    zh: str
    en: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class Measure:
    """A second figure beside the headline: a weighted sum of summed quantities, or the ratio of two such sums.

    Weights are exact and hold for every region, so sums are added upward first and divided last, like any figure.
    """

    code: str
    zh: str
    en: str
    unit: Unit
    numerator: Mapping[Key, Fraction]
    denominator: Mapping[Key, Fraction] | None = None
    source: str = ""
    status: SourceStatus = SourceStatus.CONVENTION

    def value(self, sums: Sums) -> Decimal | None:
        """Return the figure at 34 digits; None for a ratio without a denominator."""
        over = _weighed(self.numerator, sums)
        if self.denominator is None:
            return as_decimal(over)
        under = _weighed(self.denominator, sums)
        return as_decimal(over / under) if under else None


def _weighed(weights: Mapping[Key, Fraction], sums: Sums) -> Fraction:
    return sum((weight * Fraction(sums.of(*key)) for key, weight in weights.items()), Fraction(0))


def each(quantity: str, *subjects: str, weight: Fraction = Fraction(1)) -> Mapping[Key, Fraction]:
    """Return the weights that take one quantity of every subject alike."""
    return {(subject, quantity): weight for subject in subjects or (WHOLE,)}


@dataclass(frozen=True, slots=True)
class IndicatorSpec:
    """Everything the service knows of one indicator. `kind` says how a figure follows from its terms."""

    indicator: Indicator
    zh: str
    en: str
    kind: FigureKind
    standing: Standing
    farm_form: type[FarmForm]
    county_form: type[CountyForm]
    quantities: Callable[[Any], Quantities]
    quantity_labels: Mapping[str, QuantityLabel]
    subject_labels: Mapping[str, tuple[str, str]]
    rules: tuple[Rule, ...]
    formulas: Mapping[str, Formula]
    current_formula: str
    numerator: QuantityLabel
    denominator: QuantityLabel | None
    """What a figure is held against: the whole of a rate, the base year of a change; a flow has none."""
    coefficient_labels: Mapping[str, tuple[str, str]]
    """The coefficients that the formula asks for, zh and en; rules of a single report do not have them."""
    series: Mapping[str, tuple[str, str]] = field(default_factory=lambda: {WHOLE: ("", "")})
    """Amounts that are never added to one another, zh and en; the first is the headline. The terms of an indicator
    with several are keyed by them."""
    base_year: int | None = None
    """The year that a change is held against."""
    start_year: int | None = None
    """The first year of a cumulative flow."""
    measures: tuple[Measure, ...] = ()
    merge_groups: tuple[frozenset[str], ...] = ()
    """Disjoint sets of JSON Pointers below the payload that mean something only together, on either level."""

    @property
    def formula(self) -> Formula:
        """The formula version that new figures are computed with."""
        return self.formulas[self.current_formula]

    def form(self, level: Level) -> type[ReportForm]:
        """Return the form of a level."""
        return self.farm_form if level is Level.FARM else self.county_form

    @property
    def headline_series(self) -> str:
        """The series that goals, maps and headlines speak of."""
        return next(iter(self.series))
