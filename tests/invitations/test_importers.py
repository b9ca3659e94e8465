"""Guest lists from files: into invitations, or straight into the registrations."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.core.importing import ImportRun
from matchmaker.core.tabular import guess_mapping, read_table
from matchmaker.events.models import Registration, SeatPool
from matchmaker.events.rules import EventState, RegistrationState, Source
from matchmaker.events.services import registrations
from matchmaker.invitations import importers
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.services import answering
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.events import an_event
from tests.factories.imports import a_csv
from tests.factories.invitations import an_invitation

HEADERS = "姓名|职务|手机|邮箱|单位|统一社会信用代码|编号|人群|可带人数|可转交|标签"


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    return an_event(owner=organiser, capacity=3)


def run_of(event, *lines, actor, load=importers.load_invitations, headers=HEADERS, **options):
    table = read_table(io.BytesIO(a_csv(headers, *lines)), "名单.csv")
    run = ImportRun(
        table,
        guess_mapping(table.headers, importers.FIELDS),
        importers.FIELDS,
        region="650105",
        actor=actor,
        source="名单.csv",
        options={"event": event.id, **options},
    )
    with transaction():
        load(run)
    return run


def outcomes(run):
    return [report.outcome.value for report in run.reports]


def invitations():
    return list(db.session.execute(sa.select(Invitation).order_by(Invitation.id)).unique().scalars())


def test_a_list_becomes_invitations(event, organiser):
    run = run_of(
        event,
        "欧阳娜娜|总经理|130 0000 0011||红光软件有限公司|||||是|贵宾、第一桌",
        "Maria Müller||| m@Example.cn |Müller GmbH||A7|||否|",
        actor=organiser,
    )

    first, second = invitations()
    assert outcomes(run) == ["created", "created"]
    assert (first.name, first.phone, first.delegable, [t.text for t in first.tags]) == (
        "欧阳娜娜",
        "13000000011",
        True,
        ["第一桌", "贵宾"],
    )
    assert (second.email, second.external_id, second.company) == ("m@example.cn", "A7", "Müller GmbH")


def test_rows_that_cannot_be_taken_say_why_and_the_others_go_on(event, organiser):
    run = run_of(
        event,
        "张三||||某公司||||||",
        "李四||12345||||||||",
        "||13000000022||||||||",
        "王五||13000000033|||||没有这组|||",
        "赵六||13000000044||||||99||",
        "钱七||12345|q@example.cn|||||||",
        actor=organiser,
    )

    assert outcomes(run) == ["refused"] * 5 + ["created"]
    assert "手机号和邮箱" in str(run.reports[0].notes[0].filled(run.reports[0].notes[0].message))
    assert [row.name for row in invitations()] == ["钱七"]


def test_the_same_file_again_changes_nothing_and_a_new_one_brings_up_to_date(event, organiser):
    lines = ("张三||13000000011|||||||是|甲", "李四|||li@example.cn|||B2||||")
    run_of(event, *lines, actor=organiser)

    assert outcomes(run_of(event, *lines, actor=organiser)) == ["unchanged", "unchanged"]
    newer = run_of(
        event, "张 三|局长|13000000011|z@example.cn||||||否|乙", "李四四||13000000022||||B2||||", actor=organiser
    )

    assert outcomes(newer) == ["updated", "updated"]
    first, second = invitations()
    assert (first.position, first.email, first.delegable, [t.text for t in first.tags]) == (
        "局长",
        "z@example.cn",
        False,
        ["乙", "甲"],
    )
    assert (second.name, second.phone, second.email) == ("李四四", "13000000022", "li@example.cn")
    assert outcomes(run_of(event, "张三|||z@example.cn|||||||", actor=organiser)) == ["updated"]  # by the address


def test_one_guest_twice_in_a_file_is_one_invitation(event, organiser):
    run = run_of(event, "张三||13000000011|||||||", "张三|处长|13000000011|||||||", actor=organiser)

    assert outcomes(run) == ["created", "merged"]
    assert [row.position for row in invitations()] == ["处长"]


def test_an_id_and_a_person_that_contradict_each_other_are_refused(event, organiser):
    run_of(event, "张三||13000000011||||A1||||", "李四||13000000022||||A2||||", actor=organiser)

    run = run_of(event, "张三||13000000011||||A2||||", "张三||13000000011||||A3||||", actor=organiser)

    assert outcomes(run) == ["refused", "refused"]


def test_companies_are_matched_by_code_and_by_name_and_else_hinted_at(event, organiser):
    firm = an_organisation(name="乌鲁木齐红光软件有限公司")
    run = run_of(
        event,
        f"张三||13000000011||写错的名字|{firm.uscc.lower()}|||||",
        "李四||13000000022||乌鲁木齐红光软件有限公司||||||",
        "王五||13000000033||红光软件股份有限公司||||||",
        f"||13000000044|||{firm.uscc}|||||",
        "钱七||13000000055||毫不相干合作社||||||",
        actor=organiser,
    )

    rows = invitations()
    assert [row.organisation_id for row in rows] == [firm.id, firm.id, None, firm.id, None]
    assert [row.organisation_hint for row in rows] == ["", "", firm.name, "", ""]
    assert rows[3].who == firm.name
    assert run.reports[2].notes != ()


def test_formulas_and_markup_are_only_text(event, organiser, client):
    run_of(event, "@SUM(1)|<script>alert(1)</script>|13000000011||+cmd||||||@x", actor=organiser)
    with pytest.raises(DomainError, match="公式"):
        run_of(event, "=1+1||13000000022||=HYPERLINK(1)||||||", actor=organiser)
    staff = sign_in(client, organiser)

    page = staff.get(f"/invitations/events/{event.id}").text
    exported = staff.get(f"/invitations/events/{event.id}?format=csv").text

    assert "<script>alert" not in page
    assert "\n@SUM" not in exported
    assert ",+cmd" not in exported


def test_who_is_registered_already_is_not_invited(event, organiser):
    invitation = an_invitation(event, actor=organiser)
    with transaction():
        answering.accept(invitation, phone="13000000011")
        invitation.key, invitation.name = "x|y", "别人"  # as if the registration had come another way
    run = run_of(event, "张三||13000000011|||||||", actor=organiser)

    assert outcomes(run) == ["skipped"]


def test_a_list_becomes_registrations_as_far_as_there_are_seats(event, organiser):
    load = {"actor": organiser, "load": importers.load_registrations}
    lines = [f"嘉宾{c}||1300000001{n}|||||||" for n, c in enumerate("甲乙丙丁")]
    run = run_of(event, *lines, **load)

    rows = db.session.execute(sa.select(Registration)).unique().scalars().all()
    assert outcomes(run) == ["created", "created", "created", "refused"]
    assert {(row.state, row.source) for row in rows} == {(RegistrationState.APPROVED, Source.IMPORT)}
    assert db.session.execute(sa.select(SeatPool.used)).scalar_one() == 3
    assert registrations.reconcile() == ([], [])
    assert outcomes(run_of(event, lines[0], "嘉宾甲||13000000010|jia@example.cn|||||||", **load)) == [
        "unchanged",
        "updated",
    ]


def test_who_withdrew_comes_back_with_the_same_number(event, organiser):
    load = {"actor": organiser, "load": importers.load_registrations}
    line = "张三|处长|13000000011||||A1||||"
    run_of(event, line, **load)
    with transaction():
        registrations.withdraw(db.session.execute(sa.select(Registration)).unique().scalar_one(), actor=None)

    assert outcomes(run_of(event, line, **load)) == ["created"]
    rows = db.session.execute(sa.select(Registration).order_by(Registration.id)).unique().scalars().all()
    assert [(row.state, row.attendees[0].position) for row in rows] == [
        (RegistrationState.WITHDRAWN, "处长"),
        (RegistrationState.APPROVED, "处长"),
    ]


def test_only_into_an_event_of_ones_own(event, organiser):
    with pytest.raises(DomainError, match="不归您负责"):
        run_of(event, "张三||13000000011|||||||", actor=a_user(Role.ORGANISER, region=OTHER_REGION))
    with transaction():
        event.state = EventState.CANCELLED
    with pytest.raises(DomainError, match="已取消"):
        run_of(event, "张三||13000000011|||||||", actor=organiser)


def test_the_wizard_offers_the_event(event, organiser, client):
    staff = sign_in(client, organiser)

    page = staff.get(f"/imports/new/invitations?event={event.id}").text
    answer = staff.post(
        "/imports/new/invitations",
        data={"file": (io.BytesIO(a_csv("姓名|手机", "张三|13000000011")), "名单.csv"), "event": str(event.id)},
        content_type="multipart/form-data",
    )

    assert f'<option selected value="{event.id}">' in page
    assert answer.status_code == 303
