"""Pages of contests and entries: who gets in, the way through them, each refusal once."""

from __future__ import annotations

import pytest

from matchmaker.competition.models import Contest, Entry
from matchmaker.competition.rules.states import ContestState, EntryState
from matchmaker.core.db import db
from tests.cast import a_user, sign_in
from tests.factories.competition import a_contest, an_entry, followed
from tests.factories.directory import an_organisation

CONTEST_FORM = {
    "title": "春季创新创业大赛",
    "summary": "面向全区企业和团队",
    "year": "2026",
    "deadline": "2026-04-01T18:00",
    "stages-0-code": "preliminary",
    "stages-1-code": "semifinal",
    "stages-2-code": "final",
    "stages-2-judging_until": "2026-05-01T18:00",
    "stages-2-mode": "live",
    "stages-2-aggregation": "plain",
    "stages-2-per_entry": "3",
    "contact_name": "大赛办公室",
    "contact_phone": "0991-0000001",
    "working_days": "5",
    "growth": "一等奖 1；二等奖 2",
    "tracks": "信息技术 | IT\n新材料",
    "doc_no": "测试〔2026〕2 号",
    "valid_from": "2026-01-01",
    "valid_to": "2026-12-31",
    "startup_years_back": "1",
    "oldest_years_back": "10",
    "revenue_limit_wan": "20000",
    "growth_needs_number": "y",
    "team_members_min": "3",
    "wins_max": "",
}


@pytest.mark.parametrize(
    "path",
    ["/contests/entries/", "/contests/ballots/", "/contests/manage/", "/contests/manage/1", "/contests/ballots/1"],
)
def test_nobody_is_sent_to_sign_in(client, now, path):
    response = client.get(path)

    assert (response.status_code, response.location.split("?")[0]) == (303, "/accounts/sign-in")


@pytest.mark.parametrize("path", ["/contests/manage/", "/contests/manage/new", "/contests/ballots/"])
def test_member_may_not_open_staff_and_judge_pages(client, now, path):
    sign_in(client, a_user(organisation=an_organisation()))

    assert client.get(path).status_code == 403


def test_contest_is_drafted_from_the_usual_rules_and_announced(client, organiser):
    sign_in(client, organiser)
    assert "中国创新创业大赛通知" in client.get("/contests/manage/new").text

    made = client.post("/contests/manage/new", data=CONTEST_FORM)
    contest = db.session.query(Contest).one()
    announced = followed(client, f"/contests/manage/{contest.id}/announce")

    assert made.location == f"/contests/manage/{contest.id}"
    assert "规则已固定" in announced.text
    assert (contest.state, [t.title_en for t in contest.tracks]) == (ContestState.REGISTRATION, ["IT", None])
    assert contest.eligibility["revenue_limit_fen"] == 20_000_000_000


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("growth", "很多奖", "看不懂“很多奖”"),
        ("stages-2-judging_until", "2026-03-20T18:00", "评审截止应晚于报名截止"),
        ("revenue_limit_wan", "两亿", "revenue_limit_wan"),
        ("title", "", "请填写这一项"),
    ],
)
def test_contest_form_comes_back_with_one_clear_sentence(client, organiser, field, text, sentence):
    response = sign_in(client, organiser).post("/contests/manage/new", data={**CONTEST_FORM, field: text})

    assert response.status_code == 422
    assert sentence in response.text
    assert db.session.query(Contest).count() == 0


def test_rubric_page_refuses_weights_that_do_not_sum_to_100(client, organiser):
    contest = a_contest(owner=organiser, announced=False)
    group = contest.groups[0]
    lines = {"lines-0-label": "技术", "lines-0-weight": "60", "lines-0-maximum": "100"}
    url = f"/contests/manage/{contest.id}/rubric/{group.id}"

    refused = sign_in(client, organiser).post(url, data=lines)
    lines |= {"lines-1-label": "市场", "lines-1-weight": "40", "lines-1-maximum": "10"}
    kept = client.post(url, data=lines)

    assert (refused.status_code, "合计应为 100" in refused.text) == (422, True)
    assert kept.status_code == 303
    assert [(row.label, row.weight) for row in group.criteria] == [("技术", 60), ("市场", 40)]


def entry_form(contest, organisation_id, **values):
    return {
        "organisation_id": str(organisation_id),
        "group_id": str(next(g.id for g in contest.groups if g.code == "growth")),
        "track_id": str(contest.tracks[0].id),
        "title": "冬季街面事件识别平台",
        "summary": "在风雪和夜间条件下识别跌倒、烟火和聚集，减少物业人工巡看。",
        "leader": "张三",
        "phone": "１３９ 0000 0001",
        "members": "李四，13900000002\n王五",
        "revenue_wan": "6420",
        "sme_number": "202665010500000001",
        **values,
    }


def test_entry_is_kept_as_a_draft_and_handed_in(client, organiser):
    contest = a_contest(owner=organiser)
    firm = an_organisation()
    member = a_user(organisation=firm)
    sign_in(client, member)

    kept = followed(client, f"/contests/{contest.id}/enter", data=entry_form(contest, firm.id, step="draft"))
    entry = db.session.query(Entry).one()
    assert "草稿 — 还没有报名" in kept.text
    assert (entry.state, entry.phone, entry.revenue_fen) == (EntryState.DRAFT, "13900000001", 6_420_000_000)
    sent = followed(client, f"/contests/entries/{entry.id}/edit", data=entry_form(contest, firm.id, step="submit"))

    assert "已提交，等待资格审查" in sent.text
    assert entry.state is EntryState.SUBMITTED


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"summary": "太短"}, "至少写 20 个字"),
        ({"members": "12345"}, "第 1 行看不明白"),
        ({"revenue_wan": ""}, "没有收入请填 0"),
        ({"organisation_id": "0"}, "企业组须代表企业报名"),
        ({"group_id": "999"}, "组别"),
    ],
)
def test_entry_form_says_what_to_mend_and_keeps_nothing(client, organiser, values, sentence):
    contest = a_contest(owner=organiser)
    firm = an_organisation()
    form = {**entry_form(contest, firm.id, step="submit"), **values}

    response = sign_in(client, a_user(organisation=firm)).post(f"/contests/{contest.id}/enter", data=form)

    assert (response.status_code, sentence in response.text) == (422, True)
    assert db.session.query(Entry).count() == 0


def test_strangers_entry_is_not_found(client, organiser):
    entry = an_entry(a_contest(owner=organiser))
    sign_in(client, a_user(organisation=an_organisation()))

    paths = [f"/contests/entries/{entry.id}{tail}" for tail in ("", "/edit", "/withdraw")]
    assert [client.get(path).status_code for path in paths] == [404] * 3


@pytest.mark.parametrize("rows", [1, 3])
def test_entry_list_shows_its_rows_in_constant_queries(client, organiser, count_queries, rows):
    contest = a_contest(owner=organiser)
    entered = [an_entry(contest) for _ in range(rows)]
    sign_in(client, organiser)
    count_queries.clear()

    page = client.get(f"/contests/manage/{contest.id}/entries").text
    used = len(count_queries)

    assert all(entry.title in page for entry in entered)
    assert used == 22


def test_entry_list_is_exported_as_shown(client, organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, title="=冬季平台")
    sign_in(client, organiser)

    file = client.get(f"/contests/manage/{contest.id}/entries?format=csv")

    assert entry.who in file.get_data(as_text=True)
    assert "'=冬季平台" in file.get_data(as_text=True)


def test_eligible_entries_are_accepted_in_bulk_with_undo(client, organiser):
    contest = a_contest(owner=organiser)
    good = an_entry(contest)
    bad = an_entry(contest, sme_number="")
    back = f"/contests/manage/{contest.id}/entries"
    data = {
        "action": "accept",
        "ids": [good.id, bad.id],
        "confirmed": "1",
        "back": back,
        "scope_contest_id": contest.id,
    }

    done = sign_in(client, organiser).post("/lists/entries/bulk", data={**data, "scope_contest_id": contest.id})
    assert (good.state, bad.state) == (EntryState.GROUPED, EntryState.SUBMITTED)
    client.post(done.location.split("?")[0] + "/undo", data={"back": back})

    assert good.state is EntryState.SUBMITTED


def test_review_page_shows_the_evidence_and_asks_for_grounds(client, organiser):
    entry = an_entry(a_contest(owner=organiser), sme_number="")
    sign_in(client, organiser)

    page = client.get(f"/contests/manage/entries/{entry.id}").text
    assert "成长企业组须有科技型中小企业入库编号" in page
    refused = followed(client, f"/contests/manage/entries/{entry.id}/accept")
    assert "请写明人工核实的依据" in refused.text
    client.post(f"/contests/manage/entries/{entry.id}/accept", data={"reason": "编号正在公示，已电话核实"})

    assert entry.state is EntryState.GROUPED


@pytest.mark.parametrize("way", ["return", "reject", "disqualify"])
def test_turning_down_needs_a_reason(client, organiser, way):
    entry = an_entry(a_contest(owner=organiser))
    sign_in(client, organiser)

    assert client.post(f"/contests/manage/entries/{entry.id}/{way}", data={"reason": " "}).status_code == 422
    assert client.post(f"/contests/manage/entries/{entry.id}/{way}", data={"reason": "材料不全"}).status_code == 303


def test_edit_form_shows_an_entry_the_way_it_was_typed(client, organiser):
    person = a_user(name="王小明")
    entry = an_entry(
        a_contest(owner=organiser), actor=person, submitted=False, members=[{"name": "李四", "phone": "13900000002"}]
    )

    page = sign_in(client, person).get(f"/contests/entries/{entry.id}/edit").text

    assert "李四，13900000002</textarea>" in page
    assert '<option selected value="0">以团队名义' in page
