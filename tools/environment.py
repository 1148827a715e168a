"""Create or renew the checkout's virtual environment from a lock file, with nothing but Python and venv or pip.

The Makefile runs this with the machine's Python before every target that needs the environment. A stamp beside each
set of packages holds the hash of its lock file, so that a start with nothing new installs nothing.
"""
# ruff: noqa: INP001, S603 - a script outside the packages, whose work is to start Python and pip

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
ENVIRONMENT = REPOSITORY / ".venv"
PYTHON = ENVIRONMENT / "bin/python"
PIP = "pip==26.0 --hash=sha256:98436feffb9e31bc9339cf369fd55d3331b1580b6a6f1173bacacddcf9c34754"
MADE = ".made-by-qingtian"  # set last, so that an interrupted creation is begun anew; holds the folder's name


def main(lock: Path) -> int:
    """Bring the environment to the state that `lock` describes and return the exit code of this program."""
    if not _is_usable():
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    stamp = ENVIRONMENT / f"{lock.name}.sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return 0
    if not ENVIRONMENT.exists() and not _create():
        print(
            f"{sys.executable} 不能建立虚拟环境：请安装 python3-venv 或 pip（apt install python3-venv）。\n"
            f"{sys.executable} cannot create a virtual environment: install python3-venv or pip.",
            file=sys.stderr,
        )
        return 1
    if not _install(lock):
        return 1
    _install_checkout()
    stamp.write_text(wanted)
    return 0


def _is_usable() -> bool:
    """Say whether the environment was made to its end, lies where it was made, and still finds its Python."""
    marker = ENVIRONMENT / MADE
    return marker.exists() and marker.read_text() == str(ENVIRONMENT) and _succeeds([PYTHON, "-c", ""])


def _create() -> bool:
    """Create the environment; where ensurepip is missing, as in Debian without python3-venv, get pip another way."""
    print("正在建立 Python 环境 · Creating the Python environment", flush=True)
    venv = [sys.executable, "-m", "venv"]
    made = _succeeds([*venv, ENVIRONMENT])
    if not made:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        made = _succeeds([*venv, "--without-pip", ENVIRONMENT]) and _bring_pip()
    if made:
        (ENVIRONMENT / MADE).write_text(str(ENVIRONMENT))
    return made


def _bring_pip() -> bool:
    """Let the machine's pip install the environment's own, which the service uses too, for its reference packages."""
    requirement = ENVIRONMENT / "pip.txt"
    requirement.write_text(PIP)
    machine_pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", PYTHON]
    return _succeeds([*machine_pip, "install", "--require-hashes", "--requirement", requirement])


def _succeeds(command: list[str | Path]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:  # the Python that the environment links to is gone
        return False


def _install(lock: Path) -> bool:
    """Install exactly what `lock` pins, checked by hash; show how far it is; on failure show all that pip said."""
    total = sum("==" in line for line in lock.read_text().splitlines())
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--require-hashes",
        "--requirement",
        lock,
    ]
    said: list[str] = []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None  # noqa: S101 - it is a pipe, as asked for above
    text = "正在安装依赖 · Installing packages"
    print(text, end="" if sys.stdout.isatty() else "\n", flush=True)
    with process.stdout as output:
        for line in output:
            said.append(line)
            seen = sum(entry.startswith(("Collecting", "Requirement already", "Ignoring")) for entry in said)
            if sys.stdout.isatty():
                print(f"\r{text} {min(seen, total)}/{total}", end="", flush=True)
    if sys.stdout.isatty():
        print()
    if process.wait() != 0:
        print(*said, sep="", file=sys.stderr)
        print("依赖没有装好，见上。The packages could not be installed, see above.", file=sys.stderr)
    return process.returncode == 0


def _install_checkout() -> None:
    """Put the checkout on the environment's path, and the command `qingtian` among its programs.

    An editable installation would need a build backend in the service's own lock file for these two files.
    """
    (site_packages,) = ENVIRONMENT.glob("lib/python*/site-packages")
    (site_packages / "qingtian.pth").write_text(f"{REPOSITORY}\n")
    command = ENVIRONMENT / "bin/qingtian"
    command.write_text(f'#!/bin/sh\nexec "{PYTHON}" -m backend "$@"\n')  # sh, because #! breaks at a space
    command.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main(REPOSITORY / sys.argv[1]))
