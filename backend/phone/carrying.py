"""The commands by which work leaves the phone in a file: receipts to be verified, a sealed outbox to be carried."""

import json
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from backend.phone.opening import HOME, SERVER, File, Say, opened, say_all, setting_of
from backend.phone.words import both, standing, synced
from mobile_contract.carried import missing_photos, open_sealed, seal, unpack
from mobile_contract.client import Phone
from mobile_contract.wire import SignInNeededError


def export_receipts(
    folder: Annotated[Path, typer.Argument(help="新建的文件夹 · a new folder", file_okay=False)],
    file: File = HOME,
) -> None:
    """导出回执和公钥，不联网即可核对 · Export receipts and keys, to be verified offline."""
    with opened(file) as (pocket, say):
        folder.mkdir(parents=True, exist_ok=True)
        exported = pocket.receipts.exported()
        _write(folder / "qingtian-keys.json", {"keys": exported["keys"]})
        for number, document in enumerate(exported["receipts"], 1):
            _write(folder / f"receipt-{number:04}.json", document)
        say(f"已导出 {len(exported['receipts'])} 份回执  [dim]receipts exported[/dim]")
        say("[dim]核对 verify: qingtian receipt verify receipt-0001.json --keys qingtian-keys.json[/dim]")


def export_outbox(
    target: Annotated[Path, typer.Argument(help="新建的文件 · a new file", dir_okay=False)],
    passphrase: Annotated[str, typer.Option(prompt="口令 Passphrase", hide_input=True, envvar="QINGTIAN_PASSPHRASE")],
    photos: Annotated[bool, typer.Option(help="连同未传完的照片 · with the photos that are not uploaded")] = True,
    file: File = HOME,
) -> None:
    """把未发送的内容和照片封成一个文件，请人带到有网络的地方 · Seal what is unsent for a colleague to carry."""
    with opened(file) as (pocket, say):
        with target.open("wb") as sealed:
            held = seal(pocket, passphrase, sealed, with_photos=photos)
        size = f"{target.stat().st_size / 1e6:.1f} MB"
        say(
            f"已封好 {escape(str(target))}：变更 {held.changes} 条，照片 {held.photos} 张，共 {size}"
            f"  [dim]sealed: {held.changes} changes, {held.photos} photos, {size}[/dim]"
        )
        say(
            both(("本机仍保留全部内容；两边都发送，也只算一次。", "All stays here too; sent both ways it counts once."))
        )


def carry(
    sealed: Annotated[Path, typer.Argument(help="封好的发件箱 · the sealed outbox", exists=True, dir_okay=False)],
    passphrase: Annotated[str, typer.Option(prompt="口令 Passphrase", hide_input=True, envvar="QINGTIAN_PASSPHRASE")],
    password: Annotated[str | None, typer.Option(help="填报人的密码 · the author's password")] = None,
    code: Annotated[
        str | None, typer.Option(help="填报人的开通码，代替密码 · an enrolment code of the author's, instead")
    ] = None,
    file: File = HOME,
) -> None:
    """替人发送：变更用填报人的账号，照片可用自己的 · Send a colleague's outbox; photos under one's own sign-in too."""
    with opened(file) as (pocket, say), sealed.open("rb") as source:
        carried = open_sealed(source, passphrase)
        path = file.with_name(f"{file.stem}.{carried.device_id}.sqlite")
        with closing(unpack(carried, path, setting_of(file, SERVER))) as beside:
            if missing := len(missing_photos(carried, beside)):
                say(f"[yellow]文件不完整，缺 {missing} 张照片。[/yellow]  [dim]{missing} photos are not whole[/dim]")
            if _signed_in(beside, carried.username, password, code):
                say_all(say, synced(beside.push()))
            _send_carried_photos(beside, pocket, say)
            say_all(say, standing(beside, datetime.now(UTC)))


def _signed_in(beside: Phone, username: str, password: str | None, code: str | None) -> bool:
    """Sign the author in, by a code where the phone that was carried from is revoked; False where nobody does."""
    if code is not None:
        beside.enrol(code)
        return True
    if password is None:
        question = "填报人的密码，留空则只传照片 Author's password, empty: photos only"
        password = typer.prompt(question, default="", hide_input=True, show_default=False)
    if password:
        beside.sign_in(username, password)
    return bool(password)


def _send_carried_photos(beside: Phone, pocket: Phone, say: Say) -> None:
    """Send carried photos under the carrier's sign-in, and under the author's what that may not send."""
    if beside.photos.waiting() and not pocket.signed_in and not beside.signed_in:
        raise SignInNeededError
    for sender in (pocket, beside):
        if sender.signed_in and beside.photos.waiting():
            with suppress(SignInNeededError):
                say_all(say, synced(sender.send_photos(beside)))
    beside.photos.free()


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
