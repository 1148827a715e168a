"""`qingtian contract`: write what is generated, check that it is current, publish a version of the forms."""

import typer

from backend.contract.outputs import stale, write
from backend.contract.versions import (
    CHANGELOG,
    REPOSITORY,
    PublishedError,
    forms_today,
    is_released,
    publish,
    published,
    version_faults,
)
from schemas.changes import SCHEMA_VERSION

REMEDY = "make contract"

contract = typer.Typer(no_args_is_help=True, help="接口约定 · What app developers build on")


@contract.command("write")
def write_outputs() -> None:
    """重新生成接口描述、表单、类型和方法页 · Write schemas, openapi.json, types and the method page anew."""
    for path in write():
        typer.echo(path)


@contract.command()
def check() -> None:
    """检查生成的文件是否最新、已公布的表单是否未动 · Check generated files and published forms."""
    faults = [f"{path}：与目录不符，请运行 {REMEDY} · is not current; run: {REMEDY}" for path in stale()]
    versions = published()
    released = is_released(CHANGELOG.read_text(encoding="utf-8"))
    faults += version_faults(versions, forms_today(), SCHEMA_VERSION, released=released)
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(1)
    if SCHEMA_VERSION not in versions:
        typer.echo(
            f"表式版本 {SCHEMA_VERSION} 尚在准备，发布前请运行 qingtian contract publish · "
            f"version {SCHEMA_VERSION} of the forms is in preparation; before a release run: qingtian contract publish"
        )


@contract.command("publish")
def publish_version() -> None:
    """公布当前版本的表单，此后不再改动 · Publish the forms of the current version for good."""
    try:
        written = publish()
    except PublishedError as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
    for path in written:
        typer.echo(path.relative_to(REPOSITORY))
