"""One request to another system: to an address that was looked at first, without detours, in ten seconds at most."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any

from flask import current_app

from matchmaker.webhooks import rules
from matchmaker.webhooks.rules import Target

TIMEOUT = 10.0
LARGEST_ANSWER = 4096


class Unreachable(Exception):  # noqa: N818 - an answer, not a fault
    """A request did not come through; `message` is a text id for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Answer:
    """What the other side said; the text is cut."""

    status: int
    text: str


class _Hurried:
    """A socket that reads until a fixed moment, however slowly the other side drips."""

    until = 0.0

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)  # type: ignore[attr-defined]
        return int(super().recv_into(*args, **kwargs))  # type: ignore[misc]


class _Plain(_Hurried, socket.socket):
    pass


class _Tls(_Hurried, ssl.SSLSocket):
    pass


def private_allowed() -> bool:
    """Whether this installation may tell systems of its own network."""
    return bool(current_app.config["SETTINGS"].webhook_private)


def http_allowed() -> bool:
    """Whether this installation may tell without encryption."""
    return bool(current_app.config["SETTINGS"].webhook_http)


def resolve(target: Target) -> list[tuple[Any, ...]]:
    """The socket addresses of a host, each allowed; raises Unreachable when one is not or there are none."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("找不到这个主机，请检查网址") from None
    if not private_allowed() and not all(rules.is_public(str(address[0])) for *_kind, address in found):
        raise Unreachable("这个网址指向本机或内网，不能推送")
    return [(family, address) for family, _type, _protocol, _name, address in found]


def post(target: Target, body: bytes, headers: dict[str, str]) -> Answer:
    """Send one request; a redirect is an answer like any other and is not followed."""
    until = time.monotonic() + TIMEOUT
    try:
        sock = _connect(target, until)
        kind = http.client.HTTPSConnection if target.secure else http.client.HTTPConnection
        connection = kind(target.host, target.port)
        connection.sock = sock
        try:
            connection.request("POST", target.path, body=body, headers={**headers, "Connection": "close"})
            response = connection.getresponse()
            return Answer(response.status, response.read(LARGEST_ANSWER).decode("utf-8", "replace"))
        finally:
            connection.close()
    except TimeoutError:
        raise Unreachable("对方在 10 秒内没有答复") from None
    except ssl.SSLError as error:
        raise Unreachable(f"TLS: {error.reason or error}") from None
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from None


def _connect(target: Target, until: float) -> socket.socket:
    """A connection to one of the addresses that were checked; the name is not looked up again."""
    last: OSError = TimeoutError()
    for family, address in resolve(target):
        sock = _Plain(family, socket.SOCK_STREAM)
        sock.until = until
        try:
            sock.settimeout(max(0.01, until - time.monotonic()))
            sock.connect(address)
            return _wrapped(sock, target.host) if target.secure else sock
        except OSError as error:
            sock.close()
            last = error
    raise last


def _wrapped(sock: _Plain, host: str) -> socket.socket:
    context = ssl.create_default_context()
    context.sslsocket_class = _Tls
    until = sock.until
    sock.settimeout(max(0.01, until - time.monotonic()))
    secure = context.wrap_socket(sock, server_hostname=host)
    secure.until = until  # type: ignore[attr-defined]
    return secure
