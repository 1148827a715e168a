"""A wire between a phone and the server that can be cut after any byte of an answer."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

CHUNK = 65_536


class CuttableWire:
    """A TCP relay on loopback. What the phone sends always arrives; answers pass until they are cut."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._left: int | None = None
        self.passed = 0
        """How many bytes of answers have passed since the last `cut_after` or `whole`."""
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the phone connects to."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut_after(self, count: int) -> None:
        """Let `count` bytes of answers pass, then break the connection."""
        with self._lock:
            self._left, self.passed = count, 0

    def whole(self) -> None:
        """Let everything pass again."""
        with self._lock:
            self._left, self.passed = None, 0

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(phone,), daemon=True).start()

    def _relay(self, phone: socket.socket) -> None:
        with phone, socket.create_connection(self._server) as server, selectors.DefaultSelector() as ready:
            ready.register(phone, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, phone)
            while True:
                for key, _ in ready.select():
                    try:
                        data = key.fileobj.recv(CHUNK)  # type: ignore[union-attr]
                        if key.fileobj is server:
                            data, is_cut = self._allowed(data)
                            key.data.sendall(data)
                            if is_cut:
                                return
                        else:
                            key.data.sendall(data)
                    except OSError:
                        return
                    if not data:
                        return

    def _allowed(self, data: bytes) -> tuple[bytes, bool]:
        """Return what of an answer may pass, and whether the wire is cut now."""
        with self._lock:
            allowed = data if self._left is None else data[: self._left]
            self.passed += len(allowed)
            if self._left is None:
                return allowed, False
            self._left -= len(allowed)
            return allowed, len(allowed) < len(data) or self._left == 0


@contextmanager
def cuttable(url: str) -> Iterator[CuttableWire]:
    """Give a wire to the server at `url`."""
    wire = CuttableWire(url)
    try:
        yield wire
    finally:
        wire.close()
