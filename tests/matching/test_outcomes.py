"""What comes of an accepted request, and what handlers may do."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.matching.models import RequestService
from matchmaker.matching.rules import ContractKind, NeedState, NothingReason, RequestState, Result
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


@pytest.fixture
def accepted(owner, mentor):
    """An accepted request."""
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    with transaction():
        requests.accept(request, actor=mentor[0])
    return request


def a_session(request, actor, **values):
    with transaction():
        return outcomes.record_service(request, actor=actor, served=clock.today(), **{**SERVED, **values})


def test_a_session_waits_for_the_acceptance(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)

    with pytest.raises(Conflict, match="接受后"):
        a_session(request, owner)


def test_a_session_is_confirmed_and_rated_by_both_and_the_outcome_closes_it(owner, mentor, accepted):
    session = a_session(accepted, owner, note="下周交报告", rating=5, rating_note="当场就改好了")
    with transaction():
        outcomes.confirm(accepted, session, actor=mentor[0], note="资料齐全")
        outcomes.rate(accepted, session, actor=mentor[0], points=4, sentence="提前看了录像")

    with transaction():
        outcome = outcomes.conclude(
            accepted,
            actor=owner,
            result=Result.CONTRACT,
            contract=ContractKind.SERVICE,
            amount_fen=5_000_000,
            closes_need=True,
        )

    assert (session.owner_note, session.helper_note, session.record.rating) == ("下周交报告", "资料齐全", 5)
    assert (session.preparation, session.preparation_note) == (4, "提前看了录像")
    assert rosters.service_minutes(mentor[1].id) == (1, 60)
    assert (accepted.state, accepted.need.state) == (RequestState.CLOSED, NeedState.CLOSED)
    assert rosters.profile_of(mentor[1].id).busy == 0
    assert (outcome.result, outcome.contract, outcome.amount_fen) == (
        Result.CONTRACT,
        ContractKind.SERVICE,
        5_000_000,
    )


def test_a_helper_s_record_never_rates_and_never_closes_the_need(mentor, accepted):
    session = a_session(accepted, mentor[0], rating=5, rating_note="很好")
    with transaction():
        outcomes.conclude(accepted, actor=mentor[0], result=Result.ADVICE, closes_need=True)

    assert (session.record.rating, session.record.client_confirmed, session.rated) == (None, None, None)
    assert (accepted.state, accepted.need.state) == (RequestState.CLOSED, NeedState.OPEN)


@pytest.mark.parametrize(
    ("points", "sentence", "words"), [(5, " ", "一句话"), (0, "好", "1 到 5"), (6, "好", "1 到 5")]
)
def test_a_rating_is_one_to_five_with_a_sentence(owner, accepted, points, sentence, words):
    session = a_session(accepted, owner)

    with pytest.raises(DomainError, match=words), transaction():
        outcomes.rate(accepted, session, actor=owner, points=points, sentence=sentence)

    assert session.record.rating is None


def test_strangers_and_handlers_neither_confirm_nor_rate(owner, accepted):
    session = a_session(accepted, owner)

    for stranger in (a_user(), a_user(Role.HANDLER)):
        with pytest.raises(NotPermitted), transaction():
            outcomes.confirm(accepted, session, actor=stranger)
        with pytest.raises(NotPermitted), transaction():
            outcomes.rate(accepted, session, actor=stranger, points=5, sentence="好")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"result": Result.CONTRACT}, "contract"),
        ({"result": Result.INVESTMENT}, "amount"),
        ({"result": Result.NOTHING}, "why"),
        ({"result": Result.NOTHING, "why": NothingReason.OTHER, "note": " "}, "note"),
        ({"result": Result.INVESTMENT, "amount_fen": -1}, "amount"),
    ],
)
def test_an_outcome_says_what_it_must(owner, accepted, values, field):
    with pytest.raises(DomainError) as refused, transaction():
        outcomes.conclude(accepted, actor=owner, **values)

    assert (refused.value.field, accepted.state) == (field, RequestState.ACCEPTED)


def test_an_outcome_is_written_once_and_may_be_corrected(owner, accepted):
    with transaction():
        outcomes.conclude(accepted, actor=owner, result=Result.NOTHING, why=NothingReason.TERMS)
    with pytest.raises(Conflict), transaction():
        outcomes.conclude(accepted, actor=owner, result=Result.ADVICE)

    with transaction():
        kept = outcomes.correct(
            accepted, actor=owner, result=Result.INVESTMENT, amount_fen=100, contract=None, why=None, note=""
        )

    assert (kept.result, kept.amount_fen, kept.why) == (Result.INVESTMENT, 100, None)


def test_an_unconfirmed_record_is_taken_back_by_its_writer_only(owner, mentor, accepted):
    session = a_session(accepted, owner)
    with pytest.raises(NotPermitted), transaction():
        outcomes.remove(accepted, session, actor=mentor[0])

    with transaction():
        outcomes.remove(accepted, session, actor=owner)

    assert db.session.execute(sa.select(RequestService)).all() == []
    kept = a_session(accepted, owner)
    with transaction():
        outcomes.confirm(accepted, kept, actor=mentor[0])
    with pytest.raises(Conflict, match="双方都确认"), transaction():
        outcomes.remove(accepted, kept, actor=owner)


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
