"""The part of the page that tells of sync: the slow line, the way out, the crowd and what receipts and marks cost."""

from statistics import median, quantiles

from tests.bench.crowd import POOL, Crowd
from tests.bench.link import TWO_G
from tests.bench.offline import SyncMeasured
from tests.bench.pull import BLOCK, FAST, Checksum, Idle
from tests.bench.queued import HandedIn
from tests.bench.tables import table
from tests.bench.write_cost import CELL, EXPLAINED, Part, Signing


def offline_part(measured: SyncMeasured) -> str:
    """Return the part as Markdown."""
    parts = [_slow_line(measured.queued), _pulls(measured), _idle(measured.idle, measured.checksum)]
    parts.append(_crowds(measured.crowds))
    if measured.signing is not None:
        parts.append(_signing(measured.signing) + _explained(measured.parts))
    return "\n".join(parts)


def _slow_line(queued: list[HandedIn]) -> str:
    head = ("地膜填报 film reports", "交齐 handed in s", "线路最少 line s", "上行 up B", "下行 down B", "合计 B/report",
            "下限 floor B", "取回 pull s", "取回 B/record")  # fmt: skip
    rows = [
        [
            f"{one.reports}{'，七分之一带地块 one in seven with a plot' if one.with_plots else ''}",
            f"{one.push_s:.1f}",
            f"{TWO_G.seconds(one.push):.1f}",
            f"{one.push.up / one.reports:.0f}",
            f"{one.push.down / one.reports:.0f}",
            f"{one.bytes_a_report:.0f}",
            f"{one.floor_bytes / one.reports:.0f}",
            f"{one.pull_s:.1f}",
            f"{(one.pull.up + one.pull.down) / one.reports:.0f}",
        ]
        for one in queued
    ]
    up, down, trip_ms = TWO_G.up_bits_s // 1000, TWO_G.down_bits_s // 1000, TWO_G.round_trip_s * 1000
    return f"""## 慢线路 A slow line

参考客户端经 2G 线路交出积压的地膜填报，直到全部得到确认：上行 {up}、下行 {down} kbit/s，往返 {trip_ms:.0f} 毫秒。
字节按每份填报计，含 HTTP 头，不含 TCP/IP 头。下限：全部答案一次压缩，每份另加三个 16 字节的标识。
随后手机把自己的填报再取回来。
The reference client hands in queued film reports over a 2G line until all are acknowledged: {up} kbit/s up,
{down} down, {trip_ms:.0f} ms round trip. Bytes a report, with the headers of HTTP, without those of TCP/IP; the
floor is all answers zipped in one piece, and three ids of 16 bytes a report. Then the phone pulls back what its
reports have become.

{table(head, rows)}"""


def _pulls(measured: SyncMeasured) -> str:
    floors = {one.page: median(one.per_s) for one in measured.pulled if one.bytes_a_record is None}
    rows = [
        [
            one.puller,
            f"{one.page}",
            f"{median(one.per_s):,.0f}",
            f"{median(one.per_s) / floors[one.page]:.0%}",
            "" if one.bytes_a_record is None else f"{one.bytes_a_record:.0f}",
        ]
        for one in measured.pulled
    ]
    head = ("谁 who", "每页 page", "条 records/s", "比 ratio", "线上 B/record")
    records, per_s = f"{measured.pulled_records:,}", f"{measured.filled_per_s:,.0f}"
    return f"""## 拉取全县 A county pulled whole

{records} 条记录，由真实推送写成（每秒 {per_s} 条）。客户端一行是登录后的首次同步，含参考数据包、逐页落盘和核对校验和；
下限是每页一条取同样各列的 SELECT，个人信息不解密。
{records} records, written by real pushes ({per_s} a second). The client's line is a first sync with packs, every
page stored and the checksum held; the floor is one SELECT of the same columns a page, names left sealed.

{table(head, rows)}"""


def _idle(idle: list[Idle], checksum: Checksum | None) -> str:
    head = ("全县记录 records", "请求 request ms", "/healthz ms", "差 server ms", "差（快的一成）server, fast ms",
            "拉取本身 pull itself ms", "服务 CPU ms", "/healthz CPU ms")  # fmt: skip
    rows = [
        [
            f"{one.records:,}",
            f"{median(one.wall_ms):.2f}",
            f"{median(one.health_ms):.2f}",
            f"{one.server_ms(0.5):.2f}",
            f"{one.server_ms(FAST):.2f}",
            f"{median(one.inside_ms):.2f}",
            f"{median(one.cpu_ms):.2f}",
            f"{median(one.health_cpu_ms):.2f}",
        ]
        for one in idle
    ]
    text = f"""## 没有新内容的拉取 A pull with nothing new

同一连接上每组 {BLOCK} 次依次请求的中位数；差是比 `/healthz` 多出的时间，含令牌、权限和数据库查询；
“快的一成”取两者各自的第一个十分位：机器上还有别的程序时，它更接近服务本身。
Medians of blocks of {BLOCK} requests, one after the other over one connection. The difference is what a pull takes
longer than `/healthz`: token, grants, statement, answer; "fast" takes both at their first decile, which on a shared
machine is nearer to the service; "pull itself" is the mean by the service's own clock.

{table(head, rows)}"""
    if checksum is None:
        return text
    ratio = checksum.recompute_ms / checksum.page_ms
    of, page, again = f"{checksum.records:,}", f"{checksum.page_ms:.1f}", f"{checksum.recompute_ms:.1f}"
    return f"""{text}
{of} 条记录的校验和随最后一页给出，整个请求 {page} 毫秒；
只是用 SQL 把各条的标记重新加一遍就要 {again} 毫秒，是它的 {ratio:.1f} 倍，结果相同。
The checksum of {of} records comes with the last page, a request of {page} ms; merely adding up the records' marks
anew by SQL takes {again} ms, {ratio:.1f} times as long, with the same result.
"""


def _crowds(crowds: list[Crowd]) -> str:
    head = ("手机 phones", "填报 reports/s", "等待中位 p50 ms", "p95 ms", "最久 longest ms", "最先交齐 first done s",
            "最后交齐 last done s")  # fmt: skip
    rows = [
        [
            f"{one.cell.phones}",
            f"{median(one.per_s):,.0f}",
            f"{median(one.waits_ms):,.0f}",
            f"{quantiles(one.waits_ms, n=20)[18]:,.0f}",
            f"{max(one.waits_ms):,.0f}",
            f"{median(one.fastest_s):.1f}",
            f"{median(one.slowest_s):.1f}",
        ]
        for one in crowds
    ]
    batch = crowds[0].cell.batch
    return f"""## 同县多部手机 Many phones of one county

服务只有 {POOL} 个数据库连接；每批 {batch} 条，各手机一批接一批，份数相同。
The service has {POOL} connections; batches of {batch}, one after the other on every phone, equally many each.

{table(head, rows)}"""


def _signing(signing: Signing) -> str:
    head = ("", "填报 reports/s", "服务 CPU ms/report")
    rows = [
        ["带回执 with receipts", f"{median(signing.signed_per_s):,.0f}", f"{median(signing.signed_cpu_ms):.3f}"],
        ["不带 without", f"{median(signing.unsigned_per_s):,.0f}", f"{median(signing.unsigned_cpu_ms):.3f}"],
    ]
    return f"""## 同步给推送添了多少 What sync adds to a push

每批 {CELL.batch} 条，{CELL.phones} 部手机各在一县；回执：每条再算一次哈希，读一次账本头，签一次名。
Batches of {CELL.batch}, {CELL.phones} phones, a county each. A receipt is a hash of every item, a read of the heads
and a signature.

{table(head, rows)}"""


def _explained(parts: list[Part]) -> str:
    rows = [[one.statement, one.name, "是 yes" if one.is_of_sync else "", f"{one.ms:.2f}"] for one in parts]
    return f"""
一批 {EXPLAINED.batch} 条时两条语句各部分的毫秒（EXPLAIN ANALYZE，量的本身也占时间；各批的中位数）。
The parts of both statements of a push of {EXPLAINED.batch}, in ms by EXPLAIN ANALYZE, which itself takes time;
medians of all pushes.

{table(("语句 statement", "部分 part", "因同步而有 for sync", "ms"), rows)}"""
