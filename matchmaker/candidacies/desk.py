"""What candidacies put on the desks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.candidacies import access, queries
from matchmaker.candidacies.models import Candidacy
from matchmaker.candidacies.rules import AgreementState
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.publicity.models import Notice
from matchmaker.rosters.rules import AppointmentKind, AppointmentState

S = AppointmentState


def to_review(viewer: Any) -> Sequence[DeskItem]:
    """What waits for a handler: applications, and people whose notice is over."""
    waits = sa.or_(
        sa.and_(Candidacy.state == S.APPLIED, Candidacy.kind != AppointmentKind.ENVOY),
        Candidacy.state.in_((S.MATCHED, S.REVIEWING)),
        sa.and_(Candidacy.state == S.PUBLICITY, Notice.ends < clock.today()),
    )
    statement = queries.managed_by(viewer).outerjoin(Notice, Notice.id == Candidacy.notice_id).where(waits)
    rows = db.session.execute(statement.order_by(Candidacy.id).limit(6)).unique().scalars()
    return [DeskItem(_title(row), url_for("candidacies.show", candidacy_id=row.id)) for row in rows]


def _title(row: Candidacy) -> str:
    return _("%(name)s（%(kind)s）：%(state)s", name=row.person.name, kind=_(row.kind.label), state=_(row.state.label))


def for_units(viewer: Any) -> Sequence[DeskItem]:
    """What waits for the people of an organisation: envoys to recommend, choices to answer."""
    asked = queries.recommended_by(viewer).where(Candidacy.state == S.APPLIED, Candidacy.sending_unit_id.is_not(None))
    rows = db.session.execute(asked.limit(4)).unique().scalars()
    items = [
        DeskItem(
            _("%(name)s申报科技特派员，请推荐", name=row.person.name),
            url_for("candidacies.show", candidacy_id=row.id),
        )
        for row in rows
        if access.may_recommend(viewer, row)
    ]
    chosen = [c for c in db.session.execute(queries.choices_for(viewer).limit(20)).unique().scalars() if not c.by_host]
    if chosen:
        items.append(DeskItem(_("有特派员选择了您的企业"), url_for("candidacies.seeking"), count=len(chosen)))
    return items


def to_sign(viewer: Any) -> Sequence[DeskItem]:
    """Agreements that wait for this person's signature."""
    statement = queries.agreements_visible_to(viewer).where(queries.Agreement.state == AgreementState.SIGNING)
    rows = db.session.execute(statement.limit(20)).unique().scalars()
    return [
        DeskItem(
            _("三方协议待签署：%(name)s—%(host)s", name=row.person.name, host=row.host.name),
            url_for("candidacies.agreement", agreement_id=row.id),
        )
        for row in rows
        if any(not row.signed_by(party) for party in access.parties_of(viewer, row))
    ][:5]


def mine(viewer: Any) -> Sequence[DeskItem]:
    """What was sent back to a candidate."""
    statement = queries.own(viewer).where(Candidacy.state == S.RETURNED).limit(3)
    rows = db.session.execute(statement).unique().scalars()
    return [
        DeskItem(_("申报已退回，请补正"), url_for("candidacies.correct", candidacy_id=row.id), late=True)
        for row in rows
    ]
