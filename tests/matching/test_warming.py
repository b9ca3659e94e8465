"""The index is read as soon as a process serves, or beside its first page; neither waits for it."""

from __future__ import annotations

import threading

import pytest

from matchmaker.app import create_app
from matchmaker.core import serving
from matchmaker.matching import gateways
from tests.factories.matching import EXPERTISE
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")


def warming():
    return [thread for thread in threading.enumerate() if thread.name == "matching.warm"]


def test_the_first_request_begins_it_once_and_no_test_does(app, client, monkeypatch):
    a_helper(expertise=EXPERTISE)
    holder = gateways.holder_of(app)
    holder.index = None
    holder.warming.clear()
    client.get("/")
    assert holder.index is None

    monkeypatch.setattr(app, "testing", False)
    assert client.get("/").status_code == 200
    for thread in warming():
        thread.join(timeout=60)

    assert holder.index is not None and len(holder.index) == 1
    client.get("/")
    assert warming() == []


class Worker:
    """What gunicorn hands to its hook."""

    def __init__(self, app):
        self.wsgi = app


def test_a_worker_begins_when_it_is_ready_and_answers_meanwhile(app, client, monkeypatch):
    a_helper(expertise=EXPERTISE)
    holder = gateways.holder_of(app)
    holder.index = None
    holder.warming.clear()

    with holder.lock:  # held as by a long reading
        serving.post_worker_init(Worker(app))
        (thread,) = warming()
        assert client.get("/healthz").status_code == 200
        assert holder.index is None
    thread.join(timeout=60)

    assert len(holder.index) == 1
    monkeypatch.setattr(app, "testing", False)
    client.get("/")
    serving.begun(app)
    assert warming() == []


def test_an_application_that_is_made_begins_nothing(app):
    make = type(app.config["SETTINGS"])(**(vars(app.config["SETTINGS"]) | {"match_warm": False}))
    assert warming() == []
    other = create_app(make)

    serving.begun(other)

    assert warming() == []
    assert gateways.holder_of(other).index is None
