"""What organisers do with many registrations at once: each step is checked, told beforehand, and can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Permission
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.core.i18n import local
from matchmaker.core.lists import Ask, BulkAction
from matchmaker.core.viewer import Viewer
from matchmaker.events import queries
from matchmaker.events.lists import fields
from matchmaker.events.models import Audience, Registration
from matchmaker.events.rules import RegistrationState
from matchmaker.events.services import deciding, labels

Values = Mapping[str, str]
Scope = Mapping[str, str]
NOBODY = "0"


def _step(target: RegistrationState) -> Any:
    def effect(row: Registration, _actor: Any, _values: Values) -> str:
        now = row.standing_at(clock.now())
        return f"{_(now.label)} → {_(target.label)}"

    return effect


def _managed(row: Registration, actor: Any) -> None:
    deciding.check_manages(actor, row)


def _undo_tag(row: Registration, actor: Any, before: Mapping[str, Any]) -> None:
    labels.untag(row, actor, before["tag"])


def _undo_untag(row: Registration, actor: Any, before: Mapping[str, Any]) -> None:
    labels.tag(row, actor, before["tag"])


def _tag_effect(row: Registration, _actor: Any, values: Values) -> str:
    if any(tag.text == values["tag"] for tag in row.tags):
        raise Conflict("已经有这个标签")
    return f"+ {labels.tag_of(values['tag'])}"


def _untag_effect(row: Registration, _actor: Any, values: Values) -> str:
    if all(tag.text != values["tag"] for tag in row.tags):
        raise Conflict("没有这个标签")
    return f"− {values['tag']}"


def _handlers(viewer: Viewer, scope: Scope) -> Sequence[tuple[str, str]]:
    known = fields.handlers(viewer, scope)
    own = [] if str(viewer.id) in {key for key, _name in known} else [(str(viewer.id), getattr(viewer, "name", ""))]
    return [*known, *own, (NOBODY, _("不指定"))]


def _user(values: Values) -> User | None:
    return None if values["handler"] == NOBODY else db.session.get(User, int(values["handler"]))


def _assign(row: Registration, actor: Any, values: Values) -> dict[str, Any]:
    return labels.assign(row, actor, _user(values))


def _assign_effect(row: Registration, _actor: Any, values: Values) -> str:
    user = _user(values)
    if row.handler_id == (user.id if user else None):
        raise Conflict("经办人没有变化")
    return f"{row.handler.name if row.handler else _('不指定')} → {user.name if user else _('不指定')}"


def _group(row: Registration, values: Values) -> Audience:
    found = next((a for a in row.event.audiences if str(a.id) == values["group"]), None)
    if found is None:
        raise Conflict("只能移到同一活动的其他人群")
    return found


def _move(row: Registration, actor: Any, values: Values) -> dict[str, Any]:
    return deciding.move(row, _group(row, values), actor=actor, reason=values["reason"])


def _move_effect(row: Registration, _actor: Any, values: Values) -> str:
    group = _group(row, values)
    if group.id == row.audience_id:
        raise Conflict("已经在这个人群里")
    return f"{local(row.audience, 'name')} → {local(group, 'name')}"


FIELDS = {"note": "备注", "organisation_name": "单位名称（手填）", "name": "联系人", "priority": "候补优先级"}


def _fields(viewer: Viewer, scope: Scope) -> Sequence[tuple[str, str]]:
    own = [(key, _(title)) for key, title in FIELDS.items()]
    for form in queries.forms_seen(viewer, queries.number_in(scope)):
        own += [(labels.ANSWER + f.id, f.label) for f in labels.staff_fields(form)]
    return own


def _change(row: Registration, actor: Any, values: Values) -> dict[str, Any]:
    return labels.note_field(row, actor, field=values["field"], text=values["text"])


def _change_effect(row: Registration, _actor: Any, values: Values) -> str:
    field = values["field"]
    if field.startswith(labels.ANSWER):
        held = row.sheet.answers.get(field.removeprefix(labels.ANSWER)) if row.sheet else None
    else:
        held = getattr(row, field)
    return f"{held or '—'} → {values['text'] or '—'}"


def _mail(ids: Sequence[int], scope: Scope) -> str:
    endpoint = "campaigns.new" if "campaigns.new" in current_app.view_functions else "events.manage"
    return url_for(endpoint, event_id=queries.number_in(scope), ids=",".join(map(str, ids)))


def _never(_row: Registration, _actor: Any, _reason: str) -> dict[str, Any]:
    raise Conflict("请在消息页面选择收件人")


MANAGE = Permission.EVENTS_MANAGE
TOLD = "报名将变为“已通过”，报名人会收到通知"
OUT = "报名将变为“未通过”，名额立即释放，报名人会收到理由"

ACTIONS = (
    BulkAction(
        "approve",
        "通过",
        MANAGE,
        TOLD,
        deciding.check_approvable,
        deciding.approve,
        deciding.undo_decision,
        effect=_step(RegistrationState.APPROVED),
    ),
    BulkAction(
        "reject",
        "不通过",
        MANAGE,
        OUT,
        deciding.check_rejectable,
        deciding.reject,
        deciding.undo_decision,
        asks_reason=True,
        effect=_step(RegistrationState.REJECTED),
    ),
    BulkAction(
        "restore",
        "补录",
        MANAGE,
        "候补、未通过、已撤回的报名将直接变为“已通过”并占用名额；会越过候补名单，理由记入操作记录",
        deciding.check_restorable,
        deciding.restore,
        deciding.undo_decision,
        asks_reason=True,
        effect=_step(RegistrationState.APPROVED),
    ),
    BulkAction(
        "wait",
        "转入候补",
        MANAGE,
        "报名将排入候补，已占的名额立即释放，已发的候补邀约收回；理由记入操作记录",
        deciding.check_waitable,
        deciding.put_on_list,
        deciding.undo_decision,
        asks_reason=True,
        effect=_step(RegistrationState.WAITING),
    ),
    BulkAction(
        "tag",
        "加标签",
        MANAGE,
        "标签只有主办方看得到",
        _managed,
        lambda row, actor, values: labels.tag(row, actor, values["tag"]),
        _undo_tag,
        asks=(Ask("tag", "标签", longest=labels.LONGEST_TAG),),
        effect=_tag_effect,
    ),
    BulkAction(
        "untag",
        "去标签",
        MANAGE,
        "标签只有主办方看得到",
        _managed,
        lambda row, actor, values: labels.untag(row, actor, values["tag"]),
        _undo_untag,
        asks=(Ask("tag", "标签", choices=fields.tags),),
        effect=_untag_effect,
    ),
    BulkAction(
        "assign",
        "指定经办人",
        MANAGE,
        "经办人只有主办方看得到",
        _managed,
        _assign,
        labels.undo_assign,
        asks=(Ask("handler", "经办人", choices=_handlers),),
        effect=_assign_effect,
    ),
    BulkAction(
        "move",
        "移到其他人群",
        MANAGE,
        "名额随报名一起移动；新人群满员的不移动",
        deciding.check_movable,
        _move,
        deciding.undo_move,
        asks=(
            Ask("group", "移到", choices=fields.groups),
            Ask("reason", "理由", required=False, hint="越过候补名单时须写明"),
        ),
        effect=_move_effect,
    ),
    BulkAction(
        "change",
        "修改一项",
        MANAGE,
        "选中的报名都改为填写的内容；报名人不会收到通知",
        _managed,
        _change,
        labels.undo_field,
        asks=(
            Ask("field", "哪一项", choices=_fields),
            Ask("text", "改为", required=False, hint="留空即清空；优先级请写“数字 理由”"),
        ),
        effect=_change_effect,
    ),
    BulkAction(
        "mail",
        "发消息",
        MANAGE,
        "到消息页面写给选中的人",
        _managed,
        _never,
        leads_to=_mail,
    ),
)
