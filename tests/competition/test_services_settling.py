"""Findings are settled one by one with a name, decisions undone while nothing followed; versions and grace."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest

from matchmaker.competition.models import Entry, EntryVersion, Settlement
from matchmaker.competition.rules.eligibility import Verdict
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.services import checks, contests, entries, settling, versions
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from tests.cast import a_user
from tests.factories.competition import ELIGIBILITY, a_contest, an_entry, group_of
from tests.factories.directory import an_organisation


@pytest.fixture
def doubtful(organiser):
    """An entry with two open checks: no certificate, no declaration of a good record."""
    return an_entry(a_contest(owner=organiser), sme_number="", good_record=False)


def settle(entry, actor, check, verdict=Verdict.PASS, note="已核对原件"):
    with transaction():
        return settling.settle(entry, actor=actor, check=check, verdict=verdict, note=note)


def test_each_finding_is_settled_alone_and_keeps_name_and_moment(doubtful, organiser):
    settle(doubtful, organiser, "number")
    assert checks.overall_of(doubtful) is Verdict.NEEDS_PERSON
    with pytest.raises(DomainError, match="依据"), transaction():
        entries.accept(doubtful, actor=organiser)

    kept = settle(doubtful, organiser, "record", note="已查信用公示系统")
    with transaction():
        entries.accept(doubtful, actor=organiser)

    assert (kept.actor.name, kept.note, doubtful.state) == ("组织者", "已查信用公示系统", EntryState.GROUPED)
    assert kept.about["evidence"] == "没有承诺信用良好，请查询信用公示信息"


def test_settling_needs_grounds_and_an_open_finding(doubtful, organiser):
    with pytest.raises(DomainError, match="依据"):
        settle(doubtful, organiser, "number", note=" ")
    with pytest.raises(DomainError, match="已经符合"):
        settle(doubtful, organiser, "group")
    with pytest.raises(DomainError, match="没有这一项"):
        settle(doubtful, organiser, "x" * 200)
    with pytest.raises(DomainError, match="符合或不符合"):
        settle(doubtful, organiser, "number", Verdict.NEEDS_PERSON)


def test_what_a_person_found_to_fail_stops_acceptance_until_undone(doubtful, organiser):
    settle(doubtful, organiser, "number", Verdict.FAIL, "证书已注销")

    with pytest.raises(Conflict, match="人工核实为不符合"), transaction():
        entries.accept(doubtful, actor=organiser, note="都看过了")
    with transaction():
        settling.unsettle(doubtful, actor=organiser, check="number")
        entries.accept(doubtful, actor=organiser, note="都看过了")

    assert doubtful.state is EntryState.GROUPED


def test_settlement_of_an_old_sentence_no_longer_counts(doubtful, organiser):
    settle(doubtful, organiser, "number")
    with transaction():
        doubtful.hnte_number = "GR202665000001"
        entries.recheck(doubtful, actor=organiser)

    assert checks.verdicts_of(doubtful)["number"] is Verdict.NEEDS_PERSON


def test_settling_twice_keeps_the_history_and_one_that_stands(doubtful, organiser):
    settle(doubtful, organiser, "number", Verdict.FAIL)
    settle(doubtful, organiser, "number", Verdict.PASS)

    assert [(row.verdict, row.undone is None) for row in db.session.query(Settlement).order_by(Settlement.id)] == [
        (Verdict.FAIL, False),
        (Verdict.PASS, True),
    ]


def test_staff_with_a_part_settle_nothing(doubtful, organiser):
    both = a_user(*organiser.roles, organisation=doubtful.organisation)

    with pytest.raises(NotPermitted):
        settle(doubtful, both, "number")


@pytest.mark.parametrize("way", ["accept", "send_back", "reject"])
def test_a_decision_is_undone_while_nothing_followed(organiser, way):
    entry = an_entry(a_contest(owner=organiser))
    with transaction():
        decide = getattr(entries, way)
        decide(entry, actor=organiser, **({} if way == "accept" else {"reason": "材料不全"}))
    with transaction():
        entries.reconsider(entry, actor=organiser)

    assert (entry.state, entry.reason) == (EntryState.SCREENING, None)


def test_a_return_is_not_undone_once_the_entrant_has_changed_something(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest)
    with transaction():
        entries.send_back(entry, actor=organiser, reason="请补充")
    with transaction():
        entries.save(
            contest,
            actor=entry.user,
            entry=entry,
            organisation_id=entry.organisation_id,
            group_id=entry.group_id,
            track_id=entry.track_id,
        )

    with pytest.raises(Conflict, match="又有变化"), transaction():
        entries.reconsider(entry, actor=organiser)


def test_grace_takes_entries_registers_them_late_and_ends(organiser):
    contest = a_contest(owner=organiser, eligibility={**ELIGIBILITY, "entries": {"grace_minutes": 5}})
    entry, other = an_entry(contest, submitted=False), an_entry(contest, submitted=False)

    with clock.frozen(contest.deadline + timedelta(minutes=5)):
        with pytest.raises(Conflict, match="还没有截止"), transaction():
            contests.close_entries(contest, actor=organiser)
        with transaction():
            entries.submit(entry, actor=entry.user)
    after = clock.frozen(contest.deadline + timedelta(minutes=5, seconds=1))
    with after, pytest.raises(Conflict, match="已截止"), transaction():
        entries.submit(other, actor=other.user)

    assert (entry.late, versions.of(entry)[0].late, other.state) == (True, True, EntryState.DRAFT)


def test_request_that_came_in_time_counts_however_long_it_waited(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, submitted=False)

    with clock.frozen(contest.deadline + timedelta(seconds=30)), transaction():
        entries.submit(entry, actor=entry.user, at=contest.deadline)

    assert (entry.state, entry.late) == (EntryState.SUBMITTED, False)


def test_taking_back_ends_with_the_deadline_and_versions_pile_up(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest)
    for _round in range(2):
        with transaction():
            entries.take_back(entry, actor=entry.user)
            entry.title += "改"
        with transaction():
            entries.submit(entry, actor=entry.user)

    after = clock.frozen(contest.deadline + timedelta(seconds=1))
    with after, pytest.raises(Conflict, match="不能再撤回"), transaction():
        entries.take_back(entry, actor=entry.user)
    first = entry.title[:-2]
    assert [row.data["title"] for row in versions.of(entry)] == [f"{first}改改", f"{first}改", first]
    assert [row.number for row in versions.of(entry)] == [3, 2, 1]


def test_unfinished_change_falls_back_to_the_version_handed_in(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, hnte_valid_to=date(2027, 1, 2))
    before, team = entry.title, group_of(contest, "team").id
    with transaction():
        entries.take_back(entry, actor=entry.user)
        entries.save(
            contest,
            actor=entry.user,
            entry=entry,
            organisation_id=None,
            group_id=team,
            track_id=contest.tracks[1].id,
            team_name="改成团队",
            title="改了一半",
            members=[],
            hnte_valid_to=None,
        )
    with clock.frozen(contest.deadline + timedelta(seconds=1)), transaction():
        contests.close_entries(contest, actor=organiser)

    assert (entry.state, entry.title, entry.hnte_valid_to) == (EntryState.SUBMITTED, before, date(2027, 1, 2))
    assert (entry.group.code, entry.organisation is not None, len(entry.team)) == ("growth", True, 2)


def test_version_handed_in_never_changes(organiser):
    entry = an_entry(a_contest(owner=organiser))

    with pytest.raises(RuntimeError, match="only ever appended"), transaction():
        db.session.query(EntryVersion).filter_by(entry_id=entry.id).one().data = {}


def test_two_tabs_notice_each_other(organiser):
    contest = a_contest(owner=organiser)
    entry = an_entry(contest, submitted=False)
    seen = entry.version

    def save(title):
        with transaction():
            entries.save(
                contest,
                actor=entry.user,
                entry=entry,
                organisation_id=entry.organisation_id,
                group_id=entry.group_id,
                track_id=entry.track_id,
                seen=seen,
                title=title,
            )

    save("第一页")
    with pytest.raises(Conflict, match="别的页面改过"):
        save("第二页")
    assert entry.title == "第一页"


def test_two_who_submit_at_once_hand_in_once(app, organiser):
    entry_id = an_entry(a_contest(owner=organiser), submitted=False).id
    gate, outcomes = Barrier(2), []

    def submit():
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    entry = db.session.get_one(Entry, entry_id)
                    entries.submit(entry, actor=entry.user)
                outcomes.append("submitted")
            except DomainError as error:
                outcomes.append(type(error).__name__)
            finally:
                db.session.remove()

    threads = [Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["Conflict", "submitted"]
    assert db.session.query(EntryVersion).filter_by(entry_id=entry_id).count() == 1


def test_the_same_words_again_ask_for_a_person_and_name_the_earlier_entry(organiser):
    first = an_entry(a_contest(owner=organiser, title="去年的大赛"))
    again = an_entry(a_contest(owner=organiser), title=first.title, summary=first.summary[:-6] + "已经改进升级")

    assert checks.verdicts_of(first)["copies"] is Verdict.PASS
    finding = next(row for row in again.findings if row["check"] == "copies")
    assert (finding["verdict"], finding["details"]) == (
        "needs_person",
        [f"去年的大赛 · {first.title}（{first.organisation.name}）"],
    )


def test_certificate_of_another_firm_fails_and_ones_own_is_evidence(organiser):
    from matchmaker.evaluation.rules import TitleKind
    from tests.factories.evaluation import a_title

    contest = a_contest(owner=organiser)
    owner = an_organisation(founded=date(2020, 5, 1))
    a_title(kind=TitleKind.TECH_SME, number="202665010500000009", holder=owner.name)
    thief = an_entry(contest, sme_number="202665010500000009")
    honest = an_entry(contest, actor=a_user(organisation=owner), sme_number="")

    assert checks.verdicts_of(thief)["number"] is Verdict.FAIL
    finding = next(row for row in honest.findings if row["check"] == "number")
    assert (finding["verdict"], finding["source"]) == ("pass", "认定台账")
