"""A server on this machine that has archives, and may spoil what it sends."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress


class Server:
    """Serves files by their names, wherever they are asked for.

    Attributes:
        requests: paths that were asked for, in order.
        answer: (number of the request, content) → status, body, length that is claimed.
        location: where a redirection leads.
        pieces: how the body is sent; a test may wait in it.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.requests: list[str] = []
        self.location = ""
        self.answer: Callable[[int, bytes], tuple[int, bytes, int]] = lambda _, data: (
            200,
            data,
            len(data),
        )
        self.pieces: Callable[[bytes], Iterator[bytes]] = lambda body: iter([body])
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append(self.path)
                content = files.get(self.path.rpartition("/")[2], b"")
                status, body, length = server.answer(len(server.requests), content)
                self.send_response(status)
                if server.location:
                    self.send_header("Location", server.location)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                with suppress(OSError):  # who asked has gone
                    for piece in server.pieces(body):
                        self.wfile.write(piece)

            def log_message(self, *_: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"


@contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[Server]:
    """A server as long as the block lasts."""
    server = Server(files)
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        thread.join()
        server.http.server_close()
