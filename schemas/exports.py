"""What can be exported and in which form, and the marks that a statistical form carries at its head and foot. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.vocabulary import Indicator


class SummaryFormat(StrEnum):
    """The forms of a region's or basin's figures."""

    XLSX = "xlsx"
    CSV = "csv"
    GEOJSON = "geojson"
    GPKG = "gpkg"
    PDF = "pdf"


class ReportFormat(StrEnum):
    """The forms of reports one by one."""

    XLSX = "xlsx"
    CSV = "csv"
    GEOJSON = "geojson"
    GPKG = "gpkg"


class Heads(StrEnum):
    """Whether the columns of a CSV are headed in Chinese with their units, or by identifiers."""

    ZH = "zh"
    ID = "id"


FORM_MARKS: Mapping[str, str] = {
    "number": "表号",
    "issuer": "制定机关",
    "approval": "批准文号",
    "valid_until": "有效期至",
    "agency": "综合机关名称",
    "responsible": "单位负责人",
    "checked_by": "审核人",
    "filled_by": "填表人",
}
"""The marks of a form of statistics, in their order; what is not set is left to be written by hand."""


@dataclass(frozen=True, slots=True)
class FormMarks:
    """The marks of a deployment's forms: `number` of all of them, `number.film_recovery` of those of one indicator."""

    given: Mapping[str, str]

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> "FormMarks":
        """Return the marks. Raises ValueError for a name that is none."""
        for name in given:
            mark, _, indicator = name.partition(".")
            if mark not in FORM_MARKS or (indicator and indicator not in set(Indicator)):
                known = "、".join(FORM_MARKS)
                raise ValueError(f"没有名为“{name}”的表头项，应为 {known} · no form mark is called '{name}'")
        return cls(dict(given))

    def of(self, name: str, indicator: Indicator | None = None) -> str:
        """Return what is set for a mark, of the indicator first; empty where nothing is."""
        own = self.given.get(f"{name}.{indicator}", "") if indicator is not None else ""
        return own or self.given.get(name, "")
