"""What programs send and read. Moments are Beijing time; contacts stand on the page alone, after a yes."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from apiflask.fields import AwareDateTime, Boolean, Date, Dict, Enum, Integer, List, Nested, String
from apiflask.validators import Length, Range

from matchmaker.accounts.rules import Permission
from matchmaker.core.api import LARGEST_KEY, blueprint
from matchmaker.core.api import text as words
from matchmaker.directory.rules import HighTechField
from matchmaker.matching.rules import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_LIVE_REQUESTS,
    ContractKind,
    DeclineReason,
    NeedKind,
    NothingReason,
    Result,
    Secrecy,
)

bp = blueprint("matching", tag="matching")
ANSWERS = [400, 401, 403, 404, 409, 422]
OWNERS = (Permission.NEEDS_OWN, Permission.NEEDS_HANDLE)
BOTH = (*OWNERS, Permission.REQUESTS_ANSWER)
LONGEST_NOTE, DEAREST_FEN, LONGEST_DAY = 300, 10**14, 1440


def _key(**kwargs: Any) -> Integer:
    return Integer(strict=True, validate=Range(1, LARGEST_KEY), **kwargs)


def _amount(**kwargs: Any) -> Integer:
    return Integer(strict=True, validate=Range(0, DEAREST_FEN), **kwargs)


def _level(**kwargs: Any) -> Integer:
    return Integer(strict=True, validate=Range(1, 9), **kwargs)


def _yes_or_no() -> Boolean:
    return Boolean(truthy={True}, falsy={False})


class NewNeed(Schema):
    """A need in its owner's own words; without an organisation it is one's own."""

    organisation_id = _key()
    kind = Enum(NeedKind, by_value=True, required=True)
    title = words(LONGEST_TITLE, required=True)
    text = words(LONGEST_TEXT, required=True)
    fields_ = List(Enum(HighTechField, by_value=True), data_key="fields")
    budget_fen = _amount()
    deadline = Date()
    secrecy = Enum(Secrecy, by_value=True)
    trl_now = _level()
    trl_wanted = _level()
    listed = _yes_or_no()
    kept_reason = words(200)
    draft = _yes_or_no()


class NeedChanges(Schema):
    """What is left out stays as it is; null empties a field that may be empty."""

    version = Integer(
        strict=True,
        validate=Range(1, LARGEST_KEY),
        metadata={"description": "the version that was read; a need changed since then is refused with 409"},
    )
    kind = Enum(NeedKind, by_value=True)
    title = words(LONGEST_TITLE)
    text = words(LONGEST_TEXT)
    fields_ = List(Enum(HighTechField, by_value=True), data_key="fields")
    budget_fen = _amount(allow_none=True)
    deadline = Date(allow_none=True)
    secrecy = Enum(Secrecy, by_value=True)
    trl_now = _level(allow_none=True)
    trl_wanted = _level(allow_none=True)
    listed = _yes_or_no()
    kept_reason = words(200)


class RequestShown(Schema):
    """One question to one helper."""

    id = Integer()
    need_id = Integer()
    need = String()
    who = String(allow_none=True, metadata={"description": "null while it is kept secret"})
    person_id = Integer()
    person = String()
    state = String()
    message = String()
    asked = String()
    expires = String()
    answered = String(allow_none=True)
    reason = String(allow_none=True)
    note = String()
    url = String()


class ProposalShown(Schema):
    """Other terms: another time, another way; what the owner said to them."""

    id = Integer()
    state = String()
    moment = String(allow_none=True)
    terms = String()
    created = String()
    answered = String(allow_none=True)
    answer = String()


class SessionShown(Schema):
    """One session held; it counts once both sides have confirmed it."""

    id = Integer()
    served = String()
    minutes = Integer()
    place = String()
    content = String()
    owner_note = String()
    helper_note = String()
    owner_confirmed = String(allow_none=True)
    helper_confirmed = String(allow_none=True)
    rating = Integer(allow_none=True, metadata={"description": "of the session, by the owner"})
    rating_note = String()
    preparation = Integer(allow_none=True, metadata={"description": "of the owner's preparation, by the helper"})
    preparation_note = String()


class OutcomeShown(Schema):
    """What came of it."""

    result = String()
    contract = String(allow_none=True)
    amount_fen = Integer(allow_none=True)
    why = String(allow_none=True)
    note = String()
    recorded = String()


class RequestWhole(RequestShown):
    """One question with the words of the need and all that followed."""

    text = String(metadata={"description": "the words of the need"})
    kind = String()
    budget_fen = Integer(allow_none=True)
    deadline = String(allow_none=True)
    proposals = List(Nested(ProposalShown))
    sessions = List(Nested(SessionShown))
    outcome = Nested(OutcomeShown, allow_none=True)


class NeedShown(Schema):
    """One need; whose it is stands there only where the need is open."""

    id = Integer()
    version = Integer()
    region = String()
    kind = String()
    state = String()
    title = String()
    text = String()
    fields_ = List(String(), data_key="fields")
    budget_fen = Integer(allow_none=True)
    deadline = String(allow_none=True)
    secrecy = String()
    trl_now = Integer(allow_none=True)
    trl_wanted = Integer(allow_none=True)
    listed = Boolean()
    who = String(allow_none=True)
    created = String()
    url = String()
    requests = List(Nested(RequestShown))


class Suggested(Schema):
    """One helper with the reason; `shares` add up to `score`, of a hundred."""

    person_id = Integer()
    name = String()
    title = String(allow_none=True)
    reachable = Boolean()
    score = String()
    sentence = String()
    shares = List(Dict())


class Suggestions(Schema):
    """The best helpers, and who would stand among them and may not."""

    items = List(Nested(Suggested))
    set_aside = List(Dict())
    engine = String(metadata={"description": "the model that compared meanings; empty where words alone decided"})


class Question(Schema):
    """Whom to ask, with a word to them."""

    people = List(_key(), required=True, validate=Length(min=1, max=MOST_LIVE_REQUESTS))
    message = words(LONGEST_NOTE)


class Asked(Schema):
    """Who was asked, and for whom the handlers were told because they cannot be reached."""

    requests = List(Nested(RequestShown))
    referred = List(Integer(), metadata={"description": "ids of people"})


class Requests(Schema):
    """Questions put to oneself, those that wait first."""

    items = List(Nested(RequestShown))


class Yes(Schema):
    """Yes, with a word."""

    note = words(LONGEST_NOTE)


class No(Schema):
    """No, with a reason that is counted."""

    reason = Enum(DeclineReason, by_value=True, required=True)
    note = words(LONGEST_NOTE)


class OtherTerms(Schema):
    """Another time (with its zone), another way, or both."""

    moment = AwareDateTime(allow_none=True)
    terms = words(LONGEST_NOTE)


class Answer(Schema):
    """A word to the other side."""

    answer = words(LONGEST_NOTE)


class Colleague(Schema):
    """Who is asked instead: the full name, where two share it with the unit after a space."""

    colleague = words(100, required=True)
    note = words(LONGEST_NOTE)


class Passed(Schema):
    """The question stands with somebody else now."""

    id = Integer()
    passed_to = String()


class NewSession(Schema):
    """A session held; only an owner rates, with a sentence that says why."""

    served = Date(required=True)
    minutes = Integer(required=True, strict=True, validate=Range(1, LONGEST_DAY))
    place = words(100, required=True)
    content = words(2000, required=True)
    note = words(500)
    rating = Integer(strict=True, validate=Range(1, 5))
    rating_note = words(LONGEST_NOTE)


class Noted(Schema):
    """It was so, and what one noted."""

    note = words(500)


class Rating(Schema):
    """One to five with a sentence: an owner's of the session, a helper's of its preparation."""

    points = Integer(required=True, strict=True, validate=Range(1, 5))
    sentence = words(LONGEST_NOTE, required=True)


class NewOutcome(Schema):
    """What came of it: a contract of a kind, an investment of an amount, nothing for a reason."""

    result = Enum(Result, by_value=True, required=True)
    contract = Enum(ContractKind, by_value=True, allow_none=True)
    amount_fen = _amount(allow_none=True)
    why = Enum(NothingReason, by_value=True, allow_none=True)
    note = words(500)
    closes_need = _yes_or_no()
