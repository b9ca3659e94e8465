"""Rules as published: versions with fingerprints, amendments by two people, nothing changes once ballots exist."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Contest
from matchmaker.competition.rules.editions import fingerprint
from matchmaker.competition.rules.eligibility import Verdict
from matchmaker.competition.rules.results import Feedback, Sharing
from matchmaker.competition.services import checks, rulebook, stages
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from tests.cast import a_user, sign_in
from tests.factories.competition import a_contest, an_entry

NEW = [
    {"key": "tech", "label": "技术", "weight": 50, "maximum": 100},
    {"key": "m", "label": "市场", "weight": 50, "maximum": 100},
]


def amend(contest, actor, reason="名额调整", rows=NEW):
    group = contest.groups[0]
    with transaction():
        return rulebook.change(
            contest,
            actor=actor,
            reason=reason,
            edit=lambda: rulebook.set_criteria(group, None, rulebook.criteria_from(rows)),
        )


def weights(contest):
    return [(row.key, row.weight) for row in contest.groups[0].criteria]


def test_announcement_is_version_one(organiser):
    contest = a_contest(owner=organiser)

    (version,) = rulebook.versions_of(contest)

    assert (version.number, version.digest) == (1, contest.rules_hash)
    assert fingerprint(version.document) == contest.rules_hash == fingerprint(rulebook.document_of(contest))


def test_a_draft_changes_at_once_and_without_a_version(organiser):
    contest = a_contest(owner=organiser, announced=False)

    assert amend(contest, organiser, reason="") is None
    assert weights(contest) == [("tech", 50), ("m", 50)]
    assert rulebook.versions_of(contest) == []


def test_amendment_changes_nothing_until_the_second_person_agrees(organiser, approver):
    contest = a_contest(owner=organiser)
    before = contest.rules_hash

    amend(contest, organiser)
    assert (weights(contest), contest.rules_hash) == ([("tech", 60), ("market", 40)], before)
    with pytest.raises(NotPermitted), transaction():
        rulebook.confirm_amendment(contest, actor=organiser)
    with transaction():
        rulebook.confirm_amendment(contest, actor=approver)

    newest, first = rulebook.versions_of(contest)
    assert weights(contest) == [("tech", 50), ("m", 50)]
    assert (newest.number, newest.digest, first.digest) == (2, contest.rules_hash, before)
    assert newest.reason == "名额调整"
    rulebook.check_unchanged(contest)


def test_an_amendment_needs_a_reason_and_a_change(organiser):
    contest = a_contest(owner=organiser)
    same = [
        {"key": r.key, "label": r.label, "weight": r.weight, "maximum": r.maximum} for r in contest.groups[0].criteria
    ]

    with pytest.raises(DomainError, match="请写明理由"):
        amend(contest, organiser, reason=" ")
    with pytest.raises(DomainError, match="没有变化"):
        amend(contest, organiser, rows=same)
    with pytest.raises(DomainError, match="合计应为 100"):
        amend(contest, organiser, rows=NEW[:1])
    assert weights(contest) == [("tech", 60), ("market", 40)]


def test_two_amendments_cannot_wait_at_once(organiser):
    contest = a_contest(owner=organiser)
    amend(contest, organiser)

    with pytest.raises(Conflict, match="已提请复核"):
        amend(contest, organiser)


def test_returned_amendment_leaves_the_rules(organiser, approver):
    contest = a_contest(owner=organiser)
    amend(contest, organiser)
    with transaction():
        rulebook.return_amendment(contest, actor=approver, reason="先征求意见")

    assert len(rulebook.versions_of(contest)) == 1
    assert weights(contest) == [("tech", 60), ("market", 40)]


def test_rubric_is_fixed_once_a_ballot_exists(judged, organiser):
    with pytest.raises(Conflict, match="已有评分表"):
        amend(judged, organiser)
    assert weights(judged) == [("tech", 60), ("market", 40)]


def test_proposal_from_before_the_first_ballot_is_refused_after_it(organiser, approver):
    from tests.factories.competition import a_judge, an_entry, in_judging

    contest = a_contest(owner=organiser)
    amend(contest, organiser)
    in_judging(
        contest,
        owner=organiser,
        entered=[an_entry(contest)],
        seats=[a_judge(contest, owner=organiser), a_judge(contest, owner=organiser)],
    )

    with pytest.raises(Conflict, match="已有评分表"), transaction():
        rulebook.confirm_amendment(contest, actor=approver)
    assert weights(contest) == [("tech", 60), ("market", 40)]


def test_a_stage_can_have_a_rubric_of_its_own(organiser):
    contest = a_contest(owner=organiser, announced=False)
    stage, group = contest.stages[0], contest.groups[0]
    with transaction():
        rulebook.change(
            contest,
            actor=organiser,
            reason="",
            edit=lambda: rulebook.set_criteria(group, stage, rulebook.criteria_from(NEW)),
        )

    assert [c.key for c in stage.rubric_of(group).criteria] == ["tech", "m"]
    assert [c.key for c in group.rubric.criteria] == ["tech", "market"]
    assert stages.document_of(stage)["criteria"][0]["group"] == "growth"


def test_pages_of_rules_lead_from_change_to_published_amendment(client, organiser, approver):
    contest = a_contest(owner=organiser)
    base = f"/contests/manage/{contest.id}"
    sign_in(client, organiser)
    page = client.get(f"{base}/final/rules")
    form = {
        "judging_until": "2026-04-01T18:00", "mode": "live", "aggregation": "plain", "per_entry": "2",
        "minimum_panel": "2", "pitch_minutes": "8", "question_minutes": "7", "comment_below": "60",
        "ties": "全部评委总分高者在前", "places": "", "reason": "会期调整",
    }  # fmt: skip

    assert "补充通知" in page.text
    assert client.post(f"{base}/final/rules", data={**form, "reason": ""}).status_code == 422
    assert "看不懂“抽签”" in client.post(f"{base}/final/rules", data={**form, "ties": "抽签"}).text
    assert client.post(f"{base}/final/rules", data=form).status_code == 303
    assert "等待复核的补充通知" in client.get(f"{base}/amendment").text
    second = sign_in(client.application.test_client(), approver)
    second.post(f"{base}/amendment/confirm")
    public = client.application.test_client().get(f"/contests/{contest.id}/rules").text

    assert contest.stages[0].comment_below == Decimal(60)
    assert "补充通知第 1 号" in public
    assert "全部评委总分高者在前" in public
    assert ("现场答辩" in public, "2026年4月1日 周三 18:00" in public or "4月1日 周三 18:00" in public) == (True, True)
    raw = client.get(f"/contests/{contest.id}/rules/2.json")
    assert "attachment" in raw.headers["Content-Disposition"]
    assert fingerprint(raw.json) == contest.rules_hash
    assert client.get(f"/contests/{contest.id}/rules/3.json").status_code == 404


def test_entry_rules_are_amended_by_two_and_entries_looked_at_again(client, organiser, approver):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest)
    assert checks.verdicts_of(entry)["revenue"] is Verdict.PASS
    url = f"/contests/manage/{contest.id}/entry-rules"
    sign_in(client, organiser)
    form = {
        "doc_no": "测试〔2026〕2 号", "valid_from": "2020-01-01", "startup_years_back": 1, "oldest_years_back": 10,
        "revenue_limit_wan": "5", "growth_needs_number": "y", "team_members_min": 3, "wins_max": 2, "plan_mb": 20,
        "deck_mb": 20, "other_most": 5, "entries_per_person": 2, "reason": "面向小企业",
    }  # fmt: skip

    assert "大赛已发布" in client.get(url).text
    assert client.post(url, data={**form, "reason": ""}).status_code == 422
    assert client.post(url, data=form).status_code == 303
    assert contest.entry_rules.revenue_limit_fen == 20_000_000_000
    waiting = client.get(f"/contests/manage/{contest.id}/amendment").text
    assert "¥50,000" in waiting
    assert "提交和材料 › 材料 › 商业计划书 › MB" in waiting  # each with its name, not figures in a row
    with transaction():
        version = rulebook.confirm_amendment(contest, actor=approver)

    assert (version.number, contest.entry_rules.revenue_limit_fen) == (2, 5_000_000)
    assert checks.verdicts_of(entry)["revenue"] is Verdict.FAIL
    with clock.frozen(contest.deadline + timedelta(minutes=10)):
        late = sign_in(client, organiser).post(url, data={**form, "wins_max": 1})
    assert (late.status_code, "报名已截止" in late.text) == (422, True)


def test_rules_of_results_are_amended_until_scores_are_locked(client, organiser, approver):
    contest = a_contest(owner=organiser)
    url = f"/contests/manage/{contest.id}/results-rules"
    sign_in(client, organiser)
    form = {
        "package": "public",
        "feedback": "means",
        "comments": "y",
        "diligence": "信用记录\n现场核查",
        "reason": "公开",
    }

    assert client.post(url, data=form).status_code == 303
    assert contest.package is Sharing.SUPERVISOR
    with transaction():
        rulebook.confirm_amendment(contest, actor=approver)

    assert (contest.package, contest.feedback, contest.comments) == (Sharing.PUBLIC, Feedback.MEANS, True)
    assert [row["label"] for row in contest.diligence] == ["信用记录", "现场核查"]
    public = client.application.test_client().get(f"/contests/{contest.id}/rules").text
    assert all(word in public for word in ("公开下载", "各评分项的平均分", "现场核查"))
    rulebook.check_unchanged(contest)
    with transaction():
        contest.stages[0].tallies = 1
    assert "已有成绩锁定" in client.post(url, data={**form, "feedback": "never"}).text


def test_rubric_page_keeps_levels(client, organiser):
    contest = a_contest(owner=organiser, announced=False)
    group = contest.groups[0]
    url = f"/contests/manage/{contest.id}/rubric/{group.id}"
    lines = {"lines-0-label": "技术", "lines-0-weight": "100", "lines-0-maximum": "100"}
    sign_in(client, organiser)

    refused = client.post(url, data={**lines, "lines-0-levels": "优秀"})
    kept = client.post(url, data={**lines, "lines-0-levels": "60 合格\n90 领先，已验证"})

    assert (refused.status_code, "看不懂“优秀”" in refused.text, kept.status_code) == (422, True, 303)
    assert group.criteria[0].levels == [{"minimum": "90", "text": "领先，已验证"}, {"minimum": "60", "text": "合格"}]


def test_other_staff_may_not_open_the_rules_of_another_region(client, organiser):
    contest = a_contest(owner=organiser)
    other = a_user(Role.ORGANISER, Role.APPROVER, region="650104")
    sign_in(client, other)

    paths = ["final/rules", "amendment", "prizes", f"rubric/{contest.groups[0].id}"]

    assert [client.get(f"/contests/manage/{contest.id}/{path}").status_code for path in paths] == [404] * 4


def test_new_contest_starts_from_a_template_with_its_rules(client, organiser):
    from tests.competition.test_views_entries import CONTEST_FORM

    sign_in(client, organiser)
    page = client.get("/contests/manage/new?template=three_stages").text
    stage = {
        f"stages-1-{key}": value for key, value in {"mode": "live", "aggregation": "plain", "per_entry": "5"}.items()
    }
    form = {**CONTEST_FORM, **stage, "stages-1-judging_until": "2026-04-20T18:00"}
    client.post("/contests/manage/new?template=three_stages", data=form)
    contest = db.session.query(Contest).one()

    assert page.count('type="datetime-local"') == 4
    assert [(s.code.value, s.ties, s.minimum_panel) for s in contest.stages] == [
        ("semifinal", ["previous"], 5),
        ("final", ["previous", "all_judges"], 3),
    ]


def test_new_contest_takes_over_rubric_and_ties_of_an_earlier_one(client, organiser):
    from tests.competition.test_views_entries import CONTEST_FORM

    model = a_contest(owner=organiser, ties=["criteria"], comment_below=Decimal(50), year=2025)
    sign_in(client, organiser)
    url = f"/contests/manage/new?like={model.id}"
    shown = client.get(url).text
    client.post(url, data=CONTEST_FORM)
    contest = db.session.query(Contest).filter(Contest.id != model.id).one()

    assert model.title in shown
    assert (contest.stages[0].ties, contest.stages[0].comment_below) == (["criteria"], Decimal(50))
    assert [(row.key, row.weight) for row in contest.groups[0].criteria] == [("tech", 60), ("market", 40)]
    assert client.get("/contests/manage/new?like=999").status_code == 404
