"""Finding, asking, settling; inviting, pledging and importing judges."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import BallotMark, EntryTie, Recusal
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.conflicts import RecusalReason, RecusalState
from matchmaker.competition.rules.detection import TieKind
from matchmaker.competition.rules.invitations import Answer
from matchmaker.competition.services import judges, recusals, wishes
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from tests.cast import a_user, sign_in
from tests.factories.competition import a_contest, a_judge, a_wish, an_entry, ballots_of, sign_ballot


@pytest.fixture
def contest(organiser):
    return a_contest(owner=organiser)


def found(**where):
    """(reason, state) of every recusal."""
    rows = db.session.execute(sa.select(Recusal).filter_by(**where).order_by(Recusal.id)).unique().scalars()
    return [(row.reason, row.state) for row in rows]


def settle(organiser, state, note="已核对"):
    row = db.session.execute(sa.select(Recusal)).unique().scalars().first()
    with transaction():
        recusals.settle(row, actor=organiser, state=state, note=note)
    return row


def test_whom_the_entrant_names_is_found_now_and_when_seated_later(contest, organiser):
    entry = an_entry(contest)
    now = a_judge(contest, owner=organiser, name="现任评委")
    a_wish(entry, name="现任评委")
    a_wish(entry, unit="后来大学", name="")
    later = a_judge(contest, owner=organiser, unit_text="后来大学")

    expected = [(RecusalReason.ASKED, RecusalState.CANDIDATE)]
    assert found(seat_id=now.id) == found(seat_id=later.id) == expected


def test_a_request_taken_back_before_judging_keeps_nobody_away(contest, organiser):
    entry = an_entry(contest)
    a_judge(contest, owner=organiser, name="现任评委")
    wish = a_wish(entry, name="现任评委")
    with transaction():
        wishes.take_back(wish, actor=entry.user)

    assert found() == []
    with pytest.raises(Conflict), transaction():
        wishes.take_back(wish, actor=entry.user)


def test_ties_written_down_later_are_compared_at_once(contest, organiser):
    entry = an_entry(contest)
    seat = a_judge(contest, owner=organiser, name="持股评委")
    with transaction():
        wishes.set_ties(entry, actor=entry.user, ties={TieKind.SHAREHOLDER: [("持股评委", "", "5%")]})

    assert found(seat_id=seat.id) == [(RecusalReason.INVESTED, RecusalState.CANDIDATE)]
    assert db.session.query(EntryTie).one().note == "5%"
    stranger = a_user()
    with pytest.raises(NotPermitted), transaction():
        wishes.set_ties(entry, actor=stranger, ties={})


def test_ignored_stays_ignored_until_new_evidence_appears(contest, organiser):
    entry = an_entry(contest, leader="同名的人")
    a_judge(contest, owner=organiser, name="同名的人")
    settle(organiser, RecusalState.IGNORED)
    with transaction():
        recusals.detect(contest, actor=organiser)
    assert found() == [(RecusalReason.SAME_NAME, RecusalState.IGNORED)]

    with transaction():
        wishes.set_ties(entry, actor=entry.user, ties={TieKind.OFFICER: [("同名的人", "", "")]})
    assert found() == [
        (RecusalReason.SAME_NAME, RecusalState.IGNORED),
        (RecusalReason.OFFICER, RecusalState.CANDIDATE),
    ]


def test_an_earlier_employer_counts_within_the_years_of_the_contest(contest, organiser):
    entry = an_entry(contest)
    name = entry.organisation.name
    near = a_judge(contest, owner=organiser, earlier_units=[{"unit": name, "since": 2020, "until": 2024}])
    far = a_judge(contest, owner=organiser, earlier_units=[{"unit": name, "since": 2010, "until": 2015}])

    assert found(seat_id=near.id) == [(RecusalReason.FORMER_EMPLOYER, RecusalState.CANDIDATE)]
    assert found(seat_id=far.id) == []


def test_a_judge_who_joins_a_firm_during_judging_stays_away_from_its_entry(judged, organiser):
    from matchmaker.accounts import services as accounts
    from matchmaker.accounts.rules import MembershipLevel

    ballot = ballots_of(judged)[0]
    version = judged.current.scores_version
    with transaction():
        accounts.join(ballot.seat.user, ballot.entry.organisation, level=MembershipLevel.STAFF)
    db.session.expire_all()
    own = db.session.execute(judging.own_ballots(ballot.seat.user)).unique().scalars().all()

    assert ballot.entry_id not in {b.entry_id for b in own}
    assert judged.current.scores_version == version + 1


def test_confirming_after_scoring_voids_the_ballot_and_keeps_its_history(judged, organiser):
    ballot = ballots_of(judged)[0]
    sign_ballot(ballot)
    a_wish(ballot.entry, name=ballot.seat.user.name)
    settle(organiser, RecusalState.CONFIRMED)

    of_ballot = sa.select(BallotMark.what).where(BallotMark.ballot_id == ballot.id).order_by(BallotMark.id)
    marks = db.session.execute(of_ballot).scalars().all()
    assert (ballot.state, [str(mark) for mark in marks]) == (BallotState.VOID, ["signed", "void"])


def test_many_are_settled_after_a_preview_and_undone(client, contest, organiser):
    an_entry(contest, leader="同名的人")
    a_judge(contest, owner=organiser, name="同名的人")
    row = db.session.execute(sa.select(Recusal)).unique().scalar_one()
    sign_in(client, organiser)
    form = {"action": "ignore", "ids": str(row.id), "scope_contest_id": str(contest.id), "ask_note": "同名不同人"}
    client.post("/lists/recusals/bulk", data={**form, "answered": "1"})
    assert row.state is RecusalState.CANDIDATE
    client.post("/lists/recusals/bulk", data={**form, "answered": "1", "confirmed": "1"})

    assert (row.state, row.note) == (RecusalState.IGNORED, "同名不同人")


def test_an_invited_judge_judges_nothing_before_saying_yes(client, contest, organiser):
    from matchmaker.competition import gateways

    seat = a_judge(contest, owner=organiser, invite=True)
    assert seat not in db.session.execute(judging.seats_of(contest.id)).unique().scalars().all()
    path = gateways.invitation_path(judges.invitation_of(seat))
    assert client.get(path).status_code == 200
    client.post(path, data={"answer": "accepted"})

    assert judges.invitation_of(seat).answer is Answer.ACCEPTED
    assert seat in db.session.execute(judging.seats_of(contest.id)).unique().scalars().all()
    assert client.get(path[:-2] + "xx").status_code == 404


def test_nobody_scores_before_the_pledge(client, contest, organiser):
    from tests.factories.competition import in_judging

    seats = [a_judge(contest, owner=organiser, pledged=False) for _ in range(2)]
    ballot = in_judging(contest, owner=organiser, entered=[an_entry(contest)], seats=seats)[0]
    with pytest.raises(Conflict, match="承诺书"):
        sign_ballot(ballot)
    sign_in(client, ballot.seat.user)
    assert client.get(f"/contests/ballots/{ballot.id}").location.startswith(f"/contests/pledges/{ballot.seat_id}")
    refused = client.post(f"/contests/pledges/{ballot.seat_id}", data={"signature": "别人"})
    client.post(f"/contests/pledges/{ballot.seat_id}", data={"signature": ballot.seat.user.name})

    assert refused.status_code == 422
    assert judges.needs_pledge(ballot.seat) is False


def test_who_has_a_part_neither_seats_nor_settles(contest, organiser):
    entry = an_entry(contest)
    part = a_user(Role.ORGANISER, organisation=entry.organisation)
    seat, other = a_judge(contest, owner=organiser), a_user(Role.JUDGE)

    for step in (
        lambda: judges.seat(contest, actor=part, user=other),
        lambda: recusals.detect(contest, actor=part),
        lambda: recusals.recuse(seat, entry, actor=part, reason=RecusalReason.OTHER, note="x"),
    ):
        with pytest.raises(NotPermitted), transaction():
            step()


def test_judges_come_from_a_file_by_phone_mail_or_a_unique_name(contest, organiser):
    from matchmaker.competition.importers import judges as importer
    from matchmaker.core.importing import ImportRun
    from matchmaker.core.tabular import guess_mapping, read_table

    a_user(Role.JUDGE, name="表中评委", email="sheet@judges.example")
    text = "姓名,工作单位,邮箱,赛道\n表中评委,天山大学,sheet@judges.example,信息技术\n没有的人,昆仑大学,,\n"
    table = read_table(io.BytesIO(text.encode()), "评委.csv")
    mapping = guess_mapping(table.headers, importer.FIELDS)
    run = ImportRun(table, mapping, importer.FIELDS, region="650105", actor=organiser, options={"contest": contest.id})
    with transaction():
        importer.load(run)

    assert [report.outcome.value for report in run.reports] == ["created", "refused"]
    assert [seat.unit for seat in db.session.execute(judging.seats_of(contest.id)).unique().scalars()] == ["天山大学"]


def test_a_wish_without_a_name_or_reason_is_refused(contest):
    entry = an_entry(contest)

    with pytest.raises(DomainError):
        a_wish(entry, name="", unit="")
    with pytest.raises(DomainError):
        a_wish(entry, evidence=" ")
