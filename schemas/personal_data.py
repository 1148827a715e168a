"""The wire models of a person's rights: what is held on them, and its erasure."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.changes import CountyCode, RecordId, Uuid7
from schemas.vocabulary import RecordKind, RecordStatus


class ErasureGround(StrEnum):
    """Why personal data are erased: the cases of article 47 of the Personal Information Protection Law."""

    PURPOSE_FULFILLED = "purpose_fulfilled"
    """处理目的已实现、无法实现或者不再必要。"""
    PERIOD_EXPIRED = "period_expired"
    """保存期限已届满，或停止提供服务。"""
    CONSENT_WITHDRAWN = "consent_withdrawn"
    """个人撤回同意。"""
    UNLAWFUL = "unlawful"
    """违反法律、行政法规或者约定处理。"""
    OTHER_LAW = "other_law"
    """法律、行政法规规定的其他情形。"""


GROUND_WORDS = {
    ErasureGround.PURPOSE_FULFILLED: ("处理目的已实现或不再必要", "the purpose is fulfilled or no longer needs them"),
    ErasureGround.PERIOD_EXPIRED: ("保存期限已届满", "the period of keeping has ended"),
    ErasureGround.CONSENT_WITHDRAWN: ("个人撤回同意", "the person withdrew consent"),
    ErasureGround.UNLAWFUL: ("违法或违约处理", "they were handled against the law or an agreement"),
    ErasureGround.OTHER_LAW: ("法律法规规定的其他情形", "another case that the law names"),
}


class ErasureAsked(BaseModel):
    """What a county erases. A farm goes with the plots and papers of all its reports; their amounts stay."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request_id: Uuid7 = Field(description="Drawn by the office's page; sent again it changes nothing.")
    county_code: CountyCode
    record_id: RecordId
    ground: ErasureGround
    files: bool = Field(default=False, description="Destroy the photos and papers that only these records name.")


class Erased(BaseModel):
    """What an erasure did."""

    county_code: str
    record_id: str
    records: int = Field(description="How many records were erased: a farm and its reports.")
    position: int = Field(description="Of the record's entry in the ledger.")
    files: int = Field(description="How many files were destroyed.")
    quarantined: int = Field(description="How many quarantined bodies named one of the records and were destroyed.")
    replayed: bool = Field(default=False, description="Whether there was nothing left to erase.")


class PhoneAsked(BaseModel):
    """Whose farms are looked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    county_code: CountyCode
    phone: Annotated[str, Field(min_length=5, max_length=30)]


class FarmsFound(BaseModel):
    """The farms with a phone number."""

    county_code: str
    farms: list[str]


class HeldValue(BaseModel):
    """One datum on the person."""

    field: str = Field(description="JSON Pointer below the form.")
    label_zh: str
    label_en: str
    value: Any
    revision: Annotated[int, Field(ge=1)]
    since: datetime = Field(description="When this revision was recorded.")
    is_current: bool
    where: str = Field(description="The table that has it.")


class HeldStep(BaseModel):
    """Who changed the record, or what an office did with it."""

    at: datetime
    act: str
    by: str | None = Field(description="The display name of the account, null where it is gone.")
    device_id: str | None = None


class HeldRecord(BaseModel):
    """What is held in one record."""

    record_id: str
    kind: RecordKind
    status: RecordStatus
    revision: int
    township_code: str
    erased_position: int | None
    public: dict[str, Any] = Field(description="What may be read above the county, too.")
    values: list[HeldValue]
    copies: dict[str, int] = Field(description="Rows of other tables that hold something of it, sealed.")
    files: list[str] = Field(description="SHA-256 of the photos and papers that it names.")
    history: list[HeldStep]


class HeldOnPerson(BaseModel):
    """All that a county holds on the person or enterprise behind a record, as far as it is kept under it."""

    county_code: str
    record_id: str
    made_at: datetime
    note_zh: str
    note_en: str
    records: list[HeldRecord]
