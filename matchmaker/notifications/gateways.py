"""The outside world of messages. Every channel is a `Gateway`: it takes a `Letter`, or says why not.

A further provider is one more class with `send` and one line in `gateway_of`.
"""

from __future__ import annotations

import json
import smtplib
from dataclasses import dataclass
from email.headerregistry import Address
from typing import Any, Protocol

import httpx
from flask import Flask, current_app
from flask_mailman import EmailMultiAlternatives, Mail

from matchmaker.core import clock
from matchmaker.notifications import rules
from matchmaker.notifications.rules import Bounce, Channel

BACKENDS = {"console", "smtp", "locmem", "file", "dummy"}


@dataclass(frozen=True)
class Letter:
    """What a channel is asked to carry to one person."""

    to: str
    subject: str
    text: str
    html: str | None = None
    to_name: str | None = None
    mail_id: str | None = None


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A letter was not taken: `bounce` says what that means for the address, `final` that trying again is vain."""

    def __init__(self, text: str, *, bounce: Bounce | None = None, final: bool = False) -> None:
        super().__init__(text)
        self.bounce = bounce
        self.final = final


class Gateway(Protocol):
    """One channel."""

    def send(self, letter: Letter) -> None:
        """Hand the letter over; raises Refusal or any exception when it was not taken."""


class _Addressed(EmailMultiAlternatives):  # type: ignore[misc]
    """A mail whose To header carries the name, too; the envelope has the bare address."""

    mailbox = ""

    def message(self) -> Any:
        """The mail as it travels."""
        mail = super().message()
        del mail["To"]
        mail["To"] = self.mailbox
        return mail


class MailGateway:
    """Mail through the configured backend: SMTP, or console and file on a developer's machine."""

    def send(self, letter: Letter) -> None:
        """Send one mail, its recipient refused or not by the first server."""
        headers = {"Auto-Submitted": "auto-generated"}
        if letter.mail_id:
            headers["Message-ID"] = letter.mail_id
        mail = _Addressed(subject=letter.subject, body=letter.text, to=[letter.to], headers=headers)
        mail.mailbox = _mailbox(letter)
        if letter.html:
            mail.attach_alternative(letter.html, "text/html")
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(error) from None
        except smtplib.SMTPDataError as error:
            final = 500 <= error.smtp_code < 600
            text = f"{error.smtp_code} {_said(error.smtp_error)}"
            raise Refusal(text, bounce=Bounce.POLICY if final else None, final=final) from None


def _mailbox(letter: Letter) -> str:
    """The To header; a name may hold anything and still stays inside its quotes."""
    user, at, host = letter.to.rpartition("@")
    if not at or letter.to != rules.one_line(letter.to, 254):
        raise Refusal(rules.BROKEN_ADDRESS, final=True)
    try:
        return str(Address(rules.one_line(letter.to_name or "", 15), username=user, domain=host))
    except ValueError:  # the library takes ASCII addresses only
        return letter.to


def _refused(error: smtplib.SMTPRecipientsRefused) -> Refusal:
    code, said = next(iter(error.recipients.values()))
    bounce = rules.judge_reply(code, _said(said))
    return Refusal(f"{code} {_said(said)}", bounce=bounce, final=code >= 500)


def _said(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


class SmsProvider:
    """An HTTP service that takes {phone, text}."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token

    def send(self, letter: Letter) -> None:
        """Post one short message."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = httpx.post(self.url, json={"phone": letter.to, "text": letter.text}, headers=headers, timeout=15)
        answer.raise_for_status()


class SmsFile:
    """A file of JSON lines in the instance folder, where there is no provider."""

    def send(self, letter: Letter) -> None:
        """Append one line."""
        line = {"moment": clock.now().isoformat(), "phone": letter.to, "text": letter.text}
        path = current_app.config["SETTINGS"].instance_path / "sms.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


class SiteGateway:
    """The inbox on the site: the message is there as soon as it is due."""

    def send(self, letter: Letter) -> None:
        """Nothing has to leave."""


def gateway_of(channel: Channel) -> Gateway:
    """What carries messages of a channel on this installation."""
    settings: Any = current_app.config["SETTINGS"]
    if channel is Channel.MAIL:
        return MailGateway()
    if channel is Channel.SITE:
        return SiteGateway()
    return SmsProvider(settings.sms_gateway_url, settings.sms_gateway_token) if settings.sms_gateway_url else SmsFile()


def init(app: Flask) -> None:
    """Configure Flask-Mailman from the settings."""
    settings = app.config["SETTINGS"]
    if settings.mail_backend not in BACKENDS:
        raise ValueError(f"MATCHMAKER_MAIL_BACKEND: {settings.mail_backend!r} is none of {sorted(BACKENDS)}")
    app.config.update(
        MAIL_BACKEND=settings.mail_backend,
        MAIL_SERVER=settings.mail_server,
        MAIL_PORT=settings.mail_port,
        MAIL_USERNAME=settings.mail_username or None,
        MAIL_PASSWORD=settings.mail_password or None,
        MAIL_USE_TLS=settings.mail_use_tls,
        MAIL_DEFAULT_SENDER=settings.mail_from,
        MAIL_TIMEOUT=15,
        MAIL_FILE_PATH=str(settings.instance_path / "mail"),
    )
    Mail(app)
