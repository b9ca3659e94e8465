"""The report of an event: page and files."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core import clock, spreadsheets
from matchmaker.core.i18n import local
from matchmaker.core.spreadsheets import Export, ExportColumn
from matchmaker.core.web import download, one_or_404, page, signed_in
from matchmaker.events import queries as events
from matchmaker.events.models import Event
from matchmaker.events.rules import EventDuty
from matchmaker.reports import services
from matchmaker.reports.rules import Line, Split, Stage

bp = Blueprint("reports", __name__, url_prefix="/reports")
FORMATS = {"xlsx": "Excel", "csv": "CSV", "pdf": "PDF", "docx": "Word", "json": "JSON"}


@bp.get("/events/<int:event_id>")
@signed_in
def of_event(event_id: int) -> Any:
    """The funnel, split as the address says, and the balance; `?format=` gives the same as a file."""
    event = one_or_404(events.run_by(current_user, EventDuty.VIEWER).where(Event.id == event_id))
    report = services.report_of(event, _split())
    wanted = request.args.get("format")
    if wanted:
        return _file(event, report, wanted)
    here = url_for("reports.of_event", event_id=event.id)
    return page(
        "reports/event.html",
        event=event,
        report=report,
        columns=_columns(report.split),
        rows=_rows(event, report),
        stages=[{"title": _(s.label), "count": report.total.at(s), "url": None} for s in Stage],
        splits=list(Split),
        formats=[(label, f"{here}?by={report.split.value}&format={key}") for key, label in FORMATS.items()],
        now=clock.now(),
    )


def _split() -> Split:
    text = request.args.get("by", "")
    return Split(text) if text in set(Split) else Split.INDUSTRY


def _columns(split: Split) -> list[str]:
    counts = [_(stage.label) for stage in Stage]
    return [_(split.label), *counts, _("到场率"), _("评价率")]


def _rows(event: Event, report: services.Report) -> list[list[Any]]:
    rows = [_row(services.title_of(event, report.split, line.key), line) for line in report.lines]
    return [*rows, _row(_("合计"), Line("", report.total))]


def _row(title: str, line: Line) -> list[Any]:
    shares = (services.percent(line.counts.rate(stage)) for stage in (Stage.ATTENDED, Stage.SURVEYED))
    return [title, *(line.counts.at(stage) for stage in Stage), *shares]


def _file(event: Event, report: services.Report, wanted: str) -> Any:
    if wanted not in FORMATS:
        abort(404)
    titles = _columns(report.split)
    keys = ["key", *(stage.value for stage in Stage), "attended_share", "surveyed_share"]
    kinds = ["text", *(["integer"] * len(Stage)), "text", "text"]
    columns = [ExportColumn(*column) for column in zip(keys, titles, kinds, strict=True)]  # type: ignore[arg-type]
    when = f"{clock.now().astimezone(clock.CHINA):%Y-%m-%d %H:%M}"
    title = local(event, "title")
    export = Export(columns, _rows(event, report), title=title, subtitle=_("活动总结，统计于 %(when)s", when=when))
    body, mimetype, extension = spreadsheets.render(export, wanted)
    name = f"{title}-{_('活动总结')}.{extension}"
    return download(body, filename=name, mimetype=mimetype)
