"""Sessions held for a secret need count for the year like any other; nobody reads from them whose need it was."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import STAFF, Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.matching.rules import Secrecy
from matchmaker.matching.services import outcomes, requests
from matchmaker.mentoring.services import reviewing
from matchmaker.rosters.models import Appointment, ServiceRecord
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
FIRM = "白头鹎精密仪器有限公司"


@pytest.fixture
def served(app):
    """Two sessions of a mentor for a secret need, confirmed by both."""
    owner, user = a_user(organisation=an_organisation(name=FIRM)), a_user(Role.MENTOR)
    person = a_helper(user=user, expertise=EXPERTISE)
    need = a_need(actor=owner, secrecy=Secrecy.ANONYMOUS)
    request = a_request(need, person, actor=owner)
    with transaction():
        requests.accept(request, actor=user)
    for _ in range(2):
        with transaction():
            session = outcomes.record_service(
                request, actor=owner, served=clock.today(), minutes=60, place="线上", content="看录像"
            )
            outcomes.confirm(request, session, actor=user)
    return person, next(iter(owner.organisation_ids))


def test_the_firm_is_kept_and_counts_as_helped_twice(served):
    person, firm = served
    post = db.session.execute(sa.select(Appointment).where(Appointment.person_id == person.id)).scalar_one()
    year = clock.today().year
    lines, _first, _last = reviewing.lines_of(post, year)

    assert db.session.execute(sa.select(ServiceRecord.organisation_id)).scalars().all() == [firm, firm]
    assert [line.done for line in lines][:2] == [2, 1]


def test_the_roster_s_page_shows_the_sessions_and_no_firm(client, served):
    person, _firm = served
    post = db.session.execute(sa.select(Appointment.id).where(Appointment.person_id == person.id)).scalar_one()
    page = sign_in(client, a_user(*STAFF)).get(f"/rosters/appointments/{post}")

    assert page.status_code == 200
    assert "看录像" in page.text
    assert FIRM not in page.text
