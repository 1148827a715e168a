"""Receipts as a phone keeps them."""

from typing import Any

from schemas.changes import ChangeOutcome, Receipt
from schemas.receipts import receipt_document, receipt_items
from tests.support.reports import body

DEVICE = body()["device_id"]


def document_of(answer: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the receipt document as a phone builds it: from what it sent and what it was answered."""
    outcomes = [ChangeOutcome.model_validate(one) for one in answer["outcomes"]]
    return receipt_document(Receipt.model_validate(answer["receipt"]), DEVICE, receipt_items(changes, outcomes))
