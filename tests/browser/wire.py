"""A network that can be cut: what a device sends goes through a relay of its own, which the test takes away.

Chromium's own "offline" is told to pages and workers one after the other, and a page that has just been loaded may
still send something before it hears of it. A cut wire lets nothing through, whatever the browser believes.
"""

from __future__ import annotations

import contextlib
import socket
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

PIECE = 65536


class Wire:
    """The platform at `url`, until `cut()`; reachable again after `mend()`."""

    def __init__(self, house_url: str) -> None:
        parts = urlsplit(house_url)
        self._house = (str(parts.hostname), int(parts.port or 80))
        self._whole, self._lock = Event(), Lock()
        self._whole.set()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._listen, name="wire", daemon=True).start()

    def cut(self) -> None:
        """End what is connected and let nothing through from now on."""
        with self._lock:
            self._whole.clear()
            ended, self._open = self._open, set()
        for end in ended:
            _close(end)

    def mend(self) -> None:
        """Let through again."""
        self._whole.set()

    def close(self) -> None:
        """Cut for good."""
        self.cut()
        _close(self._listener)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                near, _address = self._listener.accept()
                Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self._house)
        except OSError:  # the house has closed
            _close(near)
            return
        with self._lock:
            whole = self._whole.is_set()
            if whole:
                self._open |= {near, far}
        if not whole:
            _close(near)
            _close(far)
            return
        back = Thread(target=_carry, args=(far, near), daemon=True)
        back.start()
        _carry(near, far)
        back.join()
        with self._lock:
            self._open -= {near, far}
        _close(near)
        _close(far)


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
