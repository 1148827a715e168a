"""The page `docs/benchmarks.md`: the measured part is written by the bench, what stands below it by hand."""

import os
import platform
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles

from schemas.period import CHINA_STANDARD_TIME
from tests.bench.exports import Exported
from tests.bench.ground import REPOSITORY, Memory
from tests.bench.offline import SyncMeasured
from tests.bench.offline_page import offline_part
from tests.bench.ogc import Paged, ogc_part
from tests.bench.paint import Painted, paint_part
from tests.bench.push import Measured
from tests.bench.summaries import Filled
from tests.bench.tables import table
from tests.bench.tiles import TilesMeasured, tiles_part

PAGE = REPOSITORY / "docs" / "benchmarks.md"
SECTION = re.compile("^(?=## )", re.MULTILINE)
END = "<!-- 以下为手写 · by hand from here -->"


@dataclass
class Results:
    """All that one run has measured."""

    command: str
    rounds: int
    pushes: list[Measured] = field(default_factory=list)
    shared: list[Measured] = field(default_factory=list)
    filled: list[Filled] = field(default_factory=list)
    memory: dict[str, Memory] = field(default_factory=dict)
    cold_s: float | None = None
    farms_per_s: float = 0.0
    offline: SyncMeasured | None = None
    tiles: TilesMeasured | None = None
    exported: list[Exported] = field(default_factory=list)
    ogc: list[Paged] = field(default_factory=list)
    painted: list[Painted] = field(default_factory=list)


def write_page(results: Results) -> None:
    """Write the measured part of the page and keep the rest."""
    kept = PAGE.read_text(encoding="utf-8").partition(END)[2] if PAGE.exists() else "\n"
    PAGE.write_text("\n".join([_head(results), *_parts(results)]) + END + kept, encoding="utf-8")


def write_parts(results: Results) -> None:
    """Put what was measured by itself in the place of what stands there, and say how, when and of which revision."""
    text, _, kept = PAGE.read_text(encoding="utf-8").partition(END)
    head, *standing = SECTION.split(text)
    sections = {_title(section): section for section in standing}
    for section in SECTION.split("\n".join(_parts(results)))[1:]:
        title, _, rest = section.partition("\n")
        apart = f"单独测得 measured by itself: `{results.command}`, {_now()}, `{_revision()}`"
        sections[title] = f"{title}\n\n{apart}\n{rest}"
    written = "\n\n".join(one.strip() for one in (head, *sections.values()))
    PAGE.write_text(f"{written}\n{END}{kept}", encoding="utf-8")


def _title(section: str) -> str:
    return section.partition("\n")[0]


def _parts(results: Results) -> list[str]:
    """Return what was measured, a part for every heading."""
    parts = [
        _pushes(results),
        "" if results.offline is None else offline_part(results.offline),
        _summaries(results.filled),
        "" if results.tiles is None else tiles_part(results.tiles),
        _exports(results.exported),
        ogc_part(results.ogc) if results.ogc else "",
        paint_part(results.painted) if results.painted else "",
        _memory(results.memory),
        _cold(results),
    ]
    return [part for part in parts if part]


def _head(results: Results) -> str:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    rounds = results.rounds
    zh = "数字来自一轮" if rounds == 1 else f"数字是 {rounds} 轮的中位数"
    en = "numbers are of one round" if rounds == 1 else f"numbers are medians of {rounds} rounds"
    return f"""# 性能 · Benchmarks

表格由 `{results.command}` 写成，不要手改；{zh}，产品与下限在同一次运行里交替进行。
The tables are written by `{results.command}`, never by hand; {en},
product and floor in turn within one run.

| | |
|---|---|
| 时间 When | {_now()} |
| 版本 Revision | `{_revision()}` |
| 机器 Machine | {os.cpu_count()} × {_processor()}, {_memory_gb():.0f} GB, {platform.system()} {platform.release()} |
| 负载 Load at the end (1, 5, 15 min) | {load} |
| 软件 Software | Python {platform.python_version()}, PostgreSQL {_postgres()} |
| 设置 Settings | fsync on, synchronous_commit on; 服务一个进程 one service process |
"""


def _now() -> str:
    return f"{datetime.now(CHINA_STANDARD_TIME):%Y-%m-%d %H:%M} (UTC+8)"


def _revision() -> str:
    git = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(git, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.strip()


def _pushes(results: Results) -> str:
    if not results.pushes:
        return ""
    intro = f"""## 推送 Pushes

下限 floor：把产品刚写下的同一批行，用一条 `jsonb_to_recordset` 语句写进 `record` 和
`ledger_entry`，每批提交一次，连接数与手机数相同。
The floor inserts the rows that the product has just written into `record` and `ledger_entry` by one statement and one
commit a batch, over as many connections as there were phones. Every phone has a county of its own; reports: film 44 %,
straw 44 %, manure 11 %, one in seven with a plot of six corners. Farms were registered before, at
{results.farms_per_s:,.0f} a second in batches of 100, four in five with a plot.

"""
    shared = """
各手机同在一县时 All phones in one county, whose ledger takes one push after the other:

"""
    return intro + _table(results.pushes) + (shared + _table(results.shared) if results.shared else "")


def _table(measured: Iterable[Measured]) -> str:
    head = ("每批 batch", "手机 phones", "产品 reports/s", "下限 floor/s", "比 ratio", "等待中位 p50 ms", "p95 ms",
            "服务 CPU ms/report", "手机 CPU client core")  # fmt: skip
    return table(head, [_row(one) for one in measured])


def _row(one: Measured) -> list[str]:
    waits = quantiles(one.waits_ms, n=20) if len(one.waits_ms) > 1 else one.waits_ms * 20
    return [
        f"{one.cell.batch}",
        f"{one.cell.phones}",
        f"{median(one.product):,.0f}",
        f"{median(one.floor):,.0f}",
        f"{one.ratio:.0%}",
        f"{median(one.waits_ms):,.1f}",
        f"{waits[18]:,.1f}",
        f"{median(one.service_cpu_ms):.2f}",
        f"{median(one.client_cpu):.0%}",
    ]


def _summaries(filled: Sequence[Filled]) -> str:
    if not filled:
        return ""
    names = list(filled[0].summaries_ms)
    rows = [[f"{one.reports:,}", *(f"{one.summaries_ms[name]:.0f}" for name in names)] for one in filled]
    again = [
        [f"{one.reports:,}", f"{one.plain_s:.2f}", f"{one.recompute_s:.2f}", f"{one.recompute_s / one.plain_s:.2f}",
         f"{one.differing}"] for one in filled
    ]  # fmt: skip
    return (
        "## 汇总 Summaries\n\n全部请求时间，毫秒。Whole requests in ms, the median of 15.\n\n"
        + table(("填报 reports", *names), rows)
        + "\n重算全部合计并与保存的逐项比对，秒；下限是同样这些行的 GROUP BY。"
        "\nA full recompute of the sums compared with those kept, in s;"
        "\nthe floor is the plain GROUP BY of the same rows.\n\n"
        + table(("填报 reports", "GROUP BY s", "重算 recompute s", "比 ratio", "不符 differing"), again)
    )


def _exports(exported: Sequence[Exported]) -> str:
    if not exported:
        return ""
    head = ("填报 reports", "格式 format", "条/秒 rows/s", "秒 s", "MB", "之前 before USS MB", "最高 peak USS MB",
            "其间最长等待 longest wait ms")  # fmt: skip
    rows = [
        [f"{one.reports:,}", one.file_format, f"{one.rows_per_s:,.0f}", f"{one.took_s:.1f}", f"{one.size / 2**20:.0f}",
         f"{one.before_mb:.0f}", f"{one.peak_mb:.0f}", f"{one.longest_wait_ms:.0f}"] for one in exported
    ]  # fmt: skip
    return (
        "## 导出 Exports\n\n逐条导出全国填报的整个请求；最长等待是导出期间一个小请求等了多久。"
        "\nWhole requests for all reports of the nation one by one; the longest wait is that of a small request"
        "\nmeanwhile.\n\n" + table(head, rows)
    )


def _memory(memory: dict[str, Memory]) -> str:
    if not memory:
        return ""
    rows = [[name, f"{one.uss_mb:.0f}", f"{one.pss_mb:.0f}"] for name, one in memory.items()]
    return (
        "## 内存 Memory\n\n载入全部县和乡镇的一个服务进程。One service process with all counties and townships.\n\n"
        + table(("", "USS MB", "PSS MB"), rows)
    )


def _cold(results: Results) -> str:
    if results.cold_s is None:
        return ""
    return (
        "## 从克隆到第一页 From a clone to the first page\n\n"
        f"`git clone` 之后 `make run`，环境、数据库和参考数据都现取，到首页应答：{results.cold_s:.0f} 秒。\n"
        f"`make run` in a fresh clone, everything brought on the way: {results.cold_s:.0f} s.\n"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _postgres() -> str:
    version = REPOSITORY / ".qingtian" / "bench" / "postgres" / "data" / "PG_VERSION"
    return version.read_text().strip() if version.exists() else "?"
