"""From a payload to what a record holds: form, plot, place and period checked, personal parts set apart. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel

from geo.shapes import GeometryRefused, Plot, as_geojson, read_plot
from schemas.decimals import plain, quotient
from schemas.farms import Farm
from schemas.identifiers import is_uuid7, statement_id
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.findings import missing_coefficients, report_findings
from schemas.indicators.form import MAX_ATTACHMENTS, CountyForm, FarmForm, ReportForm, label_of
from schemas.indicators.spec import Quantities
from schemas.indicators.validation import PayloadRefused, read_farm, read_report
from schemas.period import Period
from schemas.problems import Problem, problem
from schemas.regions import NO_TOWNSHIP
from schemas.vocabulary import Datum, Indicator, Level, RecordKind
from sync.leaves import Leaves, flatten
from sync.reference import Reference

AREA_TOLERANCE = Decimal("0.5")
"""A declared area that differs from the drawn one by more than this share is worth a look (convention)."""

IMMUTABLE_POINTERS = frozenset({"/indicator", "/level", "/period", "/farm_id", "/project_id"})
"""What a report is about; a wrong one is corrected by withdrawing and filing again."""


class ContentRefused(Exception):  # noqa: N818 - it is an answer to the phone, not a fault
    """The payload cannot be taken; `problems` say why, field by field."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(one.code for one in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Content:
    """What a record holds after a change: the two parts of its payload and what follows from them."""

    public: dict[str, Any]
    personal: dict[str, Any]
    township_code: str
    farm_id: str | None = None
    indicator: Indicator | None = None
    level: Level | None = None
    period: str | None = None
    project_id: str | None = None
    """What is reported once for ever, whatever the year."""
    quantities: Quantities = field(default_factory=dict)
    area_mu: Decimal | None = None
    """Geodesic area of the plot, where it has one."""
    warnings: tuple[Problem, ...] = ()

    @property
    def leaves(self) -> Leaves:
        """The whole payload by JSON Pointer."""
        return flatten(self.public | self.personal)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a payload claims to belong."""

    county_code: str
    record_id: str
    today: date


def read_content(
    kind: RecordKind, payload: Mapping[str, Any], datum: Datum | None, place: Place, reference: Reference
) -> Content:
    """Return the content of a payload. Raises ContentRefused with every problem found, not just the first."""
    problems: list[Problem] = []
    plot = _read_plot(payload, datum, problems)
    attachments = _read_attachments(payload, datum, problems)
    try:
        form, warnings = (read_farm(payload), []) if kind is RecordKind.FARM else read_report(payload)
    except PayloadRefused as refused:
        raise ContentRefused((*refused.problems, *problems)) from None
    warnings = list(warnings)
    if isinstance(form, Farm | FarmForm):
        _check_township(form.township_code, place.county_code, reference, problems, warnings)
    if isinstance(form, CountyForm):
        _check_statement(form, place, reference, problems)
    elif not is_uuid7(place.record_id):
        # Only a statement's id may follow from what it states; anybody else's would stand in its way.
        problems.append(problem("not_uuid7", "/record_id", label="record_id"))
    if isinstance(form, ReportForm):
        _check_period(form, place, reference, problems)
        _check_figure(form, place.county_code, reference, problems, warnings)
    if problems:
        raise ContentRefused(tuple(problems))
    retired = reference.retired.get(place.county_code)
    if retired is not None:
        warnings.append(problem("retired_county", "/county_code", value=place.county_code, successor=retired.successor))
    if plot is not None:
        warnings += [*plot.warnings, *reference.counties.plot_warnings(place.county_code, plot)]
        warnings += _area_warnings(form, plot)
    return _content(form, plot, attachments, place.county_code, tuple(warnings))


def _content(
    form: BaseModel,
    plot: Plot | None,
    attachments: Any,
    county_code: str,
    warnings: tuple[Problem, ...],
) -> Content:
    answers = form.model_dump(mode="json", exclude_none=True)
    if attachments:
        answers["attachments"] = attachments
    else:
        answers.pop("attachments", None)  # an empty list says what none says
    if plot is not None:
        answers["geometry"] = as_geojson(plot.geom)
    area_mu = plot.area_mu if plot is not None else None
    private = personal_fields(type(form))
    public = {name: value for name, value in answers.items() if name not in private}
    personal = {name: value for name, value in answers.items() if name in private}
    if not isinstance(form, ReportForm):
        return Content(public, personal, answers["township_code"], area_mu=area_mu, warnings=warnings)
    return Content(
        public,
        personal,
        township_code=answers.get("township_code", county_code + NO_TOWNSHIP),
        farm_id=answers.get("farm_id"),
        indicator=form.indicator,
        level=form.level,
        period=form.period,
        project_id=answers.get("project_id"),
        quantities=CATALOGUE[form.indicator].quantities(form),
        area_mu=area_mu,
        warnings=warnings,
    )


@cache
def personal_fields(form: type[BaseModel]) -> frozenset[str]:
    """Return the names of a form's personal fields."""
    return frozenset(name for name, info in form.model_fields.items() if label_of(info).personal)


def _read_plot(payload: Mapping[str, Any], datum: Datum | None, problems: list[Problem]) -> Plot | None:
    geometry = payload.get("geometry")
    if geometry is None:
        return None
    try:
        return read_plot(geometry, datum)
    except GeometryRefused as refused:
        problems.append(refused.problem)
        return None


def _read_attachments(payload: Mapping[str, Any], datum: Datum | None, problems: list[Problem]) -> Any:
    """Return the files that a payload names, their positions in the stored datum; its form is checked elsewhere."""
    try:
        return attachments_in_cgcs2000(payload.get("attachments"), datum)
    except ContentRefused as refused:
        problems += refused.problems
        return None


def attachments_in_cgcs2000(named: Any, datum: Datum | None) -> Any:
    """Return named files with their positions converted. Raises ContentRefused for a position or a file named twice.

    What is no list of objects, or too long a one, is returned as it came: the form says what is wrong with it.
    """
    if not isinstance(named, list) or len(named) > MAX_ATTACHMENTS:
        return named
    problems: list[Problem] = []
    converted: list[Any] = []
    seen: set[Any] = set()
    for index, one in enumerate(named):
        pointer = f"/payload/attachments/{index}"
        if not isinstance(one, Mapping):
            converted.append(one)
            continue
        after = {name: value for name, value in one.items() if value is not None}
        sha256, position = after.get("sha256"), after.get("position")
        if isinstance(sha256, str) and sha256 in seen:
            problems.append(problem("attachment_twice", f"{pointer}/sha256"))
        seen.add(sha256 if isinstance(sha256, str) else None)
        if position is not None:
            try:
                plot = read_plot({"type": "Point", "coordinates": position}, datum, f"{pointer}/position")
                after["position"] = as_geojson(plot.geom)["coordinates"]
            except GeometryRefused as refused:
                problems.append(_at_position(refused.problem, f"{pointer}/position"))
        converted.append(after)
    if problems:
        raise ContentRefused(tuple(problems))
    return converted


def _at_position(found: Problem, pointer: str) -> Problem:
    """Return a problem of a point under the pointer of the position that it was made of."""
    is_datum = found.field == "/datum"
    return found if is_datum else found.model_copy(update={"field": pointer})


def _check_township(
    township_code: str, county_code: str, reference: Reference, problems: list[Problem], warnings: list[Problem]
) -> None:
    if township_code == county_code + NO_TOWNSHIP:
        return
    county = reference.tree.county_of(township_code)
    own = (county_code, reference.region_of(county_code))
    is_elsewhere = not township_code.startswith(own) if county is None else county.code not in own
    if is_elsewhere:
        problems.append(problem("township_elsewhere", "/payload/township_code", value=township_code))
    elif county is None:
        warnings.append(problem("unknown_township", "/payload/township_code", value=township_code))


def _check_period(form: ReportForm, place: Place, reference: Reference, problems: list[Problem]) -> None:
    """Check that the period has begun, and that the code was in use: no year before it is summed from its ledger."""
    period = Period.parse(form.period)
    if period is None:
        return
    if period.year > place.today.year:
        problems.append(problem("period_future", "/payload/period", value=form.period))
    code = place.county_code
    first_year = reference.history.first_year(code)
    if first_year is None or period.year >= first_year:
        return
    counties = "、".join(f"{one.code} {one.name}" for one in reference.history.counties_in(code, period.year))
    if counties:
        problems.append(
            problem(
                "code_not_yet",
                "/county_code",
                value=code,
                first_year=first_year,
                year=period.year,
                counties=counties,
            )
        )


def _check_statement(form: CountyForm, place: Place, reference: Reference, problems: list[Problem]) -> None:
    """Check a statement's id, and that the county still existed: its successor answers for the years after."""
    expected = statement_id(place.county_code, form.indicator, form.period)
    if place.record_id != expected:
        problems.append(problem("not_statement_id", "/record_id", expected=expected))
    retired = reference.retired.get(place.county_code)
    if retired is not None and int(form.period[:4]) > retired.last_year:
        problems.append(problem("retired_county", "/county_code", value=place.county_code, successor=retired.successor))


def _check_figure(
    form: ReportForm, county_code: str, reference: Reference, problems: list[Problem], warnings: list[Problem]
) -> None:
    """Check what needs the county's coefficients: a rate over 100 % blocks a statement and flags a farm report."""
    spec = CATALOGUE[form.indicator]
    if not spec.coefficient_labels:
        return
    coefficients = reference.coefficients_for(county_code, int(form.period[:4]))
    findings = report_findings(spec, form, coefficients)
    (problems if form.level is Level.COUNTY else warnings).extend(findings)
    warnings.extend(missing_coefficients(spec, coefficients))


def _area_warnings(form: BaseModel, plot: Plot) -> list[Problem]:
    if not isinstance(form, Farm) or not form.area_mu or not plot.area_mu:
        return []
    share = quotient(abs(form.area_mu - plot.area_mu), form.area_mu)
    if share is None or share <= AREA_TOLERANCE:
        return []
    return [problem("area_differs", "/payload/area_mu", declared=plain(form.area_mu), measured=plain(plot.area_mu))]
