"""A private PostgreSQL with PostGIS below one folder, so that a fresh machine needs no database and no administrator.

The cluster listens on a loopback port of its own, outlives the process that started it, and belongs to this service.
A deployment names its own database in QINGTIAN_DATABASE_URL instead, and nothing here is called.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from backend.embedded import postmaster
from backend.embedded.debian_packages import NoPostgisError, Progress, unpack_postgis
from backend.embedded.postgis_programs import ClusterError, Programs, programs_in_packages, programs_on_machine
from backend.embedded.unprivileged import Account, ProgramError, account_to_drop_to

__all__ = [
    "Cluster",
    "ClusterError",
    "NoPostgisError",
    "create_database_from_template",
    "drop_database",
    "ensure_cluster",
    "ensure_database",
    "stop_cluster",
]

_uses: dict[Path, int] = {}
"""Per cluster folder the open lock file by which this process says, until it ends, that it uses the cluster."""


@dataclass(frozen=True)
class Cluster:
    """A running private cluster: where it listens, and where its data and its roles' passwords lie."""

    host: str
    port: int
    home: Path
    passwords: dict[str, str] = field(repr=False, hash=False)
    programs: Programs = field(repr=False)

    def url(self, role: Literal["owner", "service"], database: str) -> str:
        """Return the asyncpg address of `database` for the role that migrates or the role that serves."""
        return f"postgresql+asyncpg://qingtian_{role}:{self.passwords[role]}@{self.host}:{self.port}/{database}"


def ensure_cluster(
    home: Path, *, durable: bool = True, packages: Path | None = None, progress: Progress = lambda _: None
) -> Cluster:
    """Return the private cluster of `home`, brought, created and started as far as needed.

    `packages` is the folder of unpacked Debian packages, `<home>/packages` unless several homes share one. Without
    `durable` a crash of the machine may lose everything: for tests; it takes effect when the cluster starts.
    Under root the data lie elsewhere when `home` is closed to unprivileged accounts: see `Cluster.home`.
    Raise NoPostgisError when there is no PostGIS to be had, ClusterError when the cluster does not start.
    """
    try:
        place = _place(home.resolve())
        _open(place, home, progress)
        with _locked(place.folder / "lock"):
            programs = _ensure_programs(place, packages.resolve() if packages else None, progress)
            if not place.data.exists():
                progress("正在建立私有数据库 · Creating the private database")
                _create(place, programs)
            if not postmaster.is_running(place.data):
                postmaster.start(place.data, programs, place.account, durable=durable)
            port = postmaster.port_when_ready(place.data)
            passwords = json.loads((place.folder / "passwords.json").read_text())
            _use(place)
    except (ProgramError, OSError) as error:
        raise ClusterError(f"私有数据库没有启动。The private database did not start.\n{error}") from error
    return Cluster(postmaster.HOST, port, place.home, passwords, programs)


def stop_cluster(home: Path) -> bool:
    """Stop the private cluster of `home` and say whether it is at rest: no while another process still uses it."""
    try:
        place = _place(home.resolve())
        if not place.data.exists():
            return True
        with _locked(place.folder / "lock"):
            if not _is_last_use(place):
                return False
            postmaster.stop(place.data)
    except (ProgramError, OSError) as error:
        raise ClusterError(f"私有数据库没有停止。The private database did not stop.\n{error}") from error
    return True


def ensure_database(cluster: Cluster, name: str) -> None:
    """Create database `name` with PostGIS if it is missing; of the two roles, service may only connect to it."""
    _check_name(name)
    create = f"select 'create database {name}' where not exists (select from pg_database where datname = '{name}')"
    with _locked(cluster.home / "postgres/lock"):  # the right to connect is one row that two processes would both write
        run_script(
            cluster,
            f"{create} \\gexec\n{_connect_only(name)}\n\\connect {name}\ncreate extension if not exists postgis;",
        )


def create_database_from_template(cluster: Cluster, name: str, template: str) -> None:
    """Create database `name` as a copy of `template`, to which nobody may be connected."""
    _check_name(name)
    _check_name(template)
    run_script(cluster, f"create database {name} template {template};\n{_connect_only(name)}")


def drop_database(cluster: Cluster, name: str) -> None:
    """Drop database `name` if it exists, and the connections to it."""
    _check_name(name)
    run_script(cluster, f"drop database if exists {name} with (force);")


@dataclass(frozen=True)
class _Place:
    """Where a cluster lives, and under which account when this process is root."""

    home: Path
    account: Account | None

    @property
    def folder(self) -> Path:
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def is_reachable(self) -> bool:
        return self.account is None or self.account.can_enter(self.folder)


def _place(home: Path) -> _Place:
    """Return the place of the cluster of `home`: there, or for root below /var/lib when `home` is closed to others."""
    at_home = _Place(home, account_to_drop_to(home / "postgres/data"))
    if at_home.account is None or at_home.data.exists():
        return at_home
    elsewhere = Path("/var/lib") / f"qingtian-{hashlib.sha256(str(home).encode()).hexdigest()[:8]}"
    stand_in = _Place(elsewhere, account_to_drop_to(elsewhere / "postgres/data"))
    return stand_in if stand_in.data.exists() or not at_home.is_reachable() else at_home


def _open(place: _Place, home: Path, progress: Progress) -> None:
    """Make the folders of `place`, and see that this process may write there and the account may enter."""
    if place.home != home.resolve():
        progress(
            f"{home} 不对普通账号开放，数据库放在 {place.home} · "
            f"{home} is closed to unprivileged accounts, the database lies in {place.home}"
        )
    _make_folders(place.folder)
    if not place.is_reachable():  # data that lie there already are never left behind for an empty cluster elsewhere
        raise ClusterError(
            f"运行数据库的普通账号进不了 {place.folder}，请放开上级目录的进入权限。\n"
            f"The account that runs the database cannot enter {place.folder}: make its parent folders passable."
        )
    if not all(os.access(folder, os.W_OK) for folder in (place.folder, place.data) if folder.exists()):
        raise ClusterError(
            f"{place.folder} 属于另一个账号，请换用该账号，或另设 QINGTIAN_HOME。\n"
            f"{place.folder} belongs to another account: run as that account, or name another QINGTIAN_HOME."
        )


def _make_folders(folder: Path) -> None:
    """Create `folder` and its parents so that others may pass, whatever this process's umask is."""
    for missing in [place for place in (*reversed(folder.parents), folder) if not place.exists()]:
        with suppress(FileExistsError):
            missing.mkdir()
            missing.chmod(0o755)


def _use(place: _Place) -> None:
    if place.folder not in _uses:
        _uses[place.folder] = os.open(place.folder / "uses", os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(_uses[place.folder], fcntl.LOCK_SH)


def _is_last_use(place: _Place) -> bool:
    """End this process's use of the cluster and say whether no other process uses it."""
    _use(place)
    lock = _uses.pop(place.folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ensure_programs(place: _Place, shared: Path | None, progress: Progress) -> Programs:
    """Find the programs on the machine or among the unpacked packages, else bring the packages.

    A data folder opens only with the PostgreSQL version that made it.
    """
    version_file = place.data / "PG_VERSION"
    major = int(version_file.read_text()) if version_file.exists() else None
    packages = place.home / "packages"
    if shared and (place.account is None or place.account.can_enter(shared)):
        packages = shared
    if found := programs_on_machine(major) or programs_in_packages(packages, major):
        return found
    _make_folders(packages.parent)
    with _locked(packages.with_name(packages.name + ".lock")):
        if not programs_in_packages(packages, major):  # another home may have brought them meanwhile
            unpack_postgis(packages, major=major, progress=progress)
    found = programs_in_packages(packages, major)
    if found is None:
        raise NoPostgisError("取得的软件包里没有 PostGIS", "the packages that came hold no PostGIS")
    return found


def _create(place: _Place, programs: Programs) -> None:
    """Create the cluster with its two roles, all or nothing: a half-made one is never renamed to `data`."""
    passwords = {"owner": secrets.token_hex(16), "service": secrets.token_hex(16)}
    _write_private(place.folder / "passwords.json", json.dumps(passwords))
    new, password_file = place.folder / "data.new", place.folder / "password.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    _write_private(password_file, passwords["owner"])
    if place.account:
        place.account.own(new)
        place.account.own(password_file)
    access = ["-U", "qingtian_owner", "-A", "scram-sha-256", f"--pwfile={password_file}"]
    try:
        programs.run("initdb", "-D", new, *access, "-E", "UTF8", "--locale=C.UTF-8", account=place.account)
    finally:
        password_file.unlink()
    # Every database is a copy of template1; before PostgreSQL 15 everybody could create tables in it.
    roles = f"create role qingtian_service login password '{passwords['service']}';\n"
    single = ("--single", "-D", str(new), "-c", "exit_on_error=on", "template1")
    rights = "revoke create on schema public from public;\n"
    programs.run("postgres", *single, account=place.account, stdin=roles + rights)
    new.rename(place.data)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a database name: {name!r}")


def _connect_only(database: str) -> str:
    """Return the statements that leave the service role nothing but the right to connect; copies do not inherit it."""
    return f"revoke all on database {database} from public;\ngrant connect on database {database} to qingtian_service;"


def run_script(cluster: Cluster, script: str, database: str = "postgres") -> str:
    """Run a script of psql in a database as the owner, up to the first error, and return what it printed."""
    address = ["-h", cluster.host, "-p", str(cluster.port), "-U", "qingtian_owner", "-d", database]
    secret = {"PGPASSWORD": cluster.passwords["owner"], "PGOPTIONS": "-c client_min_messages=warning"}
    try:
        return cluster.programs.run(
            "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *address, "-f", "-", stdin=script, environment=secret
        )
    except ProgramError as error:
        raise ClusterError(str(error)) from error
