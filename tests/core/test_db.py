"""`transaction()`: the only way to write, always on what is true now."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import ExactNumber, UtcDateTime, WriteOutsideTransaction, db, transaction
from matchmaker.events.models import SeatPool
from tests.cast import a_user
from tests.factories.events import an_event


def test_a_write_outside_a_transaction_is_refused(app):
    user = a_user()

    user.name = "改名"
    with pytest.raises(WriteOutsideTransaction):
        db.session.flush()
    db.session.rollback()
    with pytest.raises(WriteOutsideTransaction):
        db.session.execute(sa.update(SeatPool).values(used=0))


def test_transactions_do_not_nest(app):
    with transaction(), pytest.raises(RuntimeError, match="does not nest"), transaction():
        pass


def test_an_error_undoes_everything(app):
    user = a_user(name="原名")

    with pytest.raises(ZeroDivisionError), transaction():
        user.name = "新名"
        db.session.flush()
        raise ZeroDivisionError

    assert user.name == "原名"


def test_what_was_loaded_before_is_read_again_inside(app):
    event = an_event(owner=a_user(), capacity=5)
    assert event.pool.capacity == 5
    with db.engine.connect() as other:
        other = other.execution_options(matchmaker_write=True)
        with other.begin():
            other.execute(sa.update(SeatPool.__table__).values(capacity=9))

    with transaction():
        assert event.pool.capacity == 9


def test_a_reader_never_stands_in_a_writer_s_way(app):
    event = an_event(owner=a_user(), capacity=5)
    db.session.execute(sa.select(SeatPool)).scalars().all()  # an open read transaction of this thread
    done = []

    def write() -> None:
        with app.app_context(), transaction() as session:
            session.execute(sa.update(SeatPool).values(capacity=6))
            done.append(True)

    writer = threading.Thread(target=write)
    writer.start()
    writer.join(timeout=10)

    assert done == [True]
    with transaction():
        assert event.pool.capacity == 6


def test_writers_are_served_in_order_and_none_is_lost(app):
    event = an_event(owner=a_user(), capacity=5)
    event_id = event.id
    db.session.rollback()
    errors: list[Exception] = []

    def raise_capacity() -> None:
        try:
            with app.app_context():
                for _ in range(20):
                    with transaction() as session:
                        session.execute(sa.update(SeatPool).values(capacity=SeatPool.capacity + 1))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=raise_capacity) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert errors == []
    found = sa.select(SeatPool.capacity).where(SeatPool.event_id == event_id)
    assert db.session.execute(found).scalar_one() == 5 + 120


def test_a_moment_without_a_zone_is_refused():
    dialect = sa.create_engine("sqlite://").dialect
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), dialect)


def test_a_moment_comes_back_as_the_same_moment(app):
    user = a_user()
    moment = clock.now().replace(microsecond=0) + timedelta(hours=8)
    with transaction():
        user.disabled = moment.astimezone(clock.CHINA)

    db.session.expire_all()
    assert user.disabled == moment
    assert user.disabled.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["0.1", "33.333333", "100", "0"])
def test_an_exact_number_survives_storage(text):
    dialect = sa.create_engine("sqlite://").dialect
    kind = ExactNumber()

    assert kind.process_result_value(kind.process_bind_param(Decimal(text), dialect), dialect) == Decimal(text)


def test_a_float_is_never_an_exact_number():
    with pytest.raises(TypeError):
        ExactNumber().process_bind_param(0.1, sa.create_engine("sqlite://").dialect)


def test_a_row_that_changed_under_one_s_hands_is_a_conflict(app):
    from matchmaker.core.errors import Conflict
    from matchmaker.events.models import Event

    event = an_event(owner=a_user())

    with pytest.raises(Conflict, match="刚刚有人修改"), transaction() as session:
        assert event.version == 1
        session.execute(sa.update(Event).values(version=7).execution_options(synchronize_session=False))
        event.title = "我的题目"
        session.flush()
