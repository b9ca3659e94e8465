"""Rows into engine profiles and needs, and engine explanations into what is kept and shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from matchmaker.directory.models import Person
from matchmaker.matching import queries
from matchmaker.matching.models import LearntWeights, Need
from matchmaker.matching.rules import Barrier, NeedKind, Secrecy, points_of
from matchmaker.rosters.rules import AppointmentKind

if TYPE_CHECKING:
    from matchmaker.matching.engine.explain import Explanation
    from matchmaker.matching.engine.profiles import Need as EngineNeed
    from matchmaker.matching.engine.profiles import Profile
    from matchmaker.matching.engine.scales import Chances

# What people state of themselves weighs more than a description, a description more than one publication.
EXPERTISE, SUMMARY, POST, DOCUMENT = 3.0, 2.0, 1.0, 1.0
MOST_DOCUMENTS = 60
ADVISER, INVESTOR, BOTH = "adviser", "investor", "adviser+investor"
SUITABLE = {
    NeedKind.MENTORING: frozenset({ADVISER, BOTH}),
    NeedKind.TECHNICAL: frozenset({ADVISER, BOTH}),
    NeedKind.FUNDING: frozenset({INVESTOR, BOTH}),
}


def profiles(ids: Iterable[int] | None, *, today: date) -> list[Profile]:
    """The profiles of everybody who could help, or of those of `ids` who can."""
    wanted = None if ids is None else sorted(ids)
    offers = queries.offers(wanted, today)
    return [profile(person, offers.get(person.id, {})) for person in queries.helpers(wanted)]


def profile(person: Person, offer: dict[str, Any]) -> Profile:
    """One person as the engine sees them."""
    from matchmaker.matching.engine.profiles import Profile

    investor = offer.get("investor")
    numbers = {
        "ticket_min_fen": getattr(investor, "ticket_min_fen", None),
        "ticket_max_fen": getattr(investor, "ticket_max_fen", None),
        "secrecy": int(bool(offer.get("profile") and offer["profile"].confidential)),
    }
    organisation = person.organisation
    return Profile(
        id=str(person.id),
        kind=profile_kind(offer.get("live") or offer.get("past") or {AppointmentKind.RESEARCHER}),
        documents=tuple(_documents(person, offer)),
        tags={
            "field": frozenset(map(str, person.fields or ())),
            "industry": frozenset({organisation.industry_code} if organisation and organisation.industry_code else ()),
            "region": frozenset({person.region}),
        },
        numbers={name: value for name, value in numbers.items() if value is not None},
        organisations=frozenset({str(person.organisation_id)} if person.organisation_id else ()),
        barriers=tuple(_barriers(offer)),
    )


def profile_kind(kinds: Collection[AppointmentKind]) -> str:
    """What somebody with these posts is to a need."""
    if set(kinds) == {AppointmentKind.INVESTOR}:
        return INVESTOR
    return BOTH if AppointmentKind.INVESTOR in kinds else ADVISER


def _documents(person: Person, offer: dict[str, Any]) -> Iterable[tuple[str, float]]:
    profile = offer.get("profile")
    stated = [(profile.expertise if profile else "", EXPERTISE), (person.summary or "", SUMMARY)]
    stated.append((" ".join(filter(None, (person.discipline, person.title))), POST))
    for document in person.documents[-MOST_DOCUMENTS:]:
        words = " ".join(map(str, document.keywords or ()))
        stated.append((f"{document.title}\n{words}\n{document.text}", DOCUMENT))
    return [(text, weight) for text, weight in stated if text.strip()]


def _barriers(offer: dict[str, Any]) -> Iterable[Barrier]:
    profile = offer.get("profile")
    if offer.get("past") and not offer.get("live"):
        yield Barrier.TERM_ENDED
    if profile and profile.opted_out:
        yield Barrier.OPTED_OUT
    if profile and profile.busy >= profile.capacity:
        yield Barrier.NO_CAPACITY


def need(row: Need, *, recused: frozenset[int] | None = None, declined_by: frozenset[int] | None = None) -> EngineNeed:
    """A stored need as the engine sees it, with those who may not be suggested for it; who knows them, says so."""
    from matchmaker.matching.engine.profiles import Need as EngineNeed

    if recused is None:
        recused = queries.people_of_unit(row)
    if declined_by is None:
        declined_by = queries.people_who_declined(row.id) if row.id else frozenset()
    organisation = row.organisation
    numbers = {"secrecy": int(row.secrecy is Secrecy.RESTRICTED)}
    if row.kind is NeedKind.FUNDING and row.budget_fen:
        numbers |= {"amount_min_fen": row.budget_fen, "amount_max_fen": row.budget_fen}
    return EngineNeed(
        text=f"{row.title}\n{row.text}",
        kind=row.kind,
        tags={
            "field": frozenset(map(str, row.fields or ())),
            "industry": frozenset({organisation.industry_code} if organisation and organisation.industry_code else ()),
            "region": frozenset({row.region}),
        },
        numbers=numbers,
        profile_kinds=SUITABLE[row.kind],
        organisation=str(row.organisation_id) if row.organisation_id else None,
        recused=frozenset(map(str, recused)),
        declined_by=frozenset(map(str, declined_by)),
    )


def snapshot(explanation: Explanation) -> dict[str, Any]:
    """An explanation as it is kept with a request: points of a hundred that add up, exact as text."""
    score, points = points_of([share.points for share in explanation.shares], score=explanation.score)
    return {
        "score": str(score),
        "raw": explanation.score,
        "terms": list(explanation.terms),
        "features": [feature.value for feature in explanation.features],
        "shares": [
            {"name": share.name, "feature": share.feature.value if share.feature else None, "points": str(point)}
            | ({"meaning": True} if share.meaning else {})
            | ({"base": True} if share.base else {})
            for share, point in zip(explanation.shares, points, strict=True)
            if point
        ],
        "basis": {} if explanation.basis is None else asdict(explanation.basis),
    }


def sentence(kept: dict[str, Any], translate: Callable[[str], str]) -> str:
    """The sentence of a kept explanation, in the reader's language."""
    from matchmaker.matching.engine.explain import Explanation, Share
    from matchmaker.matching.engine.features import Feature

    features = tuple(Feature(value) for value in kept.get("features", ()))
    named = tuple(Share(1.0, name) for name in kept.get("terms", ()))
    meant = tuple(Share(float(s["points"]) / 100, meaning=True) for s in kept.get("shares", ()) if s.get("meaning"))
    return Explanation("", float(kept["raw"]), (*named, *meant), features).sentence(translate)


def share_rows(kept: dict[str, Any], translate: Callable[[str], str]) -> list[tuple[str, str]]:
    """(label, points) of a kept explanation, largest first."""
    from matchmaker.matching.engine.explain import BASE, MEANING, OTHER_WORDS
    from matchmaker.matching.engine.features import Feature

    def label(share: dict[str, Any]) -> str:
        if share["feature"]:
            return translate(Feature(share["feature"]).label)
        return share["name"] or translate(
            MEANING if share.get("meaning") else BASE if share.get("base") else OTHER_WORDS
        )

    return [(label(share), share["points"]) for share in kept.get("shares", ())]


def chances(row: LearntWeights) -> Chances:
    """Kept weights as the engine ranks by them."""
    from matchmaker.matching.engine.scales import Chances

    return Chances(
        intercept=float(str(row.intercept)),
        weights={part: float(value) for part, value in row.weights.items()},
        typical={part: float(value) for part, value in row.typical.items()},
        key=row.id,
    )
