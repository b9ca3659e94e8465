"""A helper without an account confirms or corrects a held session from the signed link, on one page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.matching import access
from matchmaker.matching.models import HelpRequest, RequestService
from matchmaker.matching.rules import Secrecy
from matchmaker.matching.rules.talks import HELD_LINK_TERM
from matchmaker.matching.services import outcomes, requests
from matchmaker.notifications.models import Message
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
TYPED = {"minutes": "45", "place": "线上", "content": "只看了录像", "note": "下周再看"}


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(), name="顾文静")


@pytest.fixture
def held(owner):
    """A session that the owner wrote down, of a helper without an account."""
    person = a_helper(name="秦志远", email="qin@example.cn", expertise=EXPERTISE)
    request = a_request(a_need(actor=owner, secrecy=Secrecy.OPEN), person, actor=owner)
    with transaction():
        requests.accept(request, actor=access.LinkBearer(request.id, "秦志远"))
    return _session(request, owner)


def _session(request, owner):
    with transaction():
        return outcomes.record_service(
            request, actor=owner, served=clock.today(), minutes=90, place="厂里", content="看录像，定方案"
        )


def token():
    letters = db.session.execute(sa.select(Message.text).order_by(Message.id.desc())).scalars()
    return next(found[1] for text in letters if (found := re.search(r"/r/(\S+)", text)))


def record():
    db.session.rollback()
    return db.session.execute(sa.select(RequestService)).unique().scalar_one().record


def test_one_press_confirms(client, held):
    link = token()
    page = client.get(f"/r/{link}")
    assert "请确认一次服务" in page.text
    assert "90" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert record().helper_confirmed is None

    done = client.post(f"/r/{link}/sessions/{held.id}/confirm", data={"note": "已给方案"})

    assert done.status_code == 303
    assert record().helper_confirmed and record().client_confirmed
    assert "您已确认全部服务记录" in client.get(f"/r/{link}").text
    again = client.post(f"/r/{link}/sessions/{held.id}/confirm")
    assert again.status_code == 422
    assert "您已经确认过这条记录" in again.text


def test_a_correction_goes_back_to_the_owner(client, held, owner):
    link, served = token(), (clock.today() - timedelta(days=1)).isoformat()

    done = client.post(f"/r/{link}/sessions/{held.id}/correct", data={**TYPED, "served": served})

    kept = record()
    assert done.status_code == 303
    assert (kept.minutes, kept.place, str(kept.served), kept.content) == (45, "线上", served, "只看了录像")
    assert kept.helper_confirmed is not None
    assert kept.client_confirmed is None
    subject = db.session.execute(sa.select(Message.subject).order_by(Message.id.desc())).scalars().first()
    assert "请确认一次服务" in subject
    with transaction():
        row = db.session.execute(sa.select(RequestService)).unique().scalar_one()
        outcomes.confirm(db.session.get_one(HelpRequest, row.request_id), row, actor=owner)
    assert record().client_confirmed is not None


@pytest.mark.parametrize("wrong", [{"minutes": "0"}, {"minutes": "x"}, {"served": "2099-01-01"}, {"content": ""}])
def test_a_correction_that_cannot_be_keeps_what_was_typed_and_changes_nothing(client, held, wrong):
    typed = {**TYPED, "served": clock.today().isoformat(), **wrong}

    answer = client.post(f"/r/{token()}/sessions/{held.id}/correct", data=typed)

    assert answer.status_code == 422
    assert "下周再看" in answer.text
    assert (record().minutes, record().helper_confirmed) == (90, None)


def test_the_link_ends(client, held, now):
    link = token()
    with clock.frozen(now + HELD_LINK_TERM):
        assert "链接的确认期限已过" in client.get(f"/r/{link}").text
        late = client.post(f"/r/{link}/sessions/{held.id}/confirm")
        assert (late.status_code, "确认期限已过" in late.text) == (422, True)
    assert record().helper_confirmed is None


def test_a_link_opens_its_own_sessions_alone(client, held, owner):
    link = token()
    other = a_helper(name="白同事", email="bai@example.cn", expertise=EXPERTISE)
    request = a_request(a_need(actor=owner), other, actor=owner)
    with transaction():
        requests.accept(request, actor=access.LinkBearer(request.id, "白同事"))
    anothers = _session(request, owner).id

    assert client.post(f"/r/{link}/sessions/{anothers}/confirm").status_code == 404
    assert client.post(f"/r/forged/sessions/{held.id}/confirm").status_code == 404
    assert client.post(f"/r/{link}x/sessions/{held.id}/correct").status_code == 404


def test_an_owner_corrects_nothing_and_a_helper_only_once(held, owner):
    values = {"served": clock.today(), "minutes": 45, "place": "线上", "content": "看录像"}
    request = db.session.get_one(HelpRequest, held.request_id)
    with pytest.raises(NotPermitted), transaction():
        outcomes.correct_session(request, held, actor=owner, **values)
    bearer = access.LinkBearer(request.id, "秦志远")
    with transaction():
        outcomes.correct_session(request, held, actor=bearer, **values)
    with pytest.raises(Conflict), transaction():
        outcomes.correct_session(request, held, actor=bearer, **values)
