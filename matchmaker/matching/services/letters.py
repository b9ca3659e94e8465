"""Letters to the two sides of a request; the firm of a secret need is named only once the helper has accepted."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.models import User
from matchmaker.core.db import db
from matchmaker.directory.models import Person
from matchmaker.matching import access
from matchmaker.matching.models import HelpRequest
from matchmaker.matching.services import links
from matchmaker.notifications import services as notifications


def tell_asker(request: HelpRequest, template: str, **context: Any) -> None:
    """A letter to whoever asked."""
    url = f"/requests/{request.id}"
    notifications.enqueue(
        template, to=request.asked_by, about=request, url=url, request=request, need=request.need, **context
    )


def tell_helper(request: HelpRequest, template: str, *, token: str | None = None, **context: Any) -> None:
    """A letter to the helper, with the signed link when there is one."""
    path = links.path_of(token) if token else None
    tell_person(
        request.person,
        template,
        about=request,
        url=f"/requests/{request.id}" if request.person.user_id else path,
        request=request,
        need=request.need,
        link=notifications.base_url() + path if path else None,
        who=request.need.who if request.state in access.MET else request.need.shown_who,
        **context,
    )


def tell_person(person: Person, template: str, *, about: Any, url: str | None, **context: Any) -> None:
    """A letter to somebody of the directory: by the account, else to the address that is known."""
    user = db.session.get(User, person.user_id) if person.user_id else None
    notifications.enqueue(
        template,
        to=user,
        email=None if user else person.email,
        phone=None if user else person.phone,
        about=about,
        url=url,
        helper=person,
        **context,
    )
