"""The registrations of one event: what stands in the list, how it is narrowed, what is done with many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.core import clock, folding
from matchmaker.core.i18n import local
from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.core.viewer import Viewer
from matchmaker.directory.models import Organisation
from matchmaker.events import queries
from matchmaker.events.lists import bulk, fields
from matchmaker.events.models import Attendee, Registration, RegistrationTag
from matchmaker.events.rules import RegistrationState, Source
from matchmaker.questionnaires import queries as questionnaires

Scope = Mapping[str, str]


def registration_select(viewer: Viewer, scope: Scope) -> sa.Select[Registration]:
    """The registrations of one event as far as they fall to this person, with what the list shows."""
    return queries.registrations_of_event(viewer, scope).options(joinedload(Registration.handler))


def search(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    """By firm, person, attendee, or the last digits of a phone number."""
    firms = sa.select(Organisation.id).where(
        sa.or_(
            Organisation.folded_name.contains(folding.fold(text), autoescape=True),
            Organisation.pinyin.startswith(folding.fold(text), autoescape=True),
        )
    )
    people = sa.select(User.id).where(User.name.contains(text, autoescape=True))
    found = [
        Registration.organisation_id.in_(firms),
        Registration.user_id.in_(people),
        _has(Registration.organisation_name, text),
        _has(Registration.name, text),
        _attendee(_has(Attendee.name, text)),
    ]
    if text.isascii():
        found.append(_has(Registration.email, text))
    digits = "".join(char for char in folding.digits(text) if char.isdigit())
    if len(digits) >= 4:
        found += [Registration.phone.endswith(digits), _attendee(Attendee.phone.endswith(digits))]
    return statement.where(sa.or_(*found))


def _has(column: Any, text: str) -> Any:
    """Whether a text holds another; Chinese has no capitals, which spares a long list the folding."""
    plain = text.lower() == text.upper()
    return column.contains(text, autoescape=True) if plain else column.icontains(text, autoescape=True)


def _attendee(clause: Any) -> Any:
    rows = sa.select(Attendee.id).where(Attendee.registration_id == Registration.id, clause)
    return rows.correlate(Registration).exists()


def _state(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    return statement.where(fields.stands(RegistrationState(text)))


def _number(column: Any) -> Callable[[sa.Select[Any], str], sa.Select[Any]]:
    return lambda statement, text: statement.where(column == int(text))


def _tag(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    rows = sa.select(RegistrationTag.registration_id).where(RegistrationTag.text == text)
    return statement.where(Registration.id.in_(rows))


def _attended(statement: sa.Select[Any], text: str) -> sa.Select[Any]:
    seen = _attendee(Attendee.attended_at.is_not(None))
    return statement.where(seen if text == "yes" else sa.not_(seen))


def answer_columns(viewer: Viewer, scope: Scope) -> list[Column]:
    """One column in files for every question of the forms of the groups this person sees."""
    read = Answers()
    found: dict[str, Column] = {}
    for form in queries.forms_seen(viewer, queries.number_in(scope)):
        for field_id, label in questionnaires.columns_of(form.current) if form.current else ():
            found.setdefault(
                field_id, Column(field_id, label, lambda row, key=field_id: read(row, key), export_only=True)
            )
    return list(found.values())


class Answers:
    """The answers of a row in words, read once a row."""

    def __init__(self) -> None:
        self._row, self._texts = 0, dict[str, str]()

    def __call__(self, row: Registration, field_id: str) -> str:
        if self._row != row.id:
            self._row, self._texts = row.id, questionnaires.plain_answers(row.sheet) if row.sheet else {}
        return self._texts.get(field_id, "")


def _attendance(row: Registration) -> str:
    here = sum(1 for attendee in row.attendees if attendee.attended_at)
    return f"{here}/{len(row.attendees)}" if here else ""


def _words(kind: Any) -> Callable[[Viewer], Sequence[tuple[str, str]]]:
    return lambda _viewer: [(member.value, member.label) for member in kind]


REGISTRATIONS = ListSpec(
    name="registrations",
    title="报名名单",
    permission=Permission.EVENTS_READ,
    grants=queries.permissions_on,
    select=registration_select,
    key=Registration.id,
    single=True,
    order=(Registration.created,),
    columns=(
        Column("who", "单位或个人", lambda r: r.who),
        Column("state", "状态", lambda r: r.standing_at(clock.now()), "state", sort=Registration.state),
        Column("group", "人群", lambda r: local(r.audience, "name"), sort=Registration.audience_id),
        Column("party", "人数", lambda r: r.party, "number", sort=Registration.party),
        Column("attendees", "参会人", lambda r: "、".join(a.name for a in r.attendees)),
        Column("contact", "联系人", lambda r: r.contact_name),
        Column("phone", "联系电话", lambda r: r.phone, "code"),
        Column("source", "来源", lambda r: r.source, sort=Registration.source),
        Column("tags", "标签", lambda r: "、".join(t.text for t in r.tags)),
        Column("handler", "经办人", lambda r: r.handler.name if r.handler else ""),
        Column("attended", "到场", _attendance),
        Column("created", "报名时间", lambda r: r.created, "moment", sort=Registration.created),
        Column("email", "邮箱", lambda r: r.email, export_only=True),
        Column("from_waiting", "来自候补", lambda r: r.from_waiting, "flag", export_only=True),
        Column("priority", "候补优先级", lambda r: r.priority, "number", export_only=True),
        Column("note", "备注", lambda r: r.note, export_only=True),
        Column("reason", "未通过理由", lambda r: r.reason, export_only=True),
    ),
    more_columns=answer_columns,
    export_options=(selectinload(Registration.sheet),),
    filters=(
        Filter("q", "搜索", search, "search"),
        Filter("state", "状态", _state, choices=_words(RegistrationState)),
        Filter("group", "人群", _number(Registration.audience_id), choices_in=fields.groups),
        Filter("source", "来源", lambda s, v: s.where(Registration.source == v), choices=_words(Source)),
        Filter("tag", "标签", _tag, choices_in=fields.tags),
        Filter("handler", "经办人", _number(Registration.handler_id), choices_in=fields.handlers),
        Filter("attended", "到场", _attended, choices_in=lambda _v, _s: [("yes", _("已到场")), ("no", _("未到场"))]),
    ),
    conditions=fields.conditions,
    url=lambda r: url_for("events.manage_registration", registration_id=r.id),
    bulk=bulk.ACTIONS,
    empty_title="还没有人报名",
    empty_text="发布后，报名会出现在这里",
)
