"""Attendance certificates of an event: words, proposal, confirmation, the papers."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.badges import documents as papers
from matchmaker.badges import queries
from matchmaker.badges.forms import ProposeForm, ReturnForm, WordsForm
from matchmaker.badges.models import AttendanceCertificate
from matchmaker.badges.services import certificates
from matchmaker.badges.views import bp
from matchmaker.core import clock, documents
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, public, requires, signed_in
from matchmaker.events import access
from matchmaker.events.models import Event
from matchmaker.notifications.services import base_url
from matchmaker.publicity import queries as publicity

LISTED = 100
IN_ONE_FILE = 500
SINGLE_PAPERS = 200  # in one archive: each is set by itself


@bp.get("/<int:event_id>/certificates")
@signed_in
def certificates_of(event_id: int) -> Any:
    """How many were there, how many have theirs, and the next step."""
    event = _event(event_id)
    words = _words()
    statement = queries.certificates_of(event_id, holder=words)
    total = queries.count_of(queries.certificates_of(event_id))
    standing = queries.count_of(queries.standing_certificates(event_id, holder=words))
    return page(
        "badges/certificates.html",
        fragment="badges/_progress.html",
        event=event,
        manages=access.may_manage(current_user, event),
        over=clock.now() >= event.ends,
        seen=queries.count_of(queries.seen(event_id)),
        missing=queries.count_of(queries.without_certificate(event_id)),
        total=total,
        files=range(1, (total + IN_ONE_FILE - 1) // IN_ONE_FILE + 1),
        archives=range(1, (standing + SINGLE_PAPERS - 1) // SINGLE_PAPERS + 1),
        rows=db.session.execute(statement.limit(LISTED)).scalars().all(),
        words=certificates.words_for(event),
        decision=publicity.decision_of(event, kind=queries.ISSUE),
        q=words,
    )


def _words() -> str:
    return request.args.get("q", "").strip()[:60]


def _event(event_id: int) -> Event:
    event: Event = one_or_404(queries.certified_by(current_user).where(Event.id == event_id))
    return event


def _issuer(language: str = "zh") -> str:
    known = current_app.config["SETTINGS"]
    return str((known.district_name_en if language == "en" else "") or known.district_name)


def _back(event_id: int) -> Any:
    return redirect(url_for("badges.certificates_of", event_id=event_id), 303)


@bp.route("/<int:event_id>/certificates/words", methods=["GET", "POST"])
@signed_in
def words(event_id: int) -> Any:
    """Write the words."""
    event = _event(event_id)
    form = WordsForm(obj=queries.words_of(event_id), data={**certificates.words_for(event), "hours": None})
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                certificates.word(event, actor=current_user, **form.values)
            flash(_("已保存"), "good")
            return _back(event_id)
    return answer(form, "badges/words.html", event=event)


@bp.get("/<int:event_id>/certificates/sample.png")
@signed_in
def sample(event_id: int) -> Any:
    """How a certificate will look."""
    event = _event(event_id)
    data = papers.sample_paper(event, certificates.words_for(event), issuer=_issuer())
    return Response(documents.picture("certificate", data, ppi=60), mimetype="image/png")


@bp.route("/<int:event_id>/certificates/propose", methods=["GET", "POST"])
@signed_in
def propose(event_id: int) -> Any:
    """Put them before a second person."""
    event = _event(event_id)
    form = ProposeForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                certificates.propose(event, actor=current_user, reason=form.reason.data)
            flash(_("已提请复核；复核通过后自动制发"), "good")
            return _back(event_id)
    count = queries.count_of(queries.without_certificate(event_id))
    return answer(form, "badges/propose.html", event=event, count=count, words=certificates.words_for(event))


@bp.post("/<int:event_id>/certificates/confirm")
@requires(Permission.NOTICES_DECIDE)
def confirm(event_id: int) -> Any:
    """The second person agrees."""
    event = _event(event_id)
    try:
        with transaction():
            made = certificates.confirm(event, actor=current_user)
        flash(_("复核通过，已制发 %(n)d 份，其余由系统继续制发", n=made), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return _back(event_id)


@bp.route("/<int:event_id>/certificates/return", methods=["GET", "POST"])
@requires(Permission.NOTICES_DECIDE)
def give_back(event_id: int) -> Any:
    """The second person does not agree."""
    event = _event(event_id)
    form = ReturnForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                certificates.give_back(event, actor=current_user, reason=form.reason.data)
            flash(_("已退回"), "info")
            return _back(event_id)
    back = url_for("badges.certificates_of", event_id=event_id)
    return answer(form, "badges/return.html", event=event, back=back)


@bp.get("/<int:event_id>/certificates/all.pdf")
@signed_in
def all_papers(event_id: int) -> Any:
    """All that stand, one a page, some hundreds a file."""
    event = _event(event_id)
    rows, part, language = _part(queries.standing_certificates(event_id), most=IN_ONE_FILE)
    body = documents.pdf("certificate", {"papers": [_paper(row, language) for row in rows]})
    return download(body, filename=f"{event.title}-{part}.pdf", mimetype="application/pdf")


@bp.get("/<int:event_id>/certificates/single.zip")
@signed_in
def single_papers(event_id: int) -> Any:
    """Those that stand and bear the name that was looked for, one file each, some hundreds an archive."""
    event = _event(event_id)
    rows, part, language = _part(queries.standing_certificates(event_id, holder=_words()), most=SINGLE_PAPERS)
    bodies = documents.pdfs("certificate", (_paper(row, language) for row in rows))
    body = papers.archive(
        (papers.file_name(row.certificate.number, row.certificate.holder), each)
        for row, each in zip(rows, bodies, strict=True)
    )
    return download(body, filename=f"{event.title}-{part}.zip", mimetype="application/zip")


def _part(statement: Any, *, most: int) -> tuple[Sequence[AttendanceCertificate], int, str]:
    part = max(request.args.get("part", 1, type=int), 1)
    rows = db.session.execute(statement.limit(most).offset((part - 1) * most)).scalars().all()
    if not rows:
        abort(404)
    return rows, part, "en" if request.args.get("language") == "en" else "zh"


def _paper(row: AttendanceCertificate, language: str) -> dict[str, Any]:
    url = base_url() + url_for("publicity.certificate", number=row.certificate.number)
    return papers.attendance_paper(row, issuer=_issuer(language), check_url=url, language=language)


@bp.get("/certificates/<number>/<any(zh,en):language>.pdf")
@public
def paper(number: str, language: str) -> Any:
    """One certificate, for whoever holds its code or runs the event; a revoked or replaced one is not printed again."""
    row = queries.by_number(number)
    if row is None or row.certificate.revoked_on is not None or not _may_have(row):
        abort(404)
    body = documents.pdf("certificate", _paper(row, language))
    return download(body, filename=f"{row.certificate.number}.pdf", mimetype="application/pdf")


def _may_have(row: AttendanceCertificate) -> bool:
    code = request.args.get("code", "").strip().upper()
    if hmac.compare_digest(code.encode(), row.certificate.code.encode()):
        return True
    return current_user.is_authenticated and access.may_manage(current_user, row.event)
