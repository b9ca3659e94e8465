"""What a webhook may be, when a delivery is tried again, and how it is signed; plain values."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled


class DeliveryState(Labelled):
    """How far a delivery has come."""

    WAITING = "waiting", "待发送", "wait"
    SENDING = "sending", "发送中", "wait"
    DELIVERED = "delivered", "已送达", "good"
    FAILED = "failed", "发送失败", "bad"


PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
LEASE = timedelta(minutes=2)  # longer than any sending takes
DISABLE_AFTER = timedelta(days=3)
DISABLE_FAILURES = 5
OLD_SECRET = timedelta(hours=24)
KEEP_DAYS = 90
LARGEST_COUNT = 20  # webhooks of one region
PING = "webhooks.ping"
NAT64 = 0x64FF9B << 64  # the upper 96 bits of 64:ff9b::/96
# What an organiser may listen to; administrators may listen to everything.
OF_ORGANISERS = frozenset(
    {
        "events",
        "programme",
        "invitations",
        "checkin",
        "campaigns",
        "badges",
        "surveys",
        "questionnaires",
        "reports",
        "retention",
        "competition",
        "publicity",
    }
)


@dataclass(frozen=True)
class Target:
    """Where a webhook leads: the parts of its address."""

    secure: bool
    host: str
    port: int
    path: str


def check_url(url: str, *, http: bool, field: str = "url") -> Target:
    """The parts of an address; refused when it is not plain https (or http where that is allowed)."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > 500:
        raise DomainError("网址里不能有空格、中文或反斜杠，最长 500 个字符", field=field)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise DomainError("网址格式不对，例如 https://oa.example.cn/hook", field=field) from None
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise DomainError("网址格式不对，例如 https://oa.example.cn/hook", field=field)
    if parts.scheme == "http" and not http:
        raise DomainError("只能推送到 https:// 开头的网址", field=field)
    if parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        raise DomainError("网址里不能有用户名、密码或 # 号", field=field)
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, parts.hostname, port or (443 if secure else 80), path)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also when it is wrapped into another."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), _translated(ip))
        if any(inner is not None and not is_public(str(inner)) for inner in wrapped):
            return False
        if ip.ipv4_mapped is not None or int(ip) >> 32 == NAT64:
            return True
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address behind NAT64 (64:ff9b::/96) or an IPv4-compatible address (::/96)."""
    if int(ip) >> 32 in {NAT64, 0}:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def check_kinds(kinds: Iterable[str], *, known: Collection[str], everything: bool) -> list[str]:
    """Kinds of activity ("events.registered") and whole groups ("events."), each once; only such as exist."""
    wanted = list(dict.fromkeys(kind.strip() for kind in kinds if kind.strip()))
    if not wanted:
        raise DomainError("请至少选择一类操作", field="groups")
    for kind in wanted:
        group, dot, _rest = kind.partition(".")
        exists = kind in known if not kind.endswith(".") else any(name.startswith(kind) for name in known)
        if not dot or not exists:
            raise DomainError("没有这种操作：{kind}", field="single", kind=kind)
        if not everything and group not in OF_ORGANISERS:
            raise DomainError("这类操作只有系统管理员可以推送：{kind}", field="single", kind=kind)
    return wanted


def matches(kinds: Sequence[str], kind: str) -> bool:
    """Whether a webhook listens to this kind of activity."""
    return any(kind == wanted or (wanted.endswith(".") and kind.startswith(wanted)) for wanted in kinds)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures, or None to give up."""
    return now + PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def gives_up(failing_since: datetime | None, failures: int, now: datetime) -> bool:
    """Whether a webhook that only fails is switched off."""
    return failing_since is not None and failures >= DISABLE_FAILURES and now - failing_since >= DISABLE_AFTER


def payload(body: dict[str, Any], delivery_id: int) -> bytes:
    """What travels: the same bytes at every try."""
    whole = {**body, "delivery": delivery_id}
    return json.dumps(whole, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def signature(secrets: Iterable[str], stamp: int, body: bytes) -> str:
    """The header that proves the sender: one v1 for each valid secret, over the moment and the body."""
    signed = f"{stamp}.".encode() + body
    marks = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join((f"t={stamp}", *(f"v1={mark}" for mark in marks)))


def one_line(text: str, length: int = 300) -> str:
    """What a stranger's server said, as one printable line."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:length]
