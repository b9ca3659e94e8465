"""Finding users, sessions and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchmaker.accounts import rules
from matchmaker.accounts.models import (
    ApiToken,
    ErasureRequest,
    Identity,
    JoinRequest,
    Membership,
    RecoveryCode,
    RoleGrant,
    SignInAttempt,
    User,
    UserSession,
)
from matchmaker.accounts.rules import MembershipLevel, Permission, RequestState, Role
from matchmaker.core import clock, folding
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import Organisation, Person
from matchmaker.directory.rules import OrganisationState


def by_identifier(text: str) -> User | None:
    """The user of a mail address or a mobile number as typed."""
    folded = rules.fold_identifier(text)
    if not folded:
        return None
    column = User.email if "@" in folded else User.phone
    statement = sa.select(User).where(column == folded, User.erased.is_(None))
    return db.session.execute(statement).unique().scalar_one_or_none()


def user_of_identity(issuer: str, subject: str) -> User | None:
    """Who linked this identity of the unified sign-in."""
    statement = sa.select(User).join(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    return db.session.execute(statement).unique().scalar_one_or_none()


def identities_of(user_id: int) -> sa.Select[Identity]:
    """The identities that open an account."""
    return sa.select(Identity).where(Identity.user_id == user_id).order_by(Identity.id)


def live_session(token_hash: str, now: datetime) -> UserSession | None:
    """The session row of a cookie, with its user; None when signed out, expired or disabled."""
    values = {"this_token": token_hash, "now": now}
    row = db.session.execute(LIVE_SESSION, values).unique().scalar_one_or_none()
    return row if row is not None and row.user.is_active else None


# Every request asks this: built once, one statement for a person and what they may do, one more for organisations.
LIVE_SESSION = (
    sa.select(UserSession)
    .options(
        joinedload(UserSession.user, innerjoin=True).joinedload(User.grants),
        joinedload(UserSession.user, innerjoin=True).joinedload(User.memberships).selectinload(Membership.organisation),
    )
    .where(UserSession.token_hash == sa.bindparam("this_token"))
    .where(UserSession.expires > sa.bindparam("now", type_=UserSession.expires.type))
)


def live_token(token_hash: str, now: datetime) -> ApiToken | None:
    """The API token of a bearer secret; None when revoked, expired or its user is disabled."""
    statement = sa.select(ApiToken).where(
        ApiToken.token_hash == token_hash, ApiToken.revoked.is_(None), ApiToken.expires > now
    )
    row = db.session.execute(statement).unique().scalar_one_or_none()
    return row if row is not None and row.user.is_active else None


def sessions_of(user: User) -> sa.Select[UserSession]:
    """The signed-in devices of a person, the newest first."""
    return (
        sa.select(UserSession)
        .where(UserSession.user_id == user.id, UserSession.expires > clock.now())
        .order_by(UserSession.last_seen.desc(), UserSession.id)
    )


def members_of(organisation_id: int) -> sa.Select[User]:
    """Everybody who belongs to an organisation."""
    return (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id, User.disabled.is_(None))
        .order_by(User.id)
    )


def holders_of(role: Role, *, region: str | None = None) -> sa.Select[User]:
    """Everybody with a role today, within a region when one is given."""
    today = clock.today()
    statement = (
        sa.select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role == role, RoleGrant.starts <= today, User.disabled.is_(None))
        .where(sa.or_(RoleGrant.ends.is_(None), RoleGrant.ends >= today))
        .order_by(User.id)
    )
    return statement if region is None else statement.where(RoleGrant.region == region)


def visible_to(viewer: Viewer) -> sa.Select[User]:
    """The users whom an administrator of some regions may manage."""
    return (
        sa.select(User)
        .options(selectinload(User.grants), selectinload(User.memberships))
        .where(in_regions(User.region, viewer))
    )


def open_request(user_id: int, organisation_id: int) -> sa.Select[JoinRequest]:
    """A person's unanswered request to an organisation."""
    return sa.select(JoinRequest).where(
        JoinRequest.user_id == user_id,
        JoinRequest.organisation_id == organisation_id,
        JoinRequest.state == RequestState.WAITING,
    )


def requests_of(user_id: int) -> sa.Select[JoinRequest]:
    """A person's own requests, the newest first."""
    return sa.select(JoinRequest).where(JoinRequest.user_id == user_id).order_by(JoinRequest.id.desc())


def requests_for(viewer: Any) -> sa.Select[JoinRequest]:
    """The requests this person may answer: as owner, or as handler of the organisation's region."""
    owned = [m.organisation_id for m in getattr(viewer, "memberships", ()) if m.level is MembershipLevel.OWNER]
    mine: sa.ColumnElement[bool] = JoinRequest.organisation_id.in_(owned)
    if viewer.has(Permission.DIRECTORY_EDIT):
        mine = sa.or_(mine, in_regions(Organisation.region, viewer))
    return (
        sa.select(JoinRequest)
        .join(Organisation, Organisation.id == JoinRequest.organisation_id)
        .where(mine, JoinRequest.user_id != viewer.id)
    )


def memberships_of(user_id: int) -> sa.Select[Membership]:
    """The organisations a person belongs to."""
    return sa.select(Membership).where(Membership.user_id == user_id).order_by(Membership.id)


def members_in(organisation_id: int) -> sa.Select[Membership]:
    """The memberships of an organisation, with their people."""
    return (
        sa.select(Membership)
        .options(joinedload(Membership.user))
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.id)
    )


def owners_of(organisation_id: int) -> sa.Select[User]:
    """The people who answer for an organisation."""
    return members_of(organisation_id).where(Membership.level == MembershipLevel.OWNER)


def organisation_of(*, uscc: str, name: str) -> sa.Select[Organisation]:
    """An organisation that has this code or this very name."""
    return sa.select(Organisation).where(
        sa.or_(Organisation.uscc == uscc, Organisation.folded_name == folding.fold_company(name)),
        Organisation.merged_into_id.is_(None),
    )


def pending_of(user_id: int) -> sa.Select[Organisation]:
    """The organisations a person founded that the bureau has yet to check."""
    return (
        sa.select(Organisation)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id == user_id, Organisation.state == OrganisationState.PENDING)
    )


def find_organisations(words: str) -> sa.Select[Organisation]:
    """At most ten organisations by full code, or by part of the name, short names of places excluded by length."""
    code, folded = folding.fold_uscc(words), folding.fold_company(words)
    by_name = Organisation.folded_name.contains(folded, autoescape=True) if len(folded) >= 2 else sa.false()
    return (
        joinable()
        .where(sa.or_(Organisation.uscc == code, by_name))
        .order_by(sa.func.length(Organisation.name), Organisation.id)
        .limit(10)
    )


def joinable() -> sa.Select[Organisation]:
    """Organisations a person may ask to join."""
    return sa.select(Organisation).where(
        Organisation.merged_into_id.is_(None), Organisation.state != OrganisationState.DEREGISTERED
    )


def fellow_members(organisation_ids: frozenset[int]) -> sa.Select[Membership]:
    """The memberships of these organisations."""
    return sa.select(Membership).where(Membership.organisation_id.in_(organisation_ids))


def grants_of(user_id: int) -> sa.Select[RoleGrant]:
    """The roles a person was given."""
    return sa.select(RoleGrant).where(RoleGrant.user_id == user_id)


def tokens_of(user_id: int) -> sa.Select[ApiToken]:
    """A person's API tokens, the newest first."""
    return sa.select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())


def recovery_codes_left(user_id: int) -> int:
    """How many recovery codes can still be used."""
    statement = sa.select(sa.func.count(RecoveryCode.id)).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used.is_(None)
    )
    return int(db.session.execute(statement).scalar_one())


def person_of(user_id: int) -> sa.Select[Person]:
    """The directory's record of a user."""
    return sa.select(Person).where(Person.user_id == user_id)


def erasures_of(user_id: int) -> sa.Select[ErasureRequest]:
    """A person's requests to be deleted, the newest first."""
    return sa.select(ErasureRequest).where(ErasureRequest.user_id == user_id).order_by(ErasureRequest.id.desc())


def erasures_for(viewer: Viewer) -> sa.Select[ErasureRequest]:
    """The requests to be deleted that an administrator of these regions sees."""
    return (
        sa.select(ErasureRequest)
        .join(User, User.id == ErasureRequest.user_id)
        .where(in_regions(User.region, viewer), ErasureRequest.user_id != viewer.id)
    )


def sign_ins_for(viewer: Viewer) -> sa.Select[SignInAttempt, User]:
    """Tries to sign in, of people of the viewer's regions and of nobody known."""
    return (
        sa.select(SignInAttempt, User)
        .outerjoin(User, User.id == SignInAttempt.user_id)
        .where(sa.or_(SignInAttempt.user_id.is_(None), in_regions(User.region, viewer)))
    )


def demo_accounts() -> list[User]:
    """The demo's accounts, for the list on the demo's sign-in page; one query however many there are."""
    loaded = (selectinload(User.grants), selectinload(User.memberships))
    statement = sa.select(User).options(*loaded).where(User.demo.is_(True), User.disabled.is_(None)).order_by(User.id)
    return list(db.session.execute(statement).unique().scalars())


def demo_logins_by_role() -> dict[Role, User]:
    """One demo account for each role that any of them holds, in the order of the roles."""
    users = demo_accounts()
    chosen = {role: _namesake(role, [user for user in users if role in user.roles]) for role in Role}
    return {role: user for role, user in chosen.items() if user is not None}


def demo_logins() -> list[User]:
    """The people of `demo_logins_by_role`, each once."""
    return list(dict.fromkeys(demo_logins_by_role().values()))


def _namesake(role: Role, holders: list[User]) -> User | None:
    """The holder whose address begins with the role's name, else the first."""
    named = (user for user in holders if (user.email or "").startswith(role.value.split("_")[0]))
    return next(named, holders[0] if holders else None)
