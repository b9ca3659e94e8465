"""What badges plug into the application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.accounts.rules import Permission
from matchmaker.badges import jobs, queries, views
from matchmaker.badges.services import printing
from matchmaker.core.feature import Feature, Job, Part, Tab
from matchmaker.core.regions import contains
from matchmaker.events import access
from matchmaker.events.rules import RegistrationState

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "badges.printed": "打印证卡",
    "badges.arranged": "设置证卡内容",
    "badges.worded": "设置证书文字",
    "badges.issued": "制发到场证书",
    "badges.corrected": "更正并换发证书",
}


def _prints(viewer: Any, event: Any) -> bool:
    return any(access.has_duty(viewer, event, duty) for duty in queries.PRINTING)


def _certifies(viewer: Any, event: Any) -> bool:
    decides = viewer.has(Permission.NOTICES_DECIDE) and any(contains(c, event.region) for c in viewer.region_codes)
    return decides or access.may_manage(viewer, event)


def _own_certificates(_viewer: Any, registration: Any) -> dict[str, Any] | None:
    if registration.state is not RegistrationState.ATTENDED:
        return None
    rows = queries.certificates_of_registration(registration.id)
    return {"certificates": rows} if rows else None


FEATURE = Feature(
    name="badges",
    title="证卡",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(Job("badges.issue", "制发已复核的到场证书", jobs.issue, every=timedelta(minutes=1)),),
    tabs=(
        Tab("event", "证卡", "badges.index", "event_id", _prints, order=60),
        Tab("event", "到场证书", "badges.certificates_of", "event_id", _certifies, order=75),
    ),
    parts=(Part("registration", "badges/_own.html", _own_certificates, order=60),),
    copies={"events": printing.copy},
    personal_data=queries.personal_data,
)
