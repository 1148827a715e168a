"""What the demo did, counted from the phones' own outboxes, and told in zh and en."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field

from mobile_contract.outbox import ChangeState, KeptChange
from schemas.vocabulary import Action, RecordKind

Language = Literal["zh", "en"]

_STATES = {
    ChangeState.QUEUED: ("待发送", "still queued"),
    ChangeState.SENT_UNKNOWN: ("已发出、未收到回执", "sent, outcome unknown"),
    ChangeState.APPLIED: ("已入账", "applied"),
    ChangeState.MERGED: ("已合并", "merged"),
    ChangeState.CONFLICT: ("冲突待处理", "in conflict"),
    ChangeState.HELD: ("暂存", "held"),
    ChangeState.REJECTED: ("退回更正", "rejected"),
}


class OfflineStory(BaseModel):
    """What happened to the phone that worked a day without network."""

    farms: int = 0
    changes: int = 0
    queued_without_network: int = 0
    unknown_after_lost_answer: int = 0
    replayed: int = 0
    farms_on_server: int = 0
    """How many of its farms the server lists, counted by a pull."""
    farms_twice: int = 0
    """How many of its farms the server lists more than once, by name and contact."""


class DemoReport(BaseModel):
    """The demo in numbers. `states` counts changes by how they ended."""

    counties: int = 0
    farms: int = 0
    reports: int = 0
    states: Counter[ChangeState] = Field(default_factory=Counter)
    problems: Counter[str] = Field(default_factory=Counter)
    warnings: Counter[str] = Field(default_factory=Counter)
    accepted: int = 0
    returned: int = 0
    answers_lost: int = 0
    replayed: int = 0
    filing_steps: int = 0
    """How many steps offices took with filings."""
    seconds: float = 0
    filled_before: bool = False
    offline: OfflineStory = Field(default_factory=OfflineStory)

    def count(self, changes: Iterable[KeptChange]) -> None:
        """Add the changes of a phone as its outbox has them."""
        for change in changes:
            self.states[change.state] += 1
            if change.outcome is None:
                continue
            self.problems.update(problem.code for problem in change.outcome.problems)
            self.warnings.update(warning.code for warning in change.outcome.warnings)
            content = change.content
            self.accepted += change.state is ChangeState.APPLIED and content["action"] == Action.ACCEPT
            self.returned += change.state is ChangeState.APPLIED and content["action"] == Action.RETURN
            if change.state is ChangeState.APPLIED and content["action"] == Action.CREATE:
                self.farms += content["kind"] == RecordKind.FARM
                self.reports += content["kind"] == RecordKind.REPORT

    def lines(self, language: Language) -> list[str]:
        """Return the report as sentences."""
        return self._zh() if language == "zh" else self._en()

    def _zh(self) -> list[str]:
        if self.filled_before:
            return ["演示数据此前已填报完毕，未重复填报。"]
        states = "，".join(f"{_STATES[state][0]} {count} 条" for state, count in sorted(self.states.items()))
        story = self.offline
        unknown = f"{story.unknown_after_lost_answer} 条标为“{_STATES[ChangeState.SENT_UNKNOWN][0]}”"
        offline = (
            f"离线手机：断网时登记主体 {story.farms} 个，{story.queued_without_network} 条变更在手机上排队；"
            f"恢复网络后发出，但回执丢失，{unknown}；重发时服务器认出 {story.replayed} 条已入账，"
            f"主体共 {story.farms_on_server} 个，其中重复 {story.farms_twice} 个。"
        )
        return [
            f"{self.counties} 个县填报完毕：主体 {self.farms} 个，报表 {self.reports} 份，用时 {self.seconds:.0f} 秒。",
            f"县农业农村局审核通过 {self.accepted} 份，退回修改 {self.returned} 份。",
            f"变更结果：{states}；校核提示 {self.warnings.total()} 条。",
            f"途中丢失回执 {self.answers_lost} 次，重发的变更中有 {self.replayed} 条由服务器认出已处理过。",
            f"报送办理 {self.filing_steps} 次：2024 年多数县已报送，岳阳市各县部分已公布；2025 年部分已报送。",
            offline,
        ]

    def _en(self) -> list[str]:
        if self.filled_before:
            return ["The demo was filled before; nothing was sent again."]
        states = ", ".join(f"{count} {_STATES[state][1]}" for state, count in sorted(self.states.items()))
        story = self.offline
        head = f"{self.counties} counties have reported: {self.farms} farms and {self.reports} reports"
        lost = f"{self.answers_lost} answers were lost on the way; of what was sent again"
        offline = (
            f"The offline phone registered {story.farms} farms, {story.queued_without_network} changes queued without "
            f"network; back online the answer was lost and {story.unknown_after_lost_answer} showed as "
            f"'{_STATES[ChangeState.SENT_UNKNOWN][1]}'; sent again, the service recognised {story.replayed}. "
            f"It lists {story.farms_on_server} of the farms, {story.farms_twice} of them twice."
        )
        return [
            f"{head}, in {self.seconds:.0f} s.",
            f"The bureaus accepted {self.accepted} reports and returned {self.returned}.",
            f"Changes by outcome: {states}; {self.warnings.total()} warnings.",
            f"{lost}, the service recognised {self.replayed} changes.",
            f"Offices took {self.filing_steps} steps: most counties filed 2024, some of it is published; 2025 began.",
            offline,
        ]
