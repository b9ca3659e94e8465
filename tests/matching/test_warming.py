"""The index is read beside the first page of a process, which does not wait for it."""

from __future__ import annotations

import threading

import pytest

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
    client.get("/")
    assert holder.index is None

    monkeypatch.setattr(app, "testing", False)
    assert client.get("/").status_code == 200
    for thread in warming():
        thread.join(timeout=60)

    assert holder.index is not None and len(holder.index) == 1
    client.get("/")
    assert warming() == []
