"""A Dask cluster in this process, named in an application's settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any


@contextmanager
def named_in_the_settings(app: Any, monkeypatch: Any, *, address: str = "") -> Iterator[str]:
    """The settings name a scheduler: at `address`, or of a cluster made for as long as this lasts."""
    from distributed import LocalCluster

    made = nullcontext() if address else LocalCluster(2, threads_per_worker=1, processes=False, dashboard_address=None)
    with made as cluster:
        named = address or cluster.scheduler_address
        values = vars(app.config["SETTINGS"]) | {"dask_scheduler": named}
        with monkeypatch.context() as patched:
            patched.setitem(app.config, "SETTINGS", type(app.config["SETTINGS"])(**values))
            yield named
