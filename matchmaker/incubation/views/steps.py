"""Moving a tenancy along: every step of the chain as a button or a short form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.i18n import sentence
from matchmaker.core.web import answer, errors_on, one_or_404, requires, safe_next
from matchmaker.incubation import forms, queries
from matchmaker.incubation.models import Tenancy
from matchmaker.incubation.rules import TenancyState
from matchmaker.incubation.services import applications, stays
from matchmaker.incubation.views import bp

S = TenancyState


@dataclass(frozen=True)
class Step:
    """A button: what it says, where it goes, whether one press is enough."""

    label: Any
    endpoint: str
    posts: bool = False
    danger: bool = False


ACCEPT = Step(_l("受理申请"), "incubation.accept", posts=True)
ADMIT = Step(_l("办理入驻"), "incubation.admit")
START = Step(_l("确认已入驻"), "incubation.start", posts=True)
GRADUATE = Step(_l("办理毕业"), "incubation.graduate")
EXTEND = Step(_l("办理续期"), "incubation.extend")
LEAVE = Step(_l("办理退出"), "incubation.leave")
EVICT = Step(_l("办理清退"), "incubation.evict", danger=True)
SEND_BACK = Step(_l("退回补正"), "incubation.send_back")
REFUSE = Step(_l("不予入驻"), "incubation.refuse", danger=True)
ACCELERATE = Step(_l("转入加速"), "incubation.accelerate")
PARK = Step(_l("转入产业园"), "incubation.park")

NEXT = {
    S.APPLIED: ACCEPT,
    S.REVIEWING: ADMIT,
    S.ADMITTED: START,
    S.INCUBATING: GRADUATE,
    S.EXTENDED: GRADUATE,
    S.GRADUATED: ACCELERATE,
    S.ACCELERATING: PARK,
}
FURTHER = {
    S.REVIEWING: (SEND_BACK, REFUSE),
    S.ADMITTED: (LEAVE, EVICT),
    S.INCUBATING: (EXTEND, LEAVE, EVICT),
    S.EXTENDED: (LEAVE, EVICT),
    S.GRADUATED: (PARK,),
    S.ACCELERATING: (LEAVE, EVICT),
    S.IN_PARK: (LEAVE, EVICT),
}


def next_step(row: Tenancy) -> Step | None:
    """The one thing that brings a tenancy forward."""
    return NEXT.get(row.state)


def further_steps(row: Tenancy) -> tuple[Step, ...]:
    """What else may be done."""
    return FURTHER.get(row.state, ())


def _managed(tenancy_id: int) -> Tenancy:
    row: Tenancy = one_or_404(queries.tenancies_managed_by(current_user).where(Tenancy.id == tenancy_id))
    return row


def _back(tenancy_id: int) -> str:
    """The page of the tenancy, or the board where the button stood."""
    return safe_next(request.form.get("back"), url_for("incubation.tenancy", tenancy_id=tenancy_id))


def _press(tenancy_id: int, act: Callable[[Tenancy], Any], done: str) -> Any:
    row = _managed(tenancy_id)
    try:
        with transaction():
            act(row)
        flash(done, "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(_back(tenancy_id), 303)


def _ask(
    row: Tenancy, form: Any, act: Callable[[], Any], *, title: str, consequence: str, done: str, **page: Any
) -> Any:
    tenancy_id = row.id
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                act()
            flash(done, "good")
            return redirect(url_for("incubation.tenancy", tenancy_id=tenancy_id), 303)
    return answer(form, "incubation/step.html", tenancy=row, title=title, consequence=consequence, **page)


@bp.post("/tenancies/<int:tenancy_id>/accept")
@requires(Permission.TENANCY_MANAGE)
def accept(tenancy_id: int) -> Any:
    """Take an application up."""
    return _press(tenancy_id, lambda row: applications.accept(row, current_user), _("已受理，进入评审"))


@bp.post("/tenancies/<int:tenancy_id>/start")
@requires(Permission.TENANCY_MANAGE)
def start(tenancy_id: int) -> Any:
    """The firm has moved in."""
    return _press(tenancy_id, lambda row: stays.start(row, actor=current_user), _("已确认入驻，开始在孵"))


@bp.post("/tenancies/<int:tenancy_id>/remind")
@requires(Permission.TENANCY_MANAGE)
def remind(tenancy_id: int) -> Any:
    """Write to the firm that its stay ends."""
    return _press(tenancy_id, lambda row: stays.remind(row, current_user), _("已提醒企业"))


@bp.route("/tenancies/<int:tenancy_id>/send-back", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE)
def send_back(tenancy_id: int) -> Any:
    """Ask for a better application."""
    row, form = _managed(tenancy_id), forms.ReasonForm()
    return _ask(
        row,
        form,
        lambda: applications.send_back(row, actor=current_user, **form.values),
        title=_("退回补正"),
        consequence=_("申请回到“申请”状态，企业会收到您写的要求，补正后可再次提交。"),
        done=_("已退回，企业会收到补正要求"),
    )


@bp.route("/tenancies/<int:tenancy_id>/refuse", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE)
def refuse(tenancy_id: int) -> Any:
    """Say no."""
    row, form = _managed(tenancy_id), forms.ReasonForm()
    return _ask(
        row,
        form,
        lambda: applications.refuse(row, actor=current_user, **form.values),
        title=_("不予入驻"),
        consequence=_("申请就此结束，企业会收到您写的理由，可另行申请。"),
        done=_("已答复企业"),
        danger=True,
    )


@bp.route("/tenancies/<int:tenancy_id>/admit", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE)
def admit(tenancy_id: int) -> Any:
    """Sign the contract."""
    row = _managed(tenancy_id)
    limits = applications.limits_on(clock.today())
    longest = limits.stay_months(row.special_field)
    form = forms.AdmissionForm(
        **({} if request.method == "POST" else {"entered": clock.today(), "contract_months": longest})
    )
    return _ask(
        row,
        form,
        lambda: applications.admit(row, actor=current_user, **form.values),
        title=_("办理入驻"),
        consequence=_(
            "企业成立不超过 %(age)d 个月，最长孵化 %(stay)d 个月（%(doc)s）；同一企业不能同时在两家载体在孵。",
            age=limits.age_months_max,
            stay=longest,
            doc=limits.doc_no,
        ),
        done=_("已办理入驻，企业会收到通知"),
        units={"contract_months": _("个月"), "area_m2": "㎡", "workstations": _("个"), "score": _("分")},
    )


@bp.route("/tenancies/<int:tenancy_id>/extend", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE)
def extend(tenancy_id: int) -> Any:
    """Prolong a stay."""
    row, form = _managed(tenancy_id), forms.ExtensionForm()
    return _ask(
        row,
        form,
        lambda: stays.extend(row, actor=current_user, **form.values),
        title=_("办理续期"),
        consequence=_(
            "孵化时限最长 %(n)d 个月（%(doc)s），自入驻之日起算。",
            n=row.stay_months_max or 0,
            doc=row.rule_doc_no or "—",
        ),
        done=_("已续期，企业会收到通知"),
    )


@bp.route("/tenancies/<int:tenancy_id>/graduate", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE)
def graduate(tenancy_id: int) -> Any:
    """Let a firm graduate on a proof."""
    row = _managed(tenancy_id)
    form = forms.GraduationForm(**({} if request.method == "POST" else {"day": clock.today()}))
    return _ask(
        row,
        form,
        lambda: stays.graduate(row, actor=current_user, **form.values),
        title=_("办理毕业"),
        consequence=_(
            "满足任一条件即可：高企认定；投资累计超过 500 万元；连续两年营业收入累计超过 1000 万元；被并购或上市。"
        ),
        done=_("已毕业，企业会收到通知"),
        multipart=True,
        units={"amount_fen": _("万元")},
    )


@bp.route("/tenancies/<int:tenancy_id>/accelerate", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE)
def accelerate(tenancy_id: int) -> Any:
    """A graduate went to an accelerator."""
    return _advance(tenancy_id, S.ACCELERATING, title=_("转入加速"))


@bp.route("/tenancies/<int:tenancy_id>/park", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE)
def park(tenancy_id: int) -> Any:
    """A graduate went to a park."""
    return _advance(tenancy_id, S.IN_PARK, title=_("转入产业园"))


def _advance(tenancy_id: int, target: TenancyState, *, title: str) -> Any:
    row, form = _managed(tenancy_id), forms.NextPlaceForm()
    return _ask(
        row,
        form,
        lambda: stays.advance(row, actor=current_user, target=target, **form.values),
        title=title,
        consequence=_("记录毕业企业的去向；若去往本平台的另一家载体，请由该载体另行办理入驻。"),
        done=_("去向已记录"),
    )


@bp.route("/tenancies/<int:tenancy_id>/leave", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE)
def leave(tenancy_id: int) -> Any:
    """End a stay by agreement."""
    return _end(tenancy_id, stays.leave, title=_("办理退出"), done=_("已办理退出"))


@bp.route("/tenancies/<int:tenancy_id>/evict", methods=["GET", "POST"])
@requires(Permission.TENANCY_MANAGE)
def evict(tenancy_id: int) -> Any:
    """End a stay against the firm's will."""
    return _end(tenancy_id, stays.evict, title=_("办理清退"), done=_("已清退，企业会收到理由"), danger=True)


def _end(tenancy_id: int, act: Callable[..., None], *, title: str, done: str, danger: bool = False) -> Any:
    row = _managed(tenancy_id)
    form = forms.EndForm(**({} if request.method == "POST" else {"day": clock.today()}))
    return _ask(
        row,
        form,
        lambda: act(row, actor=current_user, **form.values),
        title=title,
        consequence=_("在孵状态就此结束，不能恢复；房间立即空出，记录保留，累计孵化企业数不变。"),
        done=done,
        danger=danger,
    )
