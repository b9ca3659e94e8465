"""Targets: the plan on one page, one indicator with its records, measures."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.rules import Permission, Role
from matchmaker.activity import queries as activity
from matchmaker.core import calendar, clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.feature import features
from matchmaker.core.spreadsheets import Export, ExportColumn, render
from matchmaker.core.web import answer, download, errors_on, one_or_404, page, requires
from matchmaker.monitoring import access, rules
from matchmaker.monitoring.forms import BaselineForm, TargetForm
from matchmaker.monitoring.models import Indicator, Plan
from matchmaker.monitoring.queries import board, plans
from matchmaker.monitoring.queries.lines import Line
from matchmaker.monitoring.services import plans as services
from matchmaker.monitoring.views import bp

RECORDS: dict[str, tuple[str, str, str | None]] = {  # endpoint of a record's page, its argument, who may open it
    "titles": ("evaluation.show", "title_id", None),
    "appointments": ("rosters.show", "appointment_id", Permission.ROSTERS_READ),
    "tenancies": ("incubation.tenancy", "tenancy_id", Permission.TENANCY_OVERSEE),
    "carriers": ("incubation.show", "carrier_id", None),
}


def asked_day() -> date:
    """The day of the address: `day`, else the end of `year`, else today; never a day to come."""
    today = clock.today()
    text, year = request.args.get("day", "").strip(), request.args.get("year", "").strip()
    if not text and year.isascii() and year.isdigit() and len(year) == 4:
        text = f"{year}-12-31"
    if not text:
        return today
    try:
        return min(calendar.parse_day(text), today)
    except DomainError:
        return today


def own_plan() -> Plan | None:
    """The newest plan of the viewer's regions."""
    return db.session.execute(plans.visible_to(current_user).limit(1)).scalars().first()


def record_url(line: Line) -> str | None:
    """The page of a record, where there is one that this person may open."""
    endpoint, argument, permission = RECORDS.get(line.kind, ("", "", None))
    if endpoint not in current_app.view_functions or not line.name or not _may(permission):
        return None
    values: dict[str, Any] = {argument: line.key}
    return url_for(endpoint, **values)


@bp.get("/")
@requires(Permission.TARGETS_READ)
def index() -> Any:
    """The plan on one page, on any day."""
    return _board("monitoring/index.html")


@bp.get("/print")
@requires(Permission.TARGETS_READ)
def sheet() -> Any:
    """The same on one sheet of paper."""
    return _board("monitoring/print.html")


def _board(template: str) -> Any:
    plan, day, today = own_plan(), asked_day(), clock.today()
    years = range(today.year, plan.first_year - 1, -1) if plan else []
    shown = board.board(plan, day) if plan else None
    return page(template, plan=plan, board=shown, day_shown=day, today=today, years=years)


@bp.get("/<code>")
@requires(Permission.TARGETS_READ)
def indicator(code: str) -> Any:
    """One indicator: its definition, its number on a day, and every record behind it."""
    row = one_or_404(plans.indicator(current_user, code))
    reading = board.reading_on(row, asked_day())
    wanted = request.args.get("format")
    if wanted:
        return _export(row, reading.lines, wanted, day=reading.value.day)
    kept = db.session.execute(plans.kept_history(row.plan_id, until=clock.today())).scalars().all()
    history = [(s, v) for s in reversed(kept) for v in s.values if v.code == code]
    return page(
        "monitoring/indicator.html",
        indicator=row,
        reading=reading,
        frozen=board.frozen_on(row.plan, reading.value.day),
        lines=[(line, record_url(line)) for line in reading.lines],
        history=history,
        log=activity.of(row, limit=10),
        may_manage=access.may_manage(current_user, row.plan.region),
        today=clock.today(),
    )


def _export(row: Indicator, lines: tuple[Line, ...], wanted: str, *, day: date) -> Any:
    if wanted not in ("csv", "xlsx", "json", "pdf", "docx"):
        abort(404)
    columns = [
        ExportColumn("name", _("名称")),
        ExportColumn("detail", _("编号或说明")),
        ExportColumn("document", _("依据")),
        ExportColumn("since", _("起"), "date"),
        ExportColumn("until", _("止"), "date"),
        ExportColumn("counts", _("计入")),
    ]
    rows = [
        [line.name, line.detail, line.document, line.since, line.until, _("是") if line.counts else _("否")]
        for line in lines
    ]
    title = f"{row.code} {row.name_en if str(get_locale()) == 'en' else row.name_zh}"
    body, mimetype, extension = render(
        Export(columns=columns, rows=rows, title=title, subtitle=_("数据日期 %(day)s", day=day.isoformat())), wanted
    )
    return download(body, filename=f"{row.code}-{day:%Y%m%d}.{extension}", mimetype=mimetype)


@bp.route("/<code>/edit", methods=["GET", "POST"])
@requires(Permission.TARGETS_MANAGE)
def edit(code: str) -> Any:
    """Change target, due day, formula or who answers."""
    row = one_or_404(plans.indicator(current_user, code))
    form = TargetForm(obj=row)
    form.offer(_answerable(row.plan.region))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                changed = services.change(row, actor=current_user, **form.values)
            flash(_("已保存，改动记入日志") if changed else _("没有改动"), "good" if changed else "info")
            return redirect(url_for("monitoring.indicator", code=code), 303)
    return answer(form, "monitoring/edit.html", indicator=row)


def _answerable(region: str) -> list[Any]:
    rows = db.session.execute(accounts.holders_of(Role.HANDLER, region=region)).unique().scalars()
    return list(rows)


@bp.route("/baseline", methods=["GET", "POST"])
@requires(Permission.TARGETS_MANAGE)
def baseline() -> Any:
    """Choose the baseline year of growth."""
    plan = own_plan() or abort(404)
    form = BaselineForm(obj=plan)
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                services.change_baseline(plan, actor=current_user, year=form.baseline_year.data)
            flash(_("基期已改，增长率按新基期计算"), "good")
            return redirect(url_for("monitoring.index"), 303)
    return answer(form, "monitoring/baseline.html", plan=plan)


@bp.get("/measures")
@requires(Permission.TARGETS_READ)
def measures() -> Any:
    """The plan's measures, each with where the platform serves it."""
    plan = own_plan()
    rows = db.session.execute(plans.measures(plan.id)).scalars().all() if plan else []
    groups = [
        (group, [row for row in rows if row.group == group["code"]])
        for group in (plan.data.get("task_groups", []) if plan else [])
    ]
    links = {row.number: _links(row.number) for row in rows}
    targets: dict[int, list[Indicator]] = {}
    for row in plan.indicators if plan else []:
        if row.measure:
            targets.setdefault(row.measure, []).append(row)
    return page("monitoring/measures.html", plan=plan, groups=groups, links=links, targets=targets)


def _links(number: int) -> list[tuple[str, str]]:
    """The pages that serve a measure and that this person may open."""
    wanted = rules.MEASURE_PAGES.get(number, ())
    found = [link for link in features().each("links") if link.endpoint in wanted]
    return [(_(link.title), url_for(link.endpoint, **link.values)) for link in found if _may(link.permission)]


def _may(permission: str | None) -> bool:
    return permission in (None, "public") or current_user.has(permission)
