"""The wire models of sync: what a phone sends, what it is answered, what it pulls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.identifiers import UUID7_PATTERN, UUID_PATTERN, is_uuid, is_uuid7
from schemas.problems import Problem
from schemas.vocabulary import Action, Datum, Disposition, HoldReason, Outcome, RecordKind, RecordStatus

SCHEMA_VERSION = 2
"""The version of the payload forms. A published version never changes and stays accepted: docs/decisions/0014."""

MAX_ITEMS = 500
MAX_BODY_BYTES = 2_000_000


def _uuid7(value: object) -> object:
    if not (isinstance(value, str) and is_uuid7(value)):
        raise PydanticCustomError("not_uuid7", "not a lower-case UUIDv7")
    return value


def _any_uuid(value: object) -> object:
    if not (isinstance(value, str) and is_uuid(value)):
        raise PydanticCustomError("not_uuid7", "not a lower-case UUID")
    return value


def _aware(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("not_aware_time", "not an RFC 3339 time")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("not_aware_time", "not an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise PydanticCustomError("not_aware_time", "a time without an offset")
    return moment


Uuid7 = Annotated[str, BeforeValidator(_uuid7), Field(json_schema_extra={"format": "uuid", "pattern": UUID7_PATTERN})]
RecordId = Annotated[
    str, BeforeValidator(_any_uuid), Field(json_schema_extra={"format": "uuid", "pattern": UUID_PATTERN})
]
AwareTime = Annotated[datetime, BeforeValidator(_aware)]
CountyCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]

PARTS_OF: Mapping[Action, tuple[str, ...]] = {
    Action.CREATE: ("payload",),
    Action.AMEND: ("base_change_id", "set"),
    Action.WITHDRAW: ("base_change_id",),
}
"""What a change of each action must say besides what every change says; the parts of the others it may not say."""


class ChangeItem(BaseModel):
    """One change as a phone sends it. The payload is validated by the form it names, not here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    change_id: Uuid7
    county_code: CountyCode
    record_id: RecordId
    kind: RecordKind
    action: Action
    captured_at: AwareTime
    datum: Datum | None = None
    payload: dict[str, Any] | None = None
    base_change_id: Uuid7 | None = None
    set: dict[str, Any] | None = None
    reason: Annotated[str, Field(max_length=500)] | None = None

    @model_validator(mode="after")
    def _parts_fit_the_action(self) -> "ChangeItem":
        needed = PARTS_OF[self.action]
        for name in needed:
            if not getattr(self, name):
                raise PydanticCustomError("missing", "missing", {"field": name})
        for name in {name for parts in PARTS_OF.values() for name in parts}.difference(needed):
            if getattr(self, name) is not None:
                raise PydanticCustomError("unknown_field", "not allowed for this action", {"field": name})
        return self


class Push(BaseModel):
    """The envelope of a push. Items are decoded one by one, so that a bad one never harms its neighbours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device_id: Uuid7
    schema_version: Annotated[int, Field(ge=1, le=32_767, strict=True)]
    sent_at: AwareTime
    changes: list[Any]


class FieldConflict(BaseModel):
    """Both values of a field that two people changed, and what it was before."""

    model_config = ConfigDict(frozen=True)

    field: str
    base: Any
    current: Any
    incoming: Any


class ChangeOutcome(BaseModel):
    """What became of one change."""

    model_config = ConfigDict(frozen=True)

    change_id: str | None = Field(description="Null where the item had none that could be read.")
    outcome: Outcome
    disposition: Disposition
    replayed: bool = False
    reason: HoldReason | None = None
    retry_after_s: int | None = None
    record_id: str | None = None
    position: int | None = None
    revision: int | None = None
    existing_record_id: str | None = Field(default=None, description="The record that stands in the way of a create.")
    conflicts: list[FieldConflict] = Field(default_factory=list)
    problems: list[Problem] = Field(default_factory=list)
    warnings: list[Problem] = Field(default_factory=list)


class PushAnswer(BaseModel):
    """One outcome per item, in the order sent."""

    outcomes: list[ChangeOutcome]
    server_time: datetime
    warnings: list[Problem] = Field(default_factory=list, description="Of the push as a whole, such as a wrong clock.")


class PulledRecord(BaseModel):
    """The current state of a record, with the personal fields that the county's own people may see."""

    id: str
    kind: RecordKind
    status: RecordStatus
    revision: int
    position: int
    last_change_id: str
    township_code: str
    payload: dict[str, Any]
    warnings: list[Problem]
    recorded_at: datetime


class Pull(BaseModel):
    """A page of what changed since the cursor. `reset` means: the mirror no longer fits, start from the beginning."""

    county_code: str
    records: list[PulledRecord]
    cursor: str
    more: bool
    reset: bool = False
    server_time: datetime
