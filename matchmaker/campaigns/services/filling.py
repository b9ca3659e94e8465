"""What a recipient reads: the values of the placeholders, a preview, a test message to oneself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale, gettext

from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import placeholders
from matchmaker.campaigns.rules.placeholders import ShortMessage
from matchmaker.core import clock
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import COMING, reads_english
from matchmaker.events.services import telling, waiting
from matchmaker.events.services.telling import address_of
from matchmaker.invitations import gateways as links
from matchmaker.invitations.models import Invitation
from matchmaker.notifications import services as notifications
from matchmaker.notifications.models import Message


@dataclass(frozen=True)
class Letter:
    """A campaign as one person reads it."""

    language: str
    subject: str
    body: str
    sms: ShortMessage


Recipient = Registration | Invitation


def name_of(recipient: Recipient) -> str:
    """How a recipient is spoken to."""
    return recipient.who if isinstance(recipient, Invitation) else recipient.contact_name


def path_of(recipient: Recipient) -> str:
    """Where a recipient finds what is theirs: the registration, or the invitation to answer."""
    return links.path_of(recipient) if isinstance(recipient, Invitation) else address_of(recipient)


def line_positions(campaign: Campaign) -> Mapping[int, int]:
    """Registration → place in the waiting list; looked up only when a text says it."""
    if "候补位置" not in placeholders.used_in(*campaign.texts):
        return {}
    return {row.id: place for place, row in enumerate(waiting.line_of(campaign.event), start=1)}


def language_of(recipient: Recipient) -> str:
    """The language a person has chosen, or reads by their name."""
    if isinstance(recipient, Invitation):
        english = recipient.event.title_en and reads_english(recipient.name)
        return "en" if english else "zh"
    return telling.language_of(recipient)


def letter(campaign: Campaign, registration: Recipient, language: str, positions: Mapping[int, int]) -> Letter:
    """A campaign filled in for one registration."""
    subject, body = campaign.words(language)
    values = values_of(registration, language, positions)
    return _letter(language, subject, body, values)


def _letter(language: str, subject: str, body: str, values: Mapping[str, str]) -> Letter:
    body = placeholders.fill(body, values).replace("\r\n", "\n").strip()
    return Letter(language, placeholders.fill(subject, values), body, placeholders.measure(body))


def _values_of_invited(row: Invitation, language: str) -> dict[str, str]:
    return {
        **values_of_event(row.event, language),
        "姓名": row.addressee,
        "单位": row.company or row.name,
        "人群": (row.audience.name_en if language == "en" else None) or row.audience.name,
        "报名截止": placeholders.moment(row.audience.closes, language),
        "状态": _in_words(row.state.label, language),
        "报名链接": notifications.base_url() + path_of(row),
    }


def values_of(registration: Recipient, language: str, positions: Mapping[int, int]) -> dict[str, str]:
    """What stands for each placeholder."""
    if isinstance(registration, Invitation):
        return _values_of_invited(registration, language)
    event, state = registration.event, registration.standing_at(clock.now())
    codes = registration.attendees if state in COMING else []
    several = len(codes) > 1
    return {
        **values_of_event(event, language),
        "姓名": registration.contact_name,
        "单位": registration.who,
        "人群": (registration.audience.name_en if language == "en" else None) or registration.audience.name,
        "报名截止": placeholders.moment(registration.audience.closes, language),
        "人数": str(registration.party),
        "参会人": "、".join(attendee.name for attendee in registration.attendees),
        "状态": _in_words(state.label, language),
        "报名链接": notifications.base_url() + address_of(registration),
        "签到码": "、".join(f"{a.name} {a.code}" if several else a.code for a in codes),
        "候补位置": str(positions.get(registration.id, "")),
    }


def values_of_event(event: Event, language: str) -> dict[str, str]:
    """The values that are the same for everybody."""
    english = language == "en"
    venue = (event.venue_en if english else None) or event.venue
    address = (event.address_en if english else None) or event.address
    return {
        "活动": (event.title_en if english else None) or event.title,
        "时间": placeholders.moment(event.starts, language),
        "结束时间": placeholders.moment(event.ends, language),
        "地点": f"{venue}（{address}）" if address and not english else ", ".join(filter(None, (venue, address))),
        "联系方式": event.contact,
    }


def example(campaign: Campaign, language: str) -> Letter:
    """The text for an imagined recipient, while nobody matches yet."""
    event = campaign.event
    with force_locale(language):
        values = {
            **values_of_event(event, language),
            "姓名": gettext("（收件人姓名）"),
            "单位": gettext("（收件人单位）"),
            "报名链接": f"{notifications.base_url()}/events/{event.id}",
            "签到码": "XXXXXXXXXXXX",
        }
    subject, body = campaign.words(language)
    return _letter(language, subject, body, values)


def test_message(campaign: Campaign, *, actor: Any, registration: Recipient | None, language: str) -> Message | None:
    """Send the text to oneself as a recipient would read it, without the link that opens that person's registration."""
    subject, body = campaign.words(language)
    values = values_of_event(campaign.event, language)
    if registration is not None:
        values = values_of(registration, language, line_positions(campaign))
    values["报名链接"] = f"{notifications.base_url()}/events/{campaign.event_id}"
    values["签到码"] = "XXXXXXXXXXXX"
    text = _letter(language, subject, body, values)
    return notifications.enqueue_text(
        f"[{_in_words('测试', language)}] {text.subject}", text.body, to=actor, about=campaign, language=language
    )


def _in_words(label: str, language: str) -> str:
    with force_locale(language):
        return gettext(label)
