"""Find PostgreSQL programs whose PostGIS is really there, on the machine or below a folder of unpacked packages."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from backend.embedded.unprivileged import Account, run_program

# Debian and Ubuntu; the PostgreSQL project's packages for Red Hat and its kin.
MACHINE_FOLDERS = (("/usr/lib/postgresql", "*/bin"), ("/usr", "pgsql-*/bin"))


class ClusterError(RuntimeError):
    """The private cluster cannot be created, started, stopped or used."""


@dataclass(frozen=True)
class Programs:
    """The programs of one PostgreSQL, the environment that they need, and the unpacked packages that they are in."""

    folder: Path
    major: int
    environment: dict[str, str] = field(default_factory=dict, hash=False)
    packages: Path | None = None

    def run(
        self,
        program: str,
        *arguments: str | Path,
        account: Account | None = None,
        environment: dict[str, str] | None = None,
        stdin: str = "",
    ) -> str:
        """Run one of the programs to its end and return what it wrote; raise ProgramError when it failed."""
        return run_program(
            [self.folder / program, *arguments],
            account=account,
            environment={**self.environment, **(environment or {})},
            stdin=stdin,
        )


def programs_on_machine(major: int | None = None) -> Programs | None:
    """Return the newest installed PostgreSQL that has PostGIS, of version `major` where one is named."""
    folders = [found for root, pattern in MACHINE_FOLDERS for found in Path(root).glob(pattern)]
    if path := shutil.which("initdb"):
        folders.append(Path(path).resolve().parent)
    found = [Programs(folder, version) for folder in folders for version in _versions_with_postgis(folder)]
    return _newest(found, major)


def programs_in_packages(packages: Path, major: int | None = None) -> Programs | None:
    """Return the PostgreSQL among packages unpacked below `packages`, which must find its libraries there."""
    libraries = [*packages.glob("usr/lib/*-linux-gnu*"), *packages.glob("lib/*-linux-gnu*")]
    projections = str(packages / "usr/share/proj")
    environment = {
        "LD_LIBRARY_PATH": ":".join(str(folder) for folder in libraries),
        "PROJ_DATA": projections,  # the name since PROJ 9.1
        "PROJ_LIB": projections,  # and the one before
    }
    folders = packages.glob("usr/lib/postgresql/*/bin")
    found = [
        Programs(folder, version, environment, packages)
        for folder in folders
        for version in _versions_with_postgis(folder)
    ]
    return _newest(found, major)


def _newest(found: list[Programs], major: int | None) -> Programs | None:
    fitting = [programs for programs in found if major in {None, programs.major}]
    return max(fitting, key=lambda programs: programs.major, default=None)


def _versions_with_postgis(folder: Path) -> Iterator[int]:
    """Yield the version of the programs in `folder` when initdb and PostGIS's control file are both there."""
    if not (folder / "initdb").exists():
        return
    version = re.search(r"(\d+)/bin$", str(folder))
    if version is None:  # not one folder a version: ask
        version = re.search(r"(\d+)", run_program([folder / "postgres", "--version"]))
    if version is None:
        return
    shares = (
        folder / "../../../../share/postgresql" / version[1],  # one folder a version, as Debian has it
        folder / "../share",
        folder / "../share/postgresql",
    )
    if any((share / "extension/postgis.control").exists() for share in shares):
        yield int(version[1])
