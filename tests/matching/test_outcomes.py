"""What comes of an accepted request, and what handlers may do."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.matching.rules import NeedState, RequestState
from matchmaker.matching.services import contacts, needs, outcomes, requests
from matchmaker.notifications.models import Message
from matchmaker.rosters import queries as rosters
from tests.cast import OTHER_REGION, a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
SERVED = {"minutes": 60, "place": "线上", "content": "看录像，定方案"}


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(), name="顾文静")


@pytest.fixture
def mentor(app):
    user = a_user(name="秦志远")
    return user, a_helper(user=user, name="秦志远", expertise=EXPERTISE)


def last_subject():
    return db.session.execute(sa.select(Message.subject).order_by(Message.id.desc())).scalars().first()


def test_a_service_record_closes_request_and_need_and_frees_the_place(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    with pytest.raises(Conflict, match="接受后"), transaction():
        outcomes.record_service(request, actor=owner, closes=True, served=clock.today(), **SERVED)
    with transaction():
        requests.accept(request, actor=mentor[0])

    with transaction():
        record = outcomes.record_service(
            request, actor=owner, closes=True, closes_need=True, served=clock.today(), rating=5, **SERVED
        )

    assert (request.state, request.need.state, rosters.profile_of(mentor[1].id).busy) == (
        RequestState.CLOSED,
        NeedState.CLOSED,
        0,
    )
    with transaction():
        outcomes.confirm(request, record, actor=mentor[0])
    assert rosters.service_minutes(mentor[1].id) == (1, 60)


def test_a_helper_s_record_never_rates_and_never_closes_the_need(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    with transaction():
        requests.accept(request, actor=mentor[0])

    with transaction():
        record = outcomes.record_service(
            request, actor=mentor[0], closes=True, closes_need=True, served=clock.today(), rating=5, **SERVED
        )

    assert (record.rating, record.client_confirmed, request.need.state) == (None, None, NeedState.OPEN)


def test_withdrawing_a_need_tells_helpers_and_frees_places(owner, mentor):
    need = a_need(actor=owner)
    request = a_request(need, mentor[1], actor=owner)
    with transaction():
        requests.accept(request, actor=mentor[0])

    with transaction():
        needs.withdraw(need, actor=owner)

    assert (need.state, request.state) == (NeedState.WITHDRAWN, RequestState.WITHDRAWN)
    assert rosters.profile_of(mentor[1].id).busy == 0
    assert "撤回" in last_subject()
    with pytest.raises(Conflict), transaction():
        needs.edit(need, actor=owner, title="再改")


def test_a_handler_states_and_asks_for_a_firm_and_the_firm_s_contact_is_given(mentor):
    handler = a_user(Role.HANDLER)
    firm = an_organisation(contact_name="王经理", contact_phone="13000005566", contact_email="w@example.cn")
    request = a_request(a_need(actor=handler, organisation_id=firm.id), mentor[1], actor=handler)

    with transaction():
        requests.accept(request, actor=mentor[0])

    firm_contact, _helper = contacts.of(request, viewer=mentor[0])
    assert (firm_contact.name, firm_contact.phone) == ("王经理", "13000005566")


def test_a_handler_of_another_region_may_not_act(owner, mentor):
    need = a_need(actor=owner)

    with pytest.raises(NotPermitted):
        a_request(need, mentor[1], actor=a_user(Role.HANDLER, region=OTHER_REGION))
