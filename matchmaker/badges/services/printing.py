"""Printing badges and table cards: who, when, for whom – on record, so that nobody is left out or printed twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.badges import queries, rules
from matchmaker.badges.models import BadgeSetting, PrintedBadge, PrintRun
from matchmaker.badges.rules import Paper
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Missing
from matchmaker.events.models import Attendee, Event

SETTINGS = ("show_organisation", "show_position", "show_group", "show_code", "foot")


def start(
    event: Event, *, actor: Any, paper: Paper, filters: Mapping[str, str], blanks: int = 0, nobody: bool = False
) -> PrintRun:
    """Record a printing of everybody who is filtered now, and of some blank ones; `nobody`: the blank ones alone."""
    wanted = queries.attendees_for(actor, event.id, filters).limit(rules.MOST_AT_ONCE + 1)
    ids = [] if nobody else list(db.session.execute(wanted.with_only_columns(Attendee.id)).scalars())
    if len(ids) > rules.MOST_AT_ONCE:
        rules.check_print(people=queries.count_of(queries.attendees_for(actor, event.id, filters)), blanks=blanks)
    return _record(event, ids, actor=actor, paper=paper, blanks=blanks, filters=dict(filters))


def again(event: Event, attendee_id: int, *, actor: Any, paper: Paper) -> PrintRun:
    """Print one person's card once more."""
    statement = queries.attendees_for(actor, event.id, {}).where(Attendee.id == attendee_id)
    if db.session.execute(statement.with_only_columns(Attendee.id)).first() is None:
        raise Missing("没有找到这位参会人，或还没有通过审核")
    return _record(event, [attendee_id], actor=actor, paper=paper, blanks=0, filters={"attendee": str(attendee_id)})


def _record(
    event: Event, ids: list[int], *, actor: Any, paper: Paper, blanks: int, filters: dict[str, str]
) -> PrintRun:
    rules.check_print(people=len(ids), blanks=blanks)
    run = PrintRun(
        event_id=event.id,
        paper=paper,
        people=len(ids),
        blanks=blanks,
        filters={key: value for key, value in filters.items() if value},
        actor_id=actor.id,
        created=clock.now(),
    )
    db.session.add(run)
    db.session.flush()
    if ids:
        rows = [{"run_id": run.id, "attendee_id": attendee_id} for attendee_id in ids]
        db.session.execute(sa.insert(PrintedBadge), rows)
    activity.record("badges.printed", subject=event, actor=actor, paper=paper.value, people=len(ids), blanks=blanks)
    db.session.flush()
    return run


def arrange(event: Event, *, actor: Any, **values: Any) -> BadgeSetting:
    """Say what stands on the badges of an event."""
    setting = queries.setting_of(event.id)
    if setting is None:
        setting = BadgeSetting(event_id=event.id, updated=clock.now())
        db.session.add(setting)
    changed = {key: values[key] for key in SETTINGS if key in values}
    for key, value in changed.items():
        setattr(setting, key, value)
    setting.updated = clock.now()
    activity.record("badges.arranged", subject=event, actor=actor, **changed)
    db.session.flush()
    return setting


def copy(source: Event, copied: Event, _shift: timedelta) -> None:
    """The look of the badges and the words of the certificates come along; what was printed does not."""
    now = clock.now()
    badges, words = queries.setting_of(source.id), queries.words_of(source.id)
    if badges is not None:
        db.session.add(BadgeSetting(event_id=copied.id, updated=now, **{key: getattr(badges, key) for key in SETTINGS}))
    if words is not None:
        texts = {key: getattr(words, key) for key in ("title", "title_en", "text", "text_en", "hours")}
        db.session.add(type(words)(event_id=copied.id, updated=now, **texts))
    db.session.flush()
