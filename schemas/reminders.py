"""Reminders: what an office should see to, in words, zh and en. About offices and filings, never about a person."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


class ReminderKind(StrEnum):
    """What a reminder is about."""

    FILING_DUE = "filing_due"
    FILING_WAITS = "filing_waits"
    FILING_RETURNED = "filing_returned"
    REPORTS_RETURNED = "reports_returned"
    LEDGER_FAULT = "ledger_fault"
    WEBHOOK_PAUSED = "webhook_paused"


WORDS: Mapping[ReminderKind, tuple[str, str]] = {
    ReminderKind.FILING_DUE: (
        "{region}{period}统计期尚有 {count} 项指标未报送（{indicators_zh}），报送截止日期为 {date}。",
        "{region} has {count} indicators of {period} still to file ({indicators_en}); they are due on {date}.",
    ),
    ReminderKind.FILING_WAITS: (
        "{period}统计期有 {count} 项报送在{region}待办已超过 {days} 天，最早的自 {date} 起。",
        "{count} filings of {period} have waited at {region} for more than {days} days, the oldest since {date}.",
    ),
    ReminderKind.FILING_RETURNED: (
        "{region}{period}统计期有 {count} 项报送被退回后超过 {days} 天未重新报送（{indicators_zh}）。",
        (
            "{region} has {count} filings of {period} returned more than {days} days ago and not filed again "
            "({indicators_en})."
        ),
    ),
    ReminderKind.REPORTS_RETURNED: (
        "{region}{period}统计期有 {count} 份填报退回后超过 {days} 天未修改。",
        "{region} has {count} reports of {period} returned more than {days} days ago and not amended.",
    ),
    ReminderKind.LEDGER_FAULT: (
        (
            "{region}账本 {county_code} 核对不符，共 {count} 处。第一处：{fault_zh}。请立即用 qingtian ledger verify "
            "核对，并与检查点比对。"
        ),
        (
            "The ledger {county_code} of {region} does not verify, in {count} places. The first: {fault_en}. Check it "
            "at once by qingtian ledger verify and against the checkpoints."
        ),
    ),
    ReminderKind.WEBHOOK_PAUSED: (
        "推送地址 {host} 连续 {count} 次失败，已暂停推送；待推送的事件仍保留，排除故障后请重新启用。",
        (
            "The endpoint {host} failed {count} times in a row and is paused; its events are kept. Enable it again "
            "once it works."
        ),
    ),
}


class ReminderShown(BaseModel):
    """One reminder."""

    id: str
    kind: ReminderKind
    region_code: str = Field(description="The office's region.")
    period: str | None
    params: dict[str, str]
    due_at: datetime | None = Field(description="When it should be seen to at the latest, where there is a date.")
    opened_at: datetime
    closed_at: datetime | None = Field(description="When its cause was gone; null: it stands.")
    zh: str
    en: str


class RemindersPage(BaseModel):
    """A page of reminders, the newest first."""

    reminders: list[ReminderShown]
    before: str | None = Field(description="Ask for what came before it; null: there is no more.")
