"""Nothing about scores leaks before their release: every page that others can open stays the same to the byte."""

from __future__ import annotations

import re

import pytest

from matchmaker.competition.services import results
from matchmaker.core.db import transaction
from tests.cast import a_user, sign_in
from tests.factories.competition import a_contest, a_judge, an_entry, ballots_of, in_judging, sign_ballot
from tests.factories.publicity import announced_years

CHANGING = re.compile(r'csrf_token" value="[^"]*"|X-CSRFToken": "[^"]*"|drafts?-key="[^"]*"|nonce-[^"\']*')


@pytest.fixture
def contest(organiser):
    announced_years()
    contest = a_contest(owner=organiser, per_entry=2)
    entered = [an_entry(contest, title=f"金丝雀项目{n}") for n in range(3)]
    seats = [a_judge(contest, owner=organiser) for _ in range(3)]
    in_judging(contest, owner=organiser, entered=entered, seats=seats)
    return contest


def seen_by(client, paths):
    """(status, length, body) of every page, without what changes at every request."""
    pages = [client.get(path) for path in paths]
    return [(page.status_code, CHANGING.sub("", page.get_data(as_text=True))) for page in pages]


def watchers(client, contest):
    """(client, pages) of the public, an entrant, a stranger with an account, and a judge who is not the one scoring."""
    ballots = ballots_of(contest)
    scoring = ballots[0].seat_id
    entry = ballots[0].entry
    other = next(b for b in ballots if b.seat_id != scoring)
    new = client.application.test_client
    open_to_all = ["/", "/contests/", f"/contests/{contest.id}", "/notices/", "/search?q=金丝雀"]
    own = [f"/contests/entries/{entry.id}", "/contests/entries/", "/desk", "/notifications/"]
    judging = ["/contests/ballots/", f"/contests/ballots/{other.id}", "/desk"]
    staff = [f"/contests/manage/{contest.id}/final/standings", f"/contests/manage/{contest.id}/final/results"]
    return [
        (new(), [*open_to_all, *own, *judging, *staff]),
        (sign_in(new(), entry.user), [*open_to_all, *own, *judging, *staff]),
        (sign_in(new(), a_user()), [*open_to_all, *own, *judging, *staff]),
        (sign_in(new(), other.seat.user), [*open_to_all, *own, *judging, *staff]),
    ]


def test_scores_before_their_release_change_no_byte_for_anybody_else(client, contest, organiser, approver):
    watching = watchers(client, contest)
    scoring = ballots_of(contest)[0].seat_id
    mine = [b for b in ballots_of(contest) if b.seat_id == scoring]
    before = [seen_by(watcher, paths) for watcher, paths in watching]

    for ballot in mine:
        sign_ballot(ballot, tech="97.5", market="12.5")
    assert [seen_by(watcher, paths) for watcher, paths in watching] == before


def test_locked_scores_are_as_silent_as_open_ones(client, contest, organiser, approver):
    for position, ballot in enumerate(ballots_of(contest)):
        sign_ballot(ballot, tech=str(60 + position), market="77.5")
    watching = watchers(client, contest)[:3]
    before = [seen_by(watcher, paths) for watcher, paths in watching]
    with transaction():
        results.propose_lock(contest.current, actor=organiser, reason="评审完成")
    with transaction():
        results.confirm_lock(contest.current, actor=approver)

    assert [seen_by(watcher, paths) for watcher, paths in watching] == before
    with transaction():
        results.release(contest.current, actor=organiser)
    assert "69.70" in client.get(f"/contests/{contest.id}").text  # (64 + 65) / 2 × 0.6 + 77.5 × 0.4


def test_organisers_pages_show_progress_but_no_score_before_the_lock(client, contest, organiser):
    for ballot in ballots_of(contest):
        sign_ballot(ballot, tech="97.5", market="12.5")  # total 63.5
    sign_in(client, organiser)
    base = f"/contests/manage/{contest.id}"
    entry = ballots_of(contest)[0].entry_id

    paths = [
        base,
        f"{base}/final/results",
        f"{base}/entries",
        f"{base}/judges",
        f"/contests/manage/entries/{entry}",
        "/desk",
    ]
    pages = [client.get(path).text for path in [*paths, f"{base}/entries?format=csv"]]

    assert [("63.5" in page, "97.5" in page, "12.5" in page) for page in pages] == [(False, False, False)] * 7


def test_entrant_never_reads_who_judges(client, contest):
    ballot = ballots_of(contest)[0]
    sign_ballot(ballot)
    names = {b.seat.user.name for b in ballots_of(contest)}
    sign_in(client, ballot.entry.user)

    pages = [client.get(path).text for path in (f"/contests/entries/{ballot.entry_id}", f"/contests/{contest.id}")]

    assert [[name for name in names if name in page] for page in pages] == [[], []]
