"""Pages of judges, panels and results: what a judge may open, the way to certificates, each refusal once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.services import recusals
from matchmaker.core import clock
from matchmaker.core.db import transaction
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.competition import a_contest, a_judge, an_entry, ballots_of, followed, sign_ballot


def test_staff_of_another_region_finds_nothing(client, judged):
    sign_in(client, a_user(Role.ORGANISER, Role.APPROVER, region=OTHER_REGION))
    entry = ballots_of(judged)[0].entry
    tails = [
        "",
        "/edit",
        "/entries",
        "/judges",
        "/recusals",
        "/final/assignment",
        "/final/results",
        "/final/standings",
        "/extend",
    ]

    paths = [f"/contests/manage/{judged.id}{tail}" for tail in tails if tail != "/entries"]
    assert [client.get(path).status_code for path in [*paths, f"/contests/manage/entries/{entry.id}"]] == [404] * 9


def test_judge_scores_without_scripts_and_goes_on_to_the_next(client, judged):
    first, second = [b for b in ballots_of(judged) if b.seat_id == ballots_of(judged)[0].seat_id]
    with clock.frozen(judged.deadline + timedelta(days=1)):
        sign_in(client, first.seat.user)
        assert "已提交 0 / 2" in client.get("/contests/ballots/").text
        form = {"version": "1", "tech": "80.5", "market": "７０", "comment": "好", "step": "sign"}
        done = client.post(f"/contests/ballots/{first.id}", data=form)

    assert done.location == f"/contests/ballots/{second.id}"
    assert (first.state, first.total) == (BallotState.SUBMITTED, first.total)
    assert str(first.total) == "76.3"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"tech": "101", "market": "70"}, "应在 0 至 100 分之间"),
        ({"tech": "80.3", "market": "70"}, "0.5 分为一档"),
        ({"tech": "80", "market": ""}, "还没有打分"),
        ({"tech": "八十", "market": "70"}, "请填写数字"),
        ({"tech": "80", "market": "70", "version": "9"}, "别的页面改过"),
    ],
)
def test_ballot_comes_back_with_what_was_typed(client, judged, form, sentence):
    ballot = ballots_of(judged)[0]
    sign_in(client, ballot.seat.user)

    response = client.post(f"/contests/ballots/{ballot.id}", data={"version": "1", "step": "sign", **form})

    assert (response.status_code, sentence in response.text) == (422, True)
    assert f'value="{form["tech"]}"' in response.text
    assert ballot.state is BallotState.ASSIGNED


def test_autosave_answers_the_new_version_and_409_to_an_older_page(client, judged):
    ballot = ballots_of(judged)[0]
    sign_in(client, ballot.seat.user)
    url = f"/contests/ballots/{ballot.id}/autosave"

    first = client.post(url, data={"version": "1", "tech": "80"})
    older = client.post(url, data={"version": "1", "tech": "10"})
    wrong = client.post(url, data={"version": "2", "tech": "1000"})

    assert (first.status_code, first.json["version"]) == (200, 2)
    assert (older.status_code, "刷新" in older.json["error"]) == (409, True)
    assert (wrong.status_code, "0 至 100" in wrong.json["error"]) == (422, True)
    assert {k: str(v) for k, v in ballot.points.items()} == {"tech": "80"}


def test_autosave_needs_the_token_of_the_page(application, client, judged):
    ballot = ballots_of(judged)[0]
    sign_in(client, ballot.seat.user)
    application.config["WTF_CSRF_ENABLED"] = True
    try:
        response = client.post(f"/contests/ballots/{ballot.id}/autosave", data={"version": "1", "tech": "80"})
    finally:
        application.config["WTF_CSRF_ENABLED"] = False

    assert response.status_code == 400
    assert ballot.state is BallotState.ASSIGNED


def test_another_judges_ballot_is_not_found(client, judged):
    mine, other = ballots_of(judged)[:2]
    sign_in(client, mine.seat.user)
    tails = ["", "/recuse"]

    assert [client.get(f"/contests/ballots/{other.id}{tail}").status_code for tail in tails] == [404, 404]
    assert client.post(f"/contests/ballots/{other.id}/autosave", data={"version": "1"}).status_code == 404


def test_recused_judge_finds_no_trace_of_the_entry(client, organiser, judged):
    """Also when the judge is an organiser: lists, counts, search and export know nothing of it."""
    ballot = ballots_of(judged)[0]
    judge = ballot.seat.user
    from matchmaker.accounts import services as accounts

    with transaction():
        accounts.grant_role(judge, Role.ORGANISER, region="650105")
    with transaction():
        recusals.declare(ballot, actor=judge, reason=RecusalReason.RELATIVE)
    base = f"/contests/manage/{judged.id}"

    with clock.frozen(judged.deadline + timedelta(days=1)):
        sign_in(client, judge)
        pages = [
            client.get(path)
            for path in (
                "/contests/ballots/",
                "/desk",
                base,
                f"{base}/entries",
                f"{base}/entries?format=csv",
                "/search?q=参赛项目",
            )
        ]  # noqa: E501
        gone = [f"/contests/ballots/{ballot.id}", f"/contests/manage/entries/{ballot.entry_id}"]
        kept_out = [
            f"{base}/{tail}" for tail in ("final/assignment", "final/results", "final/standings", "judges", "recusals")
        ]
        assert [client.get(path).status_code for path in kept_out] == [403] * 5
        assert [client.get(path).status_code for path in gone] == [404, 404]
    assert [page.status_code for page in pages] == [200] * 6
    assert [ballot.entry.title in page.get_data(as_text=True) for page in pages] == [False] * 6
    assert "已提交 0 / 1" in pages[0].text
    assert "共 1 条" in pages[3].text


@pytest.mark.parametrize("rows", [1, 3])
def test_own_ballots_take_constant_queries(client, organiser, count_queries, rows):
    from tests.factories.competition import in_judging

    contest = a_contest(owner=organiser, per_entry=1)
    seat = a_judge(contest, owner=organiser)
    in_judging(contest, owner=organiser, entered=[an_entry(contest) for _ in range(rows)], seats=[seat])
    sign_in(client, seat.user)
    count_queries.clear()

    page = client.get("/contests/ballots/").text
    used = len(count_queries)

    assert f"已提交 0 / {rows}" in page
    assert used == 13


def test_judge_is_added_and_the_plan_is_confirmed_from_its_preview(client, organiser):
    contest = a_contest(owner=organiser, per_entry=1)
    entry = an_entry(contest)
    judge = a_user(Role.JUDGE, name="新评委", email="new@judges.example")
    sign_in(client, organiser)
    client.post(f"/contests/manage/entries/{entry.id}/accept")
    base = f"/contests/manage/{contest.id}"
    client.post(f"{base}/judges", data={"user_id": judge.id, "unit_text": "外地大学", "load": "5", "tracks": ["it"]})
    with clock.frozen(contest.deadline + timedelta(hours=1)):
        sign_in(client, organiser)
        client.post(f"{base}/close")
        preview = client.get(f"{base}/final/assignment").text
        assert ballots_of(contest) == []
        pair = preview.split('name="pair" value="')[1].split('"')[0]
        client.post(f"{base}/final/assignment", data={"pair": pair})
        started = followed(client, f"{base}/final/start")

    assert "这是预览" in preview
    assert "评审已开始" in started.text
    assert [(b.entry_id, b.seat.user_id) for b in ballots_of(contest)] == [(entry.id, judge.id)]


def test_results_page_leads_from_lock_to_certificates(client, organiser, approver, judged):
    from tests.factories.publicity import announced_years

    announced_years()
    for ballot in ballots_of(judged):
        sign_ballot(ballot)
    base = f"/contests/manage/{judged.id}"
    staff, second = sign_in(client, organiser), sign_in(client.application.test_client(), approver)
    assert staff.get(f"{base}/final/standings").status_code == 303
    staff.post(f"{base}/final/lock/propose", data={"reason": "评审完成"})
    assert staff.post(f"{base}/final/lock/confirm").status_code == 403
    assert "成绩已锁定" in followed(second, f"{base}/final/lock/confirm").text
    assert "重算，结果一致" in staff.get(f"{base}/final/standings").text
    staff.post(f"{base}/final/release")
    public = client.application.test_client().get(f"/contests/{judged.id}").text
    assert "76.00" in public
    with clock.frozen(clock.now() + timedelta(days=12)):
        sign_in(staff, organiser), sign_in(second, approver)
        staff.post(f"{base}/award/propose", data={"reason": "公示无异议"})
        done = followed(second, f"{base}/award/confirm")
        entry = ballots_of(judged)[0].entry
        own = sign_in(client.application.test_client(), entry.user).get(f"/contests/entries/{entry.id}").text

    assert "已授奖" in done.text
    assert "DS-2026-" in own
