"""`qingtian` in processes of its own that need not read it first: each is forked from one that has.

Reading the program takes some four seconds of a processor, as long as many a test. That a process which reads it does
the same is seen where the demo of the pages and the bench start it from the command line.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from backend.cli import COMMANDS, GROUPS, main
from tests.conftest import REPOSITORY

ENDED_WITHIN_S = 180

_FORKED = get_context("forkserver")
_FORKED.set_forkserver_preload(sorted({place.partition(":")[0] for place in (COMMANDS | GROUPS).values()}))


class Program:
    """A running command, its output in a file; what is asked of it is named as by `subprocess.Popen`."""

    def __init__(
        self,
        *words: str,
        environment: Mapping[str, str],
        output: Path,
        errors: Path | None = None,
        typed: Path | None = None,
    ) -> None:
        """Start `qingtian` with the environment of this process and over it the one given, in a session of its own."""
        whole = dict(os.environ | environment)
        self._process: ForkServerProcess = _FORKED.Process(
            target=_become, args=(words, whole, typed or Path(os.devnull), output, errors or output)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The process, which leads a group of its own."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """What it ended with, below zero for a signal; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return what it ended with, or None."""
        return self._process.exitcode

    def wait(self, timeout_s: float) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout_s)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("qingtian", timeout_s)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it and all it started at once, as a failing machine does, and wait for its end."""
        for end in (os.killpg, os.kill):  # the group is not there before the process has made it
            with suppress(ProcessLookupError):
                end(self.pid, signal.SIGKILL)
        self.wait(30)


def run_program(*words: str, environment: Mapping[str, str], typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it showed."""
    with tempfile.TemporaryDirectory() as folder:
        output, errors, answers = (Path(folder, name) for name in ("output", "errors", "typed"))
        answers.write_text(typed, encoding="utf-8")
        program = Program(*words, environment=environment, output=output, errors=errors, typed=answers)
        try:
            code = program.wait(ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            program.kill()
            raise
        return subprocess.CompletedProcess(
            words, code, output.read_text(encoding="utf-8"), errors.read_text(encoding="utf-8")
        )


def _become(words: tuple[str, ...], environment: dict[str, str], typed: Path, output: Path, errors: Path) -> None:
    """Be the command, in this forked process."""
    os.setsid()
    os.chdir(REPOSITORY)
    os.environ.clear()
    os.environ.update(environment)
    for number, path, flags in (
        (0, typed, os.O_RDONLY),
        (1, output, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        opened = os.open(path, flags, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.argv = ["qingtian", *words]
    main()
