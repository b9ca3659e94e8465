"""A unified sign-in of our own for the tests: a real HTTP server that signs what it is told to sign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import RSAKey

from matchmaker.accounts.models import User
from matchmaker.accounts.services import sign_on
from matchmaker.core import clock
from matchmaker.core.db import db, transaction

CLIENT = "matchmaker-tests"
SECRET = "a secret / with signs"  # noqa: S105 - of the fake


class Provider:
    """What the fake answers; tests change `claims` (over the right ones), `key`, `header` or `document`."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = self.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.claims: dict[str, Any] = {}
        self.document: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.down = False
        self.mangle: Any = lambda token: token

    def allow(self, address: str) -> str:
        """The person signs in: the query of the way back for the address the browser was sent to."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return f"?code={code}&state={query['state']}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Status and JSON of one request."""
        self.asked.append(path)
        if self.down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            } | self.document
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        return self._token(form, authorization)

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        login = base64.b64encode(f"{CLIENT}:a%20secret%20%2F%20with%20signs".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
            or authorization != f"Basic {login}"
        ):
            return 400, {"error": "invalid_grant"}
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "person-1",
            "name": "张三",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        } | self.claims
        claims = {key: value for key, value in claims.items() if value is not None}
        return 200, {"id_token": self.mangle(self.signed(claims)), "token_type": "Bearer", "access_token": "x"}

    def signed(self, claims: dict[str, Any]) -> str:
        """The claims as a token, by the key and header of the moment."""
        if self.header["alg"] in {"none", "HS256"}:  # no signature, or the public key taken for a shared secret
            parts = (json.dumps(self.header).encode(), json.dumps(claims).encode())
            head = b".".join(_plain(part) for part in parts)
            mark = hmac.new(self.key.as_pem(private=False), head, hashlib.sha256).digest()
            return f"{head.decode()}.{_plain(mark).decode() if self.header['alg'] == 'HS256' else ''}"
        return jwt.encode(self.header, claims, self.signing_key, algorithms=[self.header["alg"]])


def _plain(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


@contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._reply({key: values[0] for key, values in parse_qs(body).items()})

        def _reply(self, form: dict[str, str]) -> None:
            status, answer = provider.answer(self.path, form, self.headers.get("Authorization", ""))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def link(user, provider, subject="person-1"):
    with transaction():
        sign_on.link(db.session.get_one(User, user.id), issuer=provider.issuer, subject=subject)


def go(client, provider, query="", *, change=lambda way: way):
    """There and back: the answer to the way back."""
    there = client.get(f"/accounts/sign-on{query}")
    return client.get("/accounts/sign-on/back" + change(provider.allow(there.location)))


def is_in(client):
    return client.get("/accounts/profile").status_code == 200


def said(client):
    return client.get("/accounts/sign-in").text


def rows(table):
    return db.session.execute(sa.select(table)).unique().scalars().all()
