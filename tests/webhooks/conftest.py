"""A receiver of webhooks in this process, and an installation that may tell it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Receiver:
    """What came (headers, body), and what is answered next."""

    url: str = ""
    status: int = 204
    text: str = ""
    location: str = ""
    slow: float = 0.0
    drip: float = 0.0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(app: Any) -> Iterator[Receiver]:
    """A server on this machine that notes every request."""
    here = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            here.got.append((dict(self.headers), body))
            time.sleep(here.slow)
            if here.drip:
                self._drip()
                return
            self.send_response(here.status)
            if here.location:
                self.send_header("Location", here.location)
            self.send_header("Content-Length", str(len(here.text.encode())))
            self.end_headers()
            with suppress(OSError):  # who reads only the beginning hangs up
                self.wfile.write(here.text.encode())

        def _drip(self) -> None:
            for sign in b"HTTP/1.1 200 OK\r\n" * 100:
                try:
                    self.wfile.write(bytes([sign]))
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(here.drip)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    here.url = f"http://127.0.0.1:{server.server_port}/hook?a=b"
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, webhook_http=True, webhook_private=True)
    yield here
    app.config["SETTINGS"] = before
    server.shutdown()
    server.server_close()
    thread.join()
