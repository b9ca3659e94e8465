"""Agreements of three parties: drawn up, read, signed, ended."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.candidacies import access, queries
from matchmaker.candidacies import documents as papers
from matchmaker.candidacies.forms import AgreementForm, ScanForm, TerminateForm
from matchmaker.candidacies.models import Agreement, Candidacy
from matchmaker.candidacies.rules import AgreementState, Party
from matchmaker.candidacies.services import agreements
from matchmaker.candidacies.views import bp
from matchmaker.core import calendar, clock, documents
from matchmaker.core.db import transaction
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, requires, signed_in, step
from matchmaker.directory.models import Person
from matchmaker.files import queries as files
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.access import may_manage
from matchmaker.rosters.services.documents import rules_on

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.route("/<int:candidacy_id>/agreement", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def draw_up(candidacy_id: int) -> Any:
    """The agreement of a matched envoy."""
    row = one_or_404(queries.managed_by(current_user).where(Candidacy.id == candidacy_id))
    return _draw_up(
        row.person,
        host=row.host.name if row.host else "",
        candidacy=row,
        sending_unit_id=row.sending_unit_id,
        title=_("三方协议：%(name)s", name=row.person.name),
    )


@bp.route("/people/<int:person_id>/agreement", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def draw_up_for(person_id: int) -> Any:
    """The agreement of an envoy who was appointed before."""
    person = one_or_404(rosters.people_visible_to(current_user).where(Person.id == person_id))
    return _draw_up(
        person,
        host="",
        candidacy=None,
        sending_unit_id=person.organisation_id,
        title=_("三方协议：%(name)s", name=person.name),
    )


def _draw_up(person: Person, *, host: str, title: str, **given: Any) -> Any:
    today = clock.today()
    form = AgreementForm(host=host, starts=today, ends=calendar.add_months(today, rules_on(today).envoy_term_months))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                row = agreements.draw_up(person, actor=current_user, **given, **form.values)
                row_id = row.id
            flash(_("协议已建立，等待三方签署"), "good")
            return redirect(url_for("candidacies.agreement", agreement_id=row_id), 303)
    told = _("特派员（或派出单位）、受援企业和科技管理部门各自签署后生效。")
    return answer(form, "candidacies/step.html", row=None, title=title, consequence=told, multipart=True)


@bp.get("/agreements/<int:agreement_id>")
@signed_in
def agreement(agreement_id: int) -> Any:
    """One agreement with its signatures."""
    return _shown(_seen(agreement_id))


def _shown(row: Agreement, form: ScanForm | None = None) -> Any:
    signing = row.state is AgreementState.SIGNING
    sides, manages = access.parties_of(current_user, row), may_manage(current_user, row.region)
    context: dict[str, Any] = {
        "row": row,
        "parties": [(party, row.signed_by(party), getattr(row, f"{party.value}_signed")) for party in Party],
        "may_sign": [p for p in sides if signing and not row.signed_by(p)],
        "manages": manages,
        "uploads": bool(sides or manages) and row.state is not AgreementState.TERMINATED,
        "files": files.of(row),
        "timeline": activity.of(row),
    }
    if form is None:
        return page("candidacies/agreement.html", form=ScanForm(formdata=None), **context)
    return answer(form, "candidacies/agreement.html", **context)


@bp.get("/agreements/<int:agreement_id>/agreement.pdf")
@signed_in
def agreement_pdf(agreement_id: int) -> Any:
    """The agreement for signing."""
    row = _seen(agreement_id)
    return download(
        documents.pdf("agreement", _paper(row)), filename=f"{_file_name(row)}.pdf", mimetype="application/pdf"
    )


@bp.get("/agreements/<int:agreement_id>/agreement.docx")
@signed_in
def agreement_docx(agreement_id: int) -> Any:
    """The agreement for editing before it is signed."""
    row = _seen(agreement_id)
    return download(documents.docx_agreement(_paper(row)), filename=f"{_file_name(row)}.docx", mimetype=WORD)


def _paper(row: Agreement) -> dict[str, Any]:
    bureau = str(current_app.config["SETTINGS"].district_name)
    return papers.agreement_paper(row, known=rules_on(row.starts), bureau=bureau)


def _file_name(row: Agreement) -> str:
    return f"三方协议-{row.person.name}-{row.host.name}"


@bp.post("/agreements/<int:agreement_id>/scan")
@signed_in
def keep_scan(agreement_id: int) -> Any:
    """The signed paper comes back."""
    row, form = _seen(agreement_id), ScanForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                agreements.keep_scan(row, actor=current_user, file=form.scan.data)
            flash(_("扫描件已上传"), "good")
            return redirect(url_for("candidacies.agreement", agreement_id=agreement_id), 303)
    return _shown(_seen(agreement_id), form)


@bp.post("/agreements/<int:agreement_id>/sign")
@signed_in
def sign(agreement_id: int) -> Any:
    """Sign for one party."""
    row = _seen(agreement_id)
    party = next((p for p in Party if p.value == request.form.get("party")), Party.ENVOY)
    return step(
        lambda: agreements.sign(row, actor=current_user, party=party),
        done=_("已签署"),
        back=url_for("candidacies.agreement", agreement_id=agreement_id),
    )


@bp.route("/agreements/<int:agreement_id>/terminate", methods=["GET", "POST"])
@requires(Permission.ROSTERS_MANAGE)
def terminate(agreement_id: int) -> Any:
    """End it early."""
    row = _seen(agreement_id)
    form = TerminateForm(day=clock.today())
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                agreements.terminate(row, actor=current_user, **form.values)
            flash(_("协议已终止"), "good")
            return redirect(url_for("candidacies.index"), 303)
    told = _("终止后不能再登记服务；已登记的服务保留。")
    return answer(form, "candidacies/step.html", row=None, title=_("终止协议"), consequence=told, danger=True)


def _seen(agreement_id: int) -> Agreement:
    row: Agreement = one_or_404(queries.agreements_visible_to(current_user).where(Agreement.id == agreement_id))
    return row
