"""Rows of the ledger's tables as the values that decisions are made of: sealed parts opened, numbers exact."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from schemas.changes import ChangeOutcome
from schemas.problems import Problem
from schemas.vocabulary import Indicator, Level, RecordKind, RecordStatus
from sync.content import Content
from sync.personal import Sealed, Vault
from sync.records import HeldChange, KnownChange, RecordState
from sync.sealing import ChangeText, joined, open_change


def parsed_rows(rows: str | None) -> list[dict[str, Any]]:
    """Return what `json_agg` gave: NULL for no rows."""
    if rows is None:
        return []
    parsed: list[dict[str, Any]] = orjson.loads(rows)
    return parsed


def bytea(value: str | bytes) -> bytes:
    """Return a bytea, which in JSON is a backslash, an x, and hexadecimal digits."""
    return bytes.fromhex(value[2:]) if isinstance(value, str) else value


def held_change(row: Mapping[str, Any], county_code: str, vault: Vault) -> HeldChange:
    """Return a change that waits, its item whole."""
    whole = joined(ChangeText(row["item"], {}, {}), open_change(vault, row, county_code))
    return HeldChange(
        change_id=row["change_id"],
        account=row["account"],
        device_id=row["device_id"],
        item=whole.item,
        item_hash=bytea(row["item_hash"]),
        schema_version=row["schema_version"],
        waits_for=row["waits_for"],
    )


def known_change(row: Mapping[str, Any], county_code: str, vault: Vault) -> KnownChange:
    """Return a change that was decided on, its outcome and what it replaced whole."""
    whole = joined(ChangeText({}, row["replaced"], row["result"]), open_change(vault, row, county_code))
    return KnownChange(
        change_id=str(row["change_id"]),
        record_id=str(row["record_id"]),
        account=str(row["account"]),
        item_hash=bytea(row["item_hash"]),
        answer=ChangeOutcome.model_validate(whole.result),
        decided_position=row["decided_position"],
        replaced=whole.replaced,
    )


def record_state(row: Mapping[str, Any], county_code: str, vault: Vault | None) -> RecordState:
    """Return a row as the decision sees it; without a vault the personal part stays closed."""
    personal: dict[str, Any] = {}
    if vault is not None and row["ciphertext"] is not None:
        sealed = Sealed(bytea(row["salt"]), bytea(row["ciphertext"]), row["key_id"])
        personal = vault.open(sealed, county_code, row["id"], row["revision"])
    content = Content(
        public=row["payload"],
        personal=personal,
        township_code=row["township_code"],
        farm_id=row["farm_id"],
        indicator=None if row["indicator"] is None else Indicator(row["indicator"]),
        level=None if row["level"] is None else Level(row["level"]),
        period=row["period"],
        project_id=row["project_id"],
        quantities={(subject, name): Decimal(amount) for subject, name, amount in row["quantities"]},
        area_mu=None if row["area_mu"] is None else Decimal(row["area_mu"]),
        warnings=tuple(Problem.model_validate(one) for one in row["warnings"]),
    )
    return RecordState(
        id=row["id"],
        kind=RecordKind(row["kind"]),
        status=RecordStatus(row["status"]),
        revision=row["revision"],
        position=row["position"],
        last_change_id=row["last_change_id"],
        account=row["account"],
        content=content,
        submitted_at=row["submitted_at"],
        review=row["review"],
        reviewed_revision=row["reviewed_revision"],
        payload_hash=bytea(row["payload_hash"]),
        mark=row["mark"],
        is_erased=row["is_erased"],
    )
