"""An event inside other people's pages, and what organisers copy to put it there."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from flask import Response, make_response, request
from flask_login import current_user
from markupsafe import escape

from matchmaker.core import clock, documents
from matchmaker.core.db import db
from matchmaker.core.i18n import current_locale
from matchmaker.core.web import one_or_404, page, public, signed_in
from matchmaker.events import queries
from matchmaker.events.models import Event
from matchmaker.events.rules import EventDuty, EventState
from matchmaker.events.views import bp, face

# Any page may frame these two; they run no script, hold no form and open links in a window of their own.
FRAMED = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation allow-same-origin"
)
MOST_EMBEDDED = 12


@bp.get("/<int:event_id>/embed")
@public
def embed(event_id: int) -> Response:
    """One published event, for other sites."""
    published = Event.state.in_((EventState.PUBLISHED, EventState.CANCELLED))
    event = one_or_404(queries.visible_to(current_user).where(Event.id == event_id, published))
    return _framed([event])


@bp.get("/embed")
@public
def embed_list() -> Response:
    """What is on, for other sites, with the filters of the list."""
    wanted: dict[str, Any] = {name: request.args.get(name, "").strip()[:60] for name in ("kind", "month", "region")}
    limit = request.args.get("limit", "6")
    most = min(int(limit), MOST_EMBEDDED) if limit.isascii() and limit.isdigit() and len(limit) < 4 else 6
    statement = queries.listed(clock.now(), **wanted).limit(max(1, most))
    return _framed(list(db.session.execute(statement).unique().scalars()))


def _framed(events: list[Event]) -> Response:
    language = current_locale()
    addresses = {event.id: face.address("events.show", language, event_id=event.id) for event in events}
    body = page("events/embed.html", events=events, addresses=addresses, now=clock.now())
    response = make_response(body)
    response.headers["Content-Security-Policy"] = FRAMED
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/manage/<int:event_id>/share")
@signed_in
def share(event_id: int) -> Any:
    """Addresses, a code to scan and the snippets for other sites."""
    event = one_or_404(queries.run_by(current_user, EventDuty.VIEWER).where(Event.id == event_id))
    public_page = face.address("events.show", event_id=event.id)
    return page(
        "events/share.html",
        event=event,
        address=public_page,
        english=face.address("events.show", "en", event_id=event.id),
        calendar=face.address("events.calendar", event_id=event.id),
        series=face.address("events.series_calendar", series_id=event.series_id) if event.series_id else None,
        code="data:image/svg+xml;base64," + b64encode(documents.qr_svg(public_page).encode()).decode(),
        one=snippet(face.address("events.embed", event_id=event.id), title=event.title, height=300),
        many=snippet(face.address("events.embed_list", region=event.region, limit=6), title="活动", height=720),
    )


def snippet(address: str, *, title: str, height: int) -> str:
    """The HTML that organisers paste into another site."""
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="100%" height="{height}" loading="lazy" '
        'referrerpolicy="no-referrer"></iframe>'
    )
