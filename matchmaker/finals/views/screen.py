"""The screen on stage: no sign-in, an address that cannot be guessed, nothing on it that is not released."""

from __future__ import annotations

from typing import Any

from flask import jsonify, make_response, request
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.web import one_or_404, page, public
from matchmaker.finals import queries, rules
from matchmaker.finals.documents import phase_words
from matchmaker.finals.models import Appearance, Final
from matchmaker.finals.views import bp


@bp.get("/screen/<token>")
@public
def screen(token: str) -> Any:
    """The page that stands on the big screen."""
    final = one_or_404(queries.by_token(token))
    return page("finals/screen.html", final=final, contest=final.stage.contest, words=phase_words())


@bp.get("/screen/<token>/state")
@public
def screen_state(token: str) -> Any:
    """What the screen shows now; answers 304 while nothing has changed."""
    final: Final = one_or_404(queries.by_token(token))
    response = make_response(jsonify(_state(final)))
    response.set_etag(f"{final.id}-{final.version}")
    response.cache_control.no_cache = True
    return response.make_conditional(request.environ)


@bp.get("/<int:final_id>/order")
@public
def order(final_id: int) -> Any:
    """The fingerprint before the draw, and afterwards the order with everything that is needed to repeat it."""
    final = one_or_404(queries.announced(final_id))
    return page("finals/order.html", final=final, contest=final.stage.contest)


def _state(final: Final) -> dict[str, Any]:
    current = final.current
    scored = [(row.score, row) for row in final.appearances if row.score is not None]
    shown = [row for _score, row in sorted(scored, key=lambda pair: (-pair[0], pair[1].position or 0))]
    return {
        "version": final.version,
        "current": _of(current) if current else None,
        "next": [{"position": r.position, "title": r.entry.title} for r in _waiting(final)[:3]],
        "shown": [{"position": r.position, "title": r.entry.title, "score": f"{r.score:.2f}"} for r in shown],
        "idle": _("请稍候") if current is None else "",
    }


def _of(row: Appearance) -> dict[str, Any]:
    return {
        "position": row.position,
        "title": row.entry.title,
        "who": row.entry.who,
        "phase": row.phase.value,
        "seconds": row.seconds_left(clock.now()),
        "paused": row.paused is not None,
        "score": f"{row.score:.2f}" if row.score is not None else None,
    }


def _waiting(final: Final) -> list[Appearance]:
    return [row for row in final.running if row.phase is rules.Phase.WAITING and row.position is not None]
