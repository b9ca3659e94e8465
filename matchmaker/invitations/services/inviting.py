"""The organiser's side: adding, changing, withdrawing, replacing links, tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Organisation
from matchmaker.events.models import Audience, Event
from matchmaker.events.rules import check_event_live
from matchmaker.invitations import access, queries, rules
from matchmaker.invitations.models import Invitation, InvitationTag, new_nonce
from matchmaker.invitations.rules import Guest, InvitationState


def add(
    event: Event,
    *,
    actor: Any,
    audience: Audience,
    guest: Guest,
    uscc: str = "",
    party_most: int = 1,
    delegable: bool = False,
    tags: Sequence[str] = (),
) -> Invitation:
    """Invite one person, or one company whose guest is not known yet. Nothing is sent."""
    if not access.may_invite(actor, event, audience):
        raise NotPermitted("这个活动不在您负责的区域")
    check_event_live(event.state)
    guest = rules.checked(guest)
    check_alone(event.id, guest)
    invitation = new(event, audience, guest, party_most=party_most, delegable=delegable)
    match_company(invitation, uscc=uscc)
    set_tags(invitation, tags)
    db.session.add(invitation)
    db.session.flush()
    activity.record("invitations.added", subject=invitation, actor=actor, event=event.id)
    return invitation


def new(
    event: Event, audience: Audience, guest: Guest, *, party_most: int = 1, delegable: bool = False, run: str = ""
) -> Invitation:
    """An invitation for a checked guest, not yet in the session."""
    return Invitation(
        event=event,
        audience=audience,
        name=guest.name,
        position=guest.position,
        phone=guest.phone,
        email=guest.email,
        organisation_name=guest.organisation_name,
        external_id=guest.external_id or None,
        key=rules.key_of(guest),
        party_most=rules.check_party(party_most, largest=audience.largest_party),
        delegable=delegable,
        state=InvitationState.DRAFT,
        run=run[-200:],
        nonce=new_nonce(),
        created=clock.now(),
    )


def guest_of(invitation: Invitation) -> Guest:
    """The guest as the rules know them."""
    return Guest(
        name=invitation.name,
        position=invitation.position,
        phone=invitation.phone,
        email=invitation.email,
        organisation_name=invitation.organisation_name,
        external_id=invitation.external_id or "",
    )


def check_alone(event_id: int, guest: Guest, *, besides: int | None = None) -> None:
    """Nobody is invited twice to one event."""
    if db.session.execute(queries.live_twin(event_id, guest, besides=besides).limit(1)).first() is not None:
        raise Conflict("“{name}”已经在邀请名单里", field="name", name=guest.name or guest.organisation_name)


def match_company(invitation: Invitation, *, uscc: str = "") -> None:
    """Bind the company to the directory: by credit code, else by its full name; else it stays as text with a hint."""
    code, folded = folding.fold_uscc(uscc), folding.fold_company(invitation.organisation_name)
    firm = queries.organisations_by_code([code]).get(code) if code else None
    firm = firm or (queries.organisations_by_name([folded]).get(folded) if folded else None)
    bind(invitation, firm, hint=_near(invitation.organisation_name) if folded and firm is None else "")


def bind(invitation: Invitation, firm: Organisation | None, *, hint: str = "") -> None:
    """Note the company of the directory, or what it might be."""
    invitation.organisation = firm
    invitation.organisation_hint = hint[:200]
    if firm is not None and not invitation.organisation_name:
        invitation.organisation_name = firm.name


def _near(name: str) -> str:
    return queries.names_by_stem().get(folding.company_stem(name), "")


def set_tags(invitation: Invitation, tags: Sequence[str]) -> None:
    """Exactly these tags."""
    kept = {tag.text: tag for tag in invitation.tags}
    invitation.tags = [kept.get(text) or InvitationTag(text=text) for text in dict.fromkeys(tags)]


def edit(
    invitation: Invitation,
    *,
    actor: Any,
    audience: Audience,
    guest: Guest,
    uscc: str = "",
    party_most: int = 1,
    delegable: bool = False,
    tags: Sequence[str] = (),
) -> None:
    """Change an invitation; the link stays. What somebody registered with stays as it is."""
    check_handles(actor, invitation)
    rules.check_changeable(invitation.state)
    if audience.event_id != invitation.event_id or not access.may_invite(actor, invitation.event, audience):
        raise DomainError("请从这个活动的人群中选择", field="audience_id")
    guest = rules.checked(guest)
    check_alone(invitation.event_id, guest, besides=invitation.id)
    changed = apply(invitation, guest)
    if "organisation_name" in changed or uscc:
        match_company(invitation, uscc=uscc)
    invitation.audience = audience
    invitation.party_most = rules.check_party(party_most, largest=audience.largest_party)
    invitation.delegable = delegable
    set_tags(invitation, tags)
    activity.record("invitations.edited", subject=invitation, actor=actor, fields=sorted(changed))
    db.session.flush()


def apply(invitation: Invitation, guest: Guest) -> set[str]:
    """Write a checked guest into the row; which fields changed."""
    changed = set()
    for field in ("name", "position", "phone", "email", "organisation_name", "external_id"):
        value = getattr(guest, field) or (None if field == "external_id" else "")
        if getattr(invitation, field) != value:
            setattr(invitation, field, value)
            changed.add(field)
    if changed:
        invitation.key = rules.key_of(guest)
    return changed


def check_withdraw(invitation: Invitation, actor: Any) -> None:
    """May this invitation be withdrawn by this person now?"""
    check_handles(actor, invitation)
    rules.check_withdrawable(invitation.state)


def withdraw(invitation: Invitation, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Withdraw an invitation: its link says so from now on. Returns what an undo needs."""
    check_withdraw(invitation, actor)
    before = {"state": invitation.state.value}
    invitation.state = InvitationState.WITHDRAWN
    activity.record("invitations.withdrawn", subject=invitation, actor=actor)
    db.session.flush()
    return {**before, "version": invitation.version}


def restore(invitation: Invitation, actor: Any, before: dict[str, Any] | None = None) -> None:
    """Take a withdrawal back, unless the same person was invited anew in between."""
    check_handles(actor, invitation)
    if invitation.state is not InvitationState.WITHDRAWN:
        raise Conflict("只有已取消的邀请可以恢复")
    if before is not None and invitation.version != before["version"]:
        raise Conflict("这份邀请后来又有变化，不能撤销")
    check_alone(invitation.event_id, guest_of(invitation), besides=invitation.id)
    invitation.state = InvitationState(before["state"]) if before else _as_it_was(invitation)
    activity.record("invitations.restored", subject=invitation, actor=actor)
    db.session.flush()


def _as_it_was(invitation: Invitation) -> InvitationState:
    if invitation.decline_reason or (invitation.answered and invitation.registration_id is None):
        return InvitationState.DECLINED
    if invitation.opened is not None:
        return InvitationState.OPENED
    return InvitationState.SENT if invitation.sent is not None else InvitationState.DRAFT


def rotate(invitation: Invitation, *, actor: Any) -> None:
    """A new link: the old one is worthless, and the invitation may be sent once more."""
    check_handles(actor, invitation)
    rules.check_changeable(invitation.state)
    invitation.nonce, invitation.sent = new_nonce(), None
    if invitation.state is InvitationState.SENT:
        invitation.state = InvitationState.DRAFT
    activity.record("invitations.link_replaced", subject=invitation, actor=actor)
    db.session.flush()


def check_handle(invitation: Invitation, actor: Any) -> None:
    """May this person change this invitation now?"""
    check_handles(actor, invitation)
    rules.check_changeable(invitation.state)


def let_delegate(invitation: Invitation, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Let the guest hand the invitation on to a colleague."""
    return _delegable(invitation, actor, True)


def forbid_delegating(invitation: Invitation, actor: Any, _reason: str = "") -> dict[str, Any]:
    """The guest comes in person or not at all."""
    return _delegable(invitation, actor, False)


def _delegable(invitation: Invitation, actor: Any, value: bool) -> dict[str, Any]:
    check_handle(invitation, actor)
    before = {"delegable": invitation.delegable}
    if invitation.delegable is not value:
        invitation.delegable = value
        activity.record("invitations.edited", subject=invitation, actor=actor, fields=["delegable"])
        db.session.flush()
    return before


def undo_delegable(invitation: Invitation, actor: Any, before: dict[str, Any]) -> None:
    """Back to what it was."""
    _delegable(invitation, actor, bool(before["delegable"]))


def tag(invitation: Invitation, actor: Any, values: Mapping[str, str]) -> dict[str, Any]:
    """Add the tags that were typed; returns what an undo needs."""
    check_handle(invitation, actor)
    before = [row.text for row in invitation.tags]
    added = rules.split_tags(values["tags"])
    set_tags(invitation, [*before, *added])
    activity.record("invitations.edited", subject=invitation, actor=actor, fields=["tags"])
    db.session.flush()
    return {"tags": before}


def untag(invitation: Invitation, actor: Any, before: dict[str, Any]) -> None:
    """The tags as they were."""
    check_handle(invitation, actor)
    set_tags(invitation, before["tags"])
    db.session.flush()


def check_handles(actor: Any, invitation: Invitation) -> None:
    """Refuse who has no duty on this invitation."""
    if not access.may_handle(actor, invitation):
        raise NotPermitted("这个活动不在您负责的区域")


def forget(user: Any) -> None:
    """Take a person out of the invitations: names and addresses go, the number of the invited stays true."""
    for row in db.session.execute(queries.about(user)).unique().scalars():
        row.name, row.position, row.phone, row.email = "已注销", "", "", ""
        if row.state in rules.UNANSWERED:
            row.state = InvitationState.WITHDRAWN
        row.decline_reason, row.user_id, row.external_id = "", None, None
        row.key, row.nonce = f"forgotten|{row.id}", new_nonce()
    db.session.flush()
