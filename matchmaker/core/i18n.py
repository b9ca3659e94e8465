"""Chinese first, English complete: the locale of a request, and the filters that show moments, days and money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, get_locale, gettext
from markupsafe import Markup

from matchmaker.core import catalogues, clock, paths
from matchmaker.core.errors import DomainError

LOCALES = ("zh", "en")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def current_locale() -> str:
    """`zh` unless the person chose English (in the address, then in the session)."""
    if not has_request_context():
        return str(getattr(g, "mail_locale", "zh")) if g else "zh"
    chosen = request.args.get("lang") or session.get("lang")
    return chosen if chosen in LOCALES else "zh"


@cache
def _parsed(language: str) -> Locale:
    """Babel's locale of a language, read once instead of in every request."""
    return Locale.parse(language)


def init(app: Flask) -> None:
    """Install the catalogues, the locale choice and the display filters."""
    folder = paths.package_dir() / "translations"
    if paths.is_checkout():
        catalogues.compile_stale(folder)
    Babel(
        app,
        default_locale="zh",
        default_timezone="Asia/Shanghai",
        default_translation_directories=str(folder),
        locale_selector=lambda: _parsed(current_locale()),
    )
    app.add_template_filter(moment)
    app.add_template_filter(span)
    app.add_template_filter(day)
    app.add_template_filter(number)
    app.add_template_filter(money)
    app.add_template_filter(label)
    app.add_template_filter(local)
    app.add_template_filter(paragraphs)


def spoken() -> str:
    """The language being written: that of a letter while it is written, whatever the page around it speaks."""
    language = get_locale()
    return language.language if language is not None else current_locale()


def local(row: Any, field: str) -> str:
    """A text of a record in the language being written (`title_en` of `title`), in Chinese when there is none."""
    return in_language(row, field, spoken())


def in_language(row: Any, field: str, language: str) -> str:
    """The same in a language that was chosen before."""
    english = getattr(row, f"{field}_en", None) if language == "en" else None
    return str(english or getattr(row, field) or "")


def moment(value: datetime | None) -> str:
    """11月22日 周日 14:30, with the year when it is not this one."""
    if value is None:
        return "—"
    local = value.astimezone(clock.CHINA)
    return f"{day(local.date())} {local:%H:%M}"


def span(starts: datetime, ends: datetime) -> str:
    """11月22日 周日 14:30–15:30, with the day of the end when it is another one."""
    same = starts.astimezone(clock.CHINA).date() == ends.astimezone(clock.CHINA).date()
    return f"{moment(starts)}–{ends.astimezone(clock.CHINA):%H:%M}" if same else f"{moment(starts)} – {moment(ends)}"


def day(value: date | None) -> str:
    """11月22日 周日, with the year when it is not this one."""
    if value is None:
        return "—"
    if spoken() == "en":
        text = f"{WEEKDAYS_EN[value.weekday()]} {value.day} {value:%b}"
        return text if value.year == clock.today().year else f"{text} {value.year}"
    text = f"{value.month}月{value.day}日 {WEEKDAYS[value.weekday()]}"
    return text if value.year == clock.today().year else f"{value.year}年{text}"


def number(value: Any) -> str:
    """Thousands separated, no trailing zeros; a dash for nothing."""
    if value is None:
        return "—"
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return f"{value:,}"


def money(fen: int | None) -> str:
    """Fen as yuan with two decimals."""
    return "—" if fen is None else f"¥{fen // 100:,}.{fen % 100:02d}"


def label(value: Any) -> str:
    """The translated label of an enumeration member."""
    return gettext(value.label) if value is not None else "—"


def sentence(error: DomainError) -> str:
    """A refusal in the reader's language, its values filled in."""
    return error.filled(gettext(error.message), translate=gettext)


def paragraphs(text: str) -> Markup:
    """Plain text as escaped paragraphs."""
    blocks = [block.strip() for block in text.split("\n") if block.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(block) for block in blocks)
