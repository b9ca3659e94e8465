"""Every due slot runs once, whoever asks, and survives a dead process."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.core import clock, jobs
from matchmaker.core.db import db, transaction
from matchmaker.core.feature import Job
from matchmaker.core.jobs import JobRun, RunState


@pytest.fixture
def ran(app):
    return []


@pytest.fixture
def job(ran):
    def work() -> int:
        ran.append(clock.now())
        return 7

    return Job("tests.work", "干活", work, every=timedelta(minutes=5))


def runs():
    return db.session.execute(sa.select(JobRun).order_by(JobRun.id)).scalars().all()


def test_a_slot_runs_once(job, ran, now):
    assert (jobs.run(job), jobs.run(job)) == (7, None)
    assert len(ran) == 1
    assert [(row.state, row.count) for row in runs()] == [(RunState.DONE, 7)]


def test_the_next_slot_runs_again(job, ran, now):
    jobs.run(job)
    with clock.frozen(now + timedelta(minutes=5)):
        assert jobs.run(job) == 7
    assert len(ran) == 2


def test_racing_threads_run_a_slot_once(app, job, ran, now):
    db.session.rollback()
    results = []

    def ask() -> None:
        with app.app_context():
            results.append(jobs.run(job))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(results, key=str) == [7] + [None] * 7
    assert len(ran) == 1


def test_a_failure_is_recorded_and_raised(app, now):
    broken = Job("tests.broken", "坏掉", lambda: 1 // 0, every=timedelta(minutes=1))

    with pytest.raises(ZeroDivisionError):
        jobs.run(broken)

    assert [(row.state, row.error) for row in runs()] == [
        (RunState.FAILED, "ZeroDivisionError: integer division or modulo by zero")
    ]


def test_a_run_whose_process_died_is_taken_over_when_its_lease_ends(job, ran, now):
    with transaction() as session:
        session.add(
            JobRun(
                name=job.name,
                slot=jobs.slot_of(job, now),
                state=RunState.RUNNING,
                holder="dead",
                started=now - timedelta(hours=1),
                lease_until=now - timedelta(seconds=1),
            )
        )

    assert jobs.run(job) == 7


def test_a_run_within_its_lease_is_left_alone(job, ran, now):
    with transaction() as session:
        session.add(
            JobRun(
                name=job.name,
                slot=jobs.slot_of(job, now),
                state=RunState.RUNNING,
                holder="busy",
                started=now,
                lease_until=now + timedelta(minutes=1),
            )
        )

    assert jobs.run(job) is None
    assert ran == []


def test_a_daily_job_is_due_once_a_beijing_day(app, now):
    daily = Job("tests.daily", "每天", lambda: 1, daily_at="03:00")

    assert jobs.slot_of(daily, now) == "2026-03-02"
    assert jobs.slot_of(daily, now + timedelta(hours=14)) == "2026-03-03"


def test_by_hand_runs_whatever_the_schedule_says(job, ran, now):
    jobs.run(job)

    assert jobs.run_by_hand(job) == 7
    assert len(ran) == 2


def test_old_runs_are_swept(job, now):
    jobs.run(job)
    with clock.frozen(now + timedelta(days=31)):
        assert jobs.sweep() == 1
    assert runs() == []
