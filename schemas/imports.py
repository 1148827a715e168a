"""The wire models of imports: what a file would do, line by line, and what it did."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.changes import ChangeOutcome, CountyCode
from schemas.indicators.form import Label, PeriodText
from schemas.problems import Problem
from schemas.vocabulary import Indicator, Level, RecordKind


class ImportOutcome(StrEnum):
    """What a line is to the county's records."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    SKIPPED = "skipped"
    """A total, a remark or a row of column numbers: named, and never imported."""


class ColumnUse(StrEnum):
    """What became of a column of the file."""

    READ = "read"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    SERIAL = "serial"


class ImportOrder(BaseModel):
    """What a file is imported as. `commit` needs the `sha256` that the preview of the same file answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[RecordKind, Label("类别", "Kind")]
    county_code: Annotated[CountyCode, Label("县代码", "County code")]
    indicator: Annotated[Indicator | None, Label("指标", "Indicator")] = None
    level: Annotated[Level | None, Label("填报层级", "Level")] = None
    period: Annotated[PeriodText | None, Label("统计期", "Period")] = None
    commit: Annotated[bool, Label("写入", "Commit")] = False
    sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$"), Label("文件 SHA-256", "SHA-256 of the file")] = None

    @model_validator(mode="after")
    def _parts_fit_the_kind(self) -> "ImportOrder":
        asked = ("indicator", "level", "period")
        for name in asked:
            if self.kind is RecordKind.REPORT and getattr(self, name) is None:
                raise PydanticCustomError("missing", "missing", {"field": name})
            if self.kind is RecordKind.FARM and getattr(self, name) is not None:
                raise PydanticCustomError("unknown_field", "not asked of a roster", {"field": name})
        if self.commit and self.sha256 is None:
            raise PydanticCustomError("missing", "missing", {"field": "sha256"})
        return self


class ImportProblem(Problem):
    """A problem of a file with the place where the person finds it."""

    line: int | None = Field(default=None, description="The row as the spreadsheet counts it, from 1.")
    column: str | None = Field(default=None, description="The column as the spreadsheet names it, such as `C`.")
    heading: str | None = None


class ImportColumn(BaseModel):
    """A column of the file and what it was recognised as."""

    model_config = ConfigDict(frozen=True)

    column: str
    heading: str
    use: ColumnUse
    field: str | None = Field(default=None, description="JSON Pointer below the payload; `*` stands for the code.")
    zh: str | None = None
    en: str | None = None
    unit: str | None = Field(default=None, description="The unit that bare numbers of the column are read in.")


class ImportCell(BaseModel):
    """A cell that is filled: as typed, and what it becomes."""

    model_config = ConfigDict(frozen=True)

    line: int
    column: str
    heading: str
    typed: str
    field: str | None = None
    becomes: str | None = Field(default=None, description="Null where the cell was refused or takes an answer back.")
    note_zh: str = Field(default="", description="How a unit was converted.")
    note_en: str = ""


class ImportRow(BaseModel):
    """One record of the file: usually one line; several, where every crop or species has its own."""

    model_config = ConfigDict(frozen=True)

    lines: list[int]
    title: str = Field(description="Whom the line is about, as written there.")
    outcome: ImportOutcome
    record_id: str | None = None
    changes: dict[str, str | None] = Field(
        default_factory=dict, description="JSON Pointer -> the new value, of what would change; null takes it back."
    )
    cells: list[ImportCell] = Field(default_factory=list)
    problems: list[ImportProblem] = Field(default_factory=list)
    warnings: list[ImportProblem] = Field(default_factory=list)
    ledger: ChangeOutcome | None = Field(default=None, description="After a commit: what the ledger made of it.")


class ImportAnswer(BaseModel):
    """What a file would do (`preview`) or did (`committed`)."""

    model_config = ConfigDict(frozen=True)

    status: Literal["preview", "committed"]
    sha256: str
    kind: RecordKind
    county_code: str
    indicator: Indicator | None
    level: Level | None
    period: str | None
    sheet: str = Field(description="The sheet that was read; empty for CSV.")
    other_sheets: list[str] = Field(description="Sheets that were not read.")
    encoding: str
    counts: dict[ImportOutcome, int]
    columns: list[ImportColumn]
    rows: list[ImportRow]
