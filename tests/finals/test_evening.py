"""A whole evening over HTTP on a bad network: what was shown is what was scored, nothing early, nothing twice."""

from __future__ import annotations

import io
import random
import re
import secrets
from decimal import Decimal
from fractions import Fraction

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.competition.models import BallotMark, Contest
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.ballots import BallotState, MarkKind
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.services import recusals, results
from matchmaker.core.db import db, transaction
from matchmaker.finals.models import Final
from matchmaker.finals.rules import Phase
from tests.cast import a_user, sign_in
from tests.factories.competition import RUBRIC, ballots_of
from tests.factories.finals import a_final, a_live_contest

FINALISTS, JUDGES = 12, 7
LOST = 0.15  # of the requests on their way there, and of the answers on their way back
WEIGHTS = {row["key"]: Fraction(row["weight"], row["maximum"]) for row in RUBRIC}


class Network:
    """Loses what it pleases; who gets no answer sends the same again."""

    def __init__(self, seed):
        self.random, self.sent, self.lost = random.Random(seed), 0, 0

    def post(self, client, url, data):
        while True:
            self.sent += 1
            if self.random.random() < LOST:
                self.lost += 1
                continue
            answer = client.post(url, data=data)
            if self.random.random() < LOST:
                self.lost += 1
                continue
            return answer


class Screen:
    """The audience: looks after every step and notes what it sees."""

    def __init__(self, client, token):
        self.client, self.url, self.released = client, f"/finals/screen/{token}/state", {}

    def look(self):
        state = self.client.get(self.url).json
        seen = {row["title"]: row["score"] for row in state["shown"]}
        assert seen == self.released
        if state["current"] and state["current"]["title"] not in self.released:
            assert state["current"]["score"] is None
        assert not {"ballots", "marks", "panel"} & set(state)


def trimmed_mean(ballots):
    """The announced rule once more, in fractions, to two decimals."""
    totals = sorted(sum(WEIGHTS[key] * points for key, points in ballot.items()) for ballot in ballots)
    kept = totals[1:-1]
    cents = sum(kept, Fraction(0)) / len(kept) * 100
    return f"{Decimal(int(cents + Fraction(1, 2))) / 100:.2f}"  # half up


def points_of(entry, judge):
    """What a judge thinks; entries 3 and 4 are scored alike."""
    alike = 3 if entry == 4 else entry
    dice = random.Random(f"{alike}/{judge}")
    return {"tech": dice.randrange(55, 101), "market": dice.randrange(50, 101)}


@pytest.fixture
def evening(app, now):
    host = a_user(Role.ORGANISER)
    contest = a_live_contest(
        owner=host, entries=FINALISTS, judges=JUDGES, aggregation=Aggregation.TRIMMED, minimum_panel=5
    )
    recused = ballots_of(contest)[0]
    with transaction():
        recusals.declare(recused, actor=recused.seat.user, reason=RecusalReason.RELATIVE)
    return host, contest, (recused.entry_id, recused.seat_id)


@pytest.mark.slow
def test_an_evening_of_twelve_finalists(app, client, evening):
    host, contest, recused = evening
    final = a_final(owner=host, contest=contest)
    network, screen = Network(2026), Screen(app.test_client(), final.token)
    stage = sign_in(client, host)
    tablets = {b.seat_id: sign_in(app.test_client(), b.seat.user) for b in ballots_of(contest)}
    number = {entry_id: n for n, entry_id in enumerate(sorted(row.entry_id for row in final.appearances))}
    order = [(row.id, row.entry_id, row.entry.title) for row in final.running]
    absent, given = next(row for row in order[5:] if number[row[1]] not in (0, 3, 4)), {}

    def leads(appearance_id, *phases):
        for phase in phases:
            network.post(stage, f"/finals/{final_id}/entries/{appearance_id}/step", {"phase": phase})
            screen.look()

    final_id, contest_id = final.id, contest.id
    due = {}
    for ballot in ballots_of(contest):
        if ballot.state is not BallotState.VOID and (ballot.entry_id, ballot.seat_id) != recused:
            due.setdefault(ballot.entry_id, []).append((ballot.id, ballot.seat_id, ballot.version))
    seats = {seat: n for n, seat in enumerate(sorted(tablets))}
    for appearance_id, entry_id, title in order:
        if appearance_id == absent[0]:
            leads(appearance_id, "absent")
            network.post(
                stage, f"/finals/{final_id}/entries/{appearance_id}/withdraw", {"reason": "点名三次未到，监督人在场"}
            )
            screen.look()
            continue
        leads(appearance_id, "pitching", "questions", "scoring")
        for ballot_id, seat_id, version in network.random.sample(due[entry_id], len(due[entry_id])):
            points = points_of(number[entry_id], seats[seat_id])
            nonce = secrets.token_urlsafe(18)
            data = {"version": version, "nonce": nonce, "step": "sign", **points, "comment": ""}
            network.post(tablets[seat_id], f"/contests/ballots/{ballot_id}", data)
            given.setdefault(entry_id, []).append(points)
            screen.look()
        screen.released[title] = trimmed_mean(given[entry_id])
        leads(appearance_id, "shown")
    assert network.lost > 0.2 * network.sent

    db.session.rollback()
    db.session.expire_all()
    contest, final = db.session.get(Contest, contest_id), db.session.get(Final, final_id)
    shown = {row.entry.title: f"{row.score:.2f}" for row in final.appearances if row.score is not None}
    assert shown == screen.released
    assert len(shown) == FINALISTS - 1
    titles = {number[entry_id]: title for _a, entry_id, title in order}
    assert shown[titles[3]] == shown[titles[4]]
    kept = [b for b in ballots_of(contest) if b.state is BallotState.SUBMITTED]
    assert sorted(b.id for b in kept) == sorted(b for e, rows in due.items() if e != absent[1] for b, _s, _v in rows)
    assert len(kept) == (FINALISTS - 1) * JUDGES - 1
    signatures = sa.select(BallotMark.ballot_id).where(BallotMark.what == MarkKind.SIGNED)
    assert sorted(db.session.execute(signatures).scalars()) == sorted(b.id for b in kept)

    locks(contest, host)
    with transaction():
        standings = results.tally(contest.current, actor=db.session.get(User, host.id))
        assert {row.entry.title: f"{row.score:.2f}" for row in standings} == shown
    sheet = stage.get(f"/finals/{final_id}/signatures.pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(sheet.data)).pages)
    listed = [f"参赛项目{number}" for number in re.findall(r"参赛项目\s?(\d+)", text)]
    assert listed == [title for _a, _e, title in order if title in shown]
    assert all(score in text for score in shown.values())
    page = stage.get(f"/contests/manage/{contest_id}/final/standings").text
    assert ("出场顺序的影响" in page, f"{FINALISTS - 1}</td>" in page) == (True, True)
    assert [row.phase for row in final.appearances].count(Phase.SHOWN) == FINALISTS - 1


def locks(contest, host):
    approver = a_user(Role.APPROVER)
    with transaction():
        results.propose_lock(contest.current, actor=db.session.get(User, host.id), reason="全部提交")
    with transaction():
        results.confirm_lock(contest.current, actor=approver)
