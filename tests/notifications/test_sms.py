"""The SMS gateway against a local stand-in, and the file where there is none."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import sqlalchemy as sa

from matchmaker.accounts.services import passwords
from matchmaker.core.db import db, transaction
from matchmaker.notifications import gateways, services
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import Channel

PHONE = "13811112222"


@pytest.fixture
def gateway(app):
    """A provider that notes what it gets and answers with `status`."""
    got = []

    class Provider(BaseHTTPRequestHandler):
        status = 200

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers.get("Authorization"), json.loads(body)))
            self.send_response(type(self).status)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings = app.config["SETTINGS"]
    url = f"http://127.0.0.1:{server.server_port}/sms"
    app.config["SETTINGS"] = replace(settings, sms_gateway_url=url, sms_gateway_token="secret")
    got_and_provider = (got, Provider)
    yield got_and_provider
    app.config["SETTINGS"] = settings
    server.shutdown()
    server.server_close()
    thread.join()


def queue_code():
    with transaction():
        passwords.invite(PHONE, is_mail=False, address="1")


def message():
    return db.session.execute(sa.select(Message)).scalar_one()


def test_code_reaches_the_gateway_with_its_token(gateway):
    got, _ = gateway
    queue_code()

    assert services.deliver() == 1

    [(authorization, body)] = got
    assert authorization == "Bearer secret"
    assert body["phone"] == PHONE
    assert "验证码" in body["text"]
    assert message().state.value == "sent"


def test_gateway_that_refuses_is_tried_again(gateway, now):
    _, provider = gateway
    provider.status = 503
    queue_code()

    assert services.deliver() == 0

    row = message()
    assert (row.state.value, row.attempts) == ("waiting", 1)
    assert row.due > now
    assert "503" in row.error


def test_without_a_gateway_the_text_goes_to_a_file(app):
    path = app.config["SETTINGS"].instance_path / "sms.jsonl"
    path.unlink(missing_ok=True)

    gateways.gateway_of(Channel.SMS).send(gateways.Letter(to=PHONE, subject="", text="您好"))

    [line] = path.read_text(encoding="utf-8").splitlines()
    assert (json.loads(line)["phone"], json.loads(line)["text"]) == (PHONE, "您好")
