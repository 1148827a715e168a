"""What does not fit in a ledger: where, what it is called, and what it means, zh and en."""

from collections.abc import Mapping
from dataclasses import dataclass, field

WORDS: Mapping[str, tuple[str, str]] = {
    "no_ledger": ("没有这个账本", "there is no such ledger"),
    "entry_missing": ("缺少这一条", "the entry is missing"),
    "entry_algorithm": ("算法标识无法识别", "its algorithm is unknown"),
    "entry_unreadable": ("内容不是账本条目应有的内容", "it says what no entry can say"),
    "entry_hash": ("哈希与内容或上一条不符", "its hash does not fit its content and its predecessor"),
    "entry_time": ("记录时间早于上一条", "it was recorded before its predecessor"),
    "entry_without_change": ("没有对应的变更（change）", "it has no change"),
    "entry_without_record": ("没有对应的记录（record）", "it has no record"),
    "head": ("账本末端（ledger_head.{column}）与最后一条不符", "ledger_head.{column} does not fit the last entry"),
    "record_without_entry": ("记录在账本中没有任何条目", "no entry knows the record"),
    "record": ("record.{column} 与账本不符", "record.{column} differs from what the ledger says"),
    "review": (
        "审核意见（change.item、change.result）与账本的哈希不符",
        "the review (change.item, change.result) does not give the hash in the ledger",
    ),
    "record_changes": (
        "记录的变更（change.sealed）无法解密",
        "what is sealed of the record's changes cannot be opened (change.sealed)",
    ),
    "content_hash": (
        "第 {revision} 版内容（{columns}）与账本的内容哈希不符",
        "the content of revision {revision} ({columns}) does not give the hash in the ledger",
    ),
    "content_form": ("record.payload 不符合表单", "record.payload does not fit its form"),
    "derived": ("record.{column} 与记录内容不符", "record.{column} does not follow from the record's content"),
    "personal": (
        "第 {revision} 版个人信息（personal.{column}）无法解密",
        "the personal part of revision {revision} cannot be opened (personal.{column})",
    ),
    "personal_without_entry": (
        "个人信息属于不存在的第 {revision} 版",
        "a personal part belongs to revision {revision}, which is no revision of the record",
    ),
    "deltas": ("各条目的数量增减之和与记录不符", "the deltas of its entries do not add up to what the record holds"),
    "change": ("change.{column} 与账本或所发内容不符", "change.{column} does not fit the ledger or the item as sent"),
    "cell": (
        "rollup_cell 合计不符：账上 {kept}，重算 {again}",
        "the sum in rollup_cell is {kept}, recomputed {again}",
    ),
    "figure": ("county_figure.{column} 与重算结果不符", "county_figure.{column} differs from a recompute"),
    "mark": ("township_mark.{column} 与记录不符", "township_mark.{column} does not fit the records"),
    "anchor_head": (
        "与外部存证不符：{source} 记载的哈希是 {hash}…",
        "it differs from what was kept elsewhere: {source} has the hash {hash}…",
    ),
    "anchor_item": (
        "与回执不符：{source} 记载的变更在账本中不存在或已不同",
        "it differs from the receipt {source}: the change is not there, or is another",
    ),
}

OF_THE_CHAIN = frozenset(
    {"no_ledger", "entry_missing", "entry_algorithm", "entry_unreadable", "entry_hash", "entry_time", "head"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit."""

    county_code: str
    position: int | None
    """The entry that does not fit; None for what belongs to no entry, such as a sum."""
    code: str
    subject: str = ""
    """Which record, change, cell or figure."""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> tuple[str, str]:
        """What is wrong, zh and en."""
        zh, en = WORDS[self.code]
        return zh.format_map(self.params), en.format_map(self.params)

    @property
    def order(self) -> tuple[bool, float, str, str]:
        """Where the fault comes among those of its county: the chain first, then by position, sums and figures last.

        Where the chain is broken, what does not fit elsewhere may follow from that; where it holds, its entries are
        what all else is measured by.
        """
        position = float("inf") if self.position is None else self.position
        return (self.code not in OF_THE_CHAIN, position, self.code, self.subject)
