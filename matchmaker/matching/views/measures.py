"""How well matching serves: the figures of a year for staff, as a page and as a file, and the lists behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core import clock, spreadsheets
from matchmaker.core.spreadsheets import Export, ExportColumn
from matchmaker.core.web import download, page, requires
from matchmaker.lists.pages import list_page
from matchmaker.matching import access, lists
from matchmaker.matching.rules import FEW, NeedKind, Result
from matchmaker.matching.services import measuring
from matchmaker.matching.services.measuring import Line, Report
from matchmaker.matching.views import bp

FORMATS = {"xlsx": "Excel", "csv": "CSV", "pdf": "PDF"}
HOUR, LONG = timedelta(hours=1), timedelta(hours=48)  # from there on a wait is told in days


@bp.get("/needs/evaluation/")
@requires(Permission.NEEDS_MEASURE)
def evaluation() -> Any:
    """The figures of one year (`?year=`), all kinds or one (`?kind=`); `?format=` is the file of what is shown."""
    years = measuring.years(current_user)
    typed, kind = request.args.get("year", ""), _kind(request.args.get("kind", ""))
    year = int(typed) if typed in map(str, years) else years[0]
    report = measuring.measure(current_user, year=year, kind=kind)
    if wanted := request.args.get("format"):
        return _file(report, wanted)
    return page(
        "matching/evaluation.html",
        report=report,
        years=years,
        teaches=access.is_home(current_user, current_app.config["SETTINGS"].region),
        kind=kind,
        kinds=list(NeedKind),
        results=list(Result),
        few=_few,
        least=FEW,
        duration=duration,
        needs_url=lambda line: url_for("matching.measured_needs", **_scope(report, line)),
        requests_url=lambda line, **more: url_for("matching.measured_requests", **_scope(report, line), **more),
        exports=[(title, _address(report, kind, format=key)) for key, title in FORMATS.items()],
    )


@bp.get("/needs/evaluation/needs/")
@requires(Permission.NEEDS_MEASURE)
def measured_needs() -> Any:
    """The needs behind a figure."""
    return list_page(lists.MEASURED_NEEDS, "matching/measured.html")


@bp.get("/needs/evaluation/requests/")
@requires(Permission.NEEDS_MEASURE)
def measured_requests() -> Any:
    """The requests behind a figure."""
    return list_page(lists.MEASURED_REQUESTS, "matching/measured.html")


def _kind(typed: str) -> NeedKind | None:
    return next((kind for kind in NeedKind if kind.value == typed), None)


def _scope(report: Report, line: Line) -> dict[str, Any]:
    """The filters of the list that holds what a line counts."""
    time = {"month": line.month} if line.month else {"year": report.year}
    return {**time, "kind": line.kind.value} if line.kind else time


def _address(report: Report, kind: NeedKind | None, **more: Any) -> str:
    return url_for("matching.evaluation", year=report.year, kind=kind.value if kind else None, **more)


def _few(n: int) -> bool:
    """Does a share or a mean rest on too few records to say much?"""
    return 0 < n < FEW


def duration(wait: timedelta | None) -> str | None:
    """How long, in hours or days."""
    if wait is None:
        return None
    if wait < HOUR:
        return _("不到 1 小时")
    if wait < LONG:
        return _("%(n)s 小时", n=round(wait / HOUR))
    return _("%(n)s 天", n=f"{wait / timedelta(days=1):.1f}")


def _file(report: Report, wanted: str) -> Any:
    if wanted not in FORMATS:
        abort(404)
    lines = [*report.months, *report.kinds, report.total]
    export = Export(
        _columns(),
        [_row(report, line) for line in lines],
        title=_("对接成效 %(year)s", year=report.year),
        subtitle=_("按需求提出的月份统计，截至 %(day)s", day=clock.today().isoformat()),
        notes=_notes(report),
    )
    body, mimetype, ending = spreadsheets.render(export, wanted)
    return download(body, filename=f"{export.title}-{clock.today():%Y%m%d}.{ending}", mimetype=mimetype)


def _columns() -> list[ExportColumn]:
    return [
        ExportColumn("month", _("月份")),
        ExportColumn("kind", _("类型")),
        ExportColumn("needs", _("需求"), "integer"),
        ExportColumn("shown", _("推荐人次"), "integer"),
        ExportColumn("asked", _("邀请人次"), "integer"),
        ExportColumn("over", _("已答复或逾期"), "integer"),
        ExportColumn("accepted", _("已接受"), "integer"),
        ExportColumn("acceptance", _("接受率"), "percent"),
        ExportColumn("wait", _("答复用时（小时，中位数）"), "number"),
        ExportColumn("sessions", _("确认的服务"), "integer"),
        ExportColumn("rated", _("评分比例"), "percent"),
        ExportColumn("points", _("平均评分"), "number"),
        *(ExportColumn(result.value, _(result.label), "integer") for result in Result),
        ExportColumn("ndcg", "nDCG@10", "number"),
        ExportColumn("few", _("样本不足 %(n)d 条的指标", n=FEW)),
    ]


def _row(report: Report, line: Line) -> list[Any]:
    own = line.figures
    counted = {
        _("接受率"): own.over,
        _("答复用时"): own.answers,
        _("评分比例"): own.sessions,
        _("平均评分"): own.rated,
        "nDCG@10": own.judged,
    }
    return [
        line.month or str(report.year),
        _(line.kind.label) if line.kind else _("全部"),
        own.needs,
        own.shown,
        own.asked,
        own.over,
        own.accepted,
        own.acceptance,
        None if own.wait is None else round(own.wait / HOUR, 1),
        own.sessions,
        own.rated_share,
        None if own.points is None else round(own.points, 2),
        *(own.results.get(result, 0) for result in Result),
        None if own.ndcg is None else round(own.ndcg, 3),
        _("、").join(name for name, n in counted.items() if _few(n)),
    ]


def _notes(report: Report) -> list[str]:
    if report.spread is None:
        return []
    return [
        _(
            "被推荐过的服务者 %(share)s（%(n)d / %(all)d 位），推荐机会的基尼系数 %(gini)s",
            share=f"{report.spread.coverage:.0%}",
            n=report.spread.suggested,
            all=report.spread.helpers,
            gini=f"{report.spread.gini:.2f}",
        )
    ]
