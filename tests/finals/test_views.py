"""Pages of a live final: the host leads, the judge follows, the screen shows what is released and nothing else."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from matchmaker.accounts.rules import Role
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.services import recusals
from matchmaker.core.db import transaction
from matchmaker.finals import services
from matchmaker.finals.rules import Phase
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.competition import ballots_of, followed, sign_ballot
from tests.factories.finals import a_final, a_live_contest


@pytest.fixture
def host(app, now):
    return a_user(Role.ORGANISER)


def state(client, final):
    return client.get(f"/finals/screen/{final.token}/state")


def test_host_prepares_signs_in_draws_and_leads(client, host):
    contest = a_live_contest(owner=host)
    sign_in(client, host)
    assert "建立现场决赛" in client.get(f"/contests/manage/{contest.id}").text
    page = followed(client, f"/finals/of/{contest.id}/final", data={"venue": "一楼报告厅"})
    final = services.queries.of_stage(contest.current.id)
    row = final.appearances[0]
    assert "一楼报告厅" in page.text
    assert "还有 3 个项目没有签到" in page.text
    client.post(f"/finals/{final.id}/entries/{row.id}/sign-in", data={"speaker": "答辩人甲", "word": "三"})
    drawn = followed(client, f"/finals/{final.id}/draw")
    led = followed(client, f"/finals/{final.id}/entries/{row.id}/step", data={"phase": "pitching"})

    assert ("顺序已抽定" in drawn.text, "陈述" in led.text) == (True, True)
    assert final.secret in client.get(f"/finals/{final.id}/order").text
    assert client.post(f"/finals/{final.id}/entries/{row.id}/step", data={"phase": "flying"}).status_code == 400
    assert client.post(f"/finals/{final.id}/tick").json["panels"][str(row.id)] == [2, 0]


def test_secret_of_the_draw_is_nowhere_before_it(client, host):
    final = a_final(owner=host, drawn=False)
    sign_in(client, host)
    paths = [f"/finals/{final.id}", f"/finals/screen/{final.token}", f"/finals/{final.id}/order"]

    pages = [client.get(path).text for path in paths]

    assert [final.secret in page for page in pages] == [False] * 3
    assert final.commitment in pages[2]


def test_screen_changes_by_nothing_that_is_not_released(client, host):
    final = a_final(owner=host)
    row = min(final.appearances, key=lambda r: r.position)
    for phase in (Phase.PITCHING, Phase.QUESTIONS, Phase.SCORING):
        with transaction():
            services.step(row, phase, actor=host)
    before = state(client, final)
    for ballot in ballots_of(final.stage.contest):
        if ballot.entry_id == row.entry_id:
            sign_ballot(ballot, tech="91", market="91")
    after = state(client, final)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    assert client.get(after.request.path, headers={"If-None-Match": after.headers["ETag"]}).status_code == 304
    with transaction():
        services.step(row, Phase.SHOWN, actor=host)

    shown = state(client, final).json
    assert (shown["current"]["score"], shown["shown"][0]["score"]) == ("91.00", "91.00")
    assert client.get("/finals/screen/wrong/state").status_code == 404


def test_judge_follows_the_stage_and_a_recused_one_has_no_ballot(client, host):
    final = a_final(owner=host)
    row = min(final.appearances, key=lambda r: r.position)
    mine = next(b for b in ballots_of(final.stage.contest) if b.entry_id == row.entry_id)
    judge = mine.seat.user
    with transaction():
        services.step(row, Phase.PITCHING, actor=host)
    sign_in(client, judge)

    assert client.get(f"/finals/{final.id}/judge/state").json["ballot"] == f"/contests/ballots/{mine.id}"
    assert "打开评分表" in client.get(f"/finals/{final.id}/judge").text
    assert "进入现场评分" in client.get("/contests/ballots/").text
    with transaction():
        recusals.declare(mine, actor=judge, reason=RecusalReason.RELATIVE)
    assert client.get(f"/finals/{final.id}/judge/state").json["ballot"] is None
    assert (
        sign_in(client.application.test_client(), a_user(Role.JUDGE)).get(f"/finals/{final.id}/judge").status_code
        == 404
    )


def test_paper_is_printed_and_typed_in(client, host):
    final = a_final(owner=host)
    ballot = ballots_of(final.stage.contest)[0]
    sign_in(client, host)
    sheets = client.get(f"/finals/{final.id}/sheets.pdf")
    url = f"/finals/{final.id}/paper/{ballot.id}"

    refused = client.post(url, data={"version": "1", "tech": "90", "market": "80", "note": ""})
    kept = client.post(url, data={"version": "1", "tech": "90", "market": "80", "note": "3 号表"})

    assert len(PdfReader(io.BytesIO(sheets.data)).pages) == len(ballots_of(final.stage.contest))
    assert (refused.status_code, "90" in refused.text, kept.status_code) == (422, True, 303)
    assert client.get(url).status_code == 404


def test_signature_sheet_waits_for_the_lock(client, host):
    final = a_final(owner=host)
    sign_in(client, host)

    assert client.get(f"/finals/{final.id}/signatures.pdf").status_code == 409


@pytest.mark.parametrize("tail", ["", "/sheets.pdf", "/paper"])
def test_other_regions_and_parties_find_nothing(client, host, tail):
    final = a_final(owner=host)
    elsewhere = a_user(Role.ORGANISER, region=OTHER_REGION)
    party = a_user(Role.ORGANISER, organisation=final.appearances[0].entry.organisation)

    answers = [
        sign_in(client.application.test_client(), user).get(f"/finals/{final.id}{tail}").status_code
        for user in (elsewhere, party)
    ]

    assert answers == [404, 403]
