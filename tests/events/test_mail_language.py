"""Mail speaks the language its reader has chosen, also about the event."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core import clock, paths
from matchmaker.core.db import transaction
from matchmaker.events.services.telling import tell
from matchmaker.invitations.services import sending
from tests.cast import a_user
from tests.factories.events import a_guest, a_registration, an_event
from tests.factories.invitations import an_invitation
from tests.factories.programme import a_room, a_session

EVENTS, SESSIONS = (
    sorted(path.stem for path in paths.resource_dir("templates").glob(f"{feature}/mail/[!_]*.txt"))
    for feature in ("events", "programme")
)
CHINESE = {"title": "戈壁能源沙龙", "venue": "水磨沟会堂", "address": "南湖路 1 号"}
ENGLISH = {"title_en": "Gobi energy salon", "venue_en": "Shuimogou Hall", "address_en": "1 Nanhu Road"}


def a_reader(language):
    user = a_user(name="Lee Reader")
    with transaction():
        user.language = language
    return user


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


def told(row, template, **context):
    with transaction():
        message = tell(row, template, reason="-", **context)
    return message.subject + message.text


@pytest.mark.parametrize("template", EVENTS)
def test_mail_names_the_event_in_the_language_of_its_reader(organiser, template):
    event = an_event(owner=organiser, **CHINESE, **ENGLISH)
    english, chinese = (a_registration(event, actor=a_reader(language)) for language in ("en", "zh"))
    with transaction():
        english.offered_until = chinese.offered_until = clock.now() + timedelta(hours=1)

    read = told(english, f"events/mail/{template}")
    assert all(text in read for text in ENGLISH.values())
    assert not any(text in read for text in CHINESE.values())
    read = told(chinese, f"events/mail/{template}")
    assert all(text in read for text in CHINESE.values())
    assert not any(text in read for text in ENGLISH.values())


def test_mail_keeps_to_the_chinese_title_while_there_is_no_english_one(organiser):
    event = an_event(owner=organiser, **CHINESE, title_en="")
    row = a_registration(event, actor=a_reader("en"))

    assert CHINESE["title"] in told(row, "events/mail/approved")


@pytest.mark.parametrize("template", SESSIONS)
def test_mail_about_a_session_names_session_and_room_in_english(organiser, template):
    event = an_event(owner=organiser, **CHINESE, **ENGLISH)
    room = a_room(event, actor=organiser, name="贵宾厅")
    session = a_session(event, actor=organiser, title="圆桌讨论", title_en="Round table", room_id=room.id)
    row = a_registration(event, actor=a_reader("en"))

    read = told(row, f"programme/mail/{template}", session=session)

    assert "Round table" in read and room.name_en in read and "Gobi energy salon" in read
    assert not any(text in read for text in ("圆桌讨论", "贵宾厅", *CHINESE.values()))


@pytest.mark.parametrize(
    ("name", "english"),
    [("Lee Reader", True), ("José Núñez", True), ("赵来宾", False), ("Lee 李", False), ("12", False)],
)
def test_guests_without_an_account_are_written_to_in_the_language_of_their_name(organiser, name, english):
    event = an_event(owner=organiser, **CHINESE, **ENGLISH)

    read = told(a_guest(event, name=name, email="guest@example.com"), "events/mail/approved")

    assert (ENGLISH["title_en"] in read, CHINESE["title"] in read) == (english, not english)


def test_an_english_letter_opens_an_english_page(client, organiser):
    event = an_event(owner=organiser, **CHINESE, **ENGLISH)
    row = a_guest(event, name="Lee Reader", email="guest@example.com")
    link = re.search(r"http://\S*?(/language/\S+)", told(row, "events/mail/approved")).group(1)

    page = client.get(client.get(link).location)

    assert page.status_code == 200
    assert ENGLISH["title_en"] in page.text


@pytest.mark.parametrize("known", ["account", "name", "neither"])
def test_an_invitation_is_written_in_the_language_of_who_is_invited(client, organiser, known):
    event = an_event(owner=organiser, **CHINESE, **ENGLISH)
    reader = a_reader("en" if known == "account" else "zh")
    mail = reader.email if known == "account" else "somebody@example.com"
    name = "Lee Guest" if known == "name" else "李来宾"
    row = an_invitation(event, actor=organiser, name=name, phone="", email=mail)
    with transaction():
        message = sending.send_one(row)
    english = known != "neither"

    read = message.subject + message.text
    assert (ENGLISH["title_en"] in read, CHINESE["title"] in read) == (english, not english)
    link = re.search(r"http://localhost(/\S+)", read).group(1)
    page = client.get(client.get(link).location if english else link)
    assert (ENGLISH["title_en"] if english else CHINESE["title"]) in page.text
