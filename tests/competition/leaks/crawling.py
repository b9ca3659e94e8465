"""Everything that can be asked with GET: the routes of the application filled with what is in the database, and every
file and page they link to."""

from __future__ import annotations

import html
import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from pypdf import PdfReader

from matchmaker.core.db import db
from tests.architecture import records

LINK = re.compile(r'(?:href|hx-get|src|action|data-autosave)="(/[^"#]*)')
CHOICES = re.compile(r"<any\(([^)]*)\):(\w+)>")
# What a browser changes by asking, or what is no page of the application.
LEFT_OUT = {"static", "shell.language", "shell.asset", "accounts.sign_out"}
# Words of addresses that only a link carries: without the link there is nothing to find.
LINKS_ONLY = {"token", "secret", "link", "receipt", "number", "filename", "digest"}
CHANGING = re.compile(
    r'csrf_token" value="[^"]*"|X-CSRFToken[^,}]*|nonce-[^"\']*|data-[a-z-]*key="[^"]*"|"request_id": ?"\w+"'
    r"|I[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}"  # a form's token, wherever it stands
    r'|"signature": ?"[^"]*"'  # drawn anew each time
    r"|<code>[0-9a-f]{16}</code>|[0-9a-f]{16}(?=</)"
)
HEADERS = {"Content-Type", "Content-Length", "ETag", "Last-Modified", "Location", "Content-Disposition"}
MOST_EACH, MOST_PAGES = 4, 900


def table_of(parameter: str) -> sa.Table | None:
    """The table that an id in an address belongs to: named by foreign keys, else by the table itself."""
    tables = db.metadata.tables
    for table in tables.values():
        for key in table.foreign_keys:
            if key.parent.name == parameter:
                return key.column.table
    stem = parameter.removesuffix("_id")
    plurals = (stem + "s", stem + "es", re.sub("y$", "ies", stem))
    return next(
        (t for name, t in tables.items() if name in plurals or name.endswith(tuple("_" + p for p in plurals))), None
    )


def ids_of(parameter: str) -> list[int]:
    """The rows that such a parameter may name, the first and the last ones."""
    table = table_of(parameter)
    if table is None or "id" not in table.c:
        return []
    found = list(db.session.execute(sa.select(table.c.id).order_by(table.c.id)).scalars())
    return found if len(found) <= MOST_EACH else [*found[: MOST_EACH // 2], *found[-(MOST_EACH // 2) :]]


def values_of(rule: Any, parameter: str) -> list[Any]:
    """What may stand in an address at a parameter."""
    choices = {name: words.split(",") for words, name in CHOICES.findall(str(rule))}
    if parameter in choices:
        return choices[parameter]
    if f"<int:{parameter}>" in str(rule):
        return ids_of(parameter) if parameter.endswith("_id") else [1]  # a version, a page, a position
    if parameter in records.WORDS:
        return [records.WORDS[parameter]]
    return ["unknown"] if parameter in LINKS_ONLY else []


def routes(app: Any) -> Iterator[Any]:
    """Every rule that answers GET."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in LEFT_OUT:
            yield rule


def unfilled(app: Any, blueprints: set[str]) -> list[str]:
    """Routes of these blueprints with a parameter for which the world has no value."""
    return [
        f"{rule}: {name}"
        for rule in routes(app)
        if rule.endpoint.split(".")[0] in blueprints
        for name in rule.arguments
        if not values_of(rule, name)
    ]


def addresses(app: Any) -> list[str]:
    """Every address that can be made from what is in the database."""
    found = []
    for rule in routes(app):
        names = sorted(rule.arguments)
        for values in itertools.product(*(values_of(rule, name) for name in names)):
            _subdomain, path = rule.build(dict(zip(names, values, strict=True)), append_unknown=False)
            found.append(str(path))
    return found


def crawl(
    client: Any, app: Any, *, bearer: str | None, words: tuple[str, ...], formats: tuple[str, ...]
) -> dict[str, tuple[Any, ...]]:
    """(status, headers, text) of every address and of what it links to, without what changes at every request."""
    waiting = [*addresses(app), *(f"/search?q={word}" for word in words)]
    asked = set(waiting)
    seen: dict[str, tuple[Any, ...]] = {}
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        headers = {"Authorization": f"Bearer {bearer}"} if bearer and url.startswith("/api/") else {}
        answer = client.get(url, headers=headers)
        text = text_of(answer)
        seen[url] = (answer.status_code, _headers(answer), CHANGING.sub("", text))
        if answer.status_code == 200 and answer.mimetype == "text/html":
            more = [
                link for link in map(html.unescape, LINK.findall(text)) if _worth(link, formats) and link not in asked
            ]
            waiting += dict.fromkeys(more)
            asked.update(more)
            if 'name="q"' in text and "?" not in url:
                waiting += [f"{url}?q={word}" for word in words if f"{url}?q={word}" not in asked]
    return seen


def text_of(answer: Any) -> str:
    """What a person reads in an answer: pages as they are, files unpacked."""
    body = answer.get_data()
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = [name for name in sorted(packed.namelist()) if not name.startswith("docProps/")]
            return "\n".join(packed.read(name).decode("utf-8", "replace") for name in parts)
    if body[:5] == b"%PDF-":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return str(body.decode("utf-8", "replace"))


def _headers(answer: Any) -> tuple[tuple[str, str], ...]:
    packed = answer.get_data()[:4] == b"PK\x03\x04" or answer.get_data()[:5] == b"%PDF-"
    kept = HEADERS - ({"Content-Length", "ETag"} if packed else set())  # files carry the moment they were made
    return tuple(sorted((key, value) for key, value in answer.headers.items() if key in kept))


def _worth(link: str, formats: tuple[str, ...]) -> bool:
    """Pages of the contest and files of any list; the rest of the site is asked route by route."""
    if link.startswith(("/static", "/language")) or "sort=" in link or "lang=" in link:
        return False
    wanted = re.search(r"format=(\w+)", link)
    return wanted[1] in formats if wanted else link.startswith("/contests/")
