"""What waits for a person on their desk: requests to join, requests to be deleted."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.accounts import queries
from matchmaker.accounts.models import ErasureRequest, JoinRequest
from matchmaker.accounts.rules import RequestState
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem


def joins(viewer: Any) -> list[DeskItem]:
    """Requests to join that this person may answer."""
    waiting = queries.requests_for(viewer).where(JoinRequest.state == RequestState.WAITING)
    return _line(
        waiting, _("加入单位的申请待答复"), url_for("accounts.join_requests", state=RequestState.WAITING.value)
    )


def erasures(viewer: Any) -> list[DeskItem]:
    """Requests to be deleted in the administrator's regions."""
    waiting = queries.erasures_for(viewer).where(ErasureRequest.state == RequestState.WAITING)
    return _line(waiting, _("注销申请待办理"), url_for("accounts.erasures", state=RequestState.WAITING.value))


def _line(statement: sa.Select[Any], title: str, url: str) -> list[DeskItem]:
    table = JoinRequest if statement.column_descriptions[0]["entity"] is JoinRequest else ErasureRequest
    counted = statement.with_only_columns(sa.func.count(table.id)).order_by(None)
    count = int(db.session.execute(counted).scalar_one())
    return [DeskItem(title, url, count=count)] if count else []
