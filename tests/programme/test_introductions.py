"""What readers find of a programme: chosen sessions in their calendar, who speaks, and what a series is called."""

from __future__ import annotations

import re

from matchmaker.accounts.rules import Role
from matchmaker.core.db import transaction
from matchmaker.programme.rules import SpeakerRole
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.events import a_registration
from tests.factories.programme import a_room, a_series, a_session, a_speaker


def test_a_feed_names_chosen_sessions_in_the_language_of_its_owner(client, organiser, event):
    with transaction():
        event.title_en, event.venue_en = "Open day", "Town hall"
    room = a_room(event, actor=organiser)
    chosen, _other = (
        a_session(
            event,
            actor=organiser,
            after=after,
            title=f"环节{after}",
            title_en=f"Talk {after}",
            places=5,
            room_id=room.id,
        )
        for after in (0, 90)
    )
    reader = a_user(name="Reader")
    with transaction():
        reader.language = "en"
    row = a_registration(event, actor=reader)
    sign_in(client, reader)
    client.post(f"/programme/registrations/{row.id}/sessions/{chosen.id}")
    client.post("/events/registrations/feed")
    address = re.search(r"/events/feed/[^\s\"<]+\.ics", client.get("/events/registrations/").text).group()

    text = client.get(address).text

    assert "Talk 0" in text and "Hall 1" in text and "Open day" in text
    assert "Talk 90" not in text and "环节0" not in text


def test_speakers_of_the_programme_are_introduced_and_nothing_they_wrote_is_code(client, organiser, event):
    given = {"bio": "做了二十年<b>安防</b>。\n\n<script>x</script>", "bio_en": "Twenty years of safety."}
    speaker = a_speaker(event, actor=organiser, name="艾力", **given)
    a_speaker(event, actor=organiser, name="没上场的人", bio="不在日程里")
    a_session(event, actor=organiser, cast={speaker.id: SpeakerRole.SPEAKER})

    page, english = (client.get(f"/events/{event.id}?lang={language}").text for language in ("zh", "en"))

    assert "嘉宾介绍" in page and "<p>做了二十年&lt;b&gt;安防&lt;/b&gt;。</p>" in page
    assert "<script>x" not in page and "不在日程里" not in page
    assert "Twenty years of safety." in english


def test_a_series_gets_another_name(client, organiser, event):
    series = a_series(event, actor=organiser)
    sign_in(client, organiser)
    address = f"/programme/series/{series.id}/edit"

    shown = client.get(address)
    empty = client.post(address, data={"title": " ", "title_en": "Salon"})
    done = client.post(address, data={"title": "创新沙龙", "title_en": "Innovation salon"})

    assert (shown.status_code, empty.status_code, done.status_code) == (200, 422, 303)
    assert "Innovation salon" in client.get(f"/programme/series/{series.id}/manage?lang=en").text
    sign_in(client, a_user(Role.ORGANISER, region=OTHER_REGION))
    assert client.post(address, data={"title": "别的"}).status_code == 404
