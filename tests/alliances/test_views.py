"""Pages of alliances as members, the bureau and strangers meet them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.alliances.models import Alliance, JointProject, ProjectShare
from matchmaker.alliances.rules import AllianceState
from matchmaker.core.db import db
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.alliances import a_university, an_alliance
from tests.factories.directory import an_organisation


@pytest.fixture
def firm(app, now):
    return an_organisation(name="云图安防科技有限公司")


@pytest.fixture
def leader(firm):
    return a_user(organisation=firm)


def state_of(alliance_id):
    return db.session.execute(sa.select(Alliance.state).where(Alliance.id == alliance_id)).scalar_one()


def project_data(alliance, *parts, **values):
    data = {
        "title": "雪天识别整机",
        "summary": "融合",
        "trl_start": "4",
        "trl_target": "8",
        "starts": "2026-03-02",
        "ends": "2027-03-02",
        "budget_own_fen": "180",
        **values,
    }
    for member, part in zip(alliance.present, parts, strict=False):
        data[f"ip_{member.id}"] = data[f"income_{member.id}"] = part
    return data


def test_a_firm_founds_an_alliance_and_reads_what_is_missing(client, firm, leader):
    sign_in(client, leader)

    answer = client.post("/alliances/new", data={"organisation_id": firm.id, "title": "寒区联盟", "summary": "攻关"})
    page = client.get(answer.location).text

    assert answer.status_code == 303
    for words in ("现有 1 家成员，至少需要 5 家", "至少要有一所高校或科研院所", "请写明知识产权归属"):
        assert words in page


def test_members_are_added_sign_and_the_bureau_files(client, firm, leader):
    row = an_alliance(lead=firm, members=4, signed=False, state=AllianceState.FORMING)
    url = f"/alliances/{row.id}"
    partner = a_university(name="博格达理工大学")
    sign_in(client, leader)

    client.post(f"{url}/members/new", data={"organisation": partner.name, "role": "member", "task": "算法"})
    client.post(f"{url}/open")
    owners = [a_user(organisation=member.organisation) for member in db.session.get(Alliance, row.id).present[1:]]
    for owner in [leader, *owners]:
        browser = sign_in(client.application.test_client(), owner)
        member = next(
            m for m in db.session.get(Alliance, row.id).present if m.organisation_id in owner.organisation_ids
        )
        assert "代表本单位签署" in browser.get(url).text
        browser.post(f"{url}/members/{member.id}/sign")
    submitted = client.post(f"{url}/submit")
    bureau = sign_in(client.application.test_client(), a_user(Role.HANDLER))
    waiting = bureau.get("/desk").text
    filed = bureau.post(f"{url}/start")

    assert (submitted.status_code, filed.status_code) == (303, 303)
    assert "等待备案审核" in waiting
    assert state_of(row.id) is AllianceState.RUNNING
    assert row.title in client.application.test_client().get("/alliances/").text


def test_submitting_too_early_says_what_is_missing_and_changes_nothing(client, firm, leader):
    row = an_alliance(lead=firm, signed=False)
    sign_in(client, leader)

    answer = client.post(f"/alliances/{row.id}/submit")
    page = client.get(answer.location).text

    assert "还有 5 家成员没有签署协议" in page
    assert state_of(row.id) is AllianceState.SIGNING


def test_a_split_of_99_99_comes_back_with_its_sum_and_100_is_stored(client, firm, leader):
    row = an_alliance(lead=firm, state=AllianceState.RUNNING)
    url = f"/alliances/{row.id}/projects/new"
    sign_in(client, leader)

    refused = client.post(url, data=project_data(row, "60", "39.99"))
    taken = client.post(url, data=project_data(row, "60", "40"))

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert "现在是 99.99%" in refused.text
    assert "合计：知识产权 99.99%，收益 99.99%" in refused.text
    assert db.session.execute(sa.select(sa.func.count(ProjectShare.id))).scalar_one() == 2
    assert "100 %" in client.get(f"/alliances/{row.id}").text


def test_a_project_is_changed_with_its_split(client, firm, leader):
    row = an_alliance(lead=firm, state=AllianceState.RUNNING)
    sign_in(client, leader)
    client.post(f"/alliances/{row.id}/projects/new", data=project_data(row, "60", "40"))
    project_id = db.session.execute(sa.select(JointProject.id)).scalar_one()
    url = f"/alliances/{row.id}/projects/{project_id}"

    shown = client.get(url).text
    changed = client.post(url, data=project_data(row, "50", "30", "20", trl_now="6"))

    assert 'value="60"' in shown
    assert changed.status_code == 303
    parts = db.session.execute(sa.select(ProjectShare.ip_percent).order_by(ProjectShare.id)).scalars().all()
    assert [int(part) for part in parts] == [50, 30, 20]


def test_strangers_find_nothing_and_members_of_one_firm_do_not_lead_for_another(client, firm, leader):
    row = an_alliance(lead=firm, title="未公开的联盟")
    url = f"/alliances/{row.id}"

    def answer_to(user, path=url):
        return sign_in(client.application.test_client(), user).get(path).status_code

    partner = a_user(organisation=row.present[1].organisation)
    assert [answer_to(user) for user in (leader, partner, a_user(Role.HANDLER))] == [200, 200, 200]
    blind = [a_user(organisation=an_organisation()), a_user(Role.HANDLER, region=OTHER_REGION)]
    assert [answer_to(user) for user in blind] == [404, 404]
    assert answer_to(partner, f"{url}/members/new") == 403
    assert client.get(url).status_code == 303
    assert "未公开的联盟" not in client.get("/alliances/").text


@pytest.mark.parametrize("path", ["start", "send-back", "rectify"])
def test_filing_is_for_the_bureau_of_the_region(client, firm, leader, path):
    row = an_alliance(lead=firm, state=AllianceState.FILING)
    url = f"/alliances/{row.id}/{path}"

    assert sign_in(client, leader).post(url).status_code == 403
    assert sign_in(client, a_user(Role.HANDLER, region=OTHER_REGION)).post(url).status_code == 404
    assert state_of(row.id) is AllianceState.FILING


@pytest.mark.parametrize("path", ["/alliances/", "/alliances/own", "/alliances/manage/"])
def test_lists_run_as_many_queries_with_three_rows_as_with_one(client, firm, count_queries, path):
    sign_in(client, a_user(Role.HANDLER, organisation=firm))
    counts = []
    for wanted in (1, 3):
        while db.session.execute(sa.select(sa.func.count(Alliance.id))).scalar_one() < wanted:
            an_alliance(lead=firm, state=AllianceState.RUNNING)
        count_queries.clear()
        assert client.get(path).status_code == 200
        counts.append(len(count_queries))

    assert counts[0] == counts[1]


def test_the_panel_names_an_organisation_s_alliances_at_work(client, firm, leader):
    an_alliance(lead=firm, state=AllianceState.RUNNING, title="公开的联盟")
    an_alliance(lead=firm, title="筹备的联盟")
    url = f"/alliances/organisations/{firm.id}"

    seen = sign_in(client, a_user()).get(url, headers={"HX-Request": "true"}).text

    assert ("公开的联盟" in seen, "筹备的联盟" in seen) == (True, False)
