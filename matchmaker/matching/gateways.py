"""The fitted index of this process: one for an application, behind a lock, scikit-learn loaded when first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog

from matchmaker.core.serving import when_serving

if TYPE_CHECKING:
    from matchmaker.matching.engine.index import ProfileIndex
    from matchmaker.matching.engine.meanings import Meanings
    from matchmaker.matching.engine.profiles import Profile
    from matchmaker.matching.engine.scales import Chances

KEY = "matchmaker.matching.index"


class IndexHolder:
    """The index with the state of the database it stands for. Whoever reads or changes it holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.warming = threading.Event()  # set once the reading at the start has begun
        self.index: ProfileIndex | None = None
        self.epoch = ""
        self.version = -1
        self.day: date | None = None
        self.switch = -1
        self.learnt: Chances | None = None  # what is switched on, with the engine it was learnt under
        self.learnt_engine = ""

    def fit(self, profiles: Iterable[Profile], meanings: Meanings | None = None) -> None:
        """Learn term weights anew from everybody."""
        from matchmaker.matching.engine.index import ProfileIndex

        self.index = ProfileIndex.fit(profiles, meanings)

    def change(self, profiles: Iterable[Profile], *, changed: Iterable[int]) -> None:
        """Put what changed and forget who is no helper any more; the weights stay."""
        index = self.index
        if index is None:
            raise RuntimeError("an index is fitted before it changes")
        found = {profile.id: profile for profile in profiles}
        for person_id in map(str, sorted(changed)):
            if person_id in found:
                index.put(found[person_id])
            elif person_id in index:
                index.remove(person_id)

    def switch_to(self, number: int, learnt: Chances | None, *, engine: str) -> None:
        """Note which weights the latest switch put in force."""
        self.switch, self.learnt, self.learnt_engine = number, learnt, engine

    def stands_for(self, *, epoch: str, version: int, day: date) -> None:
        """Note what the index was built from."""
        self.epoch, self.version, self.day = epoch, version, day


def warm_when_serving(app: Any, warm: Callable[[], None]) -> None:
    """Let a thread run `warm` once, when the process begins to serve, or beside its first page where nobody says so.

    No page waits for it but one that needs the index.
    """

    def begin() -> None:
        warming = holder_of(app).warming
        if not warming.is_set():
            warming.set()
            threading.Thread(target=inside, name="matching.warm", daemon=True).start()

    @app.before_request
    def beside_a_page() -> None:
        if not app.testing:
            begin()

    def inside() -> None:
        try:
            started = monotonic()
            with app.app_context():
                warm()
            structlog.get_logger().info("matching.warmed", seconds=round(monotonic() - started, 1))
        except Exception:  # the first suggestion will read the profiles itself, and say what is wrong
            structlog.get_logger().exception("matching.warm")

    when_serving(app, begin)


def init(app: Any) -> None:
    """Give the application an empty holder; nothing is loaded yet."""
    app.extensions[KEY] = IndexHolder()


def holder_of(app: Any) -> IndexHolder:
    """The application's holder."""
    holder: IndexHolder = app.extensions[KEY]
    return holder
