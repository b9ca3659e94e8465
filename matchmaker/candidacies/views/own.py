"""The candidate's and the organisations' pages: apply, recommend, correct, withdraw, choose one another, resign."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.activity import queries as activity
from matchmaker.candidacies import access, queries, rules
from matchmaker.candidacies.forms import ApplyForm, CorrectForm, HostForm, RecommendForm, ResignForm, WordForm
from matchmaker.candidacies.models import Candidacy, Choice
from matchmaker.candidacies.services import applying, appointing, choosing, terms
from matchmaker.candidacies.views import bp
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, page, requires, signed_in, step
from matchmaker.files import queries as files
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.rules import DecisionState
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import STANDING, AppointmentKind, AppointmentState


@bp.get("/own")
@signed_in
def own() -> Any:
    """One's posts with their letters, one's applications, and what one's organisations put forward."""
    person = db.session.execute(rosters.person_of(current_user.id)).scalar_one_or_none()
    posts = db.session.execute(rosters.of_person(person.id)).scalars().all() if person else []
    recommended = db.session.execute(queries.recommended_by(current_user).limit(50)).unique().scalars().all()
    mine = db.session.execute(queries.own(current_user).limit(50)).unique().scalars().all()
    known = {row.id for row in mine}
    return page(
        "candidacies/own.html",
        person=person,
        posts=[(row, appointing.letter_of(row)) for row in posts],
        reviews=db.session.execute(rosters.reviews_of(person.id)).scalars().all() if person else [],
        agreements=db.session.execute(queries.agreements_visible_to(current_user).limit(50)).unique().scalars().all(),
        candidacies=mine,
        recommended=[row for row in recommended if row.id not in known],
        standing=STANDING,
        today=clock.today(),
    )


@bp.route("/apply", methods=["GET", "POST"])
@signed_in
def apply() -> Any:
    """Stand for a post."""
    person = db.session.execute(rosters.person_of(current_user.id)).scalar_one_or_none()
    form = ApplyForm(
        kind=request.args.get("kind", AppointmentKind.MENTOR.value),
        unit=(person.organisation.name if person.organisation else person.unit_text) if person else "",
        title=person.title if person else "",
        phone=(person.phone if person else None) or current_user.phone,
        discipline=person.discipline if person else "",
        fields_=person.fields if person else [],
    )
    if form.validate_on_submit():
        with errors_on(form):
            region = person.region if person else current_app.config["SETTINGS"].region
            with transaction():
                row = applying.apply(actor=current_user, region=region, **form.values)
                row_id = row.id
            flash(_("申报已提交，有进展会通知您"), "good")
            return redirect(url_for("candidacies.show", candidacy_id=row_id), 303)
    return answer(form, "candidacies/apply.html")


@bp.route("/recommend", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_OWN, Permission.TENANCY_MANAGE)
def recommend() -> Any:
    """Put somebody forward in the name of an organisation."""
    form = RecommendForm()
    form.offer(current_user)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                region = current_app.config["SETTINGS"].region
                row = applying.recommend_new(actor=current_user, region=region, **form.values)
                row_id = row.id
            flash(_("推荐已提交，有进展会通知您"), "good")
            return redirect(url_for("candidacies.show", candidacy_id=row_id), 303)
    return answer(form, "candidacies/recommend.html")


@bp.get("/<int:candidacy_id>")
@signed_in
def show(candidacy_id: int) -> Any:
    """One candidacy: where it stands, what comes next, what happened."""
    row = _seen(candidacy_id)
    decision = publicity.decision_of(row, kind=appointing.APPOINT)
    open_decision = decision if decision and decision.state is DecisionState.PROPOSED else None
    own = access.is_own(current_user, row)
    return page(
        "candidacies/show.html",
        row=row,
        own=own,
        mine=own or row.recommender_id in current_user.organisation_ids,
        recommends=access.may_recommend(current_user, row),
        reviews=access.may_review(current_user, row),
        confirms=bool(open_decision) and access.may_confirm(current_user, row),
        decision=open_decision,
        returned=decision if decision and decision.state is DecisionState.RETURNED else None,
        agreement=queries.agreement_of(row) if row.kind is AppointmentKind.ENVOY else None,
        choices=db.session.execute(queries.choices_of(row.id)).unique().scalars().all(),
        chain=list(rules.chain_of(row.kind)),
        files=files.of(row),
        timeline=activity.of(row),
        phone=rosters.phone_for(current_user, row.person),
        clear=row.notice is not None and row.notice.state_at(clock.now()).value in {"expired", "effective"},
        steps={state.value: state for state in AppointmentState},
        open=row.state in rules.OPEN,
        editable=row.state in rules.EDITABLE,
    )


@bp.route("/<int:candidacy_id>/correct", methods=["GET", "POST"])
@signed_in
def correct(candidacy_id: int) -> Any:
    """Change an application, or hand a returned one in again."""
    row = _seen(candidacy_id)
    person = row.person
    form = CorrectForm(
        unit=person.organisation.name if person.organisation else person.unit_text,
        title=person.title,
        phone=rosters.phone_for(current_user, person),
        discipline=person.discipline,
        fields_=person.fields,
        statement=row.statement,
        category=row.category.value if row.category else "",
        carrier=row.carrier,
        capacity=row.capacity,
        civil_servant={True: "yes", False: "no"}.get(row.civil_servant) if row.civil_servant is not None else None,
    )
    if form.validate_on_submit():
        with errors_on(form):
            values = form.values
            if "*" in (values.get("phone") or "") or not access.is_own(current_user, row):
                values.pop("phone", None)
            with transaction():
                applying.correct(row, actor=current_user, **values)
            flash(_("已保存"), "good")
            return redirect(url_for("candidacies.show", candidacy_id=candidacy_id), 303)
    return answer(form, "candidacies/correct.html", row=row)


@bp.post("/<int:candidacy_id>/withdraw")
@signed_in
def withdraw(candidacy_id: int) -> Any:
    """Take an application back."""
    row = _seen(candidacy_id)
    return step(lambda: applying.withdraw(row, actor=current_user), done=_("申报已撤回"), back=_page(candidacy_id))


@bp.route("/<int:candidacy_id>/recommend", methods=["GET", "POST"])
@requires(Permission.ORGANISATION_OWN)
def say_yes(candidacy_id: int) -> Any:
    """The sending unit recommends its envoy."""
    row, form = _seen(candidacy_id), WordForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                applying.recommend(row, actor=current_user, **form.values)
            flash(_("已推荐；接下来由企业和特派员双向选择"), "good")
            return redirect(_page(candidacy_id), 303)
    told = _("推荐后，企业可以看到这位特派员的单位、领域和专长，看不到联系方式。")
    return answer(form, "candidacies/step.html", row=row, title=_("推荐科技特派员"), consequence=told)


@bp.route("/<int:candidacy_id>/host", methods=["GET", "POST"])
@signed_in
def choose_host(candidacy_id: int) -> Any:
    """The envoy names a firm."""
    row, form = _seen(candidacy_id), HostForm()
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                choosing.choose_host(row, actor=current_user, host=form.host.data)
            flash(_("已选择，等待企业答复"), "good")
            return redirect(_page(candidacy_id), 303)
    told = _("企业同意后即完成双向选择。")
    return answer(form, "candidacies/step.html", row=row, title=_("选择企业"), consequence=told)


@bp.get("/envoys")
@requires(Permission.ORGANISATION_OWN)
def seeking() -> Any:
    """Recommended envoys a firm may choose from; names and knowledge, never a telephone number."""
    rows = db.session.execute(queries.seeking(current_user).limit(200)).unique().scalars().all()
    chosen = db.session.execute(queries.choices_for(current_user)).unique().scalars().all()
    firms = [m.organisation for m in current_user.memberships]
    known = {(choice.candidacy_id, choice.organisation_id): choice for choice in chosen}
    return page("candidacies/seeking.html", rows=rows, firms=firms, chosen=known)


@bp.post("/<int:candidacy_id>/choose")
@requires(Permission.ORGANISATION_OWN)
def choose_envoy(candidacy_id: int) -> Any:
    """A firm says yes to an envoy."""
    row = one_or_404(queries.seeking(current_user).where(Candidacy.id == candidacy_id))
    firm = request.form.get("organisation_id", type=int) or 0
    return step(
        lambda: choosing.choose_envoy(row, actor=current_user, organisation_id=firm),
        done=_("已选择这位特派员，对方同意后即完成双向选择"),
        back=url_for("candidacies.seeking"),
    )


@bp.post("/choices/<int:choice_id>/part")
@signed_in
def part(choice_id: int) -> Any:
    """Take a choice back."""
    row = one_or_404(queries.choices_visible_to(current_user).where(Choice.id == choice_id))
    return step(lambda: choosing.part(row, actor=current_user), done=_("已取消选择"), back=url_for("candidacies.own"))


@bp.route("/posts/<int:appointment_id>/resign", methods=["GET", "POST"])
@signed_in
def resign(appointment_id: int) -> Any:
    """Give one's own post back."""
    row = one_or_404(rosters.own_posts(current_user).where(Appointment.id == appointment_id))
    form = ResignForm(day=clock.today())
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                terms.resign(row, actor=current_user, **form.values)
            flash(_("已登记辞任"), "good")
            return redirect(url_for("candidacies.own"), 303)
    told = _("最后一天之后不再计入在聘，也不能再接受预约，聘书不再有效；已完成的服务记录保留。")
    return answer(form, "candidacies/step.html", row=None, title=_("我要辞任"), consequence=told, danger=True)


def _seen(candidacy_id: int) -> Candidacy:
    row: Candidacy = one_or_404(queries.visible_to(current_user).where(Candidacy.id == candidacy_id))
    return row


def _page(candidacy_id: int) -> str:
    return url_for("candidacies.show", candidacy_id=candidacy_id)
