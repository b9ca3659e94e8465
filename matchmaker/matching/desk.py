"""What matching puts on the desks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.matching import queries
from matchmaker.matching.models import HelpRequest, Need, Referral
from matchmaker.matching.rules import NeedState, ReferralState, RequestState, year_span


def waiting_for_helper(viewer: Any) -> Sequence[DeskItem]:
    """Requests that wait for this helper's answer."""
    rows = db.session.execute(
        queries.put_to(viewer)
        .where(HelpRequest.state == RequestState.ASKED, HelpRequest.expires > clock.now())
        .limit(8)
    )
    return [
        DeskItem(
            _("请您帮助：%(title)s", title=row.need.title),
            url_for("matching.request", request_id=row.id),
            due=row.expires,
        )
        for row in rows.unique().scalars()
    ]


def answers_for_owner(viewer: Any) -> Sequence[DeskItem]:
    """What helpers said to one's needs, and needs that have asked nobody yet."""
    asked = sa.select(HelpRequest.need_id)
    silent = queries.own(viewer).where(Need.state == NeedState.OPEN, Need.id.not_in(asked)).limit(4)
    accepted = (
        sa.select(HelpRequest)
        .where(HelpRequest.state == RequestState.ACCEPTED)
        .where(HelpRequest.need_id.in_(queries.own(viewer).with_only_columns(Need.id).order_by(None)))
        .order_by(HelpRequest.answered.desc(), HelpRequest.id)
        .limit(6)
    )
    items = [
        DeskItem(
            _("%(name)s 接受了邀请：%(title)s", name=row.person.name, title=row.need.title),
            url_for("matching.request", request_id=row.id),
        )
        for row in db.session.execute(accepted).unique().scalars()
    ]
    return items + [
        DeskItem(_("还没有邀请人：%(title)s", title=row.title), url_for("matching.suggestions", need_id=row.id))
        for row in db.session.execute(silent).unique().scalars()
    ]


def waiting_for_handler(viewer: Any) -> Sequence[DeskItem]:
    """Wishes for people out of reach."""
    statement = queries.referrals_visible_to(viewer).where(Referral.state == ReferralState.WAITING)
    rows = db.session.execute(statement.order_by(Referral.created, Referral.id).limit(6)).unique().scalars()
    return [
        DeskItem(
            _("请联系%(name)s：%(title)s", name=row.person.name, title=row.need.title),
            url_for("matching.referral", referral_id=row.id),
        )
        for row in rows
    ]


def this_year(viewer: Any) -> Sequence[DeskItem]:
    """How many needs this year's figures count; nothing before the first."""
    year = clock.today().year
    n = queries.count_measured(viewer, year_span(str(year)))
    return [DeskItem(_("今年的对接成效"), url_for("matching.evaluation"), count=n)] if n else []


def find(viewer: Any, words: str) -> Sequence[tuple[str, str, str]]:
    """Needs by title for the search in the top bar."""
    if not viewer.is_authenticated:
        return []
    statement = (
        queries.visible_to(viewer)
        .where(Need.title.icontains(words, autoescape=True))
        .order_by(Need.created.desc(), Need.id)
        .limit(10)
    )
    rows = db.session.execute(statement).unique().scalars()
    return [(row.title, _(row.kind.label), url_for("matching.show", need_id=row.id)) for row in rows]
