"""Start, watch and stop the PostgreSQL server process of one data folder, whatever became of the last one."""

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

from backend.embedded.postgis_programs import Programs
from backend.embedded.unprivileged import Account, ProgramError

HOST = "127.0.0.1"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # a socket's path is limited to 107 bytes, a home's is not
    "max_connections": "100",
    "log_error_verbosity": "terse",  # the detail of a refused row quotes it
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "GMT",  # the one zone that PostgreSQL knows on a machine without zone files
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60


def start(data: Path, programs: Programs, account: Account | None, *, durable: bool) -> None:
    """Start the server of `data` on a free loopback port and wait until it accepts connections."""
    _clear_stale_lock(data)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    settings = SETTINGS | ({} if durable else NOT_DURABLE) | {"port": str(port)}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    log = data / "server.log"
    wait = ["-w", "-t", str(START_TIMEOUT_S), "-s"]
    try:
        programs.run("pg_ctl", "start", "-D", data, "-l", log, "-o", options, *wait, account=account)
    except ProgramError as error:
        said = log.read_text(errors="replace")[-1500:] if log.exists() else ""
        raise ProgramError(f"{error}\n{said}") from error


def stop(data: Path) -> None:
    """Stop the server of `data`, ending its connections; do nothing when it is not running."""
    if not is_running(data):
        return
    os.kill(_process_id(data), signal.SIGINT)  # a fast shutdown: open transactions are rolled back
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while is_running(data):
        if time.monotonic() > deadline:
            raise ProgramError(f"the server of {data} did not stop within {STOP_TIMEOUT_S} s")
        time.sleep(0.02)


def is_running(data: Path) -> bool:
    """Say whether the process of postmaster.pid lives and serves this data folder.

    Its command line tells: it is empty for a process that died and was not reaped, as happens under a lazy PID 1, and
    another one's when the number was given out again.
    """
    try:
        command = Path(f"/proc/{_process_id(data)}/cmdline").read_bytes()
    except OSError:
        return False
    return os.fsencode(data) in command.split(b"\0")


def port_when_ready(data: Path) -> int:
    """Return the port of the server once it accepts connections: whoever started it may have been killed waiting."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while is_running(data) and time.monotonic() < deadline:
        lines = _lock_file(data)
        if len(lines) > 7 and lines[7].strip() == "ready":
            return int(lines[3])
        time.sleep(0.05)
    raise ProgramError(f"the server does not accept connections, see {data / 'server.log'}")


def _lock_file(data: Path) -> list[str]:
    """Return the lines of postmaster.pid: process, data, start, port, socket, address, shared memory, state."""
    with suppress(FileNotFoundError):
        return (data / "postmaster.pid").read_text().splitlines()
    return []


def _process_id(data: Path) -> int:
    lines = _lock_file(data)
    return int(lines[0]) if lines else 0


def _clear_stale_lock(data: Path) -> None:
    """Remove a dead server's lock file once none of its children is attached to its shared memory any more.

    PostgreSQL does so by itself, but takes an unreaped or reused process number for a living server and gives up.
    """
    lines = _lock_file(data)
    segment = lines[6].split()[-1] if len(lines) > 6 and lines[6].strip() else None
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while segment and _is_attached(segment):
        if time.monotonic() > deadline:
            raise ProgramError(f"processes of the last run still use {data}")
        time.sleep(0.05)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _is_attached(segment: str) -> bool:
    """Say whether a process still uses the System V shared memory segment with this id."""
    with suppress(FileNotFoundError):
        for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
            _key, shmid, _permissions, _size, _creator, _last, attached, *_rest = line.split()
            if shmid == segment:
                return int(attached) > 0
    return False
