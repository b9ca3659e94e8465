"""The people of an entry: the page behind a personal link, the same for somebody signed in, and asking again."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.competition.models import Entry, EntryMember
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.queries import teams as queries
from matchmaker.competition.services import teams
from matchmaker.competition.views import bp
from matchmaker.competition.views.steps import step
from matchmaker.core.db import transaction
from matchmaker.core.errors import DomainError, Missing
from matchmaker.core.i18n import sentence
from matchmaker.core.web import one_or_404, page, public, requires, signed_in


@bp.route("/m/<token>", methods=["GET", "POST"])
@public  # whoever holds the signed link answers for that one person, and sees nothing else
def member_link(token: str) -> Any:
    """Say whether one takes part."""
    try:
        row = teams.find(token)
    except Missing as error:
        return _hidden(page("competition/member_gone.html", text=sentence(error)), 404)
    if request.method == "POST":
        return _answer(row, back=url_for("competition.member_link", token=token))
    return _hidden(page("competition/member.html", member=row))


@bp.route("/memberships/<int:entry_member_id>", methods=["GET", "POST"])
@signed_in
def membership(entry_member_id: int) -> Any:
    """The same for somebody whose own address or number the entry names."""
    row: EntryMember = one_or_404(queries.memberships_of(current_user).where(EntryMember.id == entry_member_id))
    if request.method == "POST":
        return _answer(row, back=url_for("competition.membership", entry_member_id=entry_member_id))
    return page("competition/member.html", member=row)


@bp.post("/entries/<int:entry_id>/members/<int:entry_member_id>/ask")
@requires(Permission.ENTRIES_OWN)
def ask_member(entry_id: int, entry_member_id: int) -> Any:
    """Send the link once more."""
    entry: Entry = one_or_404(entry_queries.own(current_user).where(Entry.id == entry_id))
    row: EntryMember = one_or_404(queries.of_entry(entry.id).where(EntryMember.id == entry_member_id))
    back = url_for("competition.entry", entry_id=entry_id, _anchor="team")
    return step(lambda: teams.ask_again(row, actor=current_user), done=_("已重新发送，之前的链接失效"), back=back)


def _answer(row: EntryMember, *, back: str) -> Any:
    taking_part = request.form.get("answer") == "yes"
    try:
        with transaction():
            teams.answer(row, taking_part=taking_part, viewer=current_user)
        flash(_("已确认，谢谢") if taking_part else _("已告知报名人您不参加"), "good")
    except DomainError as error:
        flash(sentence(error), "warn")
    return redirect(back, 303)


def _hidden(body: str, status: int = 200) -> Any:
    """Personal links are for nobody's index and nobody's cache."""
    response = make_response(body, status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
