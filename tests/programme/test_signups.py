"""Signing up for sessions: places held once, never too many, following the registration."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events import queries as events
from matchmaker.events.models import Registration, SeatClaim, SeatPool
from matchmaker.events.rules import PoolKind, WaitingPolicy
from matchmaker.events.services import deciding, registrations
from matchmaker.events.services.events import cancel as cancel_event
from matchmaker.notifications.models import Message
from matchmaker.programme import queries
from matchmaker.programme.models import Session
from matchmaker.programme.services import planning, signups
from tests.cast import a_user
from tests.factories.events import a_registration, an_event
from tests.factories.programme import a_session


def used(session):
    return db.session.execute(sa.select(SeatPool.used).where(SeatPool.id == session.pool_id)).scalar_one()


def sign_up(registration, session, **values):
    with transaction():
        signups.sign_up(registration, session, **{"actor": registration.user, **values})


def adds_up():
    return list(db.session.execute(events.drift())) == [] and list(db.session.execute(events.false_claims())) == []


def test_a_party_takes_places_for_all_of_it_once(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=5)
    registration = a_registration(event, actor=visitor, people=3)

    sign_up(registration, session)
    sign_up(registration, session)

    assert used(session) == 3
    assert event.pool.used == 3
    assert adds_up()


def test_a_full_session_says_so_and_changes_nothing(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=2)
    registration = a_registration(event, actor=visitor, people=3)

    with pytest.raises(Conflict, match="名额不足，仅剩 2 个"):
        sign_up(registration, session)

    assert used(session) == 0
    assert queries.chosen_sessions([registration.id]) == {}
    assert adds_up()


def test_leaving_gives_the_places_back(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=5)
    registration = a_registration(event, actor=visitor)
    sign_up(registration, session)

    with transaction():
        signups.leave(registration, session, actor=visitor)

    assert used(session) == 0
    assert event.pool.used == 1


def test_overlapping_sessions_are_refused_unless_one_insists(event, organiser, visitor):
    first = a_session(event, actor=organiser, places=5)
    second = a_session(event, actor=organiser, after=30, places=5, title="项目路演")
    after_both = a_session(event, actor=organiser, after=90, places=5, title="自由交流")
    registration = a_registration(event, actor=visitor)
    sign_up(registration, first)

    with pytest.raises(signups.Overlaps, match="产业政策解读"):
        sign_up(registration, second)
    sign_up(registration, after_both)
    sign_up(registration, second, insist=True)

    assert queries.chosen_sessions([registration.id]) == {registration.id: {first.id, second.id, after_both.id}}


def test_places_follow_the_registration(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=5)
    registration = a_registration(event, actor=visitor, people=2)
    sign_up(registration, session)

    with transaction():
        registrations.withdraw(registration, actor=visitor)
    gone = used(session)
    with transaction():
        deciding.restore(registration, organiser, "电话确认仍来")

    assert (gone, used(session)) == (0, 2)
    assert adds_up()


def test_a_called_off_event_frees_its_sessions(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=5)
    sign_up(a_registration(event, actor=visitor), session)

    with transaction():
        cancel_event(event, actor=organiser, reason="天气原因")

    assert used(session) == 0
    assert adds_up()


def test_who_waits_for_the_event_chooses_later(organiser, visitor):
    full = an_event(owner=organiser, capacity=1, waiting_policy=WaitingPolicy.FIRST_COME)
    session = a_session(full, actor=organiser, places=5)
    a_registration(full, actor=a_user())
    waiting = a_registration(full, actor=visitor)

    with pytest.raises(Conflict, match="报名通过后才能选择场次"):
        sign_up(waiting, session)


@pytest.mark.parametrize("case", ["stranger", "no places", "cancelled", "begun", "other event"])
def test_what_cannot_be_chosen(event, organiser, visitor, case):
    session = a_session(event, actor=organiser, places=None if case == "no places" else 5)
    registration = a_registration(event, actor=visitor)
    actor, refusal = visitor, Conflict
    if case == "stranger":
        actor, refusal = a_user(), NotPermitted
    if case == "cancelled":
        with transaction():
            planning.cancel(session, actor=organiser)
    if case == "other event":
        session = a_session(an_event(owner=organiser), actor=organiser, places=5)
    later = event.starts + timedelta(minutes=1) if case == "begun" else clock.now()

    with clock.frozen(later), pytest.raises(refusal):
        sign_up(registration, session, actor=actor)


def test_a_cancelled_session_tells_its_people_and_lets_them_go(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=5)
    registration = a_registration(event, actor=visitor, people=2)
    sign_up(registration, session)

    with transaction():
        told = planning.cancel(session, actor=organiser)

    subjects = db.session.execute(sa.select(Message.subject)).scalars().all()
    assert told == 1
    assert any("您所选的场次已取消" in subject for subject in subjects)
    assert db.session.execute(sa.select(SeatPool).where(SeatPool.kind == PoolKind.SESSION)).all() == []
    assert db.session.execute(sa.select(sa.func.count(SeatClaim.id))).scalar_one() == 1
    assert event.pool.used == 2
    assert adds_up()


def test_a_withdrawn_registration_does_not_keep_a_session_from_being_deleted(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=5)
    registration = a_registration(event, actor=visitor)
    sign_up(registration, session)
    with transaction():
        registrations.withdraw(registration, actor=visitor)

    with transaction():
        told = planning.delete(session, actor=organiser)

    assert told == 0
    assert db.session.execute(sa.select(Session)).all() == []
    assert adds_up()


def test_moving_a_session_tells_who_signed_up(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=5)
    later = a_session(event, actor=organiser, after=90, title="自由交流")
    sign_up(a_registration(event, actor=visitor), session)
    starts = session.starts

    with transaction():
        moved = planning.postpone(session, actor=organiser, minutes=20, following=True)

    told = [text for text in db.session.execute(sa.select(Message.subject)).scalars() if "您所选的场次有变" in text]
    assert {row.id for row in moved} == {session.id, later.id}
    assert session.starts - starts == timedelta(minutes=20)
    assert len(told) == 1


def test_places_do_not_shrink_below_what_is_taken(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=5)
    sign_up(a_registration(event, actor=visitor, people=3), session)
    values = {"title": "改名", "kind": session.kind, "state": session.state}

    with pytest.raises(DomainError, match="已有 3 人占用名额"), transaction():
        planning.edit(session, actor=organiser, starts=session.starts, ends=session.ends, places=2, **values)
    with transaction():
        planning.edit(session, actor=organiser, starts=session.starts, ends=session.ends, places=3, **values)

    assert (session.pool.capacity, session.pool.name, used(session)) == (3, "改名", 3)


def test_more_people_take_more_places_everywhere(event, organiser, visitor):
    session = a_session(event, actor=organiser, places=2)
    registration = a_registration(event, actor=visitor)
    sign_up(registration, session)

    with transaction():
        registrations.change(registration, actor=visitor, attendees="甲\n乙", phone="13000000001")
    with pytest.raises(Conflict, match="产业政策解读"), transaction():
        registrations.change(registration, actor=visitor, attendees="甲\n乙\n丙", phone="13000000001")

    assert used(session) == 2
    assert adds_up()


def test_twenty_at_once_for_the_last_five_places(app, event, organiser):
    session = a_session(event, actor=organiser, places=5)
    ids = [a_registration(event, actor=a_user()).id for _ in range(20)]
    session_id, barrier, outcomes = session.id, Barrier(20), []
    db.session.remove()

    def race(number):
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    registration = db.session.get(Registration, number)
                    chosen = db.session.get(Session, session_id)
                    signups.sign_up(registration, chosen, actor=registration.user)
                outcomes.append("in")
            except Conflict:
                outcomes.append("full")
            finally:
                db.session.remove()

    threads = [Thread(target=race, args=(number,)) for number in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (outcomes.count("in"), outcomes.count("full")) == (5, 15)
    assert adds_up()
