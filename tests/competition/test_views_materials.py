"""Pages of files, teams and blind copies: who gets in, what is refused, and that blind judges read no name anywhere."""

from __future__ import annotations

import io

import pytest

from matchmaker.competition.models import BlindCopy
from matchmaker.competition.services import blinding, teams
from matchmaker.core.db import db, transaction
from matchmaker.files.models import StoredFile
from tests.cast import a_user, sign_in
from tests.factories.competition import a_contest, a_judge, an_entry, ballots_of, followed, in_judging
from tests.factories.directory import an_organisation
from tests.factories.papers_of_entries import a_pdf, a_polyglot

HTML = "<script>alert(1)</script><b>粗</b>"


@pytest.fixture
def draft(organiser):
    return an_entry(a_contest(owner=organiser), submitted=False)


def send(client, entry, content, *, name="计划书.pdf", kind="plan"):
    url = f"/contests/entries/{entry.id}/files"
    data = {"file": (io.BytesIO(content), name), "kind": kind}
    return client.post(url, data=data, content_type="multipart/form-data")


def test_plan_is_uploaded_shown_taken_as_an_attachment_and_removed(client, draft):
    sign_in(client, draft.user)
    send(client, draft, a_pdf(3))
    page = client.get(f"/contests/entries/{draft.id}").text
    number = db.session.query(StoredFile).one().id

    assert "3 页" in page
    assert client.get(f"/files/{number}").headers["Content-Disposition"].startswith("attachment")
    client.post(f"/contests/entries/{draft.id}/files/{draft.files[0].id}/remove")
    db.session.expire_all()
    assert draft.files == []


@pytest.mark.parametrize(
    ("content", "kind", "sentence"),
    [(a_polyglot, "plan", "其他格式"), (a_pdf, "nonsense", "请选择文件"), (lambda: b"", "plan", "空的")],
)
def test_bad_upload_is_told_in_one_sentence(client, draft, content, kind, sentence):
    answer = send(sign_in(client, draft.user), draft, content(), kind=kind)

    assert sentence in client.get(answer.location).text
    assert db.session.query(StoredFile).count() == 0


def test_200_megabytes_are_refused_before_they_are_read(client, draft):
    sign_in(client, draft.user)
    length = {"CONTENT_LENGTH": str(200 * 1024**2), "CONTENT_TYPE": "multipart/form-data; boundary=x"}

    answer = client.post(f"/contests/entries/{draft.id}/files", environ_overrides=length)

    assert answer.status_code == 413


def test_strangers_find_no_page_of_an_entry(client, draft, organiser):
    sign_in(client, a_user(organisation=an_organisation()))
    paths = ["", "/sheet"]

    assert [client.get(f"/contests/entries/{draft.id}{path}").status_code for path in paths] == [404, 404]
    posts = ["/files", "/take-back", "/submit", f"/members/{draft.team[0].id}/ask", "/files/1/remove"]
    assert [client.post(f"/contests/entries/{draft.id}{path}").status_code for path in posts] == [404] * 5


def test_member_answers_over_the_link_and_it_says_nothing_else(client, organiser):
    people = [
        {"name": "李四", "phone": "13900000002", "email": ""},
        {"name": "王五", "phone": "13900000003", "email": ""},
    ]
    entry = an_entry(a_contest(owner=organiser), members=people)
    link = teams.link_of(entry.team[0])

    page = client.get(link)
    assert ("李四" in page.text, "王五" in page.text, entry.phone in page.text) == (True, False, False)
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    assert "已确认参加" in followed(client, link, data={"answer": "yes"}).text
    assert "不参加" in followed(client, link, data={"answer": "no"}).text
    assert client.get(link + "x").status_code == 404


def test_member_finds_the_question_on_the_desk_and_a_stranger_does_not(client, organiser):
    entry = an_entry(a_contest(owner=organiser), members=[{"name": "李四", "phone": "", "email": "li@example.cn"}])
    url = f"/contests/memberships/{entry.team[0].id}"
    li = a_user(email="li@example.cn", organisation=an_organisation())

    sign_in(client, li)
    assert entry.title in client.get("/desk").text
    assert client.get(url).status_code == 200
    sign_in(client, a_user(organisation=an_organisation()))
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("text", [HTML, "\u200b\u200b名称", "a" * 100])
def test_what_is_typed_is_shown_as_text(client, organiser, text):
    entry = an_entry(
        a_contest(owner=organiser),
        title=text,
        leader=text[:60],
        members=[{"name": text[:60], "phone": "", "email": ""}],
        submitted=False,
    )
    sign_in(client, entry.user)

    for path in (f"/contests/entries/{entry.id}", f"/contests/entries/{entry.id}/sheet", "/contests/entries/"):
        assert "<script>alert" not in client.get(path).text


def test_200_000_signs_are_refused_on_the_field_and_kept(client, organiser):
    contest, firm = a_contest(owner=organiser), an_organisation()
    data = {
        "organisation_id": str(firm.id),
        "group_id": str(contest.groups[0].id),
        "track_id": str(contest.tracks[0].id),
        "title": "项目",
        "summary": "字" * 200_000,
        "leader": "张三",
        "phone": "13900000001",
    }
    answer = sign_in(client, a_user(organisation=firm)).post(f"/contests/{contest.id}/enter", data=data)

    assert (answer.status_code, "最多 5000 个字" in answer.text, "字" * 200_000 in answer.text) == (422, True, True)


def test_second_tab_is_told_and_keeps_what_was_typed(client, draft):
    sign_in(client, draft.user)
    data = {
        "seen": str(draft.version - 1),
        "organisation_id": str(draft.organisation_id),
        "group_id": str(draft.group_id),
        "track_id": str(draft.track_id),
        "title": "第二页的名称",
        "members": "李四",
        "leader": "张三",
        "phone": "13900000001",
        "step": "draft",
    }
    answer = client.post(f"/contests/entries/{draft.id}/edit", data=data)

    assert (answer.status_code, "别的页面改过" in answer.text, "第二页的名称" in answer.text) == (422, True, True)
    assert draft.title != "第二页的名称"


def test_blind_copies_are_released_one_after_the_other(client, organiser):
    contest = a_contest(owner=organiser, blind=True)
    entered = [
        an_entry(contest, leader="张三丰", summary="本项目由张三丰主持，已在三个社区试用一年。"),
        an_entry(contest),
    ]
    sign_in(client, organiser)
    urls = [f"/contests/manage/entries/{entry.id}/blind" for entry in entered]

    page = client.get(urls[0]).text
    assert ('<mark title="姓名">张三丰</mark>' in page, "本项目由███主持" in page) == (True, True)
    data = {"title": "盲审一", "summary": "不含任何身份信息的介绍。", "step": "release"}
    assert client.post(urls[0], data=data).location == urls[1]
    assert client.post(urls[1], data=data).location == f"/contests/manage/{contest.id}/blinding"
    refused = client.post(urls[0], data={**data, "summary": "张三丰主持的项目"})

    assert (refused.status_code, "可能暴露身份" in refused.text) == (422, True)
    assert db.session.query(BlindCopy).filter(BlindCopy.released.is_not(None)).count() == 2


def test_judges_of_a_blind_stage_read_no_name_anywhere(client, organiser):
    contest = a_contest(owner=organiser, blind=True)
    entered = [an_entry(contest, title="金丝雀号项目", leader="张三丰") for _ in range(2)]
    for entry in entered:
        with transaction():
            blinding.save(entry, actor=organiser, title="盲审名", summary="盲审介绍。", choices={}, release=True)
    seats = [a_judge(contest, owner=organiser) for _ in range(2)]
    in_judging(contest, owner=organiser, entered=entered, seats=seats)
    ballot = next(b for b in ballots_of(contest) if b.seat_id == seats[0].id)
    sign_in(client, seats[0].user)

    paths = ["/contests/ballots/", f"/contests/ballots/{ballot.id}", f"/contests/ballots/{ballot.id}/recuse"]
    pages = [client.get(path).text for path in [*paths, "/contests/ballots/held", "/desk", "/notifications/"]]
    secrets = ["金丝雀", "张三丰", *(e.who for e in entered), *(e.phone for e in entered), entered[0].summary[:20]]

    assert [[word for word in secrets if word in page] for page in pages] == [[]] * len(pages)
    assert "盲审介绍" in pages[1]
