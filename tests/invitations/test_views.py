"""The pages: what a guest sees behind the link, what an organiser does with the list."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Registration
from matchmaker.events.rules import EventDuty, EventState, RegistrationState
from matchmaker.events.services import events, team
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.rules import InvitationState
from matchmaker.invitations.services import inviting
from matchmaker.notifications.models import Message
from matchmaker.questionnaires.rules.definition import Condition, Operator
from tests.cast import a_user, sign_in
from tests.factories.events import an_event
from tests.factories.invitations import a_link, an_invitation
from tests.factories.questionnaires import MEALS, K, a_definition, a_field, a_questionnaire

NASTY = "<img src=x onerror=alert(1)>\"'{{7*7}}"


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    return an_event(owner=organiser, needs_approval=True)


@pytest.fixture
def staff(app, organiser):
    return sign_in(app.test_client(), organiser)


def one(model):
    return db.session.execute(sa.select(model)).unique().scalar_one()


def count(model):
    return db.session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def test_a_look_changes_nothing_but_opened(client, event, organiser):
    link = a_link(an_invitation(event, actor=organiser))

    client.head(link)
    assert one(Invitation).state is InvitationState.DRAFT
    for _look in range(3):
        answer = client.get(link)
        client.get(link + "/decline")
        client.get(link + "/delegate")

    assert (one(Invitation).state, count(Registration)) == (InvitationState.OPENED, 0)
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert "本链接仅供 张三 使用" in answer.text
    assert 'value="13000000011"' in answer.text
    assert 'name="name"' not in answer.text


def test_who_invites_may_look_without_opening(staff, event, organiser):
    staff.get(a_link(an_invitation(event, actor=organiser)))

    assert one(Invitation).state is InvitationState.DRAFT


def test_accepting_twice_makes_one_registration_and_leads_to_it(client, event, organiser):
    link = a_link(an_invitation(event, actor=organiser))

    first = client.post(link, data={"phone": "13000000011", "note": NASTY})
    second = client.post(link, data={"phone": "13000000011"})

    assert (first.status_code, second.status_code, count(Registration)) == (303, 303, 1)
    assert one(Registration).state is RegistrationState.APPROVED
    shown = client.get(link)
    assert "/events/r/" in shown.text
    assert NASTY not in shown.text


def test_a_wrong_number_comes_back_with_what_was_typed(client, event, organiser):
    answer = client.post(a_link(an_invitation(event, actor=organiser)), data={"phone": "12", "position": NASTY})

    assert (answer.status_code, count(Registration)) == (422, 0)
    assert "11 位手机号" in answer.text
    assert 'value="12"' in answer.text
    assert NASTY not in answer.text


def test_decline_then_accept_then_decline(client, event, organiser):
    link = a_link(an_invitation(event, actor=organiser))

    client.post(link + "/decline", data={"reason": NASTY})
    assert one(Invitation).state is InvitationState.DECLINED
    assert "改变主意" in client.get(link).text
    client.post(link, data={"phone": "13000000011"})
    assert one(Invitation).state is InvitationState.ACCEPTED
    client.post(link + "/decline", data={})

    assert one(Registration).state is RegistrationState.WITHDRAWN
    assert one(Invitation).state is InvitationState.DECLINED


def test_handing_on(client, event, organiser):
    fixed = a_link(an_invitation(event, actor=organiser, name="王五"))
    link = a_link(an_invitation(event, actor=organiser, delegable=True))

    assert client.post(link + "/delegate", data={"name": "李四"}).status_code == 422
    assert client.post(link + "/delegate", data={"name": "李四\r\nBcc: a@b.cn", "email": "li@e.cn"}).status_code == 303
    assert client.get(link).status_code == 410
    assert client.post(fixed + "/delegate", data={"name": "李四", "phone": "13000000099"}).status_code == 422

    message = one(Message)
    assert (message.address, "\n" in (message.to_name or ""), "\n" in message.subject) == ("li@e.cn", False, False)


@pytest.mark.parametrize("path", ["", "/decline", "/delegate"])
def test_links_that_lead_nowhere_say_why(client, event, organiser, path):
    row = an_invitation(event, actor=organiser)
    link = a_link(row)

    def statuses():
        return {
            client.get(link + path).status_code,
            client.post(link + path, data={"phone": "13000000011"}).status_code,
        }

    assert {client.get(f"/invitations/i/{bad}{path}").status_code for bad in ("x", "x" * 5000, "WzEsMV0.abc")} == {404}
    assert client.get(link[:-9] + ("a" if link[-9] != "a" else "b") + link[-8:] + path).status_code == 404
    with transaction():
        event.state = EventState.DRAFT
    assert statuses() == {409}
    with transaction():
        event.state = EventState.PUBLISHED
        inviting.withdraw(row, organiser)
    assert statuses() == {410}
    with transaction():
        inviting.restore(row, organiser)
        inviting.rotate(row, actor=organiser)
    assert statuses() == {410}
    link = a_link(row)
    assert client.get(link + path).status_code == 200
    with transaction():
        events.cancel(event, actor=organiser, reason="天气")
    assert statuses() == {410}
    assert count(Registration) == 0


def test_after_the_deadline_nothing_can_be_answered(client, event, organiser):
    link = a_link(an_invitation(event, actor=organiser))

    with clock.frozen(event.deadline + timedelta(minutes=1)):
        page = client.get(link)
        answer = client.post(link, data={"phone": "13000000011"})
        declined = client.post(link + "/decline", data={})

    assert (page.status_code, "答复时间已过" in page.text) == (200, True)
    assert (answer.status_code, declined.status_code, count(Registration)) == (303, 422, 0)


def test_adding_changing_withdrawing_by_hand(staff, event):
    typed = {"name": NASTY[:60], "phone": "13000000011", "audience_id": event.audiences[0].id, "party_most": "1"}

    answer = staff.post(f"/invitations/events/{event.id}/new", data={**typed, "tags": "贵宾，媒体"})
    page = staff.get(answer.location)
    assert (answer.status_code, page.status_code, "<img src=x" in page.text) == (303, 200, False)
    assert staff.post(f"/invitations/events/{event.id}/new", data=typed).status_code == 422
    assert staff.post(f"/invitations/events/{event.id}/new", data={**typed, "party_most": "99"}).status_code == 422

    row = one(Invitation)
    old = a_link(row)
    edited = staff.post(f"/invitations/{row.id}/edit", data={**typed, "name": "李四", "email": "l@e.cn", "tags": ""})
    assert (edited.status_code, one(Invitation).name, one(Invitation).tags) == (303, "李四", [])
    staff.post(f"/invitations/{row.id}/rotate")
    assert staff.get(old).status_code == 410
    staff.post(f"/invitations/{row.id}/send")
    assert (one(Message).address, one(Invitation).state) == ("l@e.cn", InvitationState.SENT)
    staff.post(f"/invitations/{row.id}/remind")
    assert count(Message) == 1
    staff.post(f"/invitations/{row.id}/withdraw")
    staff.post(f"/invitations/{row.id}/withdraw")
    assert one(Invitation).state is InvitationState.WITHDRAWN
    staff.post(f"/invitations/{row.id}/restore")
    assert one(Invitation).state is InvitationState.SENT


def test_sending_to_all_shows_count_and_text_first(staff, event, organiser):
    an_invitation(event, actor=organiser, email="z@example.cn", tags=["贵宾"])
    an_invitation(event, actor=organiser, name="李四", phone="13000000022")
    address = f"/invitations/events/{event.id}/send"

    page = staff.get(address)
    preview = staff.post(
        address, data={"who": "unsent", "audience_id": "0", "tag": "贵宾", "paragraph": NASTY, "step": "preview"}
    )
    assert ("发给 2 人" in page.text, "发给 1 人" in preview.text, count(Message)) == (True, True, 0)
    assert "<img src=x" not in preview.text

    done = staff.post(address, data={"who": "unsent", "audience_id": "0", "tag": "", "paragraph": "", "step": "send"})
    again = staff.post(address, data={"who": "unsent", "audience_id": "0", "tag": "", "paragraph": "", "step": "send"})
    assert (done.status_code, again.status_code, count(Message)) == (303, 422, 2)
    progress = staff.get(done.location)
    assert (progress.status_code, "待发送" in progress.text) == (200, True)


def test_filters_counts_bulk_and_undo(staff, event, organiser):
    rows = [an_invitation(event, actor=organiser, name=name) for name in ("甲", "乙", "丙")]
    base = f"/invitations/events/{event.id}"
    bulk = {"ids": [row.id for row in rows[:2]], "scope_event_id": event.id, "back": base}

    preview = staff.post("/lists/invitations/bulk", data={**bulk, "action": "send"})
    assert ("甲" in preview.text, count(Message)) == (True, 0)
    done = staff.post("/lists/invitations/bulk", data={**bulk, "action": "send", "confirmed": "1"})
    assert (count(Message), "共 2 条" in staff.get(base + "?silent=1").text) == (2, True)
    run = done.location.split("/runs/")[1].split("?")[0]
    staff.post(f"/lists/runs/{run}/undo", data={"back": base})
    assert count(Message) == 0

    staff.post(
        "/lists/invitations/bulk", data={**bulk, "action": "tag", "confirmed": "1", "tags": "贵宾", "ask_tags": "贵宾"}
    )
    assert "共 2 条" in staff.get(base + "?tag=贵宾").text
    staff.post("/lists/invitations/bulk", data={**bulk, "action": "withdraw", "confirmed": "1"})
    assert "共 2 条" in staff.get(base + "?state=withdrawn").text
    assert "共 1 条" in staff.get(base + "?q=丙").text
    for wanted in ("csv", "xlsx"):
        assert staff.get(f"{base}?format={wanted}").status_code == 200
    with clock.frozen(event.deadline + timedelta(days=1)):
        later = sign_in(staff, organiser)
        assert "共 1 条" in later.get(base + "?state=expired").text


def test_a_member_of_the_team_without_a_staff_role_invites(app, event, organiser):
    helper = a_user()
    with transaction():
        team.give(event, actor=organiser, user=helper, duty=EventDuty.REGISTRATIONS)
    row = an_invitation(event, actor=organiser)
    browser, stranger = sign_in(app.test_client(), helper), sign_in(app.test_client(), a_user())
    bulk = {"ids": [row.id], "scope_event_id": event.id, "action": "withdraw", "confirmed": "1", "back": "/"}

    assert browser.get(f"/invitations/events/{event.id}").status_code == 200
    assert stranger.get(f"/invitations/events/{event.id}").status_code == 404
    stranger.post("/lists/invitations/bulk", data=bulk)
    assert one(Invitation).state is InvitationState.DRAFT
    browser.post("/lists/invitations/bulk", data=bulk)
    assert one(Invitation).state is InvitationState.WITHDRAWN


def test_the_list_asks_the_same_questions_for_many(staff, event, organiser, count_queries):
    an_invitation(event, actor=organiser, name="甲")
    staff.get(f"/invitations/events/{event.id}")
    count_queries.clear()
    staff.get(f"/invitations/events/{event.id}")
    few = len(count_queries)
    for n in range(20):
        an_invitation(event, actor=organiser, name=f"嘉宾{n}", tags=["贵宾"] if n % 2 else [])
    count_queries.clear()

    staff.get(f"/invitations/events/{event.id}")

    assert len(count_queries) <= few


def test_the_questions_of_the_group_are_asked_and_take_their_places(client, event, organiser):
    meals = a_field(K.CHOICE, "qmeal", "餐食", options=MEALS, required=True)
    stays = a_field(K.TEXT, "qwhy", "缘由", required=True, show_if=Condition("qmeal", Operator.IS, ("noodles",)))
    form = a_questionnaire(event, a_definition(meals, stays))
    with transaction():
        event.audiences[0].questionnaire_id = form.id
    links = [a_link(an_invitation(event, actor=organiser, name=name)) for name in ("甲", "乙", "丙")]

    empty = client.post(links[0], data={"phone": "13000000011"})
    hidden = client.post(links[0], data={"phone": "13000000011", "qmeal": "noodles"})
    assert ("餐食" in empty.text, empty.status_code, hidden.status_code, count(Registration)) == (True, 422, 422, 0)

    for link in links[:2]:
        assert client.post(link, data={"phone": "13000000011", "qmeal": "rice", "qwhy": "x"}).status_code == 303
    full = client.post(links[2], data={"phone": "13000000011", "qmeal": "rice"})
    rows = db.session.execute(sa.select(Registration)).unique().scalars().all()
    assert [row.sheet.answers for row in rows] == [{"qmeal": "rice"}] * 2
    assert (full.status_code, "名额已满" in full.text, count(Registration)) == (422, True, 2)


def test_the_preview_reads_as_it_is_sent_whatever_the_page_speaks(staff, event, organiser):
    an_invitation(event, actor=organiser, email="z@example.cn")

    page = staff.get(f"/invitations/events/{event.id}/send?lang=en").text

    assert "Send to 1 person" in page
    assert "3月16日 周一 10:00" in page
