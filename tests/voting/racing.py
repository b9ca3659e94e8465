"""Several tasks at the same moment, each on a connection of its own."""

from __future__ import annotations

from threading import Barrier, Thread

from matchmaker.core.db import db
from matchmaker.core.errors import DomainError


def race(app, tasks):
    """All tasks at once; what each came to."""
    outcomes, faults, start = [], [], Barrier(len(tasks))

    def run(task):
        with app.app_context():
            start.wait()
            try:
                task()
                outcomes.append("done")
            except DomainError as error:
                outcomes.append(type(error).__name__)
            except Exception as error:
                faults.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []  # whoever loses a race is told so; nobody sees an error of the database
    db.session.rollback()
    db.session.expire_all()
    return sorted(outcomes)
