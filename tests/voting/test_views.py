"""Pages of a public vote: the ballot for everybody, the plan and the check for staff."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import OneTimeCode
from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.notifications.models import Message
from matchmaker.voting import queries
from matchmaker.voting.models import CastVote, Voter
from matchmaker.voting.rules import TRIES_OF_VOTER, Who
from matchmaker.voting.services import setting
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.competition import followed
from tests.factories.voting import a_cast, a_contest_in_judging, a_vote

NOTE = "票选结果不影响评审名次"


@pytest.fixture
def owner(app, now):
    return a_user(Role.ORGANISER)


def order_on(page):
    return re.findall(r'id="candidate-(\d+)"', page)


def votes_in(vote):
    return queries.size(vote.id)


def test_an_organiser_opens_a_vote_from_the_page_of_the_contest(client, owner):
    contest = a_contest_in_judging(owner=owner)
    sign_in(client, owner)
    assert "开设网络票选" in client.get(f"/contests/manage/{contest.id}").text
    url = f"/votes/of/{contest.id}/final"
    typed = {
        "opens": "2026-03-20T09:00",
        "closes": "2026-03-19T09:00",
        "who": "signed_in",
        "per_day": "2",
        "in_all": "5",
    }
    wrong = client.post(url, data={**typed, "award": "人气之星"})
    assert (wrong.status_code, "截止时间要晚于开始时间" in wrong.text, "人气之星" in wrong.text) == (422, True, True)
    empty = client.post(url, data={**typed, "per_day": "很多"})
    assert (empty.status_code, queries.of_stage(contest.current.id)) == (422, None)

    page = followed(client, url, data={**typed, "closes": "2026-03-27T09:00", "award": "人气之星"})
    vote = queries.of_stage(contest.current.id)
    assert "投票已建立" in page.text
    assert (vote.per_day, vote.in_all, vote.award, len(vote.candidates)) == (2, 5, "人气之星", 3)
    assert client.get(url).location == f"/votes/{vote.id}/manage"
    assert f"/votes/{vote.id}" in client.get(f"/contests/{contest.id}").text


def test_a_person_votes_once_and_reads_what_is_left(client, owner):
    vote = a_vote(owner=owner, per_day=2, in_all=3)
    url, row = f"/votes/{vote.id}", vote.candidates[0]
    with clock.frozen(vote.opens):
        visitor = client.get(url).text
        assert (NOTE in visitor, "登录后可以投票" in visitor) == (True, True)
        assert "/accounts/sign-in" in client.post(f"{url}/cast", data={"candidate": row.id}).location
        sign_in(client, a_user())
        assert "今天还可以投 2 票，总共还剩 3 票" in client.get(url).text
        page = followed(client, f"{url}/cast", data={"candidate": row.id}).text
        assert ("已投票" in page, "今天还可以投 1 票，总共还剩 2 票" in page) == (True, True)
        again = followed(client, f"{url}/cast", data={"candidate": row.id}).text
        assert "已经给这个项目投过票" in again
        for nonsense in ("", "-1", "999999", "一", "9" * 30):
            assert "没有这个项目" in followed(client, f"{url}/cast", data={"candidate": nonsense}).text
    assert votes_in(vote) == 1


def test_before_and_after_nothing_is_taken(client, owner):
    vote = a_vote(owner=owner)
    url, row = f"/votes/{vote.id}", vote.candidates[0]
    sign_in(client, a_user())
    assert "还没有开始" in followed(client, f"{url}/cast", data={"candidate": row.id}).text
    with clock.frozen(vote.closes):
        sign_in(client, a_user())
        page = followed(client, f"{url}/cast", data={"candidate": row.id}).text
        assert ("这一票没有计入" in page, "正在核查选票" in page, ">投一票" in page) == (True, True, False)
    assert votes_in(vote) == 0


def test_a_hammering_script_is_told_to_wait(client, owner):
    vote = a_vote(owner=owner, per_day=1, in_all=1)
    sign_in(client, a_user())
    with clock.frozen(vote.opens):
        answers = [
            client.post(f"/votes/{vote.id}/cast", data={"candidate": vote.candidates[n % 3].id}).status_code
            for n in range(TRIES_OF_VOTER + 5)
        ]
        assert answers == [303] * TRIES_OF_VOTER + [429] * 5
        other = sign_in(client.application.test_client(), a_user())
        assert other.post(f"/votes/{vote.id}/cast", data={"candidate": vote.candidates[0].id}).status_code == 303
    assert votes_in(vote) == 2


def test_every_voter_has_an_order_of_their_own_that_stays(client, owner):
    vote = a_vote(owner=owner, entries=6)
    with clock.frozen(vote.opens):
        seen = set()
        for _ in range(6):
            browser = client.application.test_client()
            first, second = (
                order_on(browser.get(f"/votes/{vote.id}").text),
                order_on(browser.get(f"/votes/{vote.id}").text),
            )
            assert first == second
            seen.add(tuple(first))
        person = sign_in(client, a_user())
        before = order_on(person.get(f"/votes/{vote.id}").text)
        a_cast(vote, a_user(), candidate=2)
        assert order_on(person.get(f"/votes/{vote.id}").text) == before
    assert len(seen) > 3
    assert sorted(before, key=int) == [str(row.id) for row in vote.candidates]


def sent_code():
    texts = db.session.execute(sa.select(Message.text).order_by(Message.id.desc()).limit(1)).scalar_one()
    return re.search(r"\d{6}", texts)[0]


def test_a_proven_number_votes_without_an_account(client, owner):
    vote = a_vote(owner=owner, who=Who.VERIFIED)
    url, row = f"/votes/{vote.id}", vote.candidates[1]
    with clock.frozen(vote.opens):
        assert client.post(f"{url}/cast", data={"candidate": row.id}).location == f"{url}/verify"
        wrong = client.post(f"{url}/verify", data={"contact": "12345"})
        assert (wrong.status_code, "12345" in wrong.text) == (422, True)
        assert client.get(f"{url}/code").location == f"{url}/verify"
        client.post(f"{url}/verify", data={"contact": "139 0000 7777"})
        refused = client.post(f"{url}/code", data={"code": "000000" if sent_code() != "000000" else "111111"})
        assert (refused.status_code, "验证码不对" in refused.text) == (422, True)
        page = followed(client, f"{url}/code", data={"code": sent_code()}).text
        assert "可以投票了" in page
        followed(client, f"{url}/cast", data={"candidate": row.id})
        elsewhere = client.application.test_client()
        elsewhere.post(f"{url}/verify", data={"contact": "13900007777"})
        followed(elsewhere, f"{url}/code", data={"code": sent_code()})
        assert "已经给这个项目投过票" in followed(elsewhere, f"{url}/cast", data={"candidate": row.id}).text
    voter = db.session.execute(sa.select(Voter)).scalar_one()
    assert (votes_in(vote), voter.user_id, "7777" in voter.key_hash) == (1, None, False)


def test_codes_are_sent_for_open_votes_of_everybody_only(client, owner):
    closed_to_strangers = a_vote(owner=owner)
    early = a_vote(owner=owner, who=Who.VERIFIED)
    with clock.frozen(closed_to_strangers.opens):
        url = f"/votes/{closed_to_strangers.id}"
        assert client.post(f"{url}/verify", data={"contact": "13900007777"}).location == url
    url = f"/votes/{early.id}"
    assert client.post(f"{url}/verify", data={"contact": "13900007777"}).location == url
    assert db.session.query(OneTimeCode).count() == 0


def test_the_whole_way_to_a_published_result(client, owner):
    vote, approver = a_vote(owner=owner), a_user(Role.APPROVER)
    with clock.frozen(vote.opens):
        for _ in range(3):
            a_cast(vote, a_user(), candidate=0, address="10.1.1.1", agent="same")
        a_cast(vote, a_user(), candidate=1, address="10.1.1.2", agent="other")
    url = f"/votes/{vote.id}"
    with clock.frozen(vote.closes):
        sign_in(client, owner)
        assert client.get(f"{url}/result.csv").status_code == 404
        check = client.get(f"{url}/check").text
        assert vote.candidates[0].entry.title not in check
        group = re.search(rf'href="({url}/check/device/\w+)"', check)[1]
        assert vote.candidates[0].entry.title not in client.get(group).text
        ids = [row.id for row in queries.seen(vote.id)]
        refused = client.post(group, data={"ids": ids[:2], "note": ""})
        assert (refused.status_code, "请写明剔除的理由" in refused.text) == (422, True)
        stray = client.post(group, data={"ids": [ids[3]], "note": "不在这一组"})
        assert (stray.status_code, "请至少勾选一票" in stray.text) == (422, True)
        assert "已剔除 2 票" in followed(client, group, data={"ids": ids[1:3], "note": "一台设备"}).text
        assert "等待另一位" in followed(client, f"{url}/check/propose", data={"reason": "已核查"}).text
        second = sign_in(client.application.test_client(), approver)
        assert "复核通过并计票" in second.get(f"{url}/manage").text
        assert second.get(f"{url}/check").status_code == 200
        assert "选票已计数" in followed(second, f"{url}/check/confirm").text
        public = client.application.test_client().get(url).text
        assert ("正在核查选票" in public, "有效票" in public) == (True, False)
        assert "票选结果已公布" in followed(client, f"{url}/release").text
        result = client.application.test_client().get(url).text
        table = client.get(f"{url}/result.csv").get_data(as_text=True)
    assert ("最具人气奖" in result, NOTE in result, "<b>1</b>" in result) == (True, True, True)
    assert [line.split(",")[3:] for line in table.splitlines() if "参赛项目" in line] == [
        ["1", "2"],
        ["1", "0"],
        ["0", "0"],
    ]
    assert db.session.execute(sa.select(CastVote.device_hash).distinct()).scalars().all() == [""]


def test_struck_votes_are_put_back_and_unknown_groups_lead_back(client, owner):
    vote = a_vote(owner=owner)
    with clock.frozen(vote.opens):
        for _ in range(3):
            a_cast(vote, a_user(), address="10.1.1.1", agent="same")
    url = f"/votes/{vote.id}"
    with clock.frozen(vote.closes):
        sign_in(client, owner)
        group = re.search(rf'href="({url}/check/device/\w+)"', client.get(f"{url}/check").text)[1]
        followed(client, group, data={"ids": [row.id for row in queries.seen(vote.id)], "note": "一台设备"})
        assert len(queries.all_struck(vote.id)) == 3
        assert "已恢复" in followed(client, f"{group}/restore").text
        assert queries.all_struck(vote.id) == set()
        assert client.get(f"{url}/check/device/unknown").location == f"{url}/check"
    with clock.frozen(vote.opens):
        assert client.get(f"{url}/check").location == f"{url}/manage"


def test_extended_introduced_cancelled(client, owner):
    vote = a_vote(owner=owner)
    url, row = f"/votes/{vote.id}", vote.candidates[0]
    sign_in(client, owner)
    long = client.post(f"{url}/candidates/{row.id}", data={"blurb": "长" * 301})
    assert (long.status_code, "长长长" in long.text) == (422, True)
    assert "已更新" in followed(client, f"{url}/candidates/{row.id}", data={"blurb": "<b>一句话</b>"}).text
    assert "&lt;b&gt;一句话" in client.get(url).text
    assert client.get(f"{url}/candidates/999").status_code == 404
    typed = {
        "opens": "2026-03-20T09:00",
        "closes": "2026-03-27T09:00",
        "who": "verified",
        "per_day": "1",
        "in_all": "1",
    }
    assert "已更新" in followed(client, f"{url}/edit", data=typed).text
    with clock.frozen(vote.opens):
        sign_in(client, owner)
        short = client.post(f"{url}/extend", data={"closes": "2026-03-26T09:00"})
        assert (short.status_code, "晚于原来的截止时间" in short.text) == (422, True)
        assert "已延长" in followed(client, f"{url}/extend", data={"closes": "2026-03-28T09:00"}).text
        assert client.post(f"{url}/edit", data=typed).status_code == 422
        assert client.post(f"{url}/cancel", data={"reason": ""}).status_code == 422
        followed(client, f"{url}/cancel", data={"reason": "规则写错"})
    assert "规则写错" in client.application.test_client().get(url).text


def test_after_a_cancelled_vote_a_new_one_is_planned_and_both_are_listed(client, owner):
    first = a_vote(owner=owner)
    contest, url = first.stage.contest, f"/votes/of/{first.stage.contest_id}/final"
    with transaction():
        setting.cancel(first, actor=owner, reason="规则写错")
    sign_in(client, owner)
    desk = client.get(f"/contests/manage/{contest.id}").text
    assert ("开设网络票选" in desk, f"/votes/{first.id}/manage" in desk) == (True, True)
    assert url in client.get(f"/votes/{first.id}/manage").text
    assert "查看重新开设的票选" not in client.get(f"/votes/{first.id}").text
    typed = {"opens": "2026-03-20T09:00", "closes": "2026-03-27T09:00", "who": "signed_in"}
    assert "投票已建立" in followed(client, url, data={**typed, "per_day": "1", "in_all": "1"}).text

    second = queries.of_stage(first.stage_id)
    for shown in (first, second):
        text = client.get(f"/votes/{shown.id}/manage").text
        assert ("本阶段的票选" in text, "规则写错" in text, url in text) == (True, True, False)
    visitor = client.application.test_client()
    public = visitor.get(f"/contests/{contest.id}").text
    assert public.index(f"/votes/{first.id}") < public.index(f"/votes/{second.id}")
    assert f'href="/votes/{second.id}"' in visitor.get(f"/votes/{first.id}").text


def test_strangers_find_nothing_and_parties_are_refused(client, owner):
    vote = a_vote(owner=owner)
    elsewhere = sign_in(client.application.test_client(), a_user(Role.ORGANISER, region=OTHER_REGION))
    party = a_user(Role.ORGANISER, organisation=vote.candidates[0].entry.organisation)
    entrant = sign_in(client.application.test_client(), vote.candidates[0].entry.user)
    for path in ("manage", "edit", "check", "cancel", "result.csv"):
        assert elsewhere.get(f"/votes/{vote.id}/{path}").status_code == 404
        assert entrant.get(f"/votes/{vote.id}/{path}").status_code == 403
        assert client.get(f"/votes/{vote.id}/{path}").status_code == 303
    sign_in(client, party)
    assert {client.get(f"/votes/{vote.id}/{path}").status_code for path in ("manage", "check")} == {403}
    assert client.get("/votes/999").status_code == 404


def test_the_desk_reminds_of_check_and_release(client, owner):
    vote = a_vote(owner=owner)
    sign_in(client, owner)
    assert "票选已截止" not in client.get("/desk").text
    with clock.frozen(vote.closes):
        sign_in(client, owner)
        assert "票选已截止，待核查" in client.get("/desk").text
        with transaction():
            setting.cancel(vote, actor=owner, reason="不办了")
        assert "票选已截止" not in client.get("/desk").text


@pytest.mark.parametrize("path", ["", "/manage"])
def test_a_longer_ballot_needs_no_more_statements(client, owner, count_queries, path):
    few, many = a_vote(owner=owner, entries=2), a_vote(owner=owner, entries=5)
    sign_in(client, owner)
    counts = []
    with clock.frozen(few.opens + timedelta(minutes=1)):
        client.get(f"/votes/{few.id}{path}")
        for vote_id in (few.id, many.id):
            count_queries.clear()
            client.get(f"/votes/{vote_id}{path}")
            counts.append(len(count_queries))
    assert counts[0] == counts[1]
