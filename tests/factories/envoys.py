"""Envoys with agreements, and their visits."""

from __future__ import annotations

import io
from datetime import timedelta
from itertools import count
from typing import Any

from PIL import Image
from werkzeug.datastructures import FileStorage

from matchmaker.accounts.models import User
from matchmaker.candidacies.models import Agreement
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.envoys.services import visits
from matchmaker.rosters.rules import AppointmentKind
from tests.cast import a_user
from tests.factories.candidacies import an_agreement
from tests.factories.rosters import a_helper

_shade = count(1)
CONTENT = "调整了焊接参数，培训两名操作工"


def a_photo(shade: int | None = None) -> FileStorage:
    """A picture like no other, or of a given shade."""
    n = next(_shade) if shade is None else shade
    picture = io.BytesIO()
    Image.new("RGB", (16, 16), (n % 256, n // 256 % 256, 7)).save(picture, "PNG")
    picture.seek(0)
    return FileStorage(picture, filename="现场.png", content_type="image/png")


def an_envoy(**values: Any) -> Agreement:
    """An envoy in office with an account and an agreement of two years that began a month ago."""
    user = a_user(name=values.pop("name", "沈一航"))
    person = a_helper(user=user, kind=AppointmentKind.ENVOY, name=user.name)
    return an_agreement(person, **values)


def account(agreement: Agreement) -> User:
    """The envoy's account."""
    return db.session.get_one(User, agreement.person.user_id)


def a_visit(agreement: Agreement | None = None, *, days_ago: int = 1, hours: int = 4, **values: Any) -> EnvoyVisit:
    """A visit of four hours yesterday, written down by the envoy."""
    agreement = agreement or an_envoy()
    starts = clock.now() - timedelta(days=days_ago)
    given = {
        "starts": starts,
        "ends": starts + timedelta(hours=hours),
        "place": "企业二车间",
        "content": CONTENT,
        "photo": a_photo(),
        **values,
    }
    user = account(agreement)
    with transaction():
        return visits.record(agreement, actor=user, **given)


def a_host_member(agreement: Agreement) -> User:
    """Somebody of the host firm."""
    return a_user(name=f"企业人员{next(_shade)}", organisation=agreement.host)
