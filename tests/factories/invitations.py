"""Invitations to events."""

from __future__ import annotations

from typing import Any

from matchmaker.core.db import transaction
from matchmaker.events.models import Event
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.rules import Guest
from matchmaker.invitations.services import inviting, sending


def an_invitation(event: Event, *, actor: Any, **values: Any) -> Invitation:
    """An invitation typed by hand, not sent."""
    keys = ("name", "position", "phone", "email", "organisation_name", "external_id")
    guest = Guest(**{"name": "张三", "phone": "13000000011", **{k: values.pop(k) for k in keys if k in values}})
    with transaction():
        return inviting.add(event, actor=actor, audience=event.audiences[0], guest=guest, **values)


def a_link(invitation: Invitation) -> str:
    """The path of its personal link."""
    return sending.link_of(invitation).removeprefix("http://localhost")
