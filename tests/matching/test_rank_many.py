"""Many needs at once: the same people and scores here and on a cluster."""

from __future__ import annotations

import pytest

from matchmaker.matching.services import suggesting
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need
from tests.factories.rosters import a_helper

pytest.importorskip("distributed", reason="the extra `dask` is not installed")
pytestmark = pytest.mark.usefixtures("now")


def test_a_cluster_named_in_the_settings_ranks_as_this_process(app, monkeypatch):
    from distributed import LocalCluster

    owner = a_user(organisation=an_organisation())
    needs = [a_need(actor=owner), a_need(actor=owner, title="财务报表", text="财务报表与税务筹划")]
    for name, words in (("甲", EXPERTISE), ("乙", "财务报表与税务筹划"), ("丙", "视频识别")):
        a_helper(user=a_user(name=name), name=name, expertise=words)
    here = suggesting.rank_many(needs)

    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        values = vars(app.config["SETTINGS"]) | {"dask_scheduler": cluster.scheduler_address}
        monkeypatch.setitem(app.config, "SETTINGS", type(app.config["SETTINGS"])(**values))
        there = suggesting.rank_many(needs)

    assert there == here
    assert [len(rows) for rows in here] == [3, 3]
