"""Files of entries and their blind copies: what is refused, what is kept, who may have which."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest

from matchmaker.competition.queries import blinding as blind_queries
from matchmaker.competition.rules.blinding import BlindChoice
from matchmaker.competition.rules.uploads import Material
from matchmaker.competition.services import blinding, contests, entries, materials, versions
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.files import access as file_access
from matchmaker.files import services as files
from matchmaker.files.models import StoredFile
from tests.cast import OTHER_REGION, a_user
from tests.factories.competition import ELIGIBILITY, a_contest, a_judge, an_entry, ballots_of, in_judging
from tests.factories.papers_of_entries import a_deck, a_pdf, a_polyglot, an_upload, author_of


def upload(entry, content, *, kind=Material.PLAN, name="计划书.pdf"):
    looked = materials.look(entry.contest, an_upload(content, name), kind)
    with transaction():
        return materials.add(entry, actor=entry.user, kind=kind, looked=looked)


@pytest.fixture
def draft(organiser):
    return an_entry(a_contest(owner=organiser), submitted=False)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (lambda: b"", "a.pdf", "空的"),
        (lambda: a_pdf(41), "a.pdf", "41 页"),
        (lambda: a_pdf(password="x"), "a.pdf", "密码"),
        (lambda: a_pdf(attached="x.exe"), "a.pdf", "脚本"),
        (a_polyglot, "a.pdf", "其他格式"),
        (lambda: b"%PDF-1.7\n" + b"x" * 500 + b"\n%%EOF", "a.pdf", "打不开"),
        (a_pdf, "a.exe", "扩展名不符"),
        (a_deck, "a.pptx", "请使用 pdf 格式"),
        (lambda: b"<html><script>alert(1)</script>", "a.pdf", "不能上传"),
        (lambda: b"%PDF-1.7 " + bytes(21 * 1024**2), "a.pdf", "20 MB"),
    ],
)
def test_file_that_may_not_be_is_refused_before_anything_is_written(draft, content, name, sentence):
    with pytest.raises(DomainError, match=sentence) as refused:
        materials.look(draft.contest, an_upload(content(), name), Material.PLAN)

    assert refused.value.field == "file"
    assert db.session.query(StoredFile).count() == 0


def test_slides_of_a_deck_are_counted(draft):
    assert upload(draft, a_deck(12), kind=Material.DECK, name="路演.pptx").pages == 12
    with pytest.raises(DomainError, match="31 页"):
        upload(draft, a_deck(31), kind=Material.DECK, name="路演.pptx")


def test_a_new_plan_takes_the_place_of_the_old_and_a_version_keeps_both(draft):
    first = upload(draft, a_pdf(2))
    with transaction():
        entries.submit(draft, actor=draft.user)
        entries.take_back(draft, actor=draft.user)
    second = upload(draft, a_pdf(3))
    with transaction():
        entries.submit(draft, actor=draft.user)

    assert draft.files == [second]
    assert [row.data["files"] for row in versions.of(draft)] == [[second.id], [first.id]]
    assert files.content_of(first.file) == a_pdf(2)


def test_an_entry_taken_back_and_forgotten_competes_as_it_was_handed_in(organiser, draft):
    first = upload(draft, a_pdf(2))
    with transaction():
        entries.submit(draft, actor=draft.user)
        entries.take_back(draft, actor=draft.user)
    upload(draft, a_pdf(3))
    with clock.frozen(draft.contest.deadline + timedelta(seconds=1)), transaction():
        contests.close_entries(draft.contest, actor=organiser)

    assert (draft.state.value, draft.files) == ("submitted", [first])


def test_required_plan_is_missing_until_it_is_there(organiser):
    rules = {**ELIGIBILITY, "entries": {"files": {"plan": {"required": True}}}}
    entry = an_entry(a_contest(owner=organiser, eligibility=rules), submitted=False)

    with pytest.raises(DomainError, match="请上传"), transaction():
        entries.submit(entry, actor=entry.user)
    upload(entry, a_pdf())
    with transaction():
        entries.submit(entry, actor=entry.user)

    assert entry.versions == 1


def test_files_of_a_handed_in_entry_stay(draft):
    kept = upload(draft, a_pdf())
    with transaction():
        entries.submit(draft, actor=draft.user)

    with pytest.raises(Conflict, match="不能修改"), transaction():
        materials.drop(kept, actor=draft.user)
    with pytest.raises(Conflict, match="不能修改"):
        upload(draft, a_pdf())


def test_stranger_may_not_add(draft):
    stranger, looked = a_user(), materials.look(draft.contest, an_upload(a_pdf()), Material.PLAN)

    with pytest.raises(NotPermitted), transaction():
        materials.add(draft, actor=stranger, kind=Material.PLAN, looked=looked)


def blind_contest(organiser):
    return a_contest(owner=organiser, blind=True)


def release(entry, organiser, *, choices=None, **values):
    proposal = blinding.proposal_of(entry)
    given = {"title": proposal.title, "summary": proposal.summary, **values}
    with transaction():
        return blinding.save(entry, actor=organiser, choices=choices or {}, release=True, **given)


def test_proposal_blackens_what_the_platform_knows(organiser):
    contest = blind_contest(organiser)
    entry = an_entry(
        contest, leader="张三丰", summary="张 三丰和团队研发，电话 13911112222，详见 www.x.cn，欢迎联系我们。"
    )
    with transaction():
        entry.summary += entry.organisation.name

    proposal = blinding.proposal_of(entry)

    assert "三丰" not in proposal.summary
    assert "1391111" not in proposal.summary
    assert entry.organisation.name not in proposal.summary


def test_release_with_a_name_in_it_needs_a_second_look(organiser):
    entry = an_entry(blind_contest(organiser), leader="张三丰")

    with pytest.raises(DomainError, match="张三丰"):
        release(entry, organiser, summary="本项目由张三丰主持，已经在三个社区试用。")
    release(entry, organiser, summary="本项目由张三丰主持，已经在三个社区试用。", checked=True)

    assert blind_queries.copy_of(entry.id).released is not None


def test_judging_blind_does_not_begin_without_copies_and_not_with_stale_ones(organiser):
    contest = blind_contest(organiser)
    entered = [an_entry(contest), an_entry(contest)]
    seats = [a_judge(contest, owner=organiser) for _ in range(2)]
    release(entered[0], organiser)
    release(entered[1], organiser)
    with transaction():
        entered[1].title = "改过的名称"

    with pytest.raises(Conflict, match="1 个项目没有放行盲审稿"):
        in_judging(contest, owner=organiser, entered=entered, seats=seats)


def test_files_reach_their_judges_nameless_and_nobody_else(organiser):
    contest = blind_contest(organiser)
    entry = an_entry(contest, submitted=False)
    plan = upload(entry, a_pdf(author="张三丰"), name="华疆智能计划书.pdf")
    with transaction():
        entries.submit(entry, actor=entry.user)
    seats = [a_judge(contest, owner=organiser) for _ in range(2)]
    copy = release(entry, organiser, choices={plan.id: BlindChoice.SHOWN})
    given = db.session.get(StoredFile, copy.files[0]["file"])
    judge, other = seats[0].user, a_judge(a_contest(owner=organiser, title="另一届"), owner=organiser).user
    assert [file_access.may_read(judge, f) for f in (plan.file, given)] == [False, False]
    in_judging(contest, owner=organiser, entered=[entry], seats=seats)

    assert (given.name, author_of(files.content_of(given))) == ("商业计划书.pdf", "")
    shown = blinding.shown_to_judge(ballots_of(contest)[0].entry, blind=True)
    assert (shown.who, shown.leader, shown.files) == ("", "", [("商业计划书", given.id)])
    readers = {
        "judge": (judge, False, True),
        "judge elsewhere": (other, False, False),
        "entrant": (entry.user, True, False),
        "stranger": (a_user(), False, False),
        "organiser elsewhere": (a_user(*organiser.roles, region=OTHER_REGION), False, False),
        "organiser with a part": (a_user(*organiser.roles, organisation=entry.organisation), True, False),
    }
    found = {who: tuple(file_access.may_read(v, f) for f in (plan.file, given)) for who, (v, _o, _b) in readers.items()}
    assert found == {who: (original, blind) for who, (_v, original, blind) in readers.items()}


def test_open_stage_shows_originals_to_its_judges(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, submitted=False)
    plan = upload(entry, a_pdf())
    with transaction():
        entries.submit(entry, actor=entry.user)
    seats = [a_judge(contest, owner=organiser) for _ in range(2)]
    in_judging(contest, owner=organiser, entered=[entry], seats=seats)

    assert file_access.may_read(seats[0].user, plan.file)
    assert blinding.shown_to_judge(entry, blind=False).files == [("商业计划书", plan.file_id)]


def test_replacement_is_read_like_an_upload_and_withheld_files_are_gone(organiser):
    entry = an_entry(blind_contest(organiser), submitted=False)
    plan = upload(entry, a_pdf(author="甲"))
    with transaction():
        entries.submit(entry, actor=entry.user)

    with pytest.raises(DomainError, match="处理过的文件"):
        release(entry, organiser, choices={plan.id: BlindChoice.REPLACED})
    looked = blinding.look_at_replacement(entry.contest, an_upload(a_pdf(2, author="乙"), "乙.pdf"), plan)
    copy = release(entry, organiser, choices={plan.id: BlindChoice.REPLACED}, replacements={plan.id: looked})
    number = copy.files[0]["file"]
    assert author_of(files.content_of(db.session.get(StoredFile, number))) == ""
    release(entry, organiser, choices={plan.id: BlindChoice.WITHHELD})

    assert (copy.files[0]["file"], db.session.get(StoredFile, number)) == (None, None)


def test_deck_loses_its_properties(organiser):
    entry = an_entry(blind_contest(organiser), submitted=False)
    deck = upload(entry, a_deck(2, author="张三丰"), kind=Material.DECK, name="路演.pptx")
    with transaction():
        entries.submit(entry, actor=entry.user)
    copy = release(entry, organiser, choices={deck.id: BlindChoice.SHOWN})

    content = files.content_of(db.session.get(StoredFile, copy.files[0]["file"]))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert "张三丰" not in package.read("docProps/core.xml").decode()
        assert len(package.namelist()) == 4


def test_two_who_edit_one_copy_notice_each_other(organiser):
    entry = an_entry(blind_contest(organiser))
    seen = release(entry, organiser).version
    release(entry, organiser, summary="第一位改过的盲审介绍，足够长了。")

    with pytest.raises(Conflict, match="别的页面"):
        release(entry, organiser, seen=seen, summary="第二位不知道第一位的修改。")
