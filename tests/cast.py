"""The fixed people of the tests, and signing them in."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts import services as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import MembershipLevel, Role
from matchmaker.core.db import db, transaction

REGION = "650105"
OTHER_REGION = "650104"
PASSWORD = "a long enough sentence"


def a_user(
    *roles: Role, name: str = "", region: str = REGION, email: str | None = None, organisation: Any = None
) -> User:
    """A confirmed person with the given roles in `region`, member of `organisation` when one is given."""
    number = db.session.query(User).count() + 1
    with transaction():
        user = accounts.create_user(
            name=name or f"用户{number}",
            email=email or f"user{number}@example.cn",
            password=PASSWORD,
            region=region,
            confirmed=True,
        )
        for role in roles:
            accounts.grant_role(user, role, region=region)
        if organisation is not None:
            accounts.join(user, organisation, level=MembershipLevel.OWNER)
    return user


def sign_in(client: Any, user: User) -> Any:
    """Give the client the session of a user, without the cost of typing a password; returns the client."""
    with transaction():
        token = accounts.open_session(user, address="127.0.0.1", agent="tests", days=1)
    with client.session_transaction() as session:
        session["token"] = token
    return client


def a_token(user: User, *scopes: str) -> str:
    """An API token of a user; returns the bearer secret."""
    from datetime import timedelta

    from matchmaker.accounts import gateways
    from matchmaker.accounts.models import ApiToken
    from matchmaker.core import clock

    secret = gateways.new_token()
    with transaction() as session:
        session.add(
            ApiToken(
                user_id=user.id,
                name="tests",
                prefix=secret[:8],
                token_hash=gateways.token_hash(secret),
                scopes=list(scopes),
                created=clock.now(),
                expires=clock.now() + timedelta(days=30),
            )
        )
    return secret
