"""The outside world of messages: SMTP through Flask-Mailman, SMS through any HTTP gateway or a file."""

from __future__ import annotations

import json
from typing import Any

import httpx
from flask import Flask, current_app
from flask_mailman import EmailMultiAlternatives, Mail

from matchmaker.core import clock

BACKENDS = {"console", "smtp", "locmem", "file", "dummy"}


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


def send_mail(*, to: str, subject: str, text: str, html: str | None) -> None:
    """Hand one mail to the configured backend; raises when it is not taken."""
    mail = EmailMultiAlternatives(subject=subject, body=text, to=[to])
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()


def send_sms(*, to: str, text: str) -> None:
    """Post one SMS to the gateway of the settings, or append it to a file where there is none."""
    settings = current_app.config["SETTINGS"]
    if settings.sms_gateway_url:
        _post_sms(settings, to, text)
        return
    path = settings.instance_path / "sms.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.write(
            json.dumps({"moment": clock.now().isoformat(), "phone": to, "text": text}, ensure_ascii=False) + "\n"
        )


def _post_sms(settings: Any, to: str, text: str) -> None:
    headers = {"Authorization": f"Bearer {settings.sms_gateway_token}"} if settings.sms_gateway_token else {}
    answer = httpx.post(settings.sms_gateway_url, json={"phone": to, "text": text}, headers=headers, timeout=15)
    answer.raise_for_status()
