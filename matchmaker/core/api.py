"""What every `/api/v1` address shares: bearer tokens only, problem+json, paging, and keyed calls that repeat safely."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

from apiflask import APIBlueprint, Schema
from apiflask.fields import Dict, Integer, List, String
from apiflask.validators import Length
from flask import current_app, g, request
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.errors import DomainError
from matchmaker.core.folding import clean_text
from matchmaker.core.lists import Listing, plain
from matchmaker.core.web import csrf

View = TypeVar("View", bound=Callable[..., Any])
PAGE_SIZE = 100


class AnswerStore(Protocol):
    """Where answers to keyed calls are kept; `accounts` provides it."""

    def find(self, token_id: int, key: str) -> Any | None:
        """The stored answer with `.fingerprint .status .body`, or None."""

    def keep(self, *, token_id: int, key: str, fingerprint: str, status: int, body: Any) -> None:
        """Store it in the running transaction; a second one with the same key breaks on the unique constraint."""


def blueprint(name: str, *, tag: str) -> APIBlueprint:
    """A blueprint under /api/v1: no cookies are read there, so no token against forged forms is needed."""
    bp = APIBlueprint(f"api_{name}", __name__, url_prefix="/api/v1", tag=tag)
    csrf.exempt(bp)
    return bp


class ListPage(Schema):
    """One page of a list: the columns of the page by their keys, with the id of each row."""

    items = List(Dict())
    total = Integer()
    page = Integer()
    pages = Integer()


class Text(String):
    """A text without signs that nobody can see."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return clean_text(super()._deserialize(value, attr, data, **kwargs))


def text(longest: int, *, required: bool = False) -> Text:
    """A text of at most so many signs; a required one may not be empty."""
    length = Length(min=1 if required else 0, max=longest)
    return Text(required=True, validate=length) if required else Text(validate=length)


LARGEST_KEY = 2**31 - 1

PROBLEM = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "what went wrong and what to do, in one sentence"},
        "status": {"type": "integer"},
        "errors": {"type": "object", "description": "sentences by field"},
        "request_id": {"type": "string"},
    },
}


def describe_problems(spec: Any) -> Any:
    """In the published description keys have a range, and every refusal is application/problem+json (RFC 9457)."""
    for operations in spec.get("paths", {}).values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path" and parameter["schema"].get("type") == "integer":
                    parameter["schema"] |= {"minimum": 1, "maximum": LARGEST_KEY}
            for status, answer in operation.get("responses", {}).items():
                if str(status)[0] in "45":
                    answer["content"] = {"application/problem+json": {"schema": PROBLEM}}
    return spec


def _store() -> AnswerStore:
    store: AnswerStore = current_app.extensions["matchmaker.answers"]
    return store


def idempotent(view: View) -> View:
    """A call with an `Idempotency-Key` header takes effect once; a repeat gets the first answer again."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return view(*args, **kwargs)
        if len(key) > 100:
            raise DomainError("Idempotency-Key 最多 100 个字符")
        g.idempotency = (current_user.token.id, key, _fingerprint())
        stored = _replay()
        if stored is not None:
            return stored
        try:
            return view(*args, **kwargs)
        except DomainError:
            stored = _replay()  # a twin of this call may have won the race, and left nothing to do for this one
            if stored is not None:
                return stored
            raise

    return wrapped  # type: ignore[return-value]


def _fingerprint() -> str:
    return hashlib.sha256(f"{request.method} {request.full_path}\n".encode() + request.get_data()).hexdigest()


def _replay() -> Any | None:
    token_id, key, fingerprint = g.idempotency
    stored = _store().find(token_id, key)
    if stored is None:
        return None
    if stored.fingerprint != fingerprint:
        raise DomainError("这个 Idempotency-Key 已用于另一个请求，请换一个")
    return stored.body, stored.status, {"Idempotent-Replay": "true"}


def remember(body: Any, status: int = 200) -> tuple[Any, int]:
    """Inside `transaction()`: keep this answer with its effect when the call carries a key; returns (body, status)."""
    if "idempotency" in g:
        token_id, key, fingerprint = g.idempotency
        _store().keep(token_id=token_id, key=key, fingerprint=fingerprint, status=status, body=body)
    return body, status


def listing_body(listing: Listing) -> dict[str, Any]:
    """One page of a list as data, in the envelope of every list: items, total, page, pages."""
    items = []
    for row in listing.objects:
        values = {column.key: _plain(plain(column, row)) for column in listing.spec.columns}
        items.append({"id": getattr(row, listing.spec.key.key), **values})
    return {"items": items, "total": listing.total, "page": listing.page, "pages": listing.pages}


def _plain(value: Any) -> Any:
    if hasattr(value, "hour"):
        return value.astimezone(clock.CHINA).isoformat()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, str | int | bool | None) else str(value)
