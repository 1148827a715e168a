"""Run other programs with a clean environment, and as root under an account without rights, as PostgreSQL demands."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CANDIDATES = ("postgres", "nobody")


class ProgramError(RuntimeError):
    """A program ended with an error; the message holds the end of what it said."""


@dataclass(frozen=True)
class Account:
    """An account of the machine that a program runs under, in place of root."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Hand a file or folder over to this account."""
        os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Say whether this account reaches `folder`, or would once it exists."""
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        # The question goes to the kernel, which knows access lists and mounts; mode bits alone would not tell.
        answer = subprocess.run(  # noqa: S603 - a fixed program and a path that is not an option
            ["/usr/bin/test", "-x", str(existing)],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        )
        return answer.returncode == 0


def account_to_drop_to(owner_of: Path | None = None) -> Account | None:
    """Return the account that owns `owner_of`, else an unprivileged one; None when this process is not root."""
    if os.geteuid() != 0:
        return None
    if owner_of is not None and owner_of.exists() and (uid := owner_of.stat().st_uid) != 0:
        return Account(name=_account_name(uid), uid=uid, gid=owner_of.stat().st_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise ProgramError(
        "PostgreSQL 不能以 root 身份运行，本机又没有 postgres 或 nobody 账号。\n"
        "PostgreSQL refuses to run as root, and this machine has neither a postgres nor a nobody account."
    )


def run_program(
    command: Sequence[str | Path],
    *,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
    folder: Path = Path("/"),
) -> str:
    """Run `command` to its end in `folder` and return what it wrote; raise ProgramError when it failed.

    Variables that steer libpq and PostgreSQL (PG*) are withheld: they belong to other databases of the caller.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    result = subprocess.run(  # noqa: S603 - no shell; every command is put together in this package
        [str(word) for word in command],
        input=stdin,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env={**inherited, "LC_ALL": "C.UTF-8", **(environment or {})},
        umask=0o022,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        check=False,
    )
    if result.returncode != 0:
        raise ProgramError(f"{Path(command[0]).name} ({result.returncode}): {result.stdout.strip()[-1500:]}")
    return result.stdout


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
