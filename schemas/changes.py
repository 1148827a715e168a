"""The wire models of sync: what a phone sends, what it is answered, what it pulls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.identifiers import UUID7_PATTERN, UUID_PATTERN, is_uuid, is_uuid7
from schemas.problems import Problem
from schemas.reviews import MAX_REASONS, Review, ReviewReason
from schemas.vocabulary import Action, Datum, Disposition, HoldReason, Outcome, RecordKind, RecordStatus

SCHEMA_VERSION = 3
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
    Action.ACCEPT: ("position",),
    Action.RETURN: ("position", "reasons"),
    Action.PRECHECK: ("position",),
}
"""What a change of each action must say besides what every change says; the parts of the others it may not say."""

OPTIONAL_PARTS_OF: Mapping[Action, tuple[str, ...]] = {
    Action.ACCEPT: ("reasons",),
    Action.PRECHECK: ("reasons",),
}
"""What a change of some actions may say besides."""


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
    position: Annotated[int, Field(ge=1, le=999_999_999_999_999, strict=True)] | None = Field(
        default=None, description="Of the report as the reviewing office saw it."
    )
    reasons: Annotated[list[ReviewReason], Field(max_length=MAX_REASONS)] | None = Field(
        default=None, description="Why a report is returned; with the other decisions, remarks."
    )

    @model_validator(mode="after")
    def _parts_fit_the_action(self) -> "ChangeItem":
        needed = PARTS_OF[self.action]
        for name in needed:
            if not getattr(self, name):
                raise PydanticCustomError("missing", "missing", {"field": name})
        allowed = {*needed, *OPTIONAL_PARTS_OF.get(self.action, ())}
        for name in {name for parts in PARTS_OF.values() for name in parts}.difference(allowed):
            if getattr(self, name) is not None:
                raise PydanticCustomError("unknown_field", "not allowed for this action", {"field": name})
        return self


class Push(BaseModel):
    """The envelope of a push. Items are decoded one by one, so that a bad one never harms its neighbours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device_id: Uuid7
    schema_version: Annotated[int, Field(ge=1, le=32_767, strict=True)]
    sent_at: AwareTime
    app_version: Annotated[str, Field(max_length=40)] | None = None
    queued: Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)] | None = Field(
        default=None, description="How many changes wait on the phone besides these."
    )
    oldest_queued_at: AwareTime | None = Field(default=None, description="When the oldest of them was captured.")
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
    office: str | None = Field(default=None, description="The office that decided, where the change is a review.")
    conflicts: list[FieldConflict] = Field(default_factory=list)
    problems: list[Problem] = Field(default_factory=list)
    warnings: list[Problem] = Field(default_factory=list)


MAX_HEADS = 50
HEAD_PREFIX_DIGITS = 16
HEAD_PATTERN = rf"^[1-9][0-9]{{0,17}}:[0-9a-f]{{{HEAD_PREFIX_DIGITS}}}$"
"""The head of a receipt as a pull names it: `<position>:<the first 16 digits of entry_hash>`."""


class ReceiptHead(BaseModel):
    """A ledger as it stood right after the push."""

    model_config = ConfigDict(frozen=True)

    county_code: str
    position: int
    entry_hash: str = Field(description="64 hexadecimal digits.")


class Receipt(BaseModel):
    """The server's signature over what it has taken: whoever holds it can show that it was acknowledged.

    Signed (Ed25519) is the RFC 8785 form of `{"alg", "key_id", "issued_at", "account", "device_id", "items", "heads"}`,
    where `items` are `[change_id, item_hash, outcome, county_code, position]` of every applied and merged change, in
    the order sent; the phone has all of it and needs no copy on the wire.
    """

    model_config = ConfigDict(frozen=True)

    alg: str
    key_id: str
    issued_at: datetime
    account: str
    heads: list[ReceiptHead]
    signature: str = Field(description="128 hexadecimal digits.")


class PushAnswer(BaseModel):
    """One outcome per item, in the order sent."""

    outcomes: list[ChangeOutcome]
    server_time: datetime
    warnings: list[Problem] = Field(default_factory=list, description="Of the push as a whole, such as a wrong clock.")
    receipt: Receipt | None = Field(default=None, description="Of what was taken; absent where nothing was.")


class PulledRecord(BaseModel):
    """The current state of a record, with the personal fields that the county's own people may see."""

    id: str
    kind: RecordKind
    status: RecordStatus
    revision: int
    position: int
    mark: str = Field(description="Of this very state, 16 hexadecimal digits; kept with it and summed.")
    last_change_id: str
    township_code: str
    payload: dict[str, Any]
    warnings: list[Problem]
    review: Review | None = Field(default=None, description="The last decision on it, where there was one.")
    recorded_at: datetime
    erased_position: int | None = Field(
        default=None,
        description="The entry by which the county erased the personal fields: the phone drops what it kept of them, "
        "in sent changes too.",
    )


class RecordExit(BaseModel):
    """A record that left the caller's townships at this position; the phone drops it unless it has it from later."""

    id: str
    position: int


class ScopeChecksum(BaseModel):
    """What the phone must hold of the county once the page is stored: the records of its townships, withdrawn ones too.

    `sum` is the sum of the records' marks, each read as a big-endian number of eight bytes, modulo 2^64, in 16
    hexadecimal digits. A mark is the beginning of the hash of the ledger entry that wrote the record's present state:
    it commits to the content and to all that was before it. A phone whose sum differs reads the manifest.
    """

    records: int
    sum: str


class PackRef(BaseModel):
    """A pack of reference data as it is now; fetched only when its hash is another than the phone's."""

    name: str
    sha256: str
    size: int = Field(description="Bytes, uncompressed.")


class PackFile(BaseModel):
    """A pack that is a file of its own, fetched by byte ranges when there is a good line, not with every pull."""

    name: str
    version: str = Field(description="SHA-256 of what it is made from; the bytes have their own, which is the `ETag`.")
    media_type: str
    url: str = Field(description="Where it is fetched, below the address of the service.")
    size: int | None = Field(description="Bytes; null while it has not been made, which the first request does.")
    sha256: str | None = Field(description="Of the bytes; null while it has not been made.")


class PackList(BaseModel):
    """The packs of a county for the caller."""

    county_code: str
    sha256: str = Field(
        description="To be given as `packs` in a pull: SHA-256 of the sorted lines `<name>:<sha256>`, each ended by a "
        "line feed, of all packs but `farms`, whose content comes with every pull as records."
    )
    packs: list[PackRef]
    files_sha256: str = Field(
        default="",
        description="To be given as `files` in a pull: SHA-256 of the sorted lines `<name>:<version>`, each ended by a "
        "line feed.",
    )
    files: list[PackFile] = Field(
        default_factory=list, description="The GeoPackage of the caller's scope, and the tiles of the boundaries."
    )


class Pull(BaseModel):
    """A page of what changed since the cursor.

    `reset` means: the mirror no longer fits. The page holds no record; the phone reads the manifest, fetches what
    differs, drops what was not listed, and goes on from `cursor`. Unsent work is never touched.
    """

    county_code: str
    records: list[PulledRecord]
    exits: list[RecordExit] = Field(default_factory=list)
    outcomes: list[ChangeOutcome] = Field(
        default_factory=list, description="Of the caller's own changes that were held, decided since."
    )
    cursor: str
    more: bool
    reset: bool = False
    checksum: ScopeChecksum | None = Field(default=None, description="On the last page.")
    packs: list[PackRef] | None = Field(default=None, description="Where other than the phone said it has.")
    files: list[PackFile] | None = Field(default=None, description="Where other than the phone said it was told.")
    server_time: datetime


class Manifest(BaseModel):
    """A page of what the caller's scope of a county holds: `[id, mark]` by id."""

    county_code: str
    entries: list[tuple[str, str]]
    after: str | None = Field(description="Ask for the next page after this id; null on the last.")


class WantedRecords(BaseModel):
    """The records that a phone lacks or holds in another state."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    county_code: CountyCode
    ids: Annotated[list[RecordId], Field(min_length=1, max_length=MAX_ITEMS)]


class FoundRecords(BaseModel):
    """Those of the wanted records that lie in the caller's scope, in their current state."""

    records: list[PulledRecord]
