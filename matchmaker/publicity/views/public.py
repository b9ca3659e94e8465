"""What everybody sees: notices now and before, one notice with its countdown, its papers, and filing an objection."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock, documents
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, public
from matchmaker.lists.pages import list_page
from matchmaker.publicity import access, lists, queries
from matchmaker.publicity import documents as papers
from matchmaker.publicity.forms import ObjectionForm
from matchmaker.publicity.models import Notice, Objection
from matchmaker.publicity.services import objections
from matchmaker.publicity.views import bp

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/notices/")
@public
def index() -> Any:
    """Running notices as cards, all of them as a list."""
    rows = db.session.execute(queries.running(clock.now()).limit(30)).unique().scalars().all()
    return list_page(lists.PUBLIC_NOTICES, "publicity/index.html", running=rows, left=_days_left(rows))


def _days_left(rows: Any) -> dict[int, int]:
    """Working days that remain, today included, by notice."""
    today = clock.today()
    calendar = queries.work_calendar(since=today)
    return {row.id: calendar.working_days_between(max(today, row.starts), row.ends) for row in rows}


@bp.get("/notices/<int:notice_id>")
@public
def show(notice_id: int) -> Any:
    """One notice."""
    notice = one_or_404(queries.published().where(Notice.id == notice_id))
    now = clock.now()
    open_now = notice.state in queries.RUNNING and notice.ends >= clock.today()
    return page(
        "publicity/show.html",
        notice=notice,
        state=notice.state_at(now),
        open_now=open_now,
        left=_days_left([notice])[notice.id] if open_now else 0,
        manages=access.may_manage(current_user, notice),
    )


@bp.get("/notices/<int:notice_id>/notice.pdf")
@public
def notice_pdf(notice_id: int) -> Any:
    """The notice as PDF."""
    notice = one_or_404(queries.visible_to(current_user).where(Notice.id == notice_id))
    body = documents.pdf("notice", papers.notice_paper(notice, issuer=_issuer()))
    return download(body, filename=f"{notice.title}.pdf", mimetype="application/pdf")


@bp.get("/notices/<int:notice_id>/notice.docx")
@public
def notice_docx(notice_id: int) -> Any:
    """The notice as a document to edit."""
    notice = one_or_404(queries.visible_to(current_user).where(Notice.id == notice_id))
    body = documents.docx_notice(papers.notice_paper(notice, issuer=_issuer()))
    return download(body, filename=f"{notice.title}.docx", mimetype=WORD)


def _issuer() -> str:
    return str(current_app.config["SETTINGS"].district_name)


@bp.route("/notices/<int:notice_id>/object", methods=["GET", "POST"])
@public
def object_to(notice_id: int) -> Any:
    """File an objection, with or without an account, never without a name."""
    notice = one_or_404(queries.published().where(Notice.id == notice_id))
    form = ObjectionForm(
        signer=getattr(current_user, "name", ""),
        phone=getattr(current_user, "phone", "") or "",
        email=getattr(current_user, "email", "") or "",
    )
    form.offer(notice)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                row = objections.file_objection(notice, actor=current_user, source=_source(), **form.values)
                receipt = row.receipt
            flash(_("异议已收到，请保存本页地址，以便查看处理结果"), "good")
            return redirect(url_for("publicity.receipt", receipt=receipt), 303)
    return answer(form, "publicity/object.html", notice=notice)


def _source() -> str:
    """Where the request came from, as a keyed hash: enough to count, not enough to find."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, f"objection:{request.remote_addr}".encode(), hashlib.sha256).hexdigest()


@bp.get("/objections/receipts/<receipt>")
@public  # the receipt is the key: 96 random bits; the page names nobody
def receipt(receipt: str) -> Any:
    """How an objection stands, for whoever holds its receipt."""
    return page("publicity/receipt.html", objection=_by_receipt(receipt))


@bp.post("/objections/receipts/<receipt>/withdraw")
@public
def withdraw_objection(receipt: str) -> Any:
    """Take an objection back."""
    row = _by_receipt(receipt)
    try:
        with transaction():
            objections.withdraw(row)
        flash(_("异议已撤回"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("publicity.receipt", receipt=receipt), 303)


def _by_receipt(receipt: str) -> Objection:
    row: Objection = one_or_404(db.select(Objection).where(Objection.receipt == receipt))
    return row
