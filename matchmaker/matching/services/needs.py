"""Stating, changing, withdrawing and closing needs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.directory.models import Organisation
from matchmaker.matching import access, queries, rules
from matchmaker.matching.models import Dismissal, HelpRequest, Impression, Need
from matchmaker.matching.rules import NeedState, RequestState, Secrecy
from matchmaker.matching.services import requests, wording

EDITABLE = (
    "kind",
    "title",
    "text",
    "fields",
    "budget_fen",
    "deadline",
    "secrecy",
    "trl_now",
    "trl_wanted",
    "listed",
    "kept_reason",
)
UNTITLED = "（未写标题）"


def state(
    *,
    actor: Any,
    region: str,
    title: str,
    text: str,
    organisation_id: int | None = None,
    fields: list[str] | None = None,
    draft: bool = False,
    **values: Any,
) -> Need:
    """State a need for oneself, one's organisation, or – a handler – for an organisation of the region.

    `values`: kind, budget_fen, deadline, secrecy, trl_now, trl_wanted, listed, kept_reason, demo.
    """
    organisation = db.session.get(Organisation, organisation_id) if organisation_id else None
    home = organisation.region if organisation else region
    by_handler = not access.may_state(actor, organisation_id)
    if by_handler and not access.may_handle(actor, home):
        raise NotPermitted("您不是这家单位的成员，请先加入单位再提需求")
    now = clock.now()
    given = {"secrecy": Secrecy.OPEN, "listed": False, "kept_reason": "", **values}
    need = Need(
        region=home,
        organisation=organisation,
        user_id=actor.id,
        state=NeedState.DRAFT if draft else NeedState.OPEN,
        title=title.strip() or (UNTITLED if draft else ""),
        text=text.strip(),
        fields=sorted(set(fields or [])),
        handler_id=actor.id if by_handler else None,
        created=now,
        updated=now,
        **given,
    )
    _check(need)
    db.session.add(need)
    db.session.flush()
    activity.record("matching.stated", subject=need, actor=actor, state=need.state.value)
    return need


def edit(need: Need, *, actor: Any, publishes: bool = False, version: int | None = None, **values: Any) -> None:
    """Change a need that is not over; a draft may be published with the change.

    `version`: the one that was read; what somebody else has changed since is not written over.
    """
    _check_acts(actor, need)
    if version is not None and version != need.version:
        raise Conflict("刚刚有人修改了同一条内容，请刷新页面核对后再试")
    rules.check_need_move(need.state, to=NeedState.WITHDRAWN)  # whatever may still be withdrawn may still change
    changed = {key: values[key] for key in EDITABLE if key in values and getattr(need, key) != values[key]}
    if need.is_secret and "secrecy" in changed and not access.owns(actor, need):
        raise NotPermitted("单位名称是否公开，只能由提出需求的单位自己改")
    for key, value in changed.items():
        setattr(need, key, value)
    if need.state is NeedState.DRAFT and publishes:
        need.state = NeedState.OPEN
        activity.record("matching.stated", subject=need, actor=actor, state=need.state.value)
    elif need.state is NeedState.DRAFT:
        need.title = need.title or UNTITLED
    _check(need)
    need.updated = clock.now()
    activity.record("matching.edited", subject=need, actor=actor, changed=sorted(changed))
    db.session.flush()


def publish(need: Need, *, actor: Any) -> None:
    """Open a draft."""
    _check_acts(actor, need)
    rules.check_need_move(need.state, to=NeedState.OPEN)
    need.state, need.updated = NeedState.OPEN, clock.now()
    _check(need)
    activity.record("matching.stated", subject=need, actor=actor, state=need.state.value)
    db.session.flush()


def withdraw(need: Need, *, actor: Any) -> None:
    """Take a need back; helpers who were asked are told."""
    _end(need, NeedState.WITHDRAWN, actor=actor)


def close(need: Need, *, actor: Any) -> None:
    """The need is met; questions still open are taken back."""
    _end(need, NeedState.CLOSED, actor=actor)


def delete(need: Need, *, actor: Any) -> None:
    """Throw a draft away, with what was shown for it; nobody but its author's firm has seen it."""
    _check_acts(actor, need)
    if need.state is not NeedState.DRAFT:
        raise Conflict("只有草稿可以删除；已提交的需求请撤回或办结")
    for table in (Impression, Dismissal):
        db.session.execute(sa.delete(table).where(table.need_id == need.id))
    activity.record("matching.draft_deleted", subject=need, actor=actor)
    db.session.delete(need)
    db.session.flush()  # by its version: a draft published in the same second stays


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
    rules.check_levels(need.trl_now, need.trl_wanted)
    if need.state is NeedState.DRAFT:
        rules.check_draft(title=need.title.removeprefix(UNTITLED), text=need.text)
        return
    title = need.title.removeprefix(UNTITLED)
    rules.check_need(
        title=title, text=need.text, deadline=need.deadline, budget_fen=need.budget_fen, today=clock.today()
    )
    for field, text in (("title", title), ("text", need.text)):
        wording.check(need, text, field=field, kept_reason=need.kept_reason)


def _check_acts(actor: Any, need: Need) -> None:
    if not access.may_act_for(actor, need):
        raise NotPermitted("只有提出需求的单位和经办人可以修改")
