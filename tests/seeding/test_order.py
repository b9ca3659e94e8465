"""No page, file or answer of the demo depends on the order in which a database happens to return rows.

The demo is asked twice from the same state: once as SQLite returns rows, once with everything backwards that a
statement leaves open (tests/unsettled.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from matchmaker.accounts.rules import STAFF, Permission, Role
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.seeding import services
from tests import unsettled
from tests.cast import a_token, a_user, sign_in
from tests.competition.leaks import crawling
from tests.conftest import NOW

pytestmark = [pytest.mark.sqlite, pytest.mark.slow, pytest.mark.timeout(900)]
FEWEST = 300  # pages that open


@pytest.fixture(scope="module")
def demo(application, tmp_path_factory):
    """The whole demo with somebody of every part of the staff; what it gives lays it again as it was."""
    application.config["TEST_RESET"]()
    kept = tmp_path_factory.mktemp("demo") / "kept.db"
    with application.app_context(), clock.frozen(NOW):
        services.load_reference()
        services.load_demo()
        user = a_user(*STAFF, Role.JUDGE)
        bearer, client = a_token(user, *Permission), sign_in(application.test_client(), user)
        db.session.remove()
        path = Path(db.engine.url.database)
        db.engine.dispose()
        shutil.copy(path, kept)
        yield client, bearer, lambda: _lay(kept, path)
        db.session.remove()


def _lay(kept: Path, path: Path) -> None:
    db.session.remove()
    db.engine.dispose()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(kept, path)


def test_pages_are_the_same_whatever_order_rows_come_in(application, demo, monkeypatch):
    client, bearer, lay = demo
    monkeypatch.setattr(crawling, "MOST_EACH", 2)

    def crawl():
        lay()
        return crawling.crawl(client, application, bearer=bearer, words=(), formats=("csv", "json"))

    before = crawl()
    with unsettled.backwards(db.engine):
        after = crawl()

    assert sum(status == 200 for status, _headers, _text in before.values()) >= FEWEST
    assert sorted(url for url in {*before, *after} if before.get(url) != after.get(url)) == []
