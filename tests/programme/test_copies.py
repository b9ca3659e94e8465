"""Copies, series and events to begin with: whole drafts, at the right time of day, with nobody in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from matchmaker.core.calendar import CHINA, wall_time
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Audience, Event, Registration
from matchmaker.events.rules import EventDuty, EventState, PoolKind, WaitingPolicy
from matchmaker.events.services import copying, pools, team
from matchmaker.notifications.models import Message
from matchmaker.programme import queries
from matchmaker.programme.rules import SpeakerRole
from matchmaker.programme.services import planning, series, signups, starting
from matchmaker.questionnaires.models import Questionnaire
from matchmaker.questionnaires.services import building
from tests.cast import OTHER_REGION, a_user
from tests.factories.events import a_registration, an_event
from tests.factories.programme import a_room, a_series, a_session, a_speaker
from tests.factories.questionnaires import dinner

NEW = datetime(2026, 5, 20, 14, 0, tzinfo=CHINA)


@pytest.fixture
def full(event, organiser, visitor):
    """An event with everything: two groups with one form, a quota, a helper, rooms, speakers, sessions, sign-ups."""
    helper = a_user(name="助手")
    with transaction():
        form = building.create(actor=None, owner=event, title="报名表", definition=dinner())
        quota = pools.add(event, kind=PoolKind.AUDIENCE, name="投资机构", capacity=10)
        investors = Audience(name="投资机构", pool=quota, questionnaire_id=form.id, position=1, opens=event.published)
        event.audiences[0].questionnaire_id = form.id
        event.audiences.append(investors)
        db.session.flush()
        team.give(event, actor=organiser, user=helper, duty=EventDuty.REGISTRATIONS, audience=investors)
    room, speaker = a_room(event, actor=organiser, capacity=5), a_speaker(event, actor=organiser)
    cast = {speaker.id: SpeakerRole.HOST}
    talk = a_session(event, actor=organiser, room_id=room.id, places=5, cast=cast)
    off = a_session(event, actor=organiser, after=90, title="取消的一场")
    registration = a_registration(event, actor=visitor)
    with transaction():
        planning.cancel(off, actor=organiser)
        signups.sign_up(registration, talk, actor=visitor)
    return SimpleNamespace(event=event, talk=talk, form=form, helper=helper)


def copy(event, actor, **values):
    with transaction():
        return copying.copy(event, actor=actor, **{"starts": NEW, **values})


def test_a_copy_is_a_free_draft_at_the_new_time(full, organiser):
    copied = copy(full.event, organiser, title="第二期")

    length = full.event.ends - full.event.starts
    assert (copied.state, copied.title, copied.starts) == (EventState.DRAFT, "第二期", NEW)
    assert copied.ends - copied.starts == length
    assert copied.starts - copied.deadline == full.event.starts - full.event.deadline
    assert copied.copied_from_id == full.event.id
    assert {pool.used for pool in copied.pools} == {0}
    assert sorted(pool.kind.value for pool in copied.pools) == sorted(pool.kind.value for pool in full.event.pools)
    assert db.session.execute(sa.select(Registration).where(Registration.event_id == copied.id)).all() == []


def test_groups_share_a_copied_form_and_keep_their_quota(full, organiser):
    copied = copy(full.event, organiser)

    first, investors = copied.audiences
    form = db.session.get(Questionnaire, first.questionnaire_id)
    assert first.questionnaire_id == investors.questionnaire_id != full.form.id
    assert [field.label for field in form.definition.fields] == [f.label for f in full.form.definition.fields]
    assert (investors.pool.event_id, investors.pool.capacity) == (copied.id, 10)


def test_duties_come_along_if_wanted(full, organiser):
    with_team = copy(full.event, organiser)
    without = copy(full.event, organiser, team=False)

    (role,) = with_team.team
    assert (role.user_id, role.audience.event_id) == (full.helper.id, with_team.id)
    assert without.team == []


def test_the_programme_moves_along_without_what_was_called_off(full, organiser):
    copied = copy(full.event, organiser)

    (session,) = queries.sessions_of(copied.id)
    (speaker,) = queries.speakers_of(copied.id)
    assert session.title == full.talk.title
    assert session.starts - copied.starts == full.talk.starts - full.event.starts
    assert (session.room.event_id, session.room.capacity) == (copied.id, 5)
    assert [(row.speaker_id, row.role) for row in session.cast] == [(speaker.id, SpeakerRole.HOST)]
    assert (session.pool.event_id, session.pool.capacity, session.pool.used) == (copied.id, 5, 0)


def test_who_does_not_manage_it_copies_nothing(full):
    from matchmaker.accounts.rules import Role

    elsewhere = a_user(Role.ORGANISER, region=OTHER_REGION)

    with pytest.raises(NotPermitted), transaction():
        copying.copy(full.event, actor=elsewhere, starts=NEW)


def test_an_event_over_midnight_keeps_its_times(organiser):
    night = an_event(
        owner=organiser,
        starts=datetime(2026, 3, 20, 22, 0, tzinfo=CHINA),
        ends=datetime(2026, 3, 21, 1, 0, tzinfo=CHINA),
    )
    late = a_session(night, actor=organiser, after=110, minutes=40)

    copied = copy(night, organiser, starts=datetime(2026, 12, 31, 22, 0, tzinfo=CHINA))

    (session,) = queries.sessions_of(copied.id)
    assert wall_time(copied.ends) == datetime(2027, 1, 1, 1, 0)
    assert wall_time(late.starts) == datetime(2026, 3, 20, 23, 50)
    assert wall_time(session.starts) == datetime(2026, 12, 31, 23, 50)
    assert wall_time(session.ends) == datetime(2027, 1, 1, 0, 30)


def test_a_series_has_one_event_a_day(event, organiser):
    made = a_series(event, actor=organiser, weeks=2)
    first = wall_time(event.starts).date()

    with transaction():
        series.repeat(event, actor=organiser, days=[first + timedelta(weeks=n) for n in (2, 3)], title="")
    with pytest.raises(Conflict), transaction():
        series.repeat(event, actor=organiser, days=[first + timedelta(weeks=3)], title="")

    rows = queries.events_of_series(made.id)
    assert [(wall_time(row.starts).date() - first).days for row in rows] == [0, 7, 14, 21]
    assert [row.state for row in rows] == [EventState.PUBLISHED] + [EventState.DRAFT] * 3
    assert queries.events_of_series(made.id, public=True) == [event]


def test_later_events_change_together_and_people_are_told(event, organiser, visitor):
    a_series(event, actor=organiser, weeks=2)
    a_registration(event, actor=visitor)
    first, second, third = queries.events_of_series(event.series_id)
    before = [(row.starts, row.deadline) for row in (first, second, third)]

    with transaction():
        changed = series.change_later(
            second, actor=organiser, values={"venue": "新会场"}, at=datetime(2026, 1, 1, 15, 0).time(), minutes=90
        )

    assert [row.id for row in changed] == [second.id, third.id]
    assert first.venue != "新会场"
    for row, (starts, deadline) in zip((second, third), before[1:], strict=True):
        assert (row.venue, row.ends - row.starts) == ("新会场", timedelta(minutes=90))
        assert wall_time(row.starts) == wall_time(starts).replace(hour=15, minute=0)
        assert row.starts - row.deadline == starts - deadline
    told = sa.select(sa.func.count()).where(Message.subject.contains("有变"))
    assert db.session.execute(told).scalar_one() == 0

    with transaction():
        series.change_later(first, actor=organiser, values={"venue": "老会场"})
    assert db.session.execute(told).scalar_one() == 1


def test_nothing_ticked_changes_nothing(event, organiser):
    a_series(event, actor=organiser)

    with pytest.raises(DomainError, match="请至少勾选一项"), transaction():
        series.change_later(event, actor=organiser, values={})


@pytest.mark.parametrize("key", [outline.key for outline in starting.outlines()])
def test_every_event_to_begin_with_becomes_a_whole_draft(organiser, key):
    outline = next(row for row in starting.outlines() if row.key == key)
    values = {"title": "新的一场", "venue": "会展中心", "contact": ""}

    with transaction():
        event = starting.begin(outline, actor=organiser, region="650105", day=date(2026, 6, 10), capacity=40, **values)

    sessions = queries.sessions_of(event.id)
    assert (event.state, event.kind, event.pool.capacity) == (EventState.DRAFT, outline.kind, 40)
    assert [row.name for row in event.audiences] == [group.name for group in outline.groups]
    assert all(row.questionnaire_id is not None for row in event.audiences)
    assert len(sessions) == len(outline.items)
    assert all(event.starts <= row.starts and row.ends <= event.ends for row in sessions)
    assert event.waiting_policy is outline.waiting
    assert event.waiting_policy is not WaitingPolicy.NONE
    assert db.session.get(Event, event.id).summary_en
