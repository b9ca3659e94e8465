"""The region's unified sign-in (统一身份认证) by OpenID Connect: code with PKCE, identity token checked by key."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import structlog
from flask import current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from matchmaker.core import clock
from matchmaker.core.errors import DomainError

log = structlog.get_logger()

UNREACHABLE = "统一身份认证暂时连不上，请稍后再试，或用密码登录"
UNPROVEN = "统一身份认证返回的信息核对不上，请重新登录"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]  # never a shared secret
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
KEEP = timedelta(hours=1)
KEYS_REST = timedelta(minutes=1)  # unknown keys make us ask again, this often at most
LEEWAY = 60  # seconds that two clocks may differ
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Start:
    """Where to send the browser, and what its session remembers until it comes back."""

    url: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Claims:
    """Who the unified sign-in says this is."""

    issuer: str
    subject: str
    name: str


def is_configured() -> bool:
    """Does the site use a unified sign-in?"""
    settings = current_app.config["SETTINGS"]
    return bool(settings.oidc_issuer and settings.oidc_client_id)


def start(*, state: str, callback: str) -> Start:
    """Where a browser goes to sign in there. Raises DomainError when the other side does not answer."""
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": current_app.config["SETTINGS"].oidc_client_id,
        "redirect_uri": callback,
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    address = str(_discovered()["authorization_endpoint"])
    return Start(f"{address}{'&' if '?' in address else '?'}{urlencode(query)}", nonce, verifier)


def claims_of(code: str, *, verifier: str, nonce: str, callback: str) -> Claims:
    """Trade the code for an identity token and check it. Raises DomainError with what to do."""
    token = _trade(code, verifier=verifier, callback=callback)
    try:
        claims = _checked(token, nonce=nonce)
    except (JoseError, ValueError) as error:
        log.warning("oidc.token_refused", reason=f"{type(error).__name__}: {error}"[:200])
        raise DomainError(UNPROVEN) from None
    name = claims.get("name") or claims.get("preferred_username") or ""
    return Claims(issuer=claims["iss"], subject=claims["sub"], name=str(name)[:50])


def _trade(code: str, *, verifier: str, callback: str) -> str:
    settings, document = current_app.config["SETTINGS"], _discovered()
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": verifier}
    login: Any = None
    if not settings.oidc_client_secret:
        body["client_id"] = settings.oidc_client_id
    elif "client_secret_basic" in document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
        login = (quote(settings.oidc_client_id, safe=""), quote(settings.oidc_client_secret, safe=""))
    else:
        body |= {"client_id": settings.oidc_client_id, "client_secret": settings.oidc_client_secret}
    try:
        response = httpx.post(document["token_endpoint"], data=body, auth=login, timeout=10)
        answer = response.json() if response.status_code < 500 else None
    except (httpx.HTTPError, ValueError) as error:
        raise _unreachable("token", error) from None
    if answer is None:
        raise _unreachable("token", response.status_code)
    token = answer.get("id_token") if isinstance(answer, dict) else None
    if response.status_code != 200 or not isinstance(token, str):
        reason = answer.get("error", "") if isinstance(answer, dict) else ""
        log.warning("oidc.code_refused", status=response.status_code, error=str(reason)[:100])
        raise DomainError(UNPROVEN)
    return token


def _checked(token: str, *, nonce: str) -> dict[str, Any]:
    """The claims of a token that is signed by the issuer, for us, in time, and an answer to this very question."""
    settings = current_app.config["SETTINGS"]
    decoded = jwt.decode(token, _key_for, algorithms=ALGORITHMS)
    registry = jwt.JWTClaimsRegistry(
        now=int(clock.now().timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": settings.oidc_issuer},
        aud={"essential": True, "value": settings.oidc_client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    claims: dict[str, Any] = decoded.claims
    registry.validate(claims)
    if claims.get("azp", settings.oidc_client_id) != settings.oidc_client_id:
        raise ValueError("issued to another client")
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
        raise ValueError("several audiences and no authorised party")
    if not 0 < len(claims["sub"]) <= 255:
        raise ValueError("subject")
    return claims


def _key_for(token: Any) -> Any:
    """The issuer's key that the token names; keys we do not know are asked for again, once a minute at most."""
    name, keys = token.headers().get("kid"), _keys()
    if name is not None and name not in {key.kid for key in keys.keys}:
        keys = _keys(older_than=KEYS_REST)
    if name is None and len(keys.keys) == 1:
        return keys.keys[0]
    return keys.get_by_kid(name)


def _keys(*, older_than: timedelta = KEEP) -> KeySet:
    published: Any = _fetched(_discovered()["jwks_uri"], older_than=older_than)
    return KeySet.import_key_set(published)


def _discovered() -> dict[str, Any]:
    issuer = current_app.config["SETTINGS"].oidc_issuer
    document = _fetched(issuer.rstrip("/") + "/.well-known/openid-configuration", older_than=KEEP)
    if document.get("issuer") != issuer or not all(_is_safe(document.get(name)) for name in NEEDED):
        raise _unreachable("discovery", "not the issuer of the settings, or addresses without https")
    return document


def _is_safe(address: Any) -> bool:
    """HTTPS, or this very machine (tests, a proxy beside us)."""
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _fetched(address: str, *, older_than: timedelta) -> dict[str, Any]:
    """A JSON document of the issuer, kept for an hour in this process."""
    kept: dict[str, tuple[datetime, dict[str, Any]]] = current_app.extensions.setdefault("matchmaker.oidc", {})
    now = clock.now()
    if address in kept and kept[address][0] > now - older_than:
        return kept[address][1]
    if not _is_safe(address):
        raise _unreachable("discovery", "no https")
    try:
        document = httpx.get(address, timeout=10).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise _unreachable("discovery", error) from None
    if not isinstance(document, dict):
        raise _unreachable("discovery", "no object")
    kept[address] = (now, document)
    return document


def _unreachable(what: str, reason: object) -> DomainError:
    log.warning("oidc.unreachable", what=what, reason=str(reason)[:200])
    return DomainError(UNREACHABLE)
