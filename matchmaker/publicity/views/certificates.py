"""Checking a certificate (everybody), and keeping them (staff)."""

from __future__ import annotations

import hmac
from typing import Any

from flask import abort, current_app, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.core import documents
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, public, requires
from matchmaker.lists.pages import list_page
from matchmaker.notifications.services import base_url
from matchmaker.publicity import access, lists, queries, rules
from matchmaker.publicity import documents as papers
from matchmaker.publicity.forms import CheckForm, ReasonForm, RevocationForm
from matchmaker.publicity.models import Certificate
from matchmaker.publicity.rules import CertificateState
from matchmaker.publicity.services import certificates
from matchmaker.publicity.views import bp


@bp.route("/certificates/", methods=["GET", "POST"])
@public
def check() -> Any:
    """Ask for a certificate by its number."""
    form = CheckForm()
    if form.validate_on_submit():
        with errors_on(form):
            number = str(rules.read_certificate_number(form.number.data))
            code = (form.code.data or "").upper() or None
            return redirect(url_for("publicity.certificate", number=number, code=code), 303)
    return answer(form, "publicity/check.html")


@bp.get("/certificates/<number>")
@public
def certificate(number: str) -> Any:
    """Is it genuine, and does it still stand? A person's full name needs the code printed on the paper."""
    row = _find(number)
    if row is None:
        return make_response(page("publicity/certificate.html", certificate=None, number=number), 404)
    return page("publicity/certificate.html", certificate=row, number=row.number, full=_may_read_all(row))


@bp.get("/certificates/<number>/certificate.pdf")
@public
def certificate_pdf(number: str) -> Any:
    """The paper, for staff and for whoever holds its code; one that holds no longer is not printed again."""
    row = _find(number)
    if row is None or row.state is not CertificateState.VALID or not _may_read_all(row):
        abort(404)
    url = base_url() + url_for("publicity.certificate", number=row.number)
    issuer = str(current_app.config["SETTINGS"].district_name)
    body = documents.pdf("certificate", papers.certificate_paper(row, issuer=issuer, check_url=url))
    return download(body, filename=f"{row.number}.pdf", mimetype="application/pdf")


def _find(number: str) -> Certificate | None:
    try:
        typed = str(rules.read_certificate_number(number))
    except DomainError:
        return None
    return db.session.execute(db.select(Certificate).where(Certificate.number == typed)).scalar_one_or_none()


def _may_read_all(row: Certificate) -> bool:
    code = request.args.get("code", "").strip().upper()
    return hmac.compare_digest(code.encode(), row.code.encode()) or access.may_read_certificate(current_user, row)


@bp.get("/certificates/manage/")
@requires(Permission.NOTICES_MANAGE, Permission.NOTICES_DECIDE)
def certificate_index() -> Any:
    """The certificates of one's regions."""
    return list_page(lists.CERTIFICATES, "publicity/certificates.html")


@bp.get("/certificates/manage/<int:certificate_id>")
@requires(Permission.NOTICES_MANAGE, Permission.NOTICES_DECIDE)
def manage_certificate(certificate_id: int) -> Any:
    """One certificate from the staff's side."""
    row = _managed(certificate_id)
    decision = queries.decision_of(row, kind=certificates.REVOCATION)
    return page("publicity/manage_certificate.html", certificate=row, decision=decision, timeline=activity.of(row))


@bp.route("/certificates/manage/<int:certificate_id>/revoke", methods=["GET", "POST"])
@requires(Permission.NOTICES_MANAGE, Permission.NOTICES_DECIDE)
def propose_revocation(certificate_id: int) -> Any:
    """Put a revocation before a second person."""
    row = _managed(certificate_id)
    form = RevocationForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                certificates.propose_revocation(row, actor=current_user, **form.values)
            flash(_("撤销已提请复核，请另一位同事办理"), "good")
            return redirect(url_for("publicity.manage_certificate", certificate_id=certificate_id), 303)
    return answer(form, "publicity/revoke.html", certificate=row)


@bp.post("/certificates/manage/<int:certificate_id>/confirm")
@requires(Permission.NOTICES_DECIDE)
def confirm_revocation(certificate_id: int) -> Any:
    """The second person agrees."""
    row = _managed(certificate_id)
    try:
        with transaction():
            certificates.confirm_revocation(row, actor=current_user)
        flash(_("证书已撤销，查验页面已更新"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(url_for("publicity.manage_certificate", certificate_id=certificate_id), 303)


@bp.route("/certificates/manage/<int:certificate_id>/return", methods=["GET", "POST"])
@requires(Permission.NOTICES_DECIDE)
def return_revocation(certificate_id: int) -> Any:
    """The second person does not agree."""
    row = _managed(certificate_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                certificates.return_revocation(row, actor=current_user, reason=form.reason.data)
            flash(_("已退回"), "info")
            return redirect(url_for("publicity.manage_certificate", certificate_id=certificate_id), 303)
    back = url_for("publicity.manage_certificate", certificate_id=certificate_id)
    return answer(form, "publicity/return.html", back=back)


def _managed(certificate_id: int) -> Certificate:
    row: Certificate = one_or_404(queries.certificates_managed_by(current_user).where(Certificate.id == certificate_id))
    return row
