"""What alliances put on the desks, and what the search finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.alliances import access, queries
from matchmaker.alliances.models import Alliance
from matchmaker.alliances.rules import AT_WORK, AllianceState
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem


def waiting_for_member(viewer: Any) -> Sequence[DeskItem]:
    """Agreements that wait for one's signature."""
    statement = queries.unsigned_of(viewer).where(Alliance.state.in_([AllianceState.SIGNING, *AT_WORK])).limit(6)
    return [
        DeskItem(
            _("联盟“%(title)s”的协议等待签署", title=row.alliance.title),
            url_for("alliances.show", alliance_id=row.alliance_id),
        )
        for row in db.session.execute(statement).unique().scalars()
        if access.may_sign(viewer, row)
    ]


def waiting_for_handler(viewer: Any) -> Sequence[DeskItem]:
    """Alliances handed in for filing."""
    statement = queries.handled_by(viewer).where(Alliance.state == AllianceState.FILING).order_by(Alliance.id).limit(8)
    return [
        DeskItem(_("联盟“%(title)s”等待备案审核", title=row.title), url_for("alliances.show", alliance_id=row.id))
        for row in db.session.execute(statement).unique().scalars()
    ]


def find(viewer: Any, words: str) -> Sequence[tuple[str, str, str]]:
    """Alliances by title, as far as this person may open them."""
    if not viewer.is_authenticated:
        return []
    statement = (
        queries.visible_to(viewer)
        .where(
            sa.or_(
                Alliance.title.icontains(words, autoescape=True), Alliance.title_en.icontains(words, autoescape=True)
            )
        )
        .order_by(Alliance.id.desc())
        .limit(10)
    )
    rows = db.session.execute(statement).unique().scalars()
    return [(row.title, _(row.state.label), url_for("alliances.show", alliance_id=row.id)) for row in rows]
