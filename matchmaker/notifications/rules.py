"""States of a message, when to try again, what a refusal says about an address, and reading reports of refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, message_from_string
from email.message import Message as Mail

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled


class Channel(Labelled):
    """How a message reaches a person."""

    MAIL = "mail", "邮件"
    SMS = "sms", "短信"
    SITE = "site", "站内"


class MessageState(Labelled):
    """How far a message has come."""

    WAITING = "waiting", "待发送", "wait"
    SENDING = "sending", "发送中", "wait"
    SENT = "sent", "已发送", "good"
    FAILED = "failed", "发送失败", "bad"
    BOUNCED = "bounced", "被退回", "bad"
    SUPPRESSED = "suppressed", "已停发", "warn"
    CANCELLED = "cancelled", "已取消"


class Bounce(Labelled):
    """What a refusal says about the address."""

    HARD = "hard", "地址无效", "bad"
    SOFT = "soft", "暂时收不到", "warn"
    POLICY = "policy", "对方拒收", "warn"


class Source(Labelled):
    """How it became known that an address does not work."""

    REFUSAL = "refusal", "投递时被拒"
    REPORT = "report", "退信报告"
    REPEATED = "repeated", "多次投递失败"


ATTEMPTS = 6
SOFT_LIMIT = 3
SOFT_DAYS = 30
LINK_TO_COME = "/-/link-to-come"  # stands in a letter for the address of a record that has no number yet
NO_ADDRESS = "没有可用的地址"
BROKEN_ADDRESS = "地址格式不对"

# Enhanced status codes (RFC 3463) of class 5 that speak of the mailbox or its domain; what else a server says
# (content, policy, a relay set up wrongly) says nothing about the address and never stops it.
_DEAD = re.compile(r"5\.(?:1\.(?:0|1|2|3|6|10)|2\.[01]|4\.4)")
_FULL = re.compile(r"5\.(?:2\.2|4\.7)|4\.\d+\.\d+")
_ENHANCED = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_DEAD_REPLIES = {550, 551, 553, 554}  # without an enhanced code, an answer to RCPT
_FULL_REPLIES = {552}


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures (1, 4, 9, 16, 25 minutes), or None to give up."""
    return None if attempts >= ATTEMPTS else now + timedelta(minutes=attempts * attempts)


def enhanced(text: str) -> str | None:
    """The first enhanced status code in what a server said."""
    found = _ENHANCED.search(text)
    return found.group() if found else None


def judge_status(status: str) -> Bounce:
    """What an enhanced status code says about the address."""
    if _DEAD.fullmatch(status):
        return Bounce.HARD
    return Bounce.SOFT if _FULL.fullmatch(status) else Bounce.POLICY


def judge_reply(code: int, text: str) -> Bounce:
    """What an SMTP answer to RCPT says about the address."""
    status = enhanced(text)
    if status is not None and status[0] == str(code)[0]:
        return judge_status(status)
    if 400 <= code < 500 or code in _FULL_REPLIES:
        return Bounce.SOFT
    return Bounce.HARD if code in _DEAD_REPLIES else Bounce.POLICY


def stops(bounce: Bounce, *, soft_ones: int) -> bool:
    """Whether an address gets nothing any more: at once after a hard bounce, else after three soft ones in a month."""
    return bounce is Bounce.HARD or (bounce is Bounce.SOFT and soft_ones >= SOFT_LIMIT)


def one_line(text: str, length: int) -> str:
    """A text for a header: no line break, no sign that nobody can see, cut to `length`."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:length]


@dataclass(frozen=True)
class Report:
    """What a delivery status notification tells about one message."""

    mail_id: str
    failed: bool
    status: str
    text: str


def read_report(raw: bytes) -> Report:
    """Read a delivery status notification (RFC 3464); DomainError when it is none or names no message."""
    mail = message_from_bytes(raw)
    groups = list(_status_groups(mail))
    if not groups:
        raise DomainError("这不是退信报告（multipart/report，RFC 3464）")
    mail_id = _original_id(mail)
    if not mail_id:
        raise DomainError("退信报告里没有原邮件的 Message-ID")
    group = next((g for g in groups if _value(g, "Action").lower() == "failed"), groups[0])
    text = one_line(_value(group, "Diagnostic-Code"), 200)
    status = enhanced(_value(group, "Status")) or enhanced(text) or "5.0.0"
    return Report(mail_id=mail_id, failed=_value(group, "Action").lower() == "failed", status=status, text=text)


def _value(part: Mail, name: str) -> str:
    return str(part.get(name, "")).strip()


def _status_groups(mail: Mail) -> Iterator[Mail]:
    """The parts about one recipient each; the first group is about the whole."""
    for part in mail.walk():
        if part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}:
            payload = part.get_payload()
            for group in payload if isinstance(payload, list) else ():
                if isinstance(group, Mail) and group.get("Action"):
                    yield group


def _original_id(mail: Mail) -> str:
    """The Message-ID of what came back, whole or as its headers."""
    for part in mail.walk():
        kind, payload = part.get_content_type(), part.get_payload()
        if kind in {"message/rfc822", "message/global"} and isinstance(payload, list) and payload:
            found = _value(payload[0], "Message-ID") if isinstance(payload[0], Mail) else ""
        elif kind in {"text/rfc822-headers", "message/global-headers", "text/rfc822"}:
            body = part.get_payload(decode=True)
            found = (
                _value(message_from_string(body.decode("utf-8", "replace")), "Message-ID")
                if isinstance(body, bytes)
                else ""
            )
        else:
            continue
        if found:
            return one_line(found, 200)
    return ""
