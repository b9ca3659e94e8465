"""Thirty judges, three requests in ten lost, one kill -9 of the server: ballots lost or doubled."""

from __future__ import annotations

import pytest

from tests.competition.storm import Storm

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]


def test_thirty_judges_in_a_storm(tmp_path):
    storm = Storm(tmp_path, judges=30, entries=120, panel=5)
    seconds = storm.blow()
    found = storm.reckoning()
    storm.close()

    share = found["dropped"] / found["requests"]
    print(
        f"\n30 judges, {found['ballots']} ballots in three saves each, {found['requests']} requests, "
        f"{share:.0%} lost on the way, one kill -9: {found['lost']} ballots lost, {found['doubled']} doubled, "
        f"chain {'broken' if found['broken'] else 'whole'} ({seconds:.0f} s)"
    )
    assert (found["wrong"], found["lost"], found["doubled"], found["broken"]) == ([], 0, 0, None)
