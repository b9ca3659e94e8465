"""A unified sign-in that answers, and a person who linked it."""

from __future__ import annotations

import dataclasses

import pytest

from tests.accounts.identity_provider import CLIENT, SECRET, link, running
from tests.cast import a_user


@pytest.fixture
def provider(app, monkeypatch):
    with running() as fake:
        settings = dataclasses.replace(
            app.config["SETTINGS"], oidc_issuer=fake.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET
        )
        monkeypatch.setitem(app.config, "SETTINGS", settings)
        app.extensions.pop("matchmaker.oidc", None)
        yield fake


@pytest.fixture
def known(provider):
    """A person who linked their identity."""
    user = a_user(name="张三")
    link(user, provider)
    return user
