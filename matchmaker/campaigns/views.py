"""Pages of campaigns: write from a ready text, see what each person will read, confirm, follow, call off."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from matchmaker.activity import queries as activity
from matchmaker.campaigns import lists, queries, rules
from matchmaker.campaigns.forms import CampaignForm, from_campaign, from_ready
from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import EDITABLE, CampaignState, Occasion, Timing, placeholders
from matchmaker.campaigns.rules.texts import READY
from matchmaker.campaigns.services import filling, writing
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import local, sentence
from matchmaker.core.web import answer, errors_on, one_or_404, page, signed_in
from matchmaker.events import access as events_access
from matchmaker.events import queries as events
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventDuty, RegistrationState, Source
from matchmaker.invitations.models import Invitation
from matchmaker.lists.pages import list_page
from matchmaker.notifications import queries as notifications

bp = Blueprint("campaigns", __name__, url_prefix="/campaigns")
NAMED = 200  # people named on a page who will get nothing; the rest is a number


def _event(event_id: int) -> Event:
    event: Event = one_or_404(events.run_by(current_user, EventDuty.MESSAGES).where(Event.id == event_id))
    return event


def _campaign(campaign_id: int) -> Campaign:
    row: Campaign = one_or_404(queries.visible_to(current_user).where(Campaign.id == campaign_id))
    return row


@bp.get("/events/<int:event_id>")
@signed_in
def index(event_id: int) -> Any:
    """The messages of one event, and the ready texts to begin with."""
    event = _event(event_id)
    return list_page(
        lists.CAMPAIGNS,
        "campaigns/index.html",
        scope={"event_id": event_id},
        event=event,
        occasions=list(Occasion),
        invites=events_access.has_duty(current_user, event, EventDuty.REGISTRATIONS),
    )


@bp.route("/events/<int:event_id>/new", methods=["GET", "POST"])
@signed_in
def new(event_id: int) -> Any:
    """Write a message, perhaps to people chosen in the list of registrations (`ids`)."""
    event = _event(event_id)
    occasion = next((o for o in Occasion if o.value == request.args.get("occasion")), Occasion.OTHER)
    given = from_ready(occasion, READY[occasion], rules.read_ids(request.args.get("ids", "")))
    form = CampaignForm(**({} if request.method == "POST" else given))
    form.offer(current_user, event)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                row_id = writing.draft(event, actor=current_user, **form.values).id
            flash(_("草稿已保存；请核对收件人和预览，再发送"), "good")
            return redirect(url_for("campaigns.show", campaign_id=row_id), 303)
    return _edit_page(form, event, None)


@bp.route("/<int:campaign_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(campaign_id: int) -> Any:
    """Change a message that has not gone out."""
    row = _campaign(campaign_id)
    if row.state not in EDITABLE:
        flash(_("这条消息已开始发送或已取消，不能再修改；可复制后另发"), "warn")
        return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)
    given = {} if request.method == "POST" else from_campaign(row, queries.questions_of(row.event))
    form = CampaignForm(**given)
    form.offer(current_user, row.event)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                writing.edit(row, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)
    return _edit_page(form, row.event, row)


def _edit_page(form: CampaignForm, event: Event, row: Campaign | None) -> Any:
    chosen = len(rules.read_ids(form.ids.data or ""))
    return answer(
        form, "campaigns/edit.html", event=event, campaign=row, chosen=chosen, placeholders=placeholders.PLACEHOLDERS
    )


@bp.post("/<int:campaign_id>/copy")
@signed_in
def copy(campaign_id: int) -> Any:
    """Begin a new message with the text and the filters of this one."""
    row = _campaign(campaign_id)
    with transaction():
        copied_id = writing.again(row, actor=current_user).id
    flash(_("已复制为草稿"), "good")
    return redirect(url_for("campaigns.edit", campaign_id=copied_id), 303)


@bp.get("/<int:campaign_id>")
@signed_in
def show(campaign_id: int) -> Any:
    """A message: what people read, whom it reaches, how far it has come."""
    row = _campaign(campaign_id)
    open_ = row.state in EDITABLE
    who = _previewed(row)
    return page(
        "campaigns/show.html",
        event=row.event,
        campaign=row,
        reach=queries.overview(row, clock.now()) if open_ else None,
        letters=_letters(row, who),
        who=who,
        others=db.session.execute(queries.recipients(row, clock.now()).limit(20)).unique().scalars().all(),
        chosen=_filters_in_words(row),
        counts=notifications.counts_of_batch(row.batch),
        editable=open_,
        named=NAMED,
        timeline=activity.of(row, limit=20),
    )


def _previewed(row: Campaign) -> filling.Recipient | None:
    wanted = request.args.get("who", "")
    statement = queries.recipients(row, clock.now())
    key = Invitation.id if row.invited else Registration.id
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        found = db.session.execute(statement.where(key == int(wanted))).unique().scalar_one_or_none()
        if found is not None:
            return found
    return db.session.execute(statement.limit(1)).unique().scalar_one_or_none()


def _letters(row: Campaign, who: filling.Recipient | None) -> list[filling.Letter]:
    languages = ["zh", *(["en"] if row.subject_en or row.body_en else [])]
    if who is None:
        return [filling.example(row, language) for language in languages]
    positions = filling.line_positions(row)
    return [filling.letter(row, who, language, positions) for language in languages]


def _filters_in_words(row: Campaign) -> list[tuple[str, str]]:
    chosen, event = row.filters, row.event
    listed = _("、")
    found = [(_("人群"), local(row.group, "name") if row.group else _("全部人群"))]
    if row.invited:
        found.append((_("收件人"), _("受邀还没有答复的人")))
    if chosen.get("states"):
        found.append((_("报名状态"), listed.join(_(RegistrationState(s).label) for s in chosen["states"])))
    if chosen.get("seen"):
        found.append((_("到场情况"), _(rules.Seen(chosen["seen"]).label)))
    if chosen.get("tags"):
        found.append((_("标签"), listed.join(chosen["tags"])))
    if chosen.get("sources"):
        found.append((_("来源"), listed.join(_(Source(s).label) for s in chosen["sources"])))
    for key, title, known in (
        ("handlers", _("经办人"), dict(queries.handlers_of(event))),
        ("sessions", _("已占名额的场次、用餐、班车"), dict(queries.sessions_of(event))),
    ):
        if chosen.get(key):
            found.append((title, listed.join(known.get(number, "—") for number in chosen[key])))
    if chosen.get("question"):
        field = queries.questions_of(event).get(chosen["question"])
        option = field.option(chosen["answer"]) if field else None
        found.append((field.label if field else _("表单问题"), option.label if option else chosen["answer"]))
    if chosen.get("ids"):
        found.append(
            (_("在名单中选定"), ngettext("%(n)d 个报名", "%(n)d 个报名", len(chosen["ids"]), n=len(chosen["ids"])))
        )
    return found


@bp.post("/<int:campaign_id>/test")
@signed_in
def test(campaign_id: int) -> Any:
    """Send the text to oneself."""
    row = _campaign(campaign_id)
    language = "en" if request.form.get("language") == "en" else "zh"
    who = _previewed(row)
    with transaction():
        filling.test_message(row, actor=current_user, registration=who, language=language)
    flash(_("测试消息已发给您自己；其中的链接和签到码是示例"), "good")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@bp.route("/<int:campaign_id>/confirm", methods=["GET", "POST"])
@signed_in
def confirm(campaign_id: int) -> Any:
    """Say once more what will happen, then do it."""
    row = _campaign(campaign_id)
    if request.method == "POST":
        try:
            with transaction():
                writing.plan(row, actor=current_user)
                at_once = row.timing is Timing.NOW
            flash(_("一分钟内开始发送") if at_once else _("已排定；到点自动发送"), "good")
        except DomainError as error:
            flash(sentence(error), "warn")
        return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)
    if row.state not in EDITABLE or row.state is CampaignState.PLANNED:
        return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)
    reach = queries.overview(row, clock.now())
    return page(
        "campaigns/confirm.html",
        event=row.event,
        campaign=row,
        reach=reach,
        named=NAMED,
        chosen=_filters_in_words(row),
        warns_shared=bool(reach.shared and not row.each and placeholders.has_own(*row.texts)),
        at=row.planned_for,
        at_once=row.timing is Timing.NOW,
    )


@bp.post("/<int:campaign_id>/unplan")
@signed_in
def unplan(campaign_id: int) -> Any:
    """Take a planned message back to a draft."""
    row = _campaign(campaign_id)
    try:
        with transaction():
            writing.back_to_draft(row, actor=current_user)
        flash(_("已改回草稿，不会自动发送"), "info")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@bp.post("/<int:campaign_id>/cancel")
@signed_in
def cancel(campaign_id: int) -> Any:
    """Call off a plan, or what has not left yet."""
    row = _campaign(campaign_id)
    try:
        with transaction():
            recalled = writing.cancel(row, actor=current_user)
        flash(_("已取消；%(n)d 条尚未发出的消息已收回", n=recalled), "info")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@bp.get("/<int:campaign_id>/log")
@signed_in
def log(campaign_id: int) -> Any:
    """Who got it, over which channel, with the result."""
    row = _campaign(campaign_id)
    return list_page(lists.LOG, "campaigns/log.html", scope={"campaign_id": campaign_id}, event=row.event, campaign=row)
