"""Writing a campaign, fixing when it goes out, and calling it off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.campaigns import queries, rules
from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import EDITABLE, RELATIVE, CampaignState, Timing, placeholders
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.transitions import check_step
from matchmaker.events.models import Event
from matchmaker.events.rules import EventState
from matchmaker.notifications import services as notifications
from matchmaker.questionnaires.rules.definition import Field, FieldKind

TRUTHS = {"是": "true", "yes": "true", "true": "true", "否": "false", "no": "false", "false": "false"}


def draft(event: Event, *, actor: Any, **values: Any) -> Campaign:
    """Write a new campaign; nothing is sent before it is planned."""
    now = clock.now()
    row = Campaign(event_id=event.id, event=event, created_by_id=actor.id, created=now, updated=now)
    _set(row, actor=actor, **values)
    db.session.add(row)
    db.session.flush()
    activity.record("campaigns.drafted", subject=row, actor=actor, name=row.name)
    return row


def edit(campaign: Campaign, *, actor: Any, **values: Any) -> None:
    """Change a campaign that has not gone out; a planned one becomes a draft again, so that somebody looks at it."""
    if campaign.state not in EDITABLE:
        raise Conflict("这条消息已开始发送或已取消，不能再修改；可复制后另发")
    _set(campaign, actor=actor, **values)
    if campaign.state is not CampaignState.DRAFT:
        _move(campaign, CampaignState.DRAFT)
    activity.record("campaigns.edited", subject=campaign, actor=actor, name=campaign.name)
    db.session.flush()


def _set(row: Campaign, *, actor: Any, filters: dict[str, Any], group_id: int | None, **values: Any) -> None:
    own = queries.groups_for(actor, row.event)
    if own and group_id not in {group.id for group in own}:
        raise DomainError("请选择您负责的人群", field="group")
    if group_id is not None and group_id not in {group.id for group in row.event.audiences}:
        raise DomainError("请选择这个活动的人群", field="group")
    for key, text in values.items():
        if key in {"subject", "body", "subject_en", "body_en"}:
            placeholders.check(text, field=key)
        setattr(row, key, text)
    if row.timing is Timing.MOMENT and row.moment is None:
        raise DomainError("请填写发送时间", field="moment")
    row.group_id, row.filters = group_id, {} if row.invited else _checked(row.event, filters)
    row.updated = clock.now()


def _checked(event: Event, filters: dict[str, Any]) -> dict[str, Any]:
    """The filters that say something; an answer typed in words becomes the value that is stored."""
    chosen = {key: value for key, value in filters.items() if value}
    if "question" not in chosen:
        chosen.pop("answer", None)
        return chosen
    field = queries.questions_of(event).get(chosen["question"])
    if field is None:
        raise DomainError("表单里没有这个问题了，请重新选择", field="question")
    chosen["answer"] = _stored(field, chosen.get("answer", "").strip())
    return chosen


def _stored(field: Field, text: str) -> str:
    if not text:
        raise DomainError("请写明回答是什么", field="answer")
    if field.kind is FieldKind.CONSENT:
        return TRUTHS.get(text.lower(), text)
    if not field.options:
        return text
    found = next((o for o in field.options if text in (o.id, o.label, o.label_en)), None)
    if found is None:
        known = "、".join(option.label for option in field.options)
        raise DomainError("这个问题没有“{text}”这个选项；可选：{known}", field="answer", text=text, known=known)
    return found.id


def plan(campaign: Campaign, *, actor: Any) -> None:
    """Fix that it goes out: now, or at its moment. Who gets it is found then."""
    check_step(rules.STEPS, campaign.state, CampaignState.PLANNED)
    now = clock.now()
    _check_event(campaign)
    campaign.asked = now
    moment = campaign.planned_for
    if moment is None:
        raise DomainError("请填写发送时间", field="moment")
    if campaign.timing is not Timing.NOW and moment <= now:
        raise DomainError("发送时间已经过去，请改为立即发送或另选时间", field="timing")
    _move(campaign, CampaignState.PLANNED)
    campaign.missed_for = None
    activity.record("campaigns.planned", subject=campaign, actor=actor, name=campaign.name, moment=moment.isoformat())
    db.session.flush()
    _mind_reminder(campaign.event)


def _check_event(campaign: Campaign) -> None:
    event = campaign.event
    if event.state is EventState.DRAFT:
        raise Conflict("活动还没有发布，发布后才能发消息")
    if event.state is EventState.CANCELLED and campaign.timing is not Timing.NOW:
        raise Conflict("活动已取消，只能立即发送")


def back_to_draft(campaign: Campaign, *, actor: Any) -> None:
    """Take a planned campaign back to look at it again."""
    check_step(rules.STEPS, campaign.state, CampaignState.DRAFT)
    _move(campaign, CampaignState.DRAFT)
    activity.record("campaigns.unplanned", subject=campaign, actor=actor, name=campaign.name)
    db.session.flush()


def cancel(campaign: Campaign, *, actor: Any) -> int:
    """Call off what has not gone out: a plan, the rest of a running sending, or what still waits in the outbox."""
    if campaign.state is not CampaignState.SENT:
        check_step(rules.STEPS, campaign.state, CampaignState.CANCELLED)
        _move(campaign, CampaignState.CANCELLED)
        db.session.flush()
    recalled = notifications.cancel_batch(campaign.batch)
    activity.record("campaigns.cancelled", subject=campaign, actor=actor, name=campaign.name, recalled=recalled)
    db.session.flush()
    return recalled


def _move(campaign: Campaign, target: CampaignState) -> None:
    campaign.state, campaign.updated = target, clock.now()
    db.session.flush()
    _mind_reminder(campaign.event)


def _mind_reminder(event: Event) -> None:
    """The platform's own reminder of an event rests while a campaign stands for it."""
    event.default_reminder = db.session.execute(queries.replacing(event.id)).first() is None
    db.session.flush()


def miss(campaign: Campaign, reason: str) -> None:
    """It should have gone out and did not: the organiser finds it on the desk."""
    _move(campaign, CampaignState.MISSED)
    campaign.missed_for = reason
    activity.record("campaigns.missed", subject=campaign, actor=None, name=campaign.name, reason=reason)
    db.session.flush()


def copy(source: Event, copied: Event, _shift: timedelta) -> None:
    """What was planned relative to an event comes along with its copy, as drafts; lists of single people do not."""
    rows = db.session.execute(
        sa.select(Campaign)
        .where(Campaign.event_id == source.id, Campaign.state != CampaignState.CANCELLED)
        .order_by(Campaign.id)
    )
    groups = {group.name: group.id for group in copied.audiences}
    pools = {(pool.kind, pool.name): pool.id for pool in copied.pools}
    for row in rows.unique().scalars():
        group_id = groups.get(row.group.name) if row.group else None
        if row.timing not in RELATIVE or row.filters.get("ids") or (row.group_id and group_id is None):
            continue
        known = {pool.id: pools.get((pool.kind, pool.name)) for pool in source.pools}
        sessions = [known.get(pool_id) for pool_id in row.filters.get("sessions", ())]
        if None in sessions:
            continue
        filters = {**row.filters, "sessions": sessions}
        db.session.add(_copy_of(row, copied, group_id, {k: v for k, v in filters.items() if v}))
    db.session.flush()


def again(campaign: Campaign, *, actor: Any) -> Campaign:
    """A new draft with the text and the filters of a campaign."""
    row = _copy_of(campaign, campaign.event, campaign.group_id, dict(campaign.filters))
    row.created_by_id, row.replaces_reminder = actor.id, False
    db.session.add(row)
    db.session.flush()
    activity.record("campaigns.drafted", subject=row, actor=actor, name=row.name, copied_from=campaign.id)
    return row


def _copy_of(row: Campaign, event: Event, group_id: int | None, filters: dict[str, Any]) -> Campaign:
    now = clock.now()
    kept = (
        "invited",
        "name",
        "occasion",
        "subject",
        "subject_en",
        "body",
        "body_en",
        "way",
        "each",
        "timing",
        "minutes",
    )
    values = {key: getattr(row, key) for key in (*kept, "moment", "replaces_reminder", "created_by_id")}
    return Campaign(
        event_id=event.id, event=event, group_id=group_id, filters=filters, created=now, updated=now, **values
    )
