"""Bring PostgreSQL with PostGIS from the machine's own Debian or Ubuntu sources, without root and without installing.

apt resolves and verifies the packages with a state folder of its own, which starts from an empty machine: so every
library comes from one set of versions, whatever is installed here. Nothing outside the given folder is written.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from backend.embedded.postgis_programs import ClusterError, programs_in_packages
from backend.embedded.unprivileged import ProgramError, run_program

Progress = Callable[[str], None]

# Packages where the search for libraries stops. GDAL serves rasters, SFCGAL solids, LLVM the JIT that is switched off;
# Perl and the maintenance tools serve installation; the C and C++ libraries are the machine's, which runs apt on them.
LEFT_OUT = re.compile(
    r"libgdal|libsfcgal|libllvm|perl|lib.*-perl$|libc6|libc-bin|libgcc|libstdc\+\+|gcc-|debconf|dpkg|tar$|tzdata|locales|"
    r"adduser|passwd|ucf|ssl-cert|openssl|netbase|usrmerge|init-system|sysvinit|lsb-base|libpam-modules|"
    r"postgresql-common|postgresql-client-common|readline-common|sensible-utils"
)
NOT_NEEDED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "usr/share/bug")
REPORT_EVERY_S = 5.0


class NoPostgisError(ClusterError):
    """No PostGIS on this machine and no way to bring one; the message says what to do instead."""

    def __init__(self, reason_zh: str, reason_en: str) -> None:
        super().__init__(
            f"没有可用的 PostGIS：{reason_zh}。"
            "请改用 docker compose up，或用 QINGTIAN_DATABASE_URL 指定已有的 PostGIS 数据库。\n"
            f"No PostGIS to work with: {reason_en}. Use `docker compose up`, or name a PostGIS database in "
            "QINGTIAN_DATABASE_URL."
        )


def unpack_postgis(folder: Path, *, major: int | None, progress: Progress) -> None:
    """Unpack PostgreSQL with PostGIS below `folder`, all or nothing; raise NoPostgisError when apt cannot bring it.

    `major` is the PostgreSQL version wanted, None the newest on offer.
    """
    if not all(shutil.which(program) for program in ("apt-get", "apt-cache", "dpkg-deb")):
        raise NoPostgisError(
            "本机没有安装，也不是可用 apt 取得软件包的 Debian 或 Ubuntu",
            "none is installed, and this is not a Debian or Ubuntu whose apt could bring one",
        )
    apt_folder, unpacked = folder.with_name(folder.name + ".apt"), folder.with_name(folder.name + ".new")
    for leftover in (apt_folder, unpacked):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        _download_and_unpack(_Apt(apt_folder), unpacked, major, progress)
        if folder.exists():  # of another PostgreSQL version, or incomplete
            shutil.rmtree(folder)
        unpacked.rename(folder)
    except ProgramError as error:
        raise NoPostgisError(f"软件包没有取得（{error}）", f"the packages did not come ({error})") from error
    finally:
        for leftover in (apt_folder, unpacked):
            shutil.rmtree(leftover, ignore_errors=True)


class _Apt:
    """apt with a private state folder that knows the machine's package sources and no installed package."""

    def __init__(self, folder: Path) -> None:
        self.archives = folder / "archives"
        for needed in (folder / "lists/partial", folder / "cache/archives/partial", self.archives):
            needed.mkdir(parents=True)
        self._options = (
            f"-oDir::State={folder}",
            f"-oDir::Cache={folder / 'cache'}",
            "-oDir::State::status=/dev/null",
            "-oDebug::NoLocking=1",
            "-oAPT::Sandbox::User=",
            "-oAcquire::Languages=none",
            "-oAcquire::Retries=2",
            "-oAcquire::http::Timeout=30",
        )

    def update(self) -> str:
        """Fetch the lists of the machine's sources; an unreachable source is a warning in the answer, not an error."""
        return run_program(["apt-get", "-q", *self._options, "update"])

    def postgis_versions(self) -> list[int]:
        """Return the PostgreSQL versions that PostGIS is on offer for, oldest first."""
        names = run_program(["apt-cache", *self._options, "pkgnames", "postgresql-"]).split()
        found = (re.fullmatch(r"postgresql-(\d+)-postgis-3", name) for name in names)
        return sorted(int(match[1]) for match in found if match)

    def resolved(self, wanted: Iterable[str]) -> set[str]:
        """Return `wanted` and everything that apt would install with it on an empty machine."""
        plan = run_program(["apt-get", "-q", *self._options, "-s", "--no-install-recommends", "install", *wanted])
        return set(re.findall(r"^Inst (\S+)", plan, re.MULTILINE))

    def dependencies(self, packages: Iterable[str]) -> dict[str, set[str]]:
        """Return what each of `packages` depends on, alternatives and providers included."""
        only = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]
        answer = run_program(["apt-cache", *self._options, *only, "depends", *packages])
        depends: dict[str, set[str]] = {}
        package = ""
        for line in answer.splitlines():
            if line.startswith((" ", "\t")):
                depends[package].add(line.split(":")[-1].strip(" <>|"))
            else:
                package = line.strip()
                depends[package] = set()
        return depends

    def download(self, packages: Iterable[str], progress: Progress) -> None:
        """Download `packages` into the archives folder, telling every few seconds how far it is."""
        command = ["apt-get", "-q", *self._options, "download", *sorted(packages)]
        uris = run_program([*command, "--print-uris"], folder=self.archives)
        total_mb = sum(int(size) for size in re.findall(r"^'\S+ \S+ (\d+)", uris, re.MULTILINE)) / 1e6
        progress(f"正在下载 PostGIS，共 {total_mb:.0f} MB · Downloading PostGIS, {total_mb:.0f} MB")
        log = self.archives.with_name("download.log")
        with log.open("w") as output:
            process = subprocess.Popen(  # noqa: S603 - the command above
                command, cwd=self.archives, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
            told = time.monotonic()
            while process.poll() is None:
                time.sleep(0.1)
                if time.monotonic() - told > REPORT_EVERY_S:
                    told = time.monotonic()
                    done_mb = sum(file.stat().st_size for file in self.archives.glob("*.deb")) / 1e6
                    progress(f"已下载 {done_mb:.0f}/{total_mb:.0f} MB · downloaded")
        if process.returncode != 0:
            raise ProgramError(f"apt-get download ({process.returncode}): {log.read_text()[-1500:]}")


def _download_and_unpack(apt: _Apt, unpacked: Path, major: int | None, progress: Progress) -> None:
    progress("正在从系统软件源查找 PostGIS · Looking for PostGIS in the machine's package sources")
    report = apt.update()
    versions = [version for version in apt.postgis_versions() if major in {None, version}]
    if not versions:
        name = f"PostgreSQL {major}" if major else "PostgreSQL"
        raise ProgramError(f"no PostGIS for {name} in the package sources. {report[-1000:]}")
    version = versions[-1]
    wanted = {
        f"postgresql-{version}",
        f"postgresql-client-{version}",
        f"postgresql-{version}-postgis-3",
        f"postgresql-{version}-postgis-3-scripts",
    }
    resolved = apt.resolved(wanted)
    packages = _needed(wanted, resolved, apt.dependencies(resolved))
    apt.download(packages, progress)
    progress("正在解包 · Unpacking")
    unpacked.mkdir(parents=True)
    unpacked.chmod(0o755)
    for archive in sorted(apt.archives.glob("*.deb")):
        run_program(["dpkg-deb", "--extract", archive, unpacked])
    _finish(unpacked, version)


def _needed(wanted: set[str], resolved: set[str], depends: dict[str, set[str]]) -> set[str]:
    """Return the packages reached from `wanted` without passing through one that is left out."""
    needed: set[str] = set()
    waiting = list(wanted)
    while waiting:
        package = waiting.pop()
        if package not in needed:
            needed.add(package)
            reached = depends.get(package, set()) & resolved
            waiting.extend(name for name in reached if not LEFT_OUT.match(name))
    return needed


def _finish(unpacked: Path, version: int) -> None:
    """Do what the packages' installation scripts would have done, drop what is not needed, and prove that it loads."""
    extensions = unpacked / f"usr/share/postgresql/{version}/extension"
    if not (extensions / "postgis.control").exists():
        shutil.copy(extensions / "postgis-3.control", extensions / "postgis.control")
    for folder in (*NOT_NEEDED, f"usr/lib/postgresql/{version}/lib/bitcode"):
        shutil.rmtree(unpacked / folder, ignore_errors=True)
    programs = programs_in_packages(unpacked, version)
    if programs is None:
        raise ProgramError("the unpacked packages hold no PostGIS")
    libraries = unpacked / f"usr/lib/postgresql/{version}/lib"
    for binary in (programs.folder / "postgres", programs.folder / "psql", libraries / "postgis-3.so"):
        report = run_program(["ldd", binary], environment=programs.environment)
        if missing := re.findall(r"(\S+) => not found", report):
            raise ProgramError(f"{binary.name} lacks {', '.join(missing)}")
