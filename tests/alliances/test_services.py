"""Alliances, members and joint projects against a real database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.alliances import queries
from matchmaker.alliances.models import AllianceMember
from matchmaker.alliances.rules import AllianceState, MemberRole, ProjectState
from matchmaker.alliances.services import alliances, members, projects
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.notifications.models import Message
from tests.cast import OTHER_REGION, a_user
from tests.factories.alliances import a_university, an_alliance
from tests.factories.directory import an_organisation

TODAY = date(2026, 3, 2)
FACTS = {
    "title": "雪天弱光识别整机",
    "summary": "三路信号融合",
    "trl_start": 4,
    "trl_target": 8,
    "starts": TODAY,
    "ends": date(2027, 3, 2),
    "budget_own_fen": 180_000_000,
    "budget_public_fen": 60_000_000,
}


@pytest.fixture
def firm(app, now):
    return an_organisation()


@pytest.fixture
def leader(firm):
    return a_user(organisation=firm)


@pytest.fixture
def handler(firm):
    return a_user(Role.HANDLER)


def split(alliance, *parts):
    """The first members' parts: the same of the IP as of the income."""
    return {member.id: (Decimal(part), Decimal(part)) for member, part in zip(alliance.present, parts, strict=False)}


def subjects():
    return db.session.execute(sa.select(Message.subject).order_by(Message.id)).scalars().all()


def test_the_way_from_founding_to_running(firm, leader, handler):
    with transaction():
        row = alliances.found(
            actor=leader,
            organisation_id=firm.id,
            title="寒区联盟",
            summary="攻关",
            ip_clause="事先约定",
            starts=TODAY,
            ends=date(2028, 3, 2),
        )
    partners = [a_university(), *(an_organisation() for _ in range(3))]
    for partner in partners:
        with transaction():
            members.add(row, actor=leader, organisation=partner.uscc, role=MemberRole.MEMBER)
    owners = [leader, *(a_user(organisation=partner) for partner in partners)]
    with transaction():
        alliances.open_signing(row, actor=leader)
    for owner, member in zip(owners, row.present, strict=True):
        with transaction():
            members.sign(member, actor=owner)
    with transaction():
        alliances.submit(row, actor=leader)
    with transaction():
        alliances.start(row, actor=handler)

    assert (row.state, row.filed, row.signed_count) == (AllianceState.RUNNING, TODAY, 5)
    assert subjects() == ["请签署联盟协议：寒区联盟"] * 5 + ["联盟等待备案审核：寒区联盟", "联盟进展：运行（寒区联盟）"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"members": 4}, "至少需要 5 家"),
        ({"signed": False}, "还有 5 家成员没有签署"),
        ({"ip_clause": " "}, "知识产权归属"),
        ({"ends": None}, "协议的起止日期"),
    ],
)
def test_submitting_names_what_is_missing(firm, leader, values, words):
    row = an_alliance(lead=firm, **values)

    with pytest.raises(DomainError, match=words), transaction():
        alliances.submit(row, actor=leader)

    assert row.state is AllianceState.SIGNING


def test_an_alliance_without_a_university_is_not_filed(firm, leader):
    row = an_alliance(lead=firm, members=6)
    with transaction():
        row.present[1].left = TODAY

    with pytest.raises(DomainError, match="高校或科研院所"), transaction():
        alliances.submit(row, actor=leader)


def test_only_an_owner_signs_for_an_organisation(firm, leader):
    row = an_alliance(lead=firm, signed=False)

    with pytest.raises(NotPermitted, match="单位负责人"), transaction():
        members.sign(row.present[1], actor=leader)


def test_nobody_signs_twice_or_before_the_text_stands(firm, leader):
    signed = an_alliance(lead=firm)
    forming = an_alliance(lead=firm, signed=False, state=AllianceState.FORMING)

    for row, words in [(signed, "已经签署"), (forming, "没有定稿")]:
        with pytest.raises(Conflict, match=words), transaction():
            members.sign(row.present[0], actor=leader)


def test_taking_the_text_back_voids_the_signatures(firm, leader):
    row = an_alliance(lead=firm)

    with transaction():
        alliances.reopen(row, actor=leader)

    assert (row.state, row.signed_count) == (AllianceState.FORMING, 0)


def test_the_text_is_not_changed_while_it_is_signed(firm, leader):
    row = an_alliance(lead=firm)

    with pytest.raises(Conflict, match="不能再改"), transaction():
        alliances.edit(row, actor=leader, title="x", summary="y")


def test_a_member_is_added_once_and_known_by_name(firm, leader):
    row, other = an_alliance(lead=firm), an_organisation()
    with transaction():
        members.add(row, actor=leader, organisation=other.name, role=MemberRole.COUNCIL)

    with pytest.raises(Conflict, match="已经是成员"), transaction():
        members.add(row, actor=leader, organisation=other.uscc, role=MemberRole.MEMBER)
    with pytest.raises(DomainError, match="主体库中没有"), transaction():
        members.add(row, actor=leader, organisation="没有的单位", role=MemberRole.MEMBER)

    assert len(row.present) == 6


def test_the_database_knows_one_lead(firm):
    row = an_alliance(lead=firm)

    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.update(AllianceMember).where(AllianceMember.alliance_id == row.id).values(role="lead"))


def test_the_lead_is_handed_over_before_it_leaves(firm, leader):
    row = an_alliance(lead=firm, members=6)
    with pytest.raises(DomainError, match="新的牵头单位"), transaction():
        members.leave(row.lead, actor=leader)
    old, new = row.lead, row.present[2]

    with transaction():
        members.hand_over(row, actor=leader, member=new)
    with transaction():
        members.leave(old, actor=leader)

    assert (row.lead.id, old.left) == (new.id, TODAY)


def test_a_member_of_an_unfinished_project_does_not_leave(firm, leader):
    row = an_alliance(lead=firm, state=AllianceState.RUNNING)
    with transaction():
        project = projects.open_project(row, actor=leader, shares=split(row, 60, 40), **FACTS)
    with pytest.raises(DomainError, match="还参加未结题的项目"), transaction():
        members.leave(row.present[1], actor=leader)
    with transaction():
        projects.move(project, actor=leader, target=ProjectState.CLOSED)

    with transaction():
        members.leave(row.present[1], actor=leader)

    assert len(row.present) == 4


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (("60", "39.99"), "现在是 99.99%"),
        (("60", "40.01"), "现在是 100.01%"),
        (("100", "0"), "应大于 0"),
        (("33.33333", "66.66667"), "最多 4 位小数"),
        ((), "请填写各方的权益比例"),
    ],
)
def test_a_split_that_is_not_exactly_100_per_cent_is_refused(firm, leader, parts, words):
    row = an_alliance(lead=firm, state=AllianceState.RUNNING)

    with pytest.raises(DomainError, match=words), transaction():
        projects.open_project(row, actor=leader, shares=split(row, *parts), **FACTS)

    assert db.session.execute(queries.projects_of(row.id)).unique().scalars().all() == []


def test_a_split_is_stored_exactly_and_replaced_as_a_whole(firm, leader):
    row = an_alliance(lead=firm, state=AllianceState.RUNNING)
    with transaction():
        project = projects.open_project(row, actor=leader, shares=split(row, "33.3333", "33.3333", "33.3334"), **FACTS)
    assert (project.ip_total, project.income_total) == (Decimal(100), Decimal(100))

    with transaction():
        projects.edit(project, actor=leader, shares=split(row, 70, 30), trl_now=6, **FACTS)

    assert [share.ip_percent for share in project.shares] == [Decimal(70), Decimal(30)]
    assert project.trl_now == 6


def test_a_project_of_strangers_or_of_an_alliance_that_does_not_run_is_refused(firm, leader):
    running, signing = an_alliance(lead=firm, state=AllianceState.RUNNING), an_alliance(lead=firm)

    with pytest.raises(DomainError, match="不属于本联盟"), transaction():
        projects.open_project(running, actor=leader, shares=split(signing, 60, 40), **FACTS)
    with pytest.raises(Conflict, match="备案运行后"), transaction():
        projects.open_project(signing, actor=leader, shares=split(signing, 60, 40), **FACTS)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"trl_target": 3}, "不能低于"),
        ({"trl_start": 0}, "1 到 9"),
        ({"ends": TODAY}, "晚于开始"),
        ({"budget_own_fen": 0, "budget_public_fen": 0}, "预算"),
    ],
)
def test_a_project_that_makes_no_sense_is_refused(firm, leader, values, words):
    row = an_alliance(lead=firm, state=AllianceState.RUNNING)

    with pytest.raises(DomainError, match=words), transaction():
        projects.open_project(row, actor=leader, shares=split(row, 60, 40), **{**FACTS, **values})


def test_the_bureau_sends_back_with_a_reason_and_only_in_its_region(firm, handler):
    row = an_alliance(lead=firm, state=AllianceState.FILING)
    stranger = a_user(Role.HANDLER, region=OTHER_REGION)
    with pytest.raises(NotPermitted), transaction():
        alliances.start(row, actor=stranger)
    with pytest.raises(DomainError, match="退回理由"), transaction():
        alliances.send_back(row, actor=handler, reason=" ")

    with transaction():
        alliances.send_back(row, actor=handler, reason="请补盖章页")

    assert (row.state, row.reason) == (AllianceState.SIGNING, "请补盖章页")


def test_dissolving_needs_a_reason_and_somebody_who_may(firm, leader):
    row = an_alliance(lead=firm, state=AllianceState.RUNNING)
    other = a_user(organisation=row.present[2].organisation)

    with pytest.raises(NotPermitted), transaction():
        alliances.dissolve(row, actor=other, reason="协商一致")
    with pytest.raises(DomainError, match="理由"), transaction():
        alliances.dissolve(row, actor=leader, reason="")
    with transaction():
        alliances.dissolve(row, actor=leader, reason="目标已完成")

    assert row.state is AllianceState.DISSOLVED


def test_members_of_one_alliance_are_not_merged(firm):
    row = an_alliance(lead=firm)

    with pytest.raises(Conflict, match="都是联盟"):
        members.keep_apart(firm.id, row.present[1].organisation_id)
