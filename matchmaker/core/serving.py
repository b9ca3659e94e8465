"""What a process does beside answering, from the moment it serves pages: neither commands nor tests ever begin it.

`matchmaker serve` names this module as gunicorn's configuration, so that every worker begins when it is ready.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

KEY = "matchmaker.serving"
# Seconds a thread computes before another of the process may. With Python's own 5 ms, whoever holds the writer's turn
# waits that long after a statement for a neighbour who builds a page, and all writers of the machine wait along.
SWITCH_INTERVAL = 0.0002


def when_serving(app: Any, begin: Callable[[], None]) -> None:
    """Call `begin` once the process is ready to serve; it must return at once."""
    app.extensions.setdefault(KEY, []).append(begin)


def begun(app: Any) -> None:
    """This process serves pages from now on."""
    for begin in app.extensions.get(KEY, ()):
        begin()


def post_worker_init(worker: Any) -> None:
    """Gunicorn calls this in each worker that is ready.

    What it has loaded by now stays for good and is no business of the collector any more: looking through all of it
    takes a third of a second, in which nobody is answered, nor any other writer if it falls into somebody's turn.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()
    begun(worker.wsgi)
