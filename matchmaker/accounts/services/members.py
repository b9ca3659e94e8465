"""People in organisations: asking to join, answering, founding a new one, leaving."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import access, queries
from matchmaker.accounts.models import JoinRequest, Membership, User
from matchmaker.accounts.rules import MembershipLevel, RequestState
from matchmaker.activity import services as activity
from matchmaker.core import clock, folding
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Organisation
from matchmaker.directory.rules import OrganisationKind, OrganisationState, check_uscc
from matchmaker.notifications import services as notifications

REQUESTS = "/accounts/join-requests/"


def join(user: User, organisation: Organisation, *, level: MembershipLevel, actor: Any | None = None) -> Membership:
    """Make a person a member of an organisation; joining twice changes nothing."""
    user = db.session.get_one(User, user.id)  # a page may hand over the proxy of the signed-in person
    existing = next((m for m in user.memberships if m.organisation_id == organisation.id), None)
    if existing is not None:
        return existing
    membership = Membership(user=user, organisation=organisation, level=level, created=clock.now())
    db.session.add(membership)
    activity.record("accounts.joined", subject=organisation, actor=actor or user, user_id=user.id, level=level.value)
    return membership


def ask_to_join(organisation: Organisation, *, actor: User, note: str) -> JoinRequest:
    """Ask to belong to an organisation; its owners are told, or the bureau where it has none yet."""
    if organisation.id in actor.organisation_ids:
        raise Conflict("您已经是这家单位的成员", field="organisation_id")
    if db.session.execute(queries.open_request(actor.id, organisation.id)).first():
        raise Conflict("您已经提交过申请，请等待答复", field="organisation_id")
    row = JoinRequest(
        user_id=actor.id,
        organisation_id=organisation.id,
        note=note.strip()[:500],
        state=RequestState.WAITING,
        created=clock.now(),
    )
    db.session.add(row)
    activity.record("accounts.join_asked", subject=organisation, actor=actor)
    db.session.flush()  # the partial unique index has the last word
    for owner in db.session.execute(queries.owners_of(organisation.id)).unique().scalars():
        notifications.enqueue("accounts/mail/join_asked", to=owner, url=REQUESTS, request=row)
    return row


def accept(request: JoinRequest, *, actor: Any, level: MembershipLevel = MembershipLevel.STAFF) -> Membership:
    """Take the person in. The first member of an organisation without owners becomes its owner by the bureau's word."""
    _decide(request, RequestState.ACCEPTED, actor=actor)
    membership = join(request.user, request.organisation, level=level, actor=actor)
    notifications.enqueue("accounts/mail/join_accepted", to=request.user, url="/accounts/profile", request=request)
    db.session.flush()
    return membership


def decline(request: JoinRequest, *, actor: Any, reason: str) -> None:
    """Say no, with a reason that the person reads."""
    if not reason.strip():
        raise DomainError("请写明理由，申请人会收到", field="reason")
    _decide(request, RequestState.DECLINED, actor=actor, reason=reason.strip()[:500])
    notifications.enqueue(
        "accounts/mail/join_declined", to=request.user, url="/accounts/profile", request=request, reason=reason.strip()
    )


def withdraw(request: JoinRequest, *, actor: Any) -> None:
    """Take one's own request back."""
    if request.user_id != actor.id:
        raise NotPermitted("只能撤回自己的申请")
    _close(request, RequestState.WITHDRAWN, actor=actor)


def found(
    *, actor: User, name: str, kind: OrganisationKind, uscc: str, region: str, contact_phone: str = ""
) -> Organisation:
    """Enter an organisation that is not in the directory yet: its founder owns it, the bureau has yet to check it."""
    name, code = folding.clean_text(name), check_uscc(uscc)
    if len(name) < 4:
        raise DomainError("请填写营业执照上的单位全称", field="name")
    if db.session.execute(queries.organisation_of(uscc=code, name=name)).first():
        raise Conflict("这家单位已在主体库里，请搜索后申请加入", field="uscc")
    if db.session.execute(queries.pending_of(actor.id)).first():
        raise Conflict("您新建的单位还在核对，核对后才能再新建", field="name")
    now = clock.now()
    organisation = Organisation(
        region=region,
        kind=kind,
        state=OrganisationState.PENDING,
        uscc=code,
        name=name,
        folded_name=folding.fold_company(name),
        pinyin=folding.pinyin_initials(name)[:200],
        contact_name=actor.name,
        contact_phone=contact_phone or actor.phone,
        contact_email=actor.email,
        created=now,
        updated=now,
    )
    db.session.add(organisation)
    activity.record("directory.founded", subject=organisation, actor=actor)
    join(actor, organisation, level=MembershipLevel.OWNER, actor=actor)
    db.session.flush()
    return organisation


def leave(membership: Membership, *, actor: Any) -> None:
    """Leave an organisation, or be removed by its owner. The last owner stays while others remain."""
    own = membership.user_id == actor.id
    if not own and not access.owns(actor, membership.organisation_id):
        raise NotPermitted("只有单位负责人可以移除成员")
    if membership.level is MembershipLevel.OWNER and _is_last_owner(membership):
        raise Conflict("您是唯一的负责人，请先把另一位成员设为负责人")
    activity.record(
        "accounts.left", subject=membership.organisation, actor=actor, user_id=membership.user_id, removed=not own
    )
    db.session.delete(membership)
    db.session.flush()


def set_level(membership: Membership, level: MembershipLevel, *, actor: Any) -> None:
    """An owner makes another member an owner, or a clerk again; at least one owner remains."""
    if not access.owns(actor, membership.organisation_id):
        raise NotPermitted("只有单位负责人可以更改成员身份")
    if membership.level is MembershipLevel.OWNER and level is not membership.level and _is_last_owner(membership):
        raise Conflict("单位至少要有一位负责人")
    membership.level = level
    activity.record(
        "accounts.level_changed", subject=membership.organisation, actor=actor, user_id=membership.user_id, level=level
    )


def merge(kept_id: int, dropped_id: int) -> None:
    """Two records of one organisation become one: who belongs to both, or asks at both, is kept once."""
    owners = sa.select(Membership.user_id).where(
        Membership.organisation_id == dropped_id, Membership.level == MembershipLevel.OWNER
    )
    kept = Membership.organisation_id == kept_id
    db.session.execute(
        sa.update(Membership).where(kept, Membership.user_id.in_(owners)).values(level=MembershipLevel.OWNER)
    )
    members = sa.select(Membership.user_id).where(kept)
    db.session.execute(
        sa.delete(Membership).where(Membership.organisation_id == dropped_id, Membership.user_id.in_(members))
    )
    waiting = JoinRequest.state == RequestState.WAITING
    asking = sa.select(JoinRequest.user_id).where(JoinRequest.organisation_id == kept_id, waiting)
    db.session.execute(
        sa.update(JoinRequest)
        .where(JoinRequest.organisation_id == dropped_id, waiting, JoinRequest.user_id.in_(asking))
        .values(state=RequestState.WITHDRAWN, decided=clock.now())
    )


def _is_last_owner(membership: Membership) -> bool:
    others = queries.members_in(membership.organisation_id).where(Membership.id != membership.id)
    rows: Any = db.session.execute(others).unique().scalars().all()
    owners = [row for row in rows if row.level is MembershipLevel.OWNER]
    return bool(rows) and not owners


def _decide(request: JoinRequest, state: RequestState, *, actor: Any, reason: str | None = None) -> None:
    if not access.may_answer(actor, request):
        raise NotPermitted("只有该单位负责人或科技局经办可以答复")
    _close(request, state, actor=actor, reason=reason)


def _close(request: JoinRequest, state: RequestState, *, actor: Any, reason: str | None = None) -> None:
    taken = claim(
        sa.update(JoinRequest)
        .where(JoinRequest.id == request.id, JoinRequest.state == RequestState.WAITING)
        .values(state=state, decided=clock.now(), decided_by_id=actor.id, reason=reason)
    )
    if not taken:
        raise Conflict("这份申请已经处理过了，请刷新页面")
    db.session.refresh(request)
    activity.record(
        "accounts.join_answered", subject=request.organisation, actor=actor, user_id=request.user_id, state=state.value
    )
