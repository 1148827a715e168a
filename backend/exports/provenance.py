"""What every export says of itself: what was asked, when, of which state of the ledgers, from which source. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.exports import FormMarks
from schemas.period import CHINA_STANDARD_TIME
from schemas.summaries import LedgerDigest

DEMO = "演示数据"
DEMO_EXPLAINED = "演示数据，非真实上报 · demo data, not real reports"

CRS_SAID = "CGCS2000（EPSG:4490），按等同于 WGS 84 给出 · CGCS2000, given as WGS 84 (RFC 7946), which it equals here"
"""RFC 7946 knows WGS 84 alone; the two differ by centimetres, the outlines are generalised to hundreds of metres."""

DIGEST_SAID = "各数据行按 JSON 数组（精确值）逐行相接的 SHA-256 · SHA-256 over the data rows as JSON arrays, one a line"


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of an export. `sources` are lines for people; the first is what the figures were computed from."""

    title: str
    query: str
    exported_at: datetime
    period: str
    period_zh: str
    scope: str
    """Which figures are in it: all that the account may see, or published ones alone."""
    ledger: LedgerDigest
    sources: tuple[str, ...]
    demo: bool
    marks: FormMarks

    @property
    def moment(self) -> str:
        """When it was exported, China Standard Time."""
        return self.exported_at.astimezone(CHINA_STANDARD_TIME).strftime("%Y-%m-%d %H:%M:%S +08:00")

    @property
    def marked_title(self) -> str:
        """The title, with the mark of the demo where it applies."""
        return f"{self.title}（{DEMO}）" if self.demo else self.title

    def lines(self, rows: int, sha256: str) -> Iterator[tuple[str, str, str]]:
        """Yield (identifier, label in Chinese, value) of everything that is to be said."""
        if self.demo:
            yield "demo", DEMO, DEMO_EXPLAINED
        yield "title", "标题", self.title
        yield "period", "统计期", self.period
        yield "scope", "数据范围", self.scope
        yield "query", "查询", self.query
        yield "exported_at", "导出时间", self.moment
        yield "ledger_digest", "账本摘要", self.ledger.digest
        yield "ledger_counties", "有记录的县级账本", str(self.ledger.counties)
        yield "ledger_entries", "账本条目", str(self.ledger.entries)
        yield "rows", "数据行数", str(rows)
        yield "rows_sha256", "数据摘要", sha256
        yield "rows_sha256_of", "数据摘要算法", DIGEST_SAID
        for number, source in enumerate(self.sources, start=1):
            yield f"source_{number}", "数据来源", source

    def document(self, rows: int, sha256: str) -> dict[str, str]:
        """Return the lines by identifier, for formats of programs."""
        return {name: value for name, _, value in self.lines(rows, sha256)}
