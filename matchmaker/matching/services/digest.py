"""The weekly letter: at most five open needs that fit a helper, never an empty one, ended by one press."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from flask import current_app
from flask_babel import gettext
from itsdangerous import BadSignature, URLSafeSerializer

from matchmaker.accounts.models import User
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Missing
from matchmaker.directory.models import Person
from matchmaker.matching import encoding, queries
from matchmaker.matching.models import DigestChoice
from matchmaker.matching.rules import Side
from matchmaker.matching.rules.talks import DIGEST_NEEDS
from matchmaker.matching.services import browsing, impressions, suggesting
from matchmaker.notifications import services as notifications

PER_NEED = 200  # helpers looked at for each need
Plan = dict[int, list[browsing.Found]]


def week_of(day: date) -> date:
    """The Monday of a week: one letter a week, whenever the job runs."""
    return day - timedelta(days=day.weekday())


def plan() -> Plan:
    """For every reader the needs of this week's letter, best first; those who would get none are left out."""
    week = week_of(clock.today())
    readers = {person.id: person for person in db.session.execute(queries.digest_readers()).unique().scalars()}
    written = queries.written_in(week)
    waiting = {key: person for key, person in readers.items() if key not in written}
    if not waiting:
        return {}
    offered = _offered(waiting)
    found: Plan = {}
    for key, person in waiting.items():
        known = {row.id for row in db.session.execute(queries.open_to(person)).unique().scalars()}
        best = sorted(offered[key], key=lambda pair: (-float(pair.explanation["raw"]), pair.need.id))
        if chosen := [pair for pair in best if pair.need.id in known][:DIGEST_NEEDS]:
            found[key] = chosen
    return found


def _offered(readers: dict[int, Person]) -> dict[int, list[browsing.Found]]:
    """Each open need asked once for its best helpers, turned round; hard rules have filtered already."""
    offered: dict[int, list[browsing.Found]] = defaultdict(list)
    needs = db.session.execute(queries.listed_needs()).unique().scalars().all()
    asked = {need.id: encoding.need(need) for need in needs}
    with suggesting.fresh_index() as index:
        for need in needs:
            matches = [
                match
                for match in index.top(asked[need.id], PER_NEED).matches
                if int(match.profile_id) in readers and browsing.fits(match)
            ]
            for explanation in index.explain(asked[need.id], matches):
                offered[int(explanation.profile_id)].append(browsing.Found(need, encoding.snapshot(explanation)))
    return offered


def send(person: Person, found: list[browsing.Found]) -> bool:
    """Queue one helper's letter of this week; False where it was queued before."""
    week = week_of(clock.today())
    choice = _choice(person)
    if not choice.wanted or choice.last_week == week:
        return False
    message = notifications.enqueue(
        "matching/mail/digest",
        to=db.session.get(User, person.user_id),
        url="/needs/open/",
        dedupe=f"matching.digest:{week}:{person.id}",
        helper=person,
        found=found,
        sentence=lambda kept: encoding.sentence(kept, gettext),
        unsubscribe=f"{notifications.base_url()}/digest/{token_for(person)}",
    )
    choice.last_week, choice.updated = week, clock.now()
    shown = [(pair.need.id, person.id, pair.explanation) for pair in found]
    impressions.write(impressions.unwritten(shown, side=Side.DIGEST), side=Side.DIGEST)
    db.session.flush()
    return message is not None


def choose(person: Person, *, wanted: bool, actor: object | None = None) -> None:
    """Subscribe or unsubscribe."""
    choice = _choice(person)
    if choice.wanted is not wanted:
        choice.wanted, choice.updated = wanted, clock.now()
        activity.record("matching.digest_chosen", subject=person, actor=actor, wanted=wanted)
    db.session.flush()


def wants(person: Person) -> bool:
    """Does this helper get the letter?"""
    choice = db.session.execute(queries.digest_choice(person.id)).scalar_one_or_none()
    return choice is None or choice.wanted


def token_for(person: Person) -> str:
    """The word of the link that ends the letters of one person; it does nothing else."""
    return str(_signer().dumps(person.id))


def open_token(token: str) -> Person:
    """Whose letters a link ends. Raises Missing for a forged or damaged one."""
    try:
        person = db.session.get(Person, int(_signer().loads(token[:200])))
    except (BadSignature, ValueError, TypeError):
        person = None
    if person is None:
        raise Missing("这个退订链接无效，请登录后在“找需求”页面退订")
    return person


def _choice(person: Person) -> DigestChoice:
    choice = db.session.execute(queries.digest_choice(person.id)).scalar_one_or_none()
    if choice is None:
        choice = DigestChoice(person_id=person.id, wanted=True, updated=clock.now())
        db.session.add(choice)
        db.session.flush()
    return choice


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SETTINGS"].secret_key, salt="matching.digest")
