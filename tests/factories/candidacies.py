"""Candidacies and agreements, made the way everybody makes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.accounts.rules import Role
from matchmaker.candidacies import access
from matchmaker.candidacies.models import Agreement, Candidacy
from matchmaker.candidacies.rules import Party
from matchmaker.candidacies.services import agreements, applying
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.rosters.rules import AppointmentKind
from tests.cast import REGION, a_user
from tests.factories.directory import an_organisation

WORDS = "二十年工业自动化经验，能帮企业改造产线和排查故障"


def a_candidacy(user: Any = None, **values: Any) -> Candidacy:
    """A mentor's own application."""
    given = {
        "kind": AppointmentKind.MENTOR,
        "region": REGION,
        "statement": WORDS,
        "capacity": 2,
        "civil_servant": False,
        **values,
    }
    user = user or a_user()
    with transaction():
        return applying.apply(actor=user, **given)


def an_agreement(person: Any, *, signed: bool = True, host: Any = None, **values: Any) -> Agreement:
    """An agreement of two years from today, signed by all unless told otherwise."""
    handler = a_user(Role.HANDLER)
    host = host or an_organisation()
    given = {
        "goals": "一年内把焊接次品率降到百分之一以下",
        "starts": clock.today() - timedelta(days=30),
        "ends": clock.today() + timedelta(days=700),
        **values,
    }
    with transaction():
        row = agreements.draw_up(person, actor=handler, host=host.uscc, **given)
    if signed:
        signers = {Party.HOST: a_user(organisation=host), Party.BUREAU: handler}
        owner = _account_of(person)
        signers = {Party.ENVOY: owner, **signers}
        for party, user in signers.items():
            assert party in access.parties_of(user, row)
            with transaction():
                agreements.sign(row, actor=user, party=party)
    return row


def _account_of(person: Any) -> Any:
    from matchmaker.accounts.models import User
    from matchmaker.core.db import db

    if person.user_id is None:
        user = a_user()
        with transaction():
            person.user_id = user.id
        return user
    return db.session.get(User, person.user_id)
