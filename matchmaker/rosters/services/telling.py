"""Letters to people of a roster: to the account, else to the address that the roster knows."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.models import User
from matchmaker.core.db import db
from matchmaker.directory.models import Person
from matchmaker.notifications import services as notifications


def tell_person(person: Person, template: str, *, about: Any, url: str, **context: Any) -> bool:
    """Queue one letter; False when nobody can be reached, or when its `dedupe` key was used before."""
    user = db.session.get(User, person.user_id) if person.user_id else None
    if user is None and not person.email:
        return False
    address = None if user else person.email
    queued = notifications.enqueue(
        template, to=user, email=address, to_name=person.name, about=about, url=url, **context
    )
    return queued is not None
