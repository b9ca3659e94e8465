"""Pages of webhooks: set up, look what became of every delivery, send again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import i18n
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.feature import activity_title, features
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires
from matchmaker.lists.pages import list_page
from matchmaker.webhooks import access, lists, queries, rules
from matchmaker.webhooks.forms import WebhookForm
from matchmaker.webhooks.models import Delivery, Webhook
from matchmaker.webhooks.rules import DeliveryState
from matchmaker.webhooks.services import hooks

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")
MANAGERS = (Permission.EVENTS_MANAGE, Permission.ACCOUNTS_MANAGE)


@bp.get("/")
@requires(*MANAGERS)
def index() -> Any:
    """The webhooks of one's regions."""
    return list_page(lists.WEBHOOKS, "webhooks/index.html")


@bp.route("/new", methods=["GET", "POST"])
@requires(*MANAGERS)
def new() -> Any:
    """Set up a webhook; its secret is shown once."""
    form = WebhookForm(groups=["events."])
    form.offer(_groups())
    if form.validate_on_submit():
        with errors_on(form):
            hooks.examine(form.url.data or "")
            with transaction():
                row, secret = hooks.create(actor=current_user, region=_region(), **form.values)
            return page("webhooks/secret.html", webhook=row, secret=secret)
    return answer(form, "webhooks/edit.html", webhook=None, kinds=_kinds())


@bp.get("/<int:webhook_id>")
@requires(*MANAGERS)
def show(webhook_id: int) -> Any:
    """A webhook with its deliveries."""
    row = _webhook(webhook_id)
    return list_page(
        lists.DELIVERIES,
        "webhooks/show.html",
        scope={"webhook_id": webhook_id},
        webhook=row,
        counts=queries.counts_of(webhook_id),
        failed=DeliveryState.FAILED,
        heard=_heard(row),
        timeline=activity.of(row, limit=20),
    )


@bp.route("/<int:webhook_id>/edit", methods=["GET", "POST"])
@requires(*MANAGERS)
def edit(webhook_id: int) -> Any:
    """Change a webhook."""
    row = _webhook(webhook_id)
    groups = [kind for kind in row.kinds if kind.endswith(".")]
    single = "\n".join(kind for kind in row.kinds if not kind.endswith("."))
    form = WebhookForm(name=row.name, url=row.url, groups=groups, single=single)
    form.offer(_groups())
    if form.validate_on_submit():
        with errors_on(form):
            hooks.examine(form.url.data or "")
            with transaction():
                hooks.edit(row, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("webhooks.show", webhook_id=webhook_id), 303)
    return answer(form, "webhooks/edit.html", webhook=row, kinds=_kinds())


@bp.post("/<int:webhook_id>/rotate")
@requires(*MANAGERS)
def rotate(webhook_id: int) -> Any:
    """A new secret, shown once."""
    row = _webhook(webhook_id)
    with transaction():
        secret = hooks.rotate(row, actor=current_user)
    return page("webhooks/secret.html", webhook=row, secret=secret)


@bp.post("/<int:webhook_id>/switch")
@requires(*MANAGERS)
def switch(webhook_id: int) -> Any:
    """Pause or go on."""
    row = _webhook(webhook_id)
    active = request.form.get("active") == "yes"
    with transaction():
        hooks.switch(row, actor=current_user, active=active)
    flash(_("推送已启用") if active else _("推送已暂停；等待中的记录保留，恢复后继续发送"), "good")
    return _back(webhook_id)


@bp.post("/<int:webhook_id>/ping")
@requires(*MANAGERS)
def ping(webhook_id: int) -> Any:
    """Queue a delivery about nothing."""
    row = _webhook(webhook_id)
    with transaction():
        hooks.ping(row, actor=current_user)
    flash(_("测试推送已排队，十几秒内发出；刷新本页看结果"), "good")
    return _back(webhook_id)


@bp.post("/<int:webhook_id>/resend")
@requires(*MANAGERS)
def resend_failed(webhook_id: int) -> Any:
    """Send everything again that was given up."""
    row = _webhook(webhook_id)
    with transaction():
        count = hooks.resend_failed(row, actor=current_user)
    flash(_("%(n)d 条推送已重新排队", n=count), "good")
    return _back(webhook_id)


@bp.post("/<int:webhook_id>/delete")
@requires(*MANAGERS)
def delete(webhook_id: int) -> Any:
    """End a webhook."""
    row = _webhook(webhook_id)
    with transaction():
        hooks.delete(row, actor=current_user)
    flash(_("推送已删除"), "info")
    return redirect(url_for("webhooks.index"), 303)


@bp.get("/<int:webhook_id>/deliveries/<int:delivery_id>")
@requires(*MANAGERS)
def delivery(webhook_id: int, delivery_id: int) -> Any:
    """One delivery: what was sent and what was answered."""
    row = _delivery(webhook_id, delivery_id)
    body = rules.payload(row.body, row.id).decode()
    error = _(row.error) if row.error else None  # here and not in the page: a stranger's words stay text
    return page("webhooks/delivery.html", delivery=row, webhook=row.webhook, body=body, error=error)


@bp.post("/<int:webhook_id>/deliveries/<int:delivery_id>/resend")
@requires(*MANAGERS)
def resend(webhook_id: int, delivery_id: int) -> Any:
    """Send one delivery again."""
    row = _delivery(webhook_id, delivery_id)
    try:
        with transaction():
            hooks.resend(row, actor=current_user)
        flash(_("%(n)d 条推送已重新排队", n=1), "good")
    except DomainError as error:
        flash(i18n.sentence(error), "warn")
    return redirect(url_for("webhooks.delivery", webhook_id=webhook_id, delivery_id=delivery_id), 303)


def _webhook(webhook_id: int) -> Webhook:
    row: Webhook = one_or_404(queries.visible_to(current_user).where(Webhook.id == webhook_id))
    return row


def _delivery(webhook_id: int, delivery_id: int) -> Delivery:
    scope = {"webhook_id": str(webhook_id)}
    row: Delivery = one_or_404(queries.deliveries_visible_to(current_user, scope).where(Delivery.id == delivery_id))
    return row


def _back(webhook_id: int) -> Any:
    return redirect(url_for("webhooks.show", webhook_id=webhook_id), 303)


def _region() -> str:
    own = sorted(current_user.region_codes)
    home: str = current_app.config["SETTINGS"].region
    return home if home in own or not own else own[-1]


def _kinds() -> list[tuple[str, str]]:
    """Every kind of activity that this person may listen to, with its title."""
    everything = access.may_hear_everything(current_user)
    named = sorted(features().merged("activities").items())
    return [(k, _(title)) for k, title in named if everything or k.partition(".")[0] in rules.OF_ORGANISERS]


def _heard(webhook: Webhook) -> list[str]:
    """What a webhook listens to, in words."""
    titles = {f"{feature.name}.": feature.title for feature in features().all}
    return [
        _("%(what)s（全部）", what=_(titles.get(kind, kind))) if kind.endswith(".") else _(activity_title(kind))
        for kind in webhook.kinds
    ]


def _groups() -> list[tuple[str, str]]:
    """The groups of those kinds, named like their feature."""
    offered = {kind.partition(".")[0] for kind, _title in _kinds()}
    titles = {feature.name: feature.title for feature in features().all}
    return [(f"{name}.", _(titles.get(name, name))) for name in titles if name in offered]
