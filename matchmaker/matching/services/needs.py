"""Stating, changing, withdrawing and closing needs."""

from __future__ import annotations

from datetime import date
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import NotPermitted
from matchmaker.directory.models import Organisation
from matchmaker.matching import access, queries, rules
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import NeedKind, NeedState, RequestState, Secrecy
from matchmaker.matching.services import requests

EDITABLE = ("kind", "title", "text", "fields", "budget_fen", "deadline", "secrecy")


def state(
    *,
    actor: Any,
    region: str,
    kind: NeedKind,
    title: str,
    text: str,
    organisation_id: int | None = None,
    fields: list[str] | None = None,
    budget_fen: int | None = None,
    deadline: date | None = None,
    secrecy: Secrecy = Secrecy.OPEN,
    draft: bool = False,
    demo: bool = False,
) -> Need:
    """State a need for oneself, one's organisation, or – a handler – for an organisation of the region."""
    organisation = db.session.get(Organisation, organisation_id) if organisation_id else None
    home = organisation.region if organisation else region
    if not access.may_state(actor, organisation_id) and not access.may_handle(actor, home):
        raise NotPermitted("您不是这家单位的成员，请先加入单位再提需求")
    now = clock.now()
    need = Need(
        region=home,
        organisation=organisation,
        user_id=actor.id,
        kind=kind,
        state=NeedState.DRAFT if draft else NeedState.OPEN,
        title=title.strip(),
        text=text.strip(),
        fields=sorted(set(fields or [])),
        budget_fen=budget_fen,
        deadline=deadline,
        secrecy=secrecy,
        demo=demo,
        created=now,
        updated=now,
    )
    _check(need)
    db.session.add(need)
    db.session.flush()
    activity.record("matching.stated", subject=need, actor=actor, state=need.state.value)
    return need


def edit(need: Need, *, actor: Any, **values: Any) -> None:
    """Change a need that is not over."""
    _check_acts(actor, need)
    rules.check_need_move(need.state, to=NeedState.WITHDRAWN)  # whatever may still be withdrawn may still change
    changed = {key: values[key] for key in EDITABLE if key in values and getattr(need, key) != values[key]}
    for key, value in changed.items():
        setattr(need, key, value)
    _check(need)
    need.updated = clock.now()
    activity.record("matching.edited", subject=need, actor=actor, changed=sorted(changed))
    db.session.flush()


def publish(need: Need, *, actor: Any) -> None:
    """Open a draft."""
    _check_acts(actor, need)
    rules.check_need_move(need.state, to=NeedState.OPEN)
    _check(need)
    need.state, need.updated = NeedState.OPEN, clock.now()
    activity.record("matching.stated", subject=need, actor=actor, state=need.state.value)
    db.session.flush()


def withdraw(need: Need, *, actor: Any) -> None:
    """Take a need back; helpers who were asked are told."""
    _end(need, NeedState.WITHDRAWN, actor=actor)


def close(need: Need, *, actor: Any) -> None:
    """The need is met; questions still open are taken back."""
    _end(need, NeedState.CLOSED, actor=actor)


def _end(need: Need, target: NeedState, *, actor: Any) -> None:
    _check_acts(actor, need)
    rules.check_need_move(need.state, to=target)
    live = db.session.execute(queries.requests_of(need.id).where(HelpRequest.state.in_(queries.LIVE))).scalars()
    for request in list(live):
        if request.state is RequestState.ASKED or target is NeedState.WITHDRAWN:
            requests.withdraw(request, actor=actor)
    need.state, need.closed, need.updated = target, clock.now(), clock.now()
    activity.record(f"matching.need_{target.value}", subject=need, actor=actor)
    db.session.flush()


def _check(need: Need) -> None:
    rules.check_need(
        title=need.title, text=need.text, deadline=need.deadline, budget_fen=need.budget_fen, today=clock.today()
    )
    if need.is_secret:
        firm = need.organisation
        names = [firm.name, firm.short_name or "", *(n.name for n in firm.names)] if firm else []
        rules.check_unnamed(title=need.title, text=need.text, names=names)


def _check_acts(actor: Any, need: Need) -> None:
    if not access.may_act_for(actor, need):
        raise NotPermitted("只有提出需求的单位和经办人可以修改")
