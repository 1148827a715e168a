"""What the phone's terminal says of changes, photos and the clock: what waits since when, what was refused and why."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from rich.markup import escape

from mobile_contract.client import Phone
from mobile_contract.outbox import PENDING, ChangeState, KeptChange
from mobile_contract.photos import PhotoState
from mobile_contract.sync_report import SyncReport
from schemas.changes import ChangeOutcome, PulledRecord
from schemas.farms import ENTITY_KIND_NAMES
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.translation import labels_at
from schemas.period import CHINA_STANDARD_TIME
from schemas.vocabulary import Action, Disposition, HoldReason, Indicator, Level, RecordStatus
from sync.leaves import unescape

CLOCK_TOLERANCE = timedelta(minutes=10)

STATE_WORDS: Mapping[ChangeState, tuple[str, str]] = {
    ChangeState.QUEUED: ("待发送", "waiting to be sent"),
    ChangeState.SENT_UNKNOWN: ("已发出，未收到答复，将原样重发", "sent, no answer yet; goes out again unchanged"),
    ChangeState.HELD: ("服务器已收存，暂未入账", "kept by the server, not decided"),
    ChangeState.CONFLICT: ("与他人的修改冲突，未入账", "in conflict with another's change, not taken"),
    ChangeState.REJECTED: ("被退回，未入账", "refused, not taken"),
    ChangeState.APPLIED: ("已入账", "taken"),
    ChangeState.MERGED: ("已入账，与他人的修改合并", "taken, merged with another's change"),
}
STATUS_WORDS: Mapping[RecordStatus | None, tuple[str, str]] = {
    None: ("未送达", "not delivered"),
    RecordStatus.SUBMITTED: ("已上报", "submitted"),
    RecordStatus.RETURNED: ("退回修改", "returned"),
    RecordStatus.ACCEPTED: ("已审核", "accepted"),
    RecordStatus.WITHDRAWN: ("已撤回", "withdrawn"),
}
HOLD_WORDS: Mapping[HoldReason, tuple[str, str]] = {
    HoldReason.BASE_MISSING: ("所依据的那次修改还没有送到", "the change it builds on has not arrived"),
    HoldReason.FARM_MISSING: ("所属主体的登记还没有送到", "its farm has not arrived"),
    HoldReason.YEAR_LOCKED: ("该年度已锁定", "the year is locked"),
    HoldReason.SCOPE_LOST: (
        "没有该乡镇的填报权限，请联系县农业农村局",
        "outside your townships; ask the county bureau",
    ),
    HoldReason.SCHEMA_UNKNOWN: (
        "服务器的表式较旧，升级后会处理",
        "the server's forms are older; decided after its upgrade",
    ),
}
ACTION_WORDS: Mapping[Action, tuple[str, str]] = {
    Action.CREATE: ("新报", "new"),
    Action.AMEND: ("修改", "amendment"),
    Action.WITHDRAW: ("撤回", "withdrawal"),
    Action.ACCEPT: ("审核通过", "acceptance"),
    Action.RETURN: ("退回", "return"),
    Action.PRECHECK: ("初审", "precheck"),
}


CORRECT_IT = ("请改正后重新填报，或在最新内容上再改。", "Correct it and file again, or amend the current state.")
AMEND_IT = ("请修改后重新上报。", "Amend it; it is submitted again by that.")
SIGNED_OUT = ("未登录：可照常填写，登录后才能发送。", "Not signed in: filing works, sending does not.")


def both(words: tuple[str, str]) -> str:
    """Return words in Chinese with the English beside them, dimmed."""
    return f"{words[0]}  [dim]{words[1]}[/dim]"


def name_of(phone: Phone, record_id: str) -> str:
    """Return what a person calls a record: a farm by its name, a report by farm, indicator and period."""
    shown = phone.shown(record_id)
    if shown is None:
        return record_id
    payload = shown.payload
    if "indicator" not in payload:
        kind = ENTITY_KIND_NAMES.get(str(payload.get("entity_kind")), ("主体", "farm"))[0]
        return escape(f"{payload.get('name', record_id)}（{kind}）")
    spec = CATALOGUE[Indicator(payload["indicator"])]
    if payload.get("level") == Level.COUNTY:
        return f"{payload['period']} 县级 {spec.zh}"
    farm = phone.shown(str(payload.get("farm_id")))
    who = str(farm.payload.get("name", "")) if farm is not None else ""
    return escape(f"{who} {payload['period']} {spec.zh}".strip())


def told(change: KeptChange, phone: Phone, now: datetime) -> Iterator[str]:
    """Yield the lines that say where a change stands and why."""
    item = change.content
    captured = datetime.fromisoformat(item["captured_at"])
    what = ACTION_WORDS[Action(item["action"])]
    since = f"{captured.astimezone(CHINA_STANDARD_TIME):%Y-%m-%d %H:%M}"
    if change.state in PENDING:
        since += f"，已等 {_span(now - captured)}"
    colour = "red" if change.state in {ChangeState.REJECTED, ChangeState.CONFLICT} else "yellow"
    yield f"[bold]{name_of(phone, change.record_id)}[/bold] · {what[0]}  [dim]{what[1]}[/dim]"
    yield f"  [{colour}]{STATE_WORDS[change.state][0]}[/{colour}]  [dim]{STATE_WORDS[change.state][1]}[/dim] · {since}"
    if change.outcome is not None and change.state is not ChangeState.SENT_UNKNOWN:
        yield from _reasons(change.outcome)


def _reasons(outcome: ChangeOutcome) -> Iterator[str]:
    if outcome.reason is not None:
        yield f"  {both(HOLD_WORDS[outcome.reason])}"
    for one in outcome.problems:
        yield f"  · {escape(one.zh)}"
        yield f"    [dim]{escape(one.en)}[/dim]"
    for clash in outcome.conflicts:
        values = f"原为 {clash.base}，现为 {clash.current}，您填的是 {clash.incoming}"
        yield f"  · {escape(clash.field)}：{escape(values)}"
    if outcome.disposition is Disposition.NEEDS_USER and outcome.outcome != "held":
        yield f"  {both(CORRECT_IT)}"


def returned_reports(phone: Phone) -> list[PulledRecord]:
    """Return the reports that were returned and that no change of this phone has answered yet."""
    answered = {one.record_id for one in phone.outbox.all() if one.state in PENDING}
    return [
        record
        for county_code in phone.mirror.counties()
        for record in phone.mirror.records(county_code)
        if record.status is RecordStatus.RETURNED and record.id not in answered
    ]


def asked_to_correct(record: PulledRecord, phone: Phone) -> Iterator[str]:
    """Yield the lines that say who returned a report and what is to be corrected, answer by answer."""
    zh, en = STATUS_WORDS[RecordStatus.RETURNED]
    yield f"[bold]{name_of(phone, record.id)}[/bold] · [red]{zh}[/red]  [dim]{en}[/dim]"
    if record.review is None:
        return
    decided = record.review.decided_at.astimezone(CHINA_STANDARD_TIME)
    yield f"  {escape(record.review.office)} {decided:%Y-%m-%d %H:%M}"
    spec = CATALOGUE[Indicator(record.payload["indicator"])]
    for reason in record.review.reasons:
        if reason.field is None:
            yield f"  · {escape(reason.text)}"
            continue
        zh, en = labels_at(spec.farm_form, tuple(unescape(token) for token in reason.field.split("/")[1:]))
        yield f"  · {escape(zh)}：{escape(reason.text)}  [dim]{escape(en)}[/dim]"
    yield f"  {both(AMEND_IT)}"


def standing(phone: Phone, now: datetime) -> Iterator[str]:
    """Yield the lines of `status`."""
    yield f"账号 {phone.username or '未登录'} · 本机编号 {phone.device_id}  [dim]account, device[/dim]"
    if not phone.signed_in:
        yield f"[yellow]{both(SIGNED_OUT)}[/yellow]"
    skew = phone.clock_skew
    if skew is not None and abs(skew) > CLOCK_TOLERANCE:
        way = ("快", "fast") if skew > timedelta() else ("慢", "slow")
        said = _span(abs(skew))
        yield f"[yellow]本机时钟{way[0]}了 {said}，请校准；已填的时间不会改动。[/yellow]"
        yield f"  [dim]the clock is {way[1]}; set it right; times captured stay as they are[/dim]"
    if phone.resume_at is not None and phone.resume_at > now:
        until = f"{phone.resume_at.astimezone(CHINA_STANDARD_TIME):%H:%M}"
        yield f"服务器繁忙，请 {until} 以后再发  [dim]the server asks to wait until then[/dim]"
    changes = phone.outbox.all()
    waiting = [one for one in changes if one.state in PENDING]
    refused = [one for one in changes if one.state in {ChangeState.REJECTED, ChangeState.CONFLICT}]
    photos = [one for one in phone.photos.all() if one.state is not PhotoState.COMPLETE]
    taken = len(changes) - len(waiting) - len(refused)
    yield f"已入账 {taken} · 待处理 {len(waiting)} · 未入账 {len(refused)} · 待传照片 {len(photos)}"
    yield f"[dim]{taken} taken, {len(waiting)} waiting, {len(refused)} refused, {len(photos)} photos to send[/dim]"
    for one in returned_reports(phone):
        yield ""
        yield from asked_to_correct(one, phone)
    for change in (*waiting, *refused):
        yield ""
        yield from told(change, phone, now)
    for photo in photos:
        yield ""
        yield f"照片 {escape(photo.file_name)}，{photo.size / 1024:.0f} KB  [dim]photo[/dim]"
        yield f"  [red]{escape(photo.refusal)}[/red]" if photo.refusal else f"  {both(STATE_WORDS[ChangeState.QUEUED])}"


def synced(report: SyncReport) -> Iterator[str]:
    """Yield the lines that say what a sync did."""
    if not report.reached:
        yield "[yellow]没有连上服务器，内容都在本机，稍后再试。[/yellow]  [dim]no usable answer; all is kept here[/dim]"
        yield f"  [dim]{escape(report.reason)}[/dim]"
    for outcome, count in sorted(report.outcomes.items()):
        words = STATE_WORDS[ChangeState(outcome.value)]
        yield f"{words[0]}：{count} 条  [dim]{words[1]}: {count}[/dim]"
    if report.settled_late:
        yield f"先前收存的有了结果：{report.settled_late} 条  [dim]decided since: {report.settled_late}[/dim]"
    moved = f"收到 {report.pulled} 条，移出 {report.dropped} 条，传完照片 {report.photos} 张"
    yield f"{moved}  [dim]pulled, left, photos[/dim]"
    if report.resets or report.mismatches:
        yield f"{both(('本机内容已与服务器重新核对。', 'The mirror was set right by the manifest.'))}"
    for refusal in report.refusals:
        yield f"[red]{escape(refusal.zh or refusal.code)}[/red]  [dim]{escape(refusal.en)}[/dim]"
    for warning in report.warnings:
        yield f"[yellow]{escape(warning.zh)}[/yellow]  [dim]{escape(warning.en)}[/dim]"


def _span(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时 {minutes % 60} 分钟" if minutes < 1440 else f"{minutes // 1440} 天"
