"""The privacy ledger of an event: what is left, until when, deletion by hand, and the proof."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock, spreadsheets
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import current_locale, sentence
from matchmaker.core.spreadsheets import Export, ExportColumn
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, signed_in
from matchmaker.events.models import Event
from matchmaker.retention import queries, rules
from matchmaker.retention.forms import TermForm
from matchmaker.retention.models import Deletion
from matchmaker.retention.rules import Line
from matchmaker.retention.services import purging, terms

bp = Blueprint("retention", __name__, url_prefix="/retention")
FORMATS = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}


def _event(event_id: int) -> Event:
    event: Event = one_or_404(queries.run_by(current_user).where(Event.id == event_id))
    return event


def _line(event: Event, key: str | None) -> Line:
    found = next((line for line in queries.ledger(event, language=current_locale()) if line.key == key), None)
    if found is None:
        abort(404)
    return found


@bp.get("/events/<int:event_id>")
@signed_in
def index(event_id: int) -> Any:
    """What is left, what for, until when, and what was deleted."""
    event = _event(event_id)
    proof = queries.deletions(event.id)
    return page(
        "retention/index.html",
        event=event,
        lines=queries.ledger(event, language=current_locale()),
        proof=proof,
        broken=_broken(proof),
        removable=_removable(event),
        formats=FORMATS,
    )


def _removable(event: Event) -> bool:
    try:
        rules.check_over(ends=event.ends, cancelled=event.state.value == "cancelled", now=clock.now())
    except DomainError:
        return False
    return True


def _broken(proof: Any) -> int | None:
    return rules.first_broken([(row.content, row.previous, row.digest) for row in proof])


@bp.route("/events/<int:event_id>/term", methods=["GET", "POST"])
@signed_in
def term(event_id: int) -> Any:
    """How long one line (`?line=`) is kept."""
    event = _event(event_id)
    line = _line(event, request.args.get("line"))
    form = TermForm(data={"days": line.days, "reason": line.reason})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                terms.set_days(event, line, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("retention.index", event_id=event.id), 303)
    return answer(form, "retention/term.html", event=event, line=line)


@bp.post("/events/<int:event_id>/delete")
@signed_in
def delete(event_id: int) -> Any:
    """Delete one line now; there is no way back."""
    event = _event(event_id)
    line = _line(event, request.form.get("line"))
    try:
        with transaction():
            row = purging.purge_key(event, line.key, actor=current_user)
        if row is None and line.left:
            flash(_("余下的还在用：消息待发送、签到冲突待处理，或批量操作还可撤销；之后再删"), "warn")
        elif row is None:
            flash(_("没有可以删除的内容"), "info")
        else:
            flash(_("已删除 %(n)d 项，删除证明第 %(number)d 号", n=row.count, number=row.number), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("retention.index", event_id=event.id), 303)


@bp.get("/events/<int:event_id>/proof.<any(pdf,xlsx,csv,json):kind_of_file>")
@signed_in
def proof(event_id: int, kind_of_file: str) -> Any:
    """The proof of deletion as a file."""
    event = _event(event_id)
    rows = queries.deletions(event.id)
    broken = _broken(rows)
    checked = _("校验一致") if broken is None else _("第 %(n)d 号起校验不一致", n=broken)
    columns = [
        ExportColumn("number", _("编号"), "integer"),
        ExportColumn("category", _("类别"), "text"),
        ExportColumn("count", _("删除项数"), "integer"),
        ExportColumn("days", _("保存天数"), "integer"),
        ExportColumn("moment", _("删除时间"), "moment"),
        ExportColumn("by", _("由谁删除"), "text"),
        ExportColumn("digest", _("校验码"), "text"),
    ]
    export = Export(
        columns,
        [
            [row.number, _title(row), row.count, row.days, row.moment, _by(row), _seal(row, kind_of_file)]
            for row in rows
        ],
        title=_("个人信息删除证明"),
        subtitle=f"{event.text_in('title', current_locale())} · {checked}",
        notes=[_("本证明不含个人信息。每条校验码由这一条的内容和上一条的校验码算出，改动任何一条都能查出。")],
    )
    body, mimetype, ending = spreadsheets.render(export, kind_of_file)
    return download(body, filename=f"{event.title}-{export.title}.{ending}", mimetype=mimetype)


def _title(row: Deletion) -> str:
    title = _(row.category.label)
    return _("%(category)s：%(field)s", category=title, field=row.label) if row.label else title


def _seal(row: Deletion, kind_of_file: str) -> str:
    """On paper in groups of eight, so that it breaks into lines."""
    if kind_of_file != "pdf":
        return row.digest
    return " ".join(row.digest[at : at + 8] for at in range(0, len(row.digest), 8))


def _by(row: Deletion) -> str:
    return row.actor.name if row.actor is not None else _("到期自动删除")
