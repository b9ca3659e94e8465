"""Every path that claims or frees seats, taken at random by several threads at once.

One run: an event with a few places (of the whole, sometimes of a group, of a bus and of a session), a waiting policy, a
handful of registrations to begin with, and threads that each take some random steps. Whatever they do, the counters
must equal the rows and nothing may exceed a capacity at any time.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from matchmaker.accounts.models import User
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.events.models import Audience, Event, Registration, SeatPool
from matchmaker.events.rules import AttendeeLine, PoolKind, RegistrationState, Source, WaitingPolicy
from matchmaker.events.services import attendance, deciding, pools, registrations, waiting
from tests.factories.events import an_event

EXPECTED = (DomainError, IntegrityError)  # a clear refusal, or the unique index had the last word


class World:
    """One event with its people; `seed` decides everything that is random, except who wins a race."""

    def __init__(self, app: Any, *, seed: int, owner_id: int, user_ids: list[int]) -> None:
        self.app, self.owner_id, self.user_ids = app, owner_id, user_ids
        self.random = random.Random(seed)
        self.seed = seed
        policy = self.random.choice(list(WaitingPolicy))
        event = an_event(
            owner=db.session.get_one(User, owner_id),
            capacity=self.random.randint(3, 8),
            needs_approval=self.random.random() < 0.5,
            waiting_policy=policy,
            offer_hours=1,
        )
        self.event_id = event.id
        with transaction():
            event = db.session.get_one(Event, self.event_id)
            self.extra = self._furnish(event)
        self.faults: list[str] = []

    def _furnish(self, event: Event) -> list[int]:
        if self.random.random() < 0.5:
            pool = pools.add(event, kind=PoolKind.AUDIENCE, name="企业", capacity=self.random.randint(1, 5))
            event.audiences.append(Audience(name="企业", position=1, pool_id=pool.id))
        bus = pools.add(event, kind=PoolKind.BUS, name="班车", capacity=self.random.randint(1, 3))
        session = pools.add(event, kind=PoolKind.SESSION, name="场次", capacity=self.random.randint(1, 3))
        return [bus.id, session.id]

    def run(self, *, threads: int = 5, steps: int = 6) -> None:
        """Let them loose, and wait for all."""
        db.session.rollback()
        seeds = [self.random.randrange(2**31) for _ in range(threads)]
        workers = [threading.Thread(target=self._work, args=(seed, steps)) for seed in seeds]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert not self.faults, f"seed {self.seed}: {self.faults}"

    def _work(self, seed: int, steps: int) -> None:
        chance = random.Random(seed)
        for _ in range(steps):
            step = chance.choice(STEPS)
            with self.app.app_context():
                try:
                    with transaction():
                        step(self, chance)
                except EXPECTED:
                    pass
                except OperationalError as error:  # PostgreSQL may call one of two off; never both, never wrong
                    if "deadlock" not in str(error):
                        self.faults.append(f"{step.__name__}: {error}")
                except Exception as error:  # noqa: BLE001 - whatever it is, the run has failed
                    self.faults.append(f"{step.__name__}: {type(error).__name__}: {error}")
                finally:
                    db.session.remove()

    @property
    def event(self) -> Event:
        return db.session.get_one(Event, self.event_id)

    @property
    def owner(self) -> User:
        return db.session.get_one(User, self.owner_id)

    def one_of(self, chance: random.Random, *states: RegistrationState) -> Registration:
        """A random registration in one of these states; refused when there is none."""
        statement = sa.select(Registration).where(Registration.event_id == self.event_id)
        if states:
            statement = statement.where(Registration.state.in_(states))
        rows = list(db.session.execute(statement.order_by(Registration.id)).unique().scalars())
        if not rows:
            raise DomainError("没有这样的报名")
        return chance.choice(rows)


def people(chance: random.Random) -> list[AttendeeLine]:
    """A party of one to three with names of its own."""
    return [AttendeeLine(f"人{chance.randrange(10**9)}", "") for _ in range(chance.randint(1, 3))]


def register(world: World, chance: random.Random) -> None:
    user = db.session.get_one(User, chance.choice(world.user_ids))
    names = "\n".join(f"{chr(0x4E00 + i)}甲" for i in range(chance.randint(1, 3)))
    group = chance.choice(world.event.audiences)
    registrations.register(
        world.event, actor=user, organisation_id=None, attendees=names, phone="13000000001", audience=group
    )


def add_guest(world: World, chance: random.Random) -> None:
    source = chance.choice([Source.STAFF, Source.IMPORT, Source.WALK_IN, Source.INVITATION])
    name = f"来宾{chance.randrange(10**9)}"
    group = chance.choice(world.event.audiences)
    registrations.register_guest(
        world.event,
        audience=group,
        actor=world.owner,
        source=source,
        name=name,
        people=people(chance),
        phone=f"139{chance.randrange(10**8):08d}",
        past_line=chance.random() < 0.3,
        silent=True,
    )


def approve(world: World, chance: random.Random) -> None:
    deciding.approve(world.one_of(chance, RegistrationState.SUBMITTED), world.owner)


def reject(world: World, chance: random.Random) -> None:
    deciding.reject(world.one_of(chance), world.owner, "名额有限")


def reject_and_undo(world: World, chance: random.Random) -> None:
    row = world.one_of(chance)
    before = deciding.reject(row, world.owner, "名额有限")
    deciding.undo_decision(row, world.owner, before)


def restore(world: World, chance: random.Random) -> None:
    deciding.restore(world.one_of(chance), world.owner, "领导嘉宾")


def withdraw(world: World, chance: random.Random) -> None:
    row = world.one_of(chance)
    registrations.withdraw(row, actor=row.user)


def move(world: World, chance: random.Random) -> None:
    deciding.move(world.one_of(chance), chance.choice(world.event.audiences), actor=world.owner, reason="更正")


def change_party(world: World, chance: random.Random) -> None:
    row = world.one_of(chance)
    names = "\n".join(f"{chr(0x5E00 + i)}乙" for i in range(chance.randint(1, 4)))
    registrations.change(row, actor=row.user, attendees=names, phone="13000000002")


def take_the_bus(world: World, chance: random.Random) -> None:
    row = world.one_of(chance, RegistrationState.APPROVED, RegistrationState.SUBMITTED)
    pools.hold(row, {**pools.wanted(row), chance.choice(world.extra): row.party})


def leave_the_bus(world: World, chance: random.Random) -> None:
    row = world.one_of(chance, RegistrationState.APPROVED, RegistrationState.SUBMITTED)
    kept = {pool: seats for pool, seats in pools.wanted(row).items() if pool not in world.extra}
    pools.hold(row, kept)


def offer(world: World, chance: random.Random) -> None:
    waiting.offer(world.one_of(chance, RegistrationState.WAITING), actor=world.owner, reason="名额空出")


def let_an_offer_lapse(world: World, chance: random.Random) -> None:
    row = world.one_of(chance, RegistrationState.OFFERED)
    row.offered_until = clock.now() - timedelta(seconds=1)
    db.session.flush()


def accept(world: World, chance: random.Random) -> None:
    waiting.accept(world.one_of(chance, RegistrationState.OFFERED), actor=None)


def serve(world: World, _chance: random.Random) -> None:
    waiting.serve(world.event)


def sweep(_world: World, _chance: random.Random) -> None:
    waiting.sweep()


def draw(world: World, _chance: random.Random) -> None:
    waiting.draw(world.event, actor=world.owner)


def resize(world: World, chance: random.Random) -> None:
    pool = chance.choice(world.event.pools)
    pools.resize(pool, capacity=chance.randint(1, 8))


def exceed(world: World, chance: random.Random) -> None:
    pools.exceed(chance.choice(world.event.pools), seats=1, actor=world.owner, reason="上级要求")


def attend(world: World, chance: random.Random) -> None:
    row = world.one_of(chance, RegistrationState.APPROVED)
    attendance.mark(row.attendees[0], moment=clock.now())


STEPS: list[Callable[[World, random.Random], None]] = [
    *[register] * 4,
    *[add_guest] * 3,
    *[withdraw] * 2,
    approve,
    reject,
    reject_and_undo,
    restore,
    move,
    change_party,
    take_the_bus,
    leave_the_bus,
    offer,
    let_an_offer_lapse,
    accept,
    serve,
    sweep,
    draw,
    resize,
    exceed,
    attend,
]


def oversold() -> list[tuple[int, int, int]]:
    """(pool, capacity, held) of pools with more seats held than there are. The CHECK should make that impossible."""
    statement = sa.select(SeatPool.id, SeatPool.capacity, SeatPool.used).where(SeatPool.used > SeatPool.capacity)
    return [tuple(row) for row in db.session.execute(statement)]
