"""Judges whose requests and answers get lost, and a server that is killed: no ballot is lost, none is written twice."""

from __future__ import annotations

import pytest

from tests.competition.storm import Storm


@pytest.fixture
def storm(tmp_path):
    blowing = Storm(tmp_path, judges=6, entries=6, panel=3)
    yield blowing
    blowing.close()


@pytest.mark.sqlite
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_bad_network_and_a_killed_server_lose_and_double_nothing(storm):
    storm.blow()
    found = storm.reckoning()

    assert found["wrong"] == []
    assert (found["ballots"], found["lost"], found["doubled"], found["broken"]) == (18, 0, 0, None)
    assert found["dropped"] > 0
