"""A line that breaks: a proxy that lets so many bytes of a large answer's body through and then hangs up."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HEAD_END = b"\r\n\r\n"


class CutLine:
    """Forwards connections; of each answer that is a file, as many bytes of the body pass as `cuts` gives next."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts: list[int] = []
        """Bytes of the body for the next answers; empty: the line holds."""
        self.asked: list[str] = []
        """The `Range` of every request for a file, empty for the whole."""

    def run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self, client: socket.socket) -> None:
        """Answer one request a connection: the client opens another for its next."""
        with client, socket.create_connection(("127.0.0.1", self._target)) as server, suppress(OSError):
            request = b""
            while HEAD_END not in request:
                request += client.recv(65536) or HEAD_END
            head, _, body = request.partition(HEAD_END)
            length = int(_header(head, b"content-length") or 0)
            while len(body) < length:
                body += client.recv(65536)
            server.sendall(head + b"\r\nconnection: close" + HEAD_END + body)
            self._answer(client, server, head)

    def _answer(self, client: socket.socket, server: socket.socket, asked: bytes) -> None:
        answer = b""
        while HEAD_END not in answer:
            answer += server.recv(65536) or HEAD_END
        head, _, body = answer.partition(HEAD_END)
        is_file = (_header(head, b"content-type") or b"").startswith((b"application/geo", b"application/vnd.pm"))
        left = None
        if is_file:
            self.asked.append((_header(asked, b"range") or b"").decode())
            left = self.cuts.pop(0) if self.cuts else None
        client.sendall(head + HEAD_END)
        while left is None or left > 0:
            client.sendall(body[:left])
            left = None if left is None else left - len(body)
            body = server.recv(65536)
            if not body:
                return


def _header(head: bytes, name: bytes) -> bytes | None:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return None


@contextmanager
def cut_line(port: int) -> Iterator[CutLine]:
    """Give a line to a server's port that can be broken."""
    line = CutLine(port)
    thread = threading.Thread(target=line.run, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        line.close()
        thread.join(5)
