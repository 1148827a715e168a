"""The command by which the phone gets the files of its county's map, and what it says of them."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer
from rich.markup import escape

from backend.phone.opening import HOME, File, opened, say_all
from backend.phone.words import both
from mobile_contract.client import Phone
from mobile_contract.pack_files import ToldFile

FILE_WORDS: Mapping[str, tuple[str, str]] = {
    "geopackage": ("本县离线地图数据（GeoPackage，可用 QGIS、QField 打开）", "the county as a GeoPackage"),
    "boundary_tiles": ("行政区划底图（PMTiles）", "boundary tiles (PMTiles)"),
}


def packs(
    *,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="下载新的；中断后再下载时接着来 · fetch what is new, resumed where it broke")
    ] = False,
    file: File = HOME,
) -> None:
    """看离线数据包，或下载新的 · The files of the county's map: list them, or fetch what is new."""
    with opened(file) as (pocket, say):
        if fetch:
            done = pocket.fetch_files()
            if not done.reached:
                say(both(("线路中断，已下载的部分留在本机，下次接着下载。", "The line broke; what came is kept.")))
            for refusal in done.refusals:
                say(f"[red]{escape(refusal.zh or refusal.code)}[/red]  [dim]{escape(refusal.en)}[/dim]")
        say_all(say, told_files(pocket))
        if fetch and (done.refusals or not done.reached):
            raise typer.Exit(1)


def told_files(pocket: Phone) -> Iterator[str]:
    """Say of each file whether it is here, and where."""
    files = pocket.files.all()
    if not files:
        yield both(("还没有离线数据包的消息，请先同步。", "Nothing is known of files yet; sync first."))
    for one in files:
        zh, en = FILE_WORDS.get(one.name, (one.name, one.name))
        state_zh, state_en = _state(one, pocket)
        yield f"{one.county_code}  {zh}  {state_zh}  [dim]{en}: {state_en}[/dim]"


def waiting_files(pocket: Phone) -> Iterator[str]:
    """Say that there are files to be fetched when the line is good; nothing where there are none."""
    waiting = [one for one in pocket.files.all() if not one.is_current]
    if waiting:
        yield both(
            (
                f"有 {len(waiting)} 个离线数据包可更新，网络好时运行 qingtian phone packs --fetch。",
                f"{len(waiting)} files of the map are new: qingtian phone packs --fetch.",
            )
        )


def _state(file: ToldFile, pocket: Phone) -> tuple[str, str]:
    path = pocket.files.path_of(file)
    begun = pocket.files.partial_of(file)
    size = "" if file.size is None else f"，{file.size / 1e6:.1f} MB"
    if file.is_current and path.exists():
        shown = escape(str(path))
        return f"[green]已是最新[/green] {shown}", "up to date"
    if begun.exists():
        return f"[yellow]已下载 {begun.stat().st_size / 1e6:.1f} MB，未完[/yellow]{size}", "begun"
    if path.exists():
        return f"[yellow]有更新[/yellow]{size}；旧的仍可用 {escape(str(path))}", "new; the old one is still here"
    return f"[yellow]未下载[/yellow]{size}", "not fetched"
