"""The running platform of the journeys: a server in a thread of the test process, on a database of its own.

Because it is the same process, a journey may arrange and check through factories and models inside `house.open()`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import sqlalchemy as sa
import waitress

from matchmaker.accounts import services as accounts
from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.app import create_app
from matchmaker.core.db import db, transaction
from matchmaker.settings import Settings
from tests import schema


class House:
    """The platform as people reach it: `url`, its database, and cookies for those who live in it."""

    def __init__(self, folder: Path) -> None:
        self.app = create_app(
            Settings(
                secret_key="journeys-" + "x" * 32,
                instance=str(folder),
                mail_backend="locmem",
                password_cost="cheap",
                flood_limit="",
                demo=True,
                match_warm=False,  # a journey's database is put back while nobody reads
            )
        )
        self._furnish()
        self._server = waitress.create_server(self.app, host="127.0.0.1", port=0, threads=8)
        self.url = f"http://127.0.0.1:{self._server.effective_port}"
        self._thread = Thread(target=self._server.run, name="house", daemon=True)
        self._thread.start()

    def _furnish(self) -> None:
        with self.app.app_context():
            schema.create()
            furnish()
            db.engine.dispose()
            self.database = Path(str(db.engine.url.database))
        self._template = self.database.with_suffix(".template")
        shutil.copy(self.database, self._template)

    def reset(self) -> None:
        """Back to the furnished state."""
        with self.app.app_context():
            db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)
        shutil.copy(self._template, self.database)

    def close(self) -> None:
        """Stop serving."""
        self._server.close()
        self._thread.join(timeout=5)

    @contextmanager
    def open(self) -> Iterator[Any]:
        """An application context, to arrange or check things behind the pages."""
        with self.app.app_context():
            yield self.app
            db.session.remove()

    def cookie(self, user_id: int) -> dict[str, Any]:
        """The session cookie of a user, as the browser wants it."""
        with self.open():
            user = db.session.get_one(User, user_id)
            with transaction():
                token = accounts.open_session(user, address="127.0.0.1", agent="journey", days=1)
            signer: Any = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
            value = signer.dumps({"token": token})
        return {"name": self.app.config["SESSION_COOKIE_NAME"], "value": value, "url": self.url}

    def demo_user(self, role: Role) -> int:
        """The id of the demo account with that role."""
        with self.open():
            users = db.session.execute(sa.select(User).where(User.demo.is_(True)).order_by(User.id)).unique().scalars()
            return next(user.id for user in users if role in user.roles)


def furnish() -> None:
    """Reference and demo data, as `matchmaker demo` loads them; until those stand, one account for each role."""
    try:
        from matchmaker.seeding import services as seeding  # type: ignore[attr-defined]
    except ImportError:
        _one_account_a_role()
        return
    seeding.load_reference()
    seeding.load_demo()


def _one_account_a_role() -> None:
    for role in Role:
        with transaction():
            user = accounts.create_user(
                name=f"演示{role.label}",
                email=f"{role.value}@demo.example.cn",
                password="shuimo demo 2026",
                region="650105",
                confirmed=True,
                demo=True,
            )
            if role not in {Role.MEMBER, Role.INDIVIDUAL}:
                accounts.grant_role(user, role, region="650105")
