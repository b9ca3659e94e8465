"""Nobody reads a secret before its release, and nothing they see changes with one.

Roles × routes: every route of the application that answers GET is asked by every watcher, with every id that is in the
database, and every file it links to is opened. New routes, tables and parameters are taken in by themselves; what
cannot be filled fails.
"""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import features
from matchmaker.notifications.models import Message
from tests.cast import a_token, sign_in
from tests.competition.leaks import crawling, planting

pytestmark = pytest.mark.timeout(1200)  # every route by every watcher: minutes on a busy machine

ROLES = ("public", "entrant", "judge", "conflicted organiser", "conflicted staff")
UNTIL_RELEASE = ("public", "entrant")  # for whom even the lock is no event
ALL_FILES = ("csv", "xlsx", "json", "pdf", "docx")
# Who has an account is no secret of a contest: whoever manages accounts reads names there.
ACCOUNTS = ("/accounts/", "users.")


@pytest.fixture
def world(app, now):
    world = planting.a_world()
    planting.plant(world)
    with clock.frozen(planting.in_time(world.contest)):
        yield world


def a_client(app, world, role):
    """(client, bearer) of a watcher."""
    user = world.watchers[role]
    if user is None:
        return app.test_client(), None
    return sign_in(app.test_client(), user), a_token(user, *Permission)


def hits(world, role, seen):
    """(address, secret) of everything that this watcher must not have read."""
    secrets = re.compile("|".join(map(re.escape, world.forbidden(role))))
    read = [(url, text) for url, (_status, _headers, text) in seen.items() if not url.startswith(ACCOUNTS)]
    return [(url, found) for url, text in read if (found := secrets.findall(text))]


def changed(before, after):
    """The addresses whose answers differ, with the first words that do; a new record's is one that says nothing."""
    differing = [url for url in before if url in after and before[url] != after[url]]
    new = [url for url in after if url not in before and after[url][0] == 200]
    gone = [url for url in before if url not in after]
    return {url: _difference(before.get(url), after.get(url)) for url in [*differing, *new, *gone][:20]}


def _difference(one, other):
    if one is None or other is None or one[:2] != other[:2]:
        return one and one[:2], other and other[:2]
    position = next((n for n, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b), 0)
    return one[2][max(0, position - 60) : position + 60], other[2][max(0, position - 60) : position + 60]


def test_every_route_of_the_contest_can_be_asked(app, world):
    planting.lock(world)
    planting.plant(world)

    assert crawling.unfilled(app, {"competition"}) == [], "the world of the leak suite has no such record"


@pytest.mark.parametrize("role", ROLES)
def test_nobody_reads_a_secret_and_nothing_moves_with_one(app, world, role):
    client, bearer = a_client(app, world, role)

    def crawl(*formats):
        return crawling.crawl(client, app, bearer=bearer, words=(planting.MARK,), formats=formats)

    before = crawl("json")
    planting.move(world)
    after = crawl("json")
    assert hits(world, role, {**before, **after}) == []
    assert changed(before, after) == {}

    planting.lock(world)
    assert "\n".join(planting.plant(world)) == "", "say in the leak suite how such a row is made"
    locked = crawl(*ALL_FILES) if role not in UNTIL_RELEASE else crawl("json")
    assert hits(world, role, locked) == []
    if role in UNTIL_RELEASE:
        assert changed(after, locked) == {}


@pytest.mark.parametrize("role", ["judge", "conflicted organiser", "conflicted staff"])
def test_bulk_actions_preview_nothing_that_is_hidden(app, world, role):
    client, _bearer = a_client(app, world, role)
    seen = {}
    for spec in features().each("lists"):
        for action in spec.bulk:
            form = {"action": action.key, "ids": [str(n) for n in range(1, 30)], "answered": "1", "ask_note": "x"}
            answer = client.post(f"/lists/{spec.name}/bulk", data={**form, "scope_contest_id": str(world.contest.id)})
            seen[f"{spec.name}.{action.key}"] = (answer.status_code, (), crawling.text_of(answer))

    assert hits(world, role, seen) == []


def test_mail_to_others_names_no_judge(app, world):
    planting.lock(world)
    wrong = []
    for message in db.session.execute(sa.select(Message)).scalars():
        reader = next((role for role, user in world.watchers.items() if user and user.id == message.user_id), None)
        if reader is not None:
            text = f"{message.subject}\n{message.text}\n{message.html or ''}"
            wrong += [(reader, message.subject, secret) for secret in world.forbidden(reader) if secret in text]

    assert wrong == []


def test_the_suite_finds_what_is_there(app, world):
    """The organiser without a part reads the judges: what the watchers do not find is there to be found."""
    client = sign_in(app.test_client(), world.owner)
    base = f"/contests/manage/{world.contest.id}"
    seen = {url: (200, (), client.get(url).text) for url in (f"{base}/judges", f"{base}/recusals")}

    assert len(hits(world, "public", seen)) == 2
