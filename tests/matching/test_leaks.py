"""Nobody learns whose a secret need is: its own people, the handler in charge and accepted helpers know, nobody else.

Watchers × routes: every route that answers GET is asked by every watcher with every id in the database, and every file
of every list is opened. The firm itself stands in the public directory, so what may not happen is that the need and the
firm (or its people) stand in one answer, or that a search for the firm finds the need.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import STAFF, Permission, Role
from matchmaker.activity import queries as activity
from matchmaker.core.db import db, transaction
from matchmaker.matching.models import HelpRequest
from matchmaker.matching.rules import DeclineReason, Secrecy
from matchmaker.matching.services import charge, offering, outcomes, requests
from matchmaker.notifications import queries as messages
from matchmaker.notifications.models import Message
from matchmaker.rosters.services import profiles
from tests.cast import OTHER_REGION, a_token, a_user, sign_in
from tests.competition.leaks import crawling
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = [pytest.mark.usefixtures("now"), pytest.mark.timeout(1200)]
FIRM, SHORT, OWNER, MAIL = "白头鹎精密仪器有限公司", "白头鹎精密", "鹎主人", "bulbul-owner@example.cn"
SECRETS = (FIRM, SHORT, OWNER, MAIL, "13000009876")
TITLE, TEXT = "杜鹃九号难题", "杜鹃九号难题：低光照视频识别误报太多，想找人带我们改模型"
WORD, NOBODY = "白头鹎", "无此词汇"
FORMATS = ("csv", "xlsx", "json", "pdf", "docx")
UNTOLD = ("public", "another firm", "unaccepted helper", "declined helper", "other region", "not in charge")
TOLD = ("owner", "accepted helper", "in charge")


class World:
    """A secret need with its firm, and everybody who looks."""

    def __init__(self, secrecy: Secrecy) -> None:
        self.firm = an_organisation(name=FIRM, short_name=SHORT, contact_phone="13000009876", contact_email=MAIL)
        self.owner = a_user(Role.MEMBER, name=OWNER, email=MAIL, organisation=self.firm)
        self.people: dict[str, Any] = {
            "public": None,
            "owner": self.owner,
            "another firm": a_user(Role.MEMBER, organisation=an_organisation(name="别家公司")),
            "other region": a_user(*STAFF, region=OTHER_REGION),
            "not in charge": a_user(*STAFF, name="本区其他经办人"),
            "in charge": a_user(Role.HANDLER, name="本需求经办人"),
        }
        self.helpers = {
            role: self._helper(role) for role in ("unaccepted helper", "declined helper", "accepted helper")
        }
        self.need = a_need(actor=self.owner, title=TITLE, text=TEXT, secrecy=secrecy, listed=True)
        with transaction():
            charge.take(self.need, actor=self.people["in charge"])
        self._asked()

    def _helper(self, role: str) -> Any:
        user = a_user(Role.MENTOR, name=role)
        person = a_helper(user=user, name=role, expertise=EXPERTISE)
        with transaction():
            profiles.edit(person, actor=None, capacity=3, confidential=True)
        self.people[role] = user
        return person

    def _asked(self) -> None:
        asked = {role: a_request(self.need, person, actor=self.owner) for role, person in self.helpers.items()}
        with transaction():
            requests.decline(
                asked["declined helper"], actor=self.people["declined helper"], reason=DeclineReason.NO_TIME
            )
        with transaction():
            requests.accept(asked["accepted helper"], actor=self.people["accepted helper"])
        self.accepted = asked["accepted helper"]
        with transaction():
            outcomes.record_service(
                self.accepted,
                actor=self.owner,
                served=self.need.created.date(),
                minutes=60,
                place="线上",
                content=f"{TITLE}谈了一次",
                rating=5,
                rating_note="很好",
            )


@pytest.fixture(params=[Secrecy.ANONYMOUS, Secrecy.RESTRICTED], ids=["anonymous", "restricted"])
def world(app, now, request):
    return World(request.param)


def crawl(app, user, *formats):
    client = sign_in(app.test_client(), user) if user else app.test_client()
    bearer = a_token(user, *Permission) if user else None
    return crawling.crawl(client, app, bearer=bearer, words=(WORD, NOBODY), formats=formats)


def leaks(seen):
    """The answers that bring need and firm together."""
    found = []
    for url, (_status, headers, text) in seen.items():
        whole = text + str(headers)
        together = TITLE in whole and any(secret in whole for secret in SECRETS)
        unfiltered = seen.get(url.replace(WORD, NOBODY))  # a page that does not search says the same to any word
        searched = f"q={WORD}" in url and TITLE in whole and (unfiltered is None or TITLE not in unfiltered[2])
        if together or searched:
            found.append(url)
    return found


@pytest.mark.parametrize("role", UNTOLD)
def test_nobody_else_reads_whose_need_it_is(app, world, role):
    assert leaks(crawl(app, world.people[role], *FORMATS)) == []


@pytest.mark.parametrize("role", TOLD)
def test_those_who_may_know_read_it(app, world, role):
    """What the others do not find is there to be found."""
    client = sign_in(app.test_client(), world.people[role])
    page = client.get(f"/requests/{world.accepted.id}").text

    assert TITLE in page
    assert FIRM in page


def test_a_secret_need_changes_nothing_for_those_outside(app, now):
    firm = an_organisation(name=FIRM, short_name=SHORT)
    owner = a_user(Role.MEMBER, name=OWNER, organisation=firm)
    outside = {
        "public": None,
        "another firm": a_user(Role.MEMBER, organisation=an_organisation(name="别家公司")),
        "other region": a_user(Role.HANDLER, region=OTHER_REGION),
    }
    before = {role: crawl(app, user) for role, user in outside.items()}

    a_need(actor=owner, title=TITLE, text=TEXT, secrecy=Secrecy.ANONYMOUS)

    for role, user in outside.items():
        after = crawl(app, user)
        shared = before[role].keys() & after.keys()
        assert [url for url in shared if before[role][url] != after[url] and not _own_token(url)] == [], role


def _own_token(url):
    """The page of one's own tokens and devices: the crawl itself signs in and makes a token."""
    return url.startswith(("/accounts/", "/health", "/metrics"))


def test_letters_to_others_name_neither_firm_nor_people(app, world):
    told = {world.people[role].id for role in TOLD}
    letters = db.session.execute(sa.select(Message)).scalars().all()

    assert len(letters) >= 5
    for letter in letters:
        if letter.user_id not in told:
            assert not any(secret in f"{letter.subject}{letter.text}{letter.html}" for secret in SECRETS), (
                letter.subject
            )


def test_the_logs_hide_who_is_behind_it_from_all_but_the_handler_in_charge(app, world):
    other, charged = world.people["not in charge"], world.people["in charge"]

    def kinds(viewer):
        return set(db.session.execute(activity.visible_to(viewer)).scalars().all())

    names = {row.actor_name for row in kinds(other) if row.kind.startswith(("matching.", "rosters.service"))}
    assert OWNER not in names
    assert any(row.kind == "matching.taken" for row in kinds(other))
    about = db.session.execute(messages.log_of(other)).scalars().all()
    assert not any(TITLE in f"{row.subject}{row.text}" for row in about)
    assert any(TITLE in row.subject for row in db.session.execute(messages.log_of(charged)).scalars())


def test_each_look_of_the_handler_in_charge_is_written_down(app, world):
    handler = world.people["in charge"]
    client = sign_in(app.test_client(), handler)
    for path in (f"/needs/{world.need.id}", f"/needs/{world.need.id}", f"/requests/{world.accepted.id}"):
        assert FIRM in client.get(path).text

    looks = [
        (row.subject_kind, row.actor_id)
        for row in db.session.execute(activity.visible_to(world.people["not in charge"])).scalars()
        if row.kind == "matching.looked"
    ]
    assert sorted(looks) == [("help_requests", handler.id), ("needs", handler.id), ("needs", handler.id)]


def test_the_charge_is_one_handler_s_and_may_be_handed_on(app, world):
    other, charged = world.people["not in charge"], world.people["in charge"]
    client = sign_in(app.test_client(), other)
    client.post(f"/needs/{world.need.id}/take")
    assert FIRM not in client.get(f"/needs/{world.need.id}").text
    refused = client.get(f"/needs/{world.need.id}/suggestions")
    assert (refused.status_code, FIRM in refused.text) == (403, False)
    assert client.get(f"/requests/{world.accepted.id}").status_code == 404

    with transaction():
        charge.release(world.need, actor=charged)
    client.post(f"/needs/{world.need.id}/take")

    assert FIRM in client.get(f"/needs/{world.need.id}").text
    assert "接手" in db.session.execute(sa.select(Message.text).order_by(Message.id.desc())).scalars().first()


def test_an_offer_s_letters_keep_the_secret_until_it_is_agreed_to(app, now):
    world = World(Secrecy.ANONYMOUS)
    user = a_user(Role.MENTOR, name="自荐人")
    person = a_helper(user=user, name="自荐人", expertise=EXPERTISE)
    with transaction():
        row = offering.offer(world.need, person, actor=user, message="做过")
    client = sign_in(app.test_client(), user)
    assert FIRM not in client.get("/needs/open/").text

    with transaction():
        offering.agree(row, actor=world.owner)

    request = db.session.execute(sa.select(HelpRequest).where(HelpRequest.person_id == person.id)).unique().scalar_one()
    assert FIRM in client.get(f"/requests/{request.id}").text
