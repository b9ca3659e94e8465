"""Who is behind, and the yearly review of a mentor: lines from what both sides confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.mentoring import queries
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment, AppointmentReview
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.rules import reviews as scoring
from matchmaker.rosters.services import reviews
from matchmaker.rosters.services.documents import rules_on


@dataclass(frozen=True, slots=True)
class Behind:
    """A mentor who owes sessions this year."""

    post: Appointment
    done: int
    due: int
    missing: int
    last: date


def behind(viewer: Any, *, today: date | None = None) -> list[Behind]:
    """Mentors of one's regions who have fewer sessions this year than its days gone by ask for. Two queries."""
    day = today or clock.today()
    known = rules_on(day)
    posts = db.session.execute(
        rosters.visible_to(viewer)
        .where(Appointment.kind == AppointmentKind.MENTOR, rosters.live_on(day))
        .order_by(Appointment.id)
    ).scalars()
    counts: dict[int, int] = {}
    first_day = date(day.year, 1, 1)
    for person, n in db.session.execute(queries.served(first_day, day, least=known.session_minutes)):
        counts[person] = n
    found = []
    for post in posts:
        first, last = scoring.year_of(post.starts, day.year, ends=post.ended or post.ends)
        due = int(scoring.due_in(known.sessions_a_year, first=first, last=last, of_days=365))
        done = counts.get(post.person_id, 0)
        missing = scoring.missing(done=done, total_due=due, first=first, last=last, today=day)
        if missing:
            found.append(Behind(post, done, due, missing, last))
    return sorted(found, key=lambda row: (-row.missing, row.post.person.pinyin))


def short(posts: Sequence[Appointment], *, today: date) -> list[Behind]:
    """Those who have not yet given all sessions of their part of this year; `missing` is what is left to give."""
    known = rules_on(today)
    counts: dict[int, int] = {}
    first_day, last_day = date(today.year, 1, 1), date(today.year, 12, 31)
    for person, n in db.session.execute(queries.served(first_day, last_day, least=known.session_minutes)):
        counts[person] = n
    found = []
    for post in posts:
        first, last = scoring.year_of(post.starts, today.year, ends=post.ended or post.ends)
        due = int(scoring.due_in(known.sessions_a_year, first=first, last=last, of_days=365))
        done = counts.get(post.person_id, 0)
        if due > done:
            found.append(Behind(post, done, due, due - done, last))
    return found


def lines_of(post: Appointment, year: int) -> tuple[list[scoring.Line], date, date]:
    """The lines of a year by the rules of its last day: sessions, firms helped at least twice, ratings."""
    first, last = scoring.year_of(post.starts, year, ends=post.ended or post.ends)
    known = rules_on(last)
    rows = db.session.execute(queries.counted_of(post.person_id, first, last, least=known.session_minutes)).all()
    firms = Counter(firm for firm, _rating in rows if firm is not None)
    lines = scoring.score(
        served=len(rows),
        due=scoring.due_in(known.sessions_a_year, first=first, last=last, of_days=365),
        results=sum(n >= 2 for n in firms.values()),
        results_due=known.mentor_results,
        ratings=[rating for _firm, rating in rows if rating is not None],
        weights=known.mentor_weights,
    )
    return lines, first, last


def review(post: Appointment, *, actor: Any, year: int, note: str) -> AppointmentReview:
    """Keep the review of a year."""
    lines, first, last = lines_of(post, year)
    return reviews.keep(post, actor=actor, year=year, days=(first, last), lines=lines, note=note)


def shown_total(lines: list[scoring.Line]) -> Decimal:
    """What the lines add up to."""
    return scoring.total(lines)
