"""The page of a plan: what it is worth, what would join separate tracks, and the remedy confirmed from its preview."""

from __future__ import annotations

import re
from datetime import timedelta

from matchmaker.competition.services import contests, entries
from matchmaker.core import clock
from matchmaker.core.db import transaction
from tests.cast import sign_in
from tests.factories.competition import a_contest, a_judge, an_entry, ballots_of, followed


def silos(organiser):
    contest = a_contest(owner=organiser)
    for n in range(8):
        entry = an_entry(contest, track_id=contest.tracks[n % 2].id)
        with transaction():
            entries.accept(entry, actor=organiser, note="已核对")
    for n in range(4):
        a_judge(contest, owner=organiser, tracks=[contest.tracks[n % 2].code])
    with clock.frozen(contest.deadline + timedelta(minutes=1)), transaction():
        contests.close_entries(contest, actor=organiser)
    return contest


def posted(page):
    """What the preview's form would send."""
    return {
        name: re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("pair", "drop", "anchor") if name in page
    }


def test_the_page_offers_links_and_anchors_and_confirms_what_is_chosen(client, organiser):
    contest = silos(organiser)
    address = f"/contests/manage/{contest.id}/final/assignment"
    with clock.frozen(contest.deadline + timedelta(hours=1)):
        sign_in(client, organiser)
        plain, anchored = client.get(address).text, client.get(f"{address}?remedy=anchors").text
        assert "互不相连的 2 部分" in plain
        assert "跨赛道评审" in plain
        assert len(posted(anchored)["anchor"]) == 2
        done = followed(client, address, data=posted(anchored))

    assert "已分配" in done.text
    assert len(ballots_of(contest)) == len(posted(anchored)["pair"]) > len(posted(plain)["pair"])


def test_an_unknown_remedy_changes_nothing(client, organiser):
    contest = silos(organiser)
    address = f"/contests/manage/{contest.id}/final/assignment"
    with clock.frozen(contest.deadline + timedelta(hours=1)):
        sign_in(client, organiser)
        assert posted(client.get(f"{address}?remedy=magic").text) == posted(client.get(address).text)
        client.post(address, data={"pair": ["1:x", "99999999999:1"], "anchor": "²", "drop": "1"})

    assert ballots_of(contest) == []
