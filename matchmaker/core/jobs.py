"""Recurring work: every due slot runs once, whoever asks; the scheduler is its own process and one is elected."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.core import clock
from matchmaker.core.db import Instant, Key, Name, claim, db, transaction
from matchmaker.core.feature import Job, features

LEASE = timedelta(minutes=30)
ELECTION_KEY = 721_905_310_001  # any constant: the advisory lock of the elected scheduler

log = structlog.get_logger()


class RunState(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobRun(db.Model):  # type: ignore[name-defined]
    """One due slot of one job: the unique pair is what makes it run once."""

    __tablename__ = "job_runs"
    __table_args__ = (sa.UniqueConstraint("name", "slot"), sa.Index("ix_job_runs_started", "name", "started"))

    id: Mapped[Key]
    name: Mapped[Name]
    slot: Mapped[Name]
    state: Mapped[RunState]
    holder: Mapped[Name]
    started: Mapped[Instant]
    lease_until: Mapped[Instant]
    finished: Mapped[Instant | None]
    count: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(sa.Text())


def slot_of(job: Job, now: datetime) -> str:
    """The name of the slot that is due now, the same in every process."""
    if job.every is not None:
        return str(int(now.timestamp() // job.every.total_seconds()))
    return f"{now.astimezone(clock.CHINA):%Y-%m-%d}"


def run(job: Job, *, slot: str | None = None) -> int | None:
    """Run the job for its due slot, or return None when another process has it or had it.

    A failure is recorded and raised; a run whose process died is taken over when its lease ends.
    """
    now = clock.now()
    slot = slot or slot_of(job, now)
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    if not _claim(job.name, slot, holder, now):
        return None
    try:
        count = job.run()
    except Exception as error:
        _finish(job.name, slot, holder, state=RunState.FAILED, error=f"{type(error).__name__}: {error}")
        raise
    _finish(job.name, slot, holder, state=RunState.DONE, count=count)
    return count


def run_by_hand(job: Job) -> int | None:
    """Run now whatever the schedule says; still recorded."""
    return run(job, slot=f"manual-{clock.now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}")


def _claim(name: str, slot: str, holder: str, now: datetime) -> bool:
    row = {"state": RunState.RUNNING, "holder": holder, "started": now, "lease_until": now + LEASE}
    try:
        with transaction() as session:
            session.add(JobRun(name=name, slot=slot, **row))
        return True
    except IntegrityError:
        pass
    with transaction():
        return claim(
            sa.update(JobRun)
            .where(JobRun.name == name, JobRun.slot == slot)
            .where(JobRun.state == RunState.RUNNING, JobRun.lease_until < now)
            .values(**row)
        )


def _finish(name: str, slot: str, holder: str, **values: Any) -> None:
    with transaction():
        claim(
            sa.update(JobRun)
            .where(JobRun.name == name, JobRun.slot == slot, JobRun.holder == holder)
            .values(finished=clock.now(), **values)
        )


def last_runs() -> dict[str, JobRun]:
    """The newest run of every job."""
    newest = sa.select(sa.func.max(JobRun.id)).group_by(JobRun.name)
    rows = db.session.execute(sa.select(JobRun).where(JobRun.id.in_(newest))).scalars()
    return {row.name: row for row in rows}


def sweep(*, keep_days: int = 30) -> int:
    """Forget old runs."""
    with transaction() as session:
        old = sa.delete(JobRun).where(JobRun.started < clock.now() - timedelta(days=keep_days))
        return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


@contextmanager
def elected(app: Flask, stop: threading.Event) -> Iterator[bool]:
    """Wait to be the one scheduler of this database; False when told to stop before that."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            yield _wait(
                stop, lambda: bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(ELECTION_KEY))).scalar())
            )
        return
    with open(f"{engine.url.database}.scheduler", "a") as lock:
        yield _wait(stop, lambda: _try_flock(lock))


def _try_flock(lock: Any) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def _wait(stop: threading.Event, attempt: Any) -> bool:
    while not stop.is_set():
        if attempt():
            return True
        stop.wait(0.5)
    return False


def serve(app: Flask) -> None:
    """The scheduler process: wait for election, then start every job when it is due, until SIGTERM or SIGINT."""
    stop = threading.Event()
    scheduler = BlockingScheduler(timezone=clock.CHINA)

    def leave(_signal: int, _frame: Any) -> None:
        stop.set()
        if scheduler.running:
            scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    with elected(app, stop) as leader:
        if not leader:
            return
        with app.app_context():
            for job in features().each("jobs"):
                _schedule(scheduler, app, job)
        log.info("scheduler.elected", jobs=len(scheduler.get_jobs()))
        if not stop.is_set():
            scheduler.start()


def _schedule(scheduler: BlockingScheduler, app: Flask, job: Job) -> None:
    if job.every is not None:
        trigger: Any = IntervalTrigger(seconds=int(job.every.total_seconds()), timezone=clock.CHINA)
    else:
        hour, minute = (job.daily_at or "03:00").split(":")
        trigger = CronTrigger(hour=int(hour), minute=int(minute), timezone=clock.CHINA)
    scheduler.add_job(
        _run_in_context, trigger, args=(app, job), id=job.name, coalesce=True, max_instances=1, misfire_grace_time=None
    )


def _run_in_context(app: Flask, job: Job) -> None:
    with app.app_context():
        try:
            count = run(job)
        except Exception:
            log.exception("job.failed", job=job.name)
        else:
            if count:
                log.info("job.done", job=job.name, count=count)
