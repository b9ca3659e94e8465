"""Everything that names a person, gathered from each feature that declares it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import queries
from matchmaker.accounts.models import ApiToken, ErasureRequest, Identity, JoinRequest, SignInAttempt, User, UserSession
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import features

SECRETS = {"password_hash", "totp_secret", "totp_last_step", "token_hash", "code_hash", "identifier_hash"}
SEALED = {"id_number_sealed", "id_number_hash"}


def export(user: User) -> dict[str, Any]:
    """All that the features hold about a person, as plain JSON: one part a feature."""
    user = db.session.get_one(User, user.id)  # a page may hand over the proxy of the signed-in person
    parts = {f.name: f.personal_data(user) for f in features().all if f.personal_data is not None}
    return {"made": clock.now().isoformat(), "person": user.name, **parts}


def of_accounts(user: User) -> dict[str, Any]:
    """What accounts hold: no secrets, and of secrets not even their hashes."""

    def rows(table: Any) -> list[dict[str, Any]]:
        statement = sa.select(table).where(table.user_id == user.id).order_by(table.id)
        return [plain(row) for row in db.session.execute(statement).unique().scalars()]

    return {
        "user": plain(user),
        "roles": [plain(grant) for grant in user.grants],
        "memberships": [{**plain(m), "organisation": m.organisation.name} for m in user.memberships],
        "sessions": rows(UserSession),
        "identities": rows(Identity),
        "sign_ins": rows(SignInAttempt),
        "api_tokens": rows(ApiToken),
        "join_requests": rows(JoinRequest),
        "erasure_requests": rows(ErasureRequest),
        "directory": [plain(row) for row in db.session.execute(queries.person_of(user.id)).unique().scalars()],
    }


def forget_person(user: User) -> None:
    """The directory's record of an erased person keeps no contact and no name."""
    from matchmaker.accounts.services.erasure import ERASED_NAME

    people: Any = db.session.execute(queries.person_of(user.id)).unique().scalars().all()
    for person in people:
        person.name, person.name_en, person.folded_name, person.pinyin = ERASED_NAME, None, ERASED_NAME, ""
        person.phone = person.email = person.summary = person.key = None
        person.id_number_last4 = person.id_number_sealed = person.id_number_hash = None
        person.user_id = None


def plain(row: Any) -> dict[str, Any]:
    """A row as JSON-ready values, without secrets."""
    kept = [c.key for c in sa.inspect(type(row)).columns if c.key not in SECRETS | SEALED]
    return {key: _value(getattr(row, key)) for key in kept}


def _value(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
