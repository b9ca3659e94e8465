"""What a feature's view calls to show a list: the page, the fragment, or the file of exactly what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, request, url_for
from flask_babel import gettext
from flask_login import current_user

from matchmaker.core import clock, spreadsheets
from matchmaker.core.db import db
from matchmaker.core.lists import Listing, ListSpec, open_list
from matchmaker.core.spreadsheets import Export, ExportColumn, Kind
from matchmaker.core.web import download, page
from matchmaker.lists import queries

FORMATS = ("csv", "xlsx", "json", "pdf", "docx")


@dataclass(frozen=True)
class ShownView:
    """A saved view as the menu shows it."""

    id: int
    name: str
    url: str
    active: bool


def list_page(
    spec: ListSpec,
    template: str,
    *,
    scope: dict[str, Any] | None = None,
    prepare: Callable[[Listing], None] | None = None,
    **context: Any,
) -> Any:
    """Answer a list's address: page, htmx fragment, or `?format=` file."""
    listing = open_list(spec, current_user, **(scope or {}))
    wanted = request.args.get("format")
    if wanted:
        return export(listing, wanted)
    _dress(listing)
    if prepare is not None:
        prepare(listing)
    return page(template, fragment="components/_listing.html", listing=listing, **context)


def _dress(listing: Listing) -> None:
    name = listing.spec.name
    if listing.viewer.is_authenticated:
        rows = db.session.execute(queries.views_of(listing.viewer, name)).scalars()
        here = request.query_string.decode()
        listing.saved_views = [ShownView(v.id, v.name, f"{v.path}?{v.query}", v.query == here) for v in rows]
        listing.save_view_url = url_for("lists.save_view", name=name)
    if listing.selectable:
        listing.bulk_url = url_for("lists.bulk", name=name)


def export(listing: Listing, wanted: str) -> Any:
    """The file of exactly what is filtered, in the order shown, all pages."""
    if wanted not in FORMATS:
        abort(404)
    columns = [ExportColumn(c.key, gettext(c.title), _kind(c.kind)) for c in listing.all_columns]
    subtitle = gettext(
        "导出于 %(when)s，共 %(n)d 条", when=f"{clock.now().astimezone(clock.CHINA):%Y-%m-%d %H:%M}", n=listing.total
    )
    body, mimetype, extension = spreadsheets.render(
        Export(columns=columns, rows=listing.export_rows(), title=listing.title, subtitle=subtitle), wanted
    )
    return download(body, filename=f"{listing.title}-{clock.today():%Y%m%d}.{extension}", mimetype=mimetype)


def _kind(kind: str) -> Kind:
    kinds: dict[str, Kind] = {"money": "money", "moment": "moment", "day": "date", "number": "number"}
    return kinds.get(kind, "text")
