"""The list of who signed up for a session."""

from __future__ import annotations

from flask import url_for

from matchmaker.core.lists import Column, Filter, ListSpec
from matchmaker.events.models import Registration
from matchmaker.events.rules import HOLDING
from matchmaker.programme import queries

SIGN_UPS = ListSpec(
    name="session_sign_ups",
    title="场次报名名单",
    permission=None,
    select=queries.sign_ups,
    key=Registration.id,
    order=(Registration.created,),
    columns=(
        Column("who", "单位或个人", lambda r: r.who),
        Column("state", "状态", lambda r: r.state, "state", sort=Registration.state),
        Column("party", "人数", lambda r: r.party, "number", sort=Registration.party),
        Column("attendees", "参会人", lambda r: "、".join(a.name for a in r.attendees)),
        Column("phone", "联系电话", lambda r: r.phone, "code"),
        Column("created", "报名时间", lambda r: r.created, "moment", sort=Registration.created),
    ),
    filters=(
        Filter(
            "state",
            "状态",
            lambda statement, text: statement.where(Registration.state == text),
            choices=lambda _viewer: [(state.value, state.label) for state in HOLDING],
        ),
    ),
    url=lambda r: url_for("events.registration", registration_id=r.id),
    empty_title="还没有人报名这一场",
    empty_text="有人选择这一场后，会出现在这里",
)
