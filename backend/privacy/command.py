"""The commands `qingtian personal ...`: keys, copies, erasure, retention, and what is held on a person."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy import text

from backend.auth.accounts import access_of
from backend.auth.audit import Act, Actor, keep_act_on_record
from backend.db import connected, make_engine, snapshot
from backend.faults import told_in_words
from backend.prepare import locate
from backend.privacy.erasure import MAX_REPORTS, NothingToEraseError, Order, TooManyReportsError
from backend.privacy.erasure import erase as erase_record
from backend.privacy.held import farms_with_phone, held_on
from backend.privacy.keyring import KeyRing
from backend.privacy.resealing import seal_clear_copies
from backend.privacy.retention import apply_retention
from backend.privacy.rights import answers_for
from backend.privacy.rotation import rotate as rotate_keys
from backend.service import Service, open_service
from backend.settings import Settings
from backend.terminal import Terminal
from schemas.identifiers import uuid7
from schemas.personal_data import ErasureAsked, ErasureGround

personal = typer.Typer(no_args_is_help=True, help="个人信息 · Personal data")

County = Annotated[str, typer.Option(help="县代码 · county code")]
RecordAsked = Annotated[str | None, typer.Option("--record", help="主体或填报的编号 · id of a farm or report")]
Username = Annotated[str, typer.Option("--as", help="以哪个县级账号办理 · the county account that acts")]

READ_ACCOUNT = "SELECT cast(id AS text) FROM account WHERE username = :username AND NOT disabled"


@personal.command()
def rotate(
    *,
    settle_minutes: Annotated[
        int, typer.Option(min=0, help="新密钥启用满多久才停用旧密钥 · age of the new key before old ones are retired")
    ] = 15,
    go_on: Annotated[bool, typer.Option("--go-on", help="不另建新密钥，继续上次的更换 · go on, make no key")] = False,
) -> None:
    """更换个人信息密钥并重新加密，可中断后续办 · Rotate the key of personal data and seal anew; may be broken off."""
    _run(lambda settings, console: _rotate(settings, console, timedelta(minutes=settle_minutes), is_new=not go_on))


@personal.command()
def reseal() -> None:
    """把升级前留下的明文副本加密 · Seal the copies that an earlier version left in the clear."""
    _run(_reseal)


@personal.command()
def retain() -> None:
    """清除超过保存期限的内容 · End what has been kept long enough."""
    _run(_retain)


@personal.command()
def erase(
    county: County,
    record: Annotated[str, typer.Option(help="主体或填报的编号 · id of a farm or report")],
    ground: Annotated[ErasureGround, typer.Option(help="理由（个人信息保护法第四十七条）· why")],
    username: Username,
    *,
    files: Annotated[bool, typer.Option("--files", help="连同照片和附件 · photos and papers, too")] = False,
) -> None:
    """删除一个主体或一份填报的个人信息 · Erase the personal data of a farm or report."""
    _run(lambda settings, console: _erase(settings, console, (county, record, ground, username), files=files))


@personal.command()
def export(
    county: County,
    username: Username,
    record: RecordAsked = None,
    phone: Annotated[str | None, typer.Option(help="电话 · phone number")] = None,
    file: Annotated[Path | None, typer.Option(help="新建的 JSON 文件，默认打印 · a new file, default print")] = None,
) -> None:
    """导出所保存的一个人的全部信息 · Export all that is held on a person."""
    if (record is None) == (phone is None):
        raise typer.BadParameter("请给出 --record 或 --phone 之一 · give one of --record and --phone")
    _run(lambda settings, console: _export(settings, console, (county, username), (record, phone), file))


def _run(act: Callable[[Settings, Console], Awaitable[int]]) -> None:
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), lambda _: None)
        code = asyncio.run(_awaited(act(settings, Console(highlight=False))))
    raise typer.Exit(code)


async def _awaited(act: Awaitable[int]) -> int:
    return await act


async def _rotate(settings: Settings, console: Console, settle: timedelta, *, is_new: bool) -> int:
    engine = make_engine(settings.owner_database_url or "", pool_size=2)
    try:
        done = await rotate_keys(engine, KeyRing.of(settings), datetime.now(UTC), is_new=is_new, settle=settle)
    finally:
        await engine.dispose()
    console.print(
        f"当前密钥 {done.newest}，重新加密 {done.resealed} 行，停用旧密钥 {len(done.retired)} 把。 "
        f"Key {done.newest} is in use; {done.resealed} rows sealed anew, {len(done.retired)} old keys retired.",
        soft_wrap=True,
    )
    if done.left:
        console.print(
            "旧密钥尚未停用：请在 15 分钟后再执行 qingtian personal rotate --go-on。 "
            "Old keys are still there; run `qingtian personal rotate --go-on` in a quarter of an hour.",
            soft_wrap=True,
        )
    return 0


async def _reseal(settings: Settings, console: Console) -> int:
    engine = make_engine(settings.owner_database_url or "", pool_size=2)
    try:
        done = await seal_clear_copies(engine, KeyRing.of(settings).vault())
    finally:
        await engine.dispose()
    console.print(
        f"已加密 {done.changes} 条变更、{done.bodies} 件隔离内容。 "
        f"{done.changes} changes and {done.bodies} quarantined bodies sealed.",
        soft_wrap=True,
    )
    return 0


async def _retain(settings: Settings, console: Console) -> int:
    engine = make_engine(settings.database_url or "", pool_size=2)
    try:
        done = await apply_retention(engine, settings, KeyRing.of(settings).vault(), datetime.now(UTC))
    finally:
        await engine.dispose()
    console.print(
        f"已清除：隔离内容 {done.bodies}，登录 {done.sessions}，上传登记 {done.uploads}，"
        f"报送原件中的个人信息 {done.sent}。 Ended: {done.bodies} quarantined, {done.sessions} sign-ins, "
        f"{done.uploads} uploads, personal answers of {done.sent} sent changes.",
        soft_wrap=True,
    )
    return 0


async def _erase(
    settings: Settings, console: Console, asked: tuple[str, str, ErasureGround, str], *, files: bool
) -> int:
    county_code, record_id, ground, username = asked
    now_ms = time.time_ns() // 1_000_000
    async with open_service(settings, settings.database_url or "") as service:
        actor = await _county_actor(service, county_code, username, console)
        if actor is None:
            return 1
        request = ErasureAsked(
            request_id=uuid7(now_ms), county_code=county_code, record_id=record_id, ground=ground, files=files
        )
        try:
            done = await erase_record(Order(request, actor.account_id or "", actor, uuid7(now_ms)), service)
        except NothingToEraseError:
            console.print("本县账本中没有这条记录。 The ledger has no such record.")
            return 1
        except TooManyReportsError:
            console.print(
                f"该主体的填报超过 {MAX_REPORTS} 份，请先逐份删除。 "
                f"The farm has more than {MAX_REPORTS} reports; erase them one by one first.",
                soft_wrap=True,
            )
            return 1
    console.print(
        f"已删除 {done.records} 条记录的个人信息、{done.files} 个文件、{done.quarantined} 件隔离内容。 "
        f"Erased: {done.records} records, {done.files} files, {done.quarantined} quarantined bodies.",
        soft_wrap=True,
    )
    return 0


async def _export(
    settings: Settings,
    console: Console,
    place: tuple[str, str],
    wanted: tuple[str | None, str | None],
    file: Path | None,
) -> int:
    (county_code, username), (record_id, phone) = place, wanted
    async with open_service(settings, settings.database_url or "") as service:
        actor = await _county_actor(service, county_code, username, console)
        if actor is None:
            return 1
        async with snapshot(service.engine) as connection:
            ids = (
                [record_id]
                if record_id
                else await farms_with_phone(connection, county_code, phone or "", service.vault)
            )
            held = [await held_on(connection, county_code, one or "", service.vault) for one in ids]
        found = [one for one in held if one is not None]
        async with connected(service.pool) as driver:
            for one in found:
                await keep_act_on_record(driver, actor, Act.PERSONAL_EXPORTED, county_code, one.record_id)
    document = orjson.dumps([one.model_dump(mode="json") for one in found], option=orjson.OPT_INDENT_2)
    if file is None:
        console.out(document.decode(), highlight=False)
    else:
        await asyncio.to_thread(_write_new, file, document)
    return 0 if found else 1


def _write_new(path: Path, document: bytes) -> None:
    """Write a file that only its owner may read. Raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(document)


async def _county_actor(service: Service, county_code: str, username: str, console: Console) -> Actor | None:
    """Return whoever acts, where the account is of the county's bureau; say so where it is not."""
    async with service.engine.connect() as connection:
        account_id = await connection.scalar(text(READ_ACCOUNT), {"username": username})
    access = None if account_id is None else await access_of(service.pool, account_id, service.reference)
    if access is None or not answers_for(access, county_code):
        console.print(
            f"[red]账号“{escape(username)}”不是该县农业农村局的账号 · "
            f"the account '{escape(username)}' is not of the county's bureau[/red]"
        )
        return None
    return Actor.of(access)
