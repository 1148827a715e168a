"""Figures that cannot be: checks that need a county's coefficients or sums, which no rule of a single report has."""

from collections.abc import Mapping
from decimal import Decimal

from schemas.decimals import ZERO, plain, product, quotient, rounded
from schemas.indicators.answers import shown
from schemas.indicators.form import ReportForm
from schemas.indicators.spec import Coefficients, IndicatorSpec, Sums, Terms
from schemas.period import Period
from schemas.problems import Problem, problem
from schemas.vocabulary import UNIT_NAMES, Level, View

HUNDRED = Decimal(100)


def county_findings(spec: IndicatorSpec, terms: Mapping[str, Terms]) -> list[Problem]:
    """Return one problem for every subject whose numerator exceeds its denominator: a rate over 100 %.

    For straw this is used (and sent out, less bought in) over collectable, for manure used over produced. The
    problems name no field; on a statement they block, on farm sums they warn, and the caller decides by the view.
    """
    return [_over_one(spec, subject, each) for subject, each in terms.items() if _is_over_one(each)]


def report_findings(spec: IndicatorSpec, form: ReportForm, coefficients: Coefficients) -> list[Problem]:
    """Return the findings of one report taken alone, for the indicators whose rules lack the coefficients.

    A county statement with a finding is refused (its rate is over 100 %); on a farm report it is a warning. Empty
    where a coefficient is missing, or where one report alone makes no figure (a straw household).
    """
    if not spec.coefficient_labels:
        return []
    sums = Sums(spec.quantities(form), 1, Period.parse(form.period))
    if form.level is Level.COUNTY:
        terms = spec.formula.terms(View.STATEMENT, Sums(), sums, coefficients)
    else:
        terms = spec.formula.terms(View.FARM, sums, Sums(), coefficients)
    return county_findings(spec, terms)


def missing_coefficients(spec: IndicatorSpec, coefficients: Coefficients) -> list[Problem]:
    """Return one problem for every coefficient that a formula asked for in vain; without it there is no figure."""
    found = []
    for name, subject in sorted(coefficients.missing):
        subject_zh, subject_en = spec.subject_labels.get(subject, (spec.zh, spec.en))
        name_zh, name_en = spec.coefficient_labels[name]
        found.append(
            problem("coefficient_missing", subject=subject_zh, subject_en=subject_en, name=name_zh, name_en=name_en)
        )
    return found


def _is_over_one(terms: Terms) -> bool:
    return terms.denominator is not None and terms.numerator > terms.denominator


def _over_one(spec: IndicatorSpec, subject: str, terms: Terms) -> Problem:
    subject_zh, subject_en = spec.subject_labels.get(subject, (spec.zh, spec.en))
    denominator, whole = terms.denominator or ZERO, spec.denominator or spec.numerator
    rate = quotient(terms.numerator, denominator)
    percent = "—" if rate is None else f"{plain(rounded(product(rate, HUNDRED), 1))}%"
    unit_zh, unit_en = UNIT_NAMES[whole.unit]
    return problem(
        "rate_over_one",
        subject=subject_zh,
        subject_en=subject_en,
        numerator_name=spec.numerator.zh,
        numerator_name_en=spec.numerator.en,
        numerator=shown(terms.numerator),
        denominator_name=whole.zh,
        denominator_name_en=whole.en,
        denominator=shown(denominator),
        unit=unit_zh,
        unit_en=unit_en,
        rate=percent,
    )
