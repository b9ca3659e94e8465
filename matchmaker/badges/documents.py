"""What stands on badges, table cards and attendance certificates."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Any

from matchmaker.badges import rules
from matchmaker.badges.models import AttendanceCertificate, BadgeSetting
from matchmaker.core.calendar import china_today
from matchmaker.core.documents import chinese_day, qr_svg
from matchmaker.events.models import Attendee, Event
from matchmaker.events.rules.tickets import ticket_text


def badge_paper(
    event: Event, people: Iterable[Attendee], *, setting: BadgeSetting | None, blanks: int, issuer: str
) -> dict[str, Any]:
    """Badges or table cards of these people, and some without a name."""
    cards = [_card(event, person, setting) for person in people]
    foot = setting.foot if setting else ""
    return {
        "title": rules.printable(event.title),
        "day": chinese_day(china_today(event.starts)),
        "venue": rules.printable(event.venue),
        "foot": rules.printable(foot) or issuer,
        "cards": cards + [{}] * blanks,
    }


def _card(event: Event, person: Attendee, setting: BadgeSetting | None) -> dict[str, Any]:
    registration = person.registration
    shows = setting or BadgeSetting(show_organisation=True, show_position=True, show_group=True, show_code=True)
    several = len(event.audiences) > 1
    firm = registration.organisation.name if registration.organisation else registration.organisation_name
    return {
        "name": rules.printable(person.name) or "—",
        "organisation": rules.printable(firm) if shows.show_organisation else "",
        "position": rules.printable(person.position) if shows.show_position else "",
        "group": rules.printable(registration.audience.name) if shows.show_group and several else "",
        "code": f"{person.code[:4]} {person.code[4:8]} {person.code[8:]}" if shows.show_code else "",
        "qr": qr_svg(ticket_text(person.code)) if shows.show_code else "",
    }


ARCHIVED = (1980, 1, 1, 0, 0, 0)  # the same papers make the same archive
ENGLISH = {"number": "Number", "check": "Scan or open this address to check", "colon": ": "}


def attendance_paper(
    row: AttendanceCertificate, *, issuer: str, check_url: str, language: str = "zh"
) -> dict[str, Any]:
    """An attendance certificate for certificate.typ; the Chinese wording is the one that counts."""
    certificate, english = row.certificate, language == "en"
    code = f"Code: {certificate.code}" if english else f"查验码：{certificate.code}"
    return {
        "title": row.title_en if english else certificate.title,
        "subtitle": "" if english else certificate.subtitle,
        "number": f"{certificate.number}　{code}",
        "holder": certificate.holder,
        "text": row.text_en if english else certificate.text,
        "issuer": issuer,
        "date": rules.english_day(certificate.issued_on) if english else chinese_day(certificate.issued_on),
        "check_url": check_url,
        "qr": qr_svg(f"{check_url}?code={certificate.code}"),
        "labels": ENGLISH if english else {},
    }


def file_name(number: str, holder: str) -> str:
    """What a certificate is called among others: its number, and the name without what no file may bear."""
    name = "".join(" " if char in '/\\:*?"<>|.' else char for char in rules.printable(holder))
    return f"{number} {' '.join(name.split())}".strip() + ".pdf"


def archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Files in one archive, as they come."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as kept:
        for name, content in files:
            kept.writestr(zipfile.ZipInfo(name, ARCHIVED), content, zipfile.ZIP_DEFLATED)
    return body.getvalue()


def sample_paper(event: Event, words: dict[str, Any], *, issuer: str) -> dict[str, Any]:
    """How a certificate will look, with a name that says it is a sample."""
    day = china_today(event.starts)
    text = rules.filled(
        words["text"], event=event.title, day=chinese_day(day), hours=words["hours"], organisation="（单位名称）"
    )
    return {
        "title": words["title"],
        "subtitle": words["title_en"],
        "number": "（制发时编号）",
        "holder": "（姓名）",
        "text": text,
        "issuer": issuer,
        "date": chinese_day(china_today(event.ends)),
        "check_url": "",
        "qr": "",
    }
