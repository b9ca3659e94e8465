"""A live final: drawn once, one on stage at a time, shown when complete, fixed afterwards."""

from __future__ import annotations

from decimal import Decimal
from threading import Thread

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import BallotMark
from matchmaker.competition.rules.ballots import MarkKind
from matchmaker.competition.services import ballots
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.finals import rules, services
from matchmaker.finals.models import Final
from matchmaker.finals.rules import Phase
from tests.cast import a_user
from tests.factories.competition import a_contest, ballots_of, sign_ballot
from tests.factories.finals import a_final, a_live_contest


@pytest.fixture
def host(app, now):
    return a_user(Role.ORGANISER)


def to(row, phase, host):
    with transaction():
        services.step(row, phase, actor=host)


def on_stage(final, host):
    """The first entry, pitched and asked, waiting for its scores."""
    row = min(final.appearances, key=lambda r: r.position)
    for phase in (Phase.PITCHING, Phase.QUESTIONS, Phase.SCORING):
        to(row, phase, host)
    return row


def sign_all(final, row, tech="80", market="70"):
    for ballot in ballots_of(final.stage.contest):
        if ballot.entry_id == row.entry_id:
            sign_ballot(ballot, tech=tech, market=market)


def test_an_online_stage_has_no_final(host, judged_online):
    with pytest.raises(Conflict, match="不是现场答辩"), transaction():
        services.prepare(judged_online.current, actor=host)


@pytest.fixture
def judged_online(host):
    return a_contest(owner=host)


def test_words_given_before_the_draw_decide_the_order(host):
    final = a_final(owner=host, drawn=False)
    first = final.appearances[0]
    with transaction():
        services.sign_in(first, actor=host, speaker="答辩人", word="春风")
    with transaction():
        services.draw(final, actor=host)

    order = [row.code for row in sorted(final.appearances, key=lambda r: r.position)]
    assert order == rules.drawn(final.secret, {row.code: row.word for row in final.appearances})
    assert [row.word for row in final.appearances].count("春风") == 1
    with pytest.raises(Conflict, match="不能再改"), transaction():
        services.sign_in(first, actor=host, speaker="答辩人", word="秋风")


def test_two_presses_draw_once(app, host):
    final = a_final(owner=host, drawn=False)
    final_id, host_id, outcomes = final.id, host.id, []

    def press():
        with app.app_context():
            from matchmaker.accounts.models import User

            try:
                with transaction():
                    services.draw(db.session.get(Final, final_id), actor=db.session.get(User, host_id))
                outcomes.append("drawn")
            except Conflict:
                outcomes.append("refused")

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()

    assert sorted(outcomes) == ["drawn", "refused"]
    assert sorted(row.position for row in db.session.get(Final, final_id).appearances) == [1, 2, 3]


def test_one_entry_is_on_stage_at_a_time(host):
    final = a_final(owner=host)
    first, second, _third = sorted(final.appearances, key=lambda r: r.position)
    to(first, Phase.PITCHING, host)

    with pytest.raises(Conflict, match="还在台上"):
        to(second, Phase.PITCHING, host)
    assert final.current_id == first.id


def test_score_is_shown_when_all_ballots_are_in_and_fixed_from_then_on(host):
    final = a_final(owner=host)
    row = on_stage(final, host)
    with pytest.raises(Conflict, match="还有 2 位评委"):
        to(row, Phase.SHOWN, host)
    sign_all(final, row)
    to(row, Phase.SHOWN, host)

    assert (row.phase, row.score) == (Phase.SHOWN, Decimal("76"))
    ballot = next(b for b in ballots_of(final.stage.contest) if b.entry_id == row.entry_id)
    with pytest.raises(Conflict, match="当场亮分"), transaction():
        ballots.reopen(ballot, actor=ballot.seat.user)
    other = next(b for b in ballots_of(final.stage.contest) if b.entry_id != row.entry_id)
    sign_ballot(other)


def test_scores_appear_by_themselves_only_where_that_was_announced(host):
    final = a_final(owner=host)
    row = on_stage(final, host)
    sign_all(final, row)
    with transaction():
        assert services.show_ready(final, actor=host) == 0
    automatic = a_final(owner=host, contest=a_live_contest(owner=host, auto_release=True, title="另一届大赛"))
    own = on_stage(automatic, host)
    with transaction():
        assert services.show_ready(automatic, actor=host) == 0
    sign_all(automatic, own)
    with transaction():
        assert services.show_ready(automatic, actor=host) == 1
    assert own.score == Decimal("76")


def test_paper_ballot_is_typed_in_with_its_place_and_its_writer(host):
    final = a_final(owner=host)
    ballot = ballots_of(final.stage.contest)[0]
    points = {"tech": Decimal(90), "market": Decimal(80)}
    with pytest.raises(DomainError, match="编号和存放处"), transaction():
        services.type_in(ballot, actor=host, version=ballot.version, points=points, comment="", note=" ")
    with transaction():
        services.type_in(ballot, actor=host, version=ballot.version, points=points, comment="", note="3 号表，档案柜")

    mark = db.session.execute(sa.select(BallotMark).where(BallotMark.ballot_id == ballot.id)).scalar_one()
    assert (mark.what, mark.actor_id, ballot.total) == (MarkKind.PAPER, host.id, Decimal(86))


def test_who_has_a_part_in_an_entry_leads_nothing(host):
    final = a_final(owner=host)
    firm = final.appearances[0].entry.organisation
    conflicted = a_user(Role.ORGANISER, organisation=firm)

    with pytest.raises(NotPermitted):
        to(final.appearances[0], Phase.PITCHING, conflicted)
