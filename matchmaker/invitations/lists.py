"""The list of the invited, described once for page, export and bulk actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from matchmaker.core import clock
from matchmaker.core.i18n import local
from matchmaker.core.lists import Ask, BulkAction, Column, Filter, ListSpec
from matchmaker.invitations import queries
from matchmaker.invitations.models import Invitation
from matchmaker.invitations.rules import InvitationState
from matchmaker.invitations.services import inviting, sending


def _states(_viewer: Any) -> list[tuple[str, str]]:
    return [(state.value, state.label) for state in InvitationState]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _groups(viewer: Any, scope: Mapping[str, str]) -> list[tuple[str, str]]:
    return queries.groups_of(viewer, _number(scope.get("event_id", "")))


def _tags(_viewer: Any, scope: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(text, text) for text in queries.tags_of(_number(scope.get("event_id", "")))]


def _compose(ids: Sequence[int], scope: Mapping[str, str]) -> str:
    chosen = ",".join(str(each) for each in ids)
    return url_for("invitations.send_many", event_id=_number(scope.get("event_id", "")), who="selected", ids=chosen)


BULK = (
    BulkAction(
        "compose",
        "写好再发",
        None,
        "先看人数和内容，再发给选中的嘉宾",
        inviting.check_handle,
        lambda *_args: {},
        leads_to=_compose,
    ),
    BulkAction(
        "send",
        "发送邀请",
        None,
        "每位嘉宾会收到自己的链接；已发过的不会重发",
        sending.check_send,
        sending.bulk_send,
        sending.undo_send,
    ),
    BulkAction(
        "remind",
        "提醒",
        None,
        "只提醒发过邀请、还没有答复的嘉宾；24 小时内联系过的除外",
        sending.check_remind,
        sending.bulk_remind,
        sending.undo_remind,
    ),
    BulkAction(
        "withdraw",
        "取消邀请",
        None,
        "链接立即失效，打开时会说明邀请已取消；不会另发通知",
        inviting.check_withdraw,
        inviting.withdraw,
        inviting.restore,
    ),
    BulkAction(
        "let_delegate",
        "允许转交",
        None,
        "嘉宾可以把邀请转交给一位同事",
        inviting.check_handle,
        inviting.let_delegate,
        inviting.undo_delegable,
    ),
    BulkAction(
        "forbid_delegating",
        "不许转交",
        None,
        "嘉宾只能自己来或婉拒",
        inviting.check_handle,
        inviting.forbid_delegating,
        inviting.undo_delegable,
    ),
    BulkAction(
        "tag",
        "加标签",
        None,
        "标签只有主办方看得到，可用来筛选和分批发送",
        inviting.check_handle,
        inviting.tag,
        inviting.untag,
        asks=(Ask("tags", "标签", hint="多个标签用逗号分开", longest=200),),
    ),
)

INVITATIONS = ListSpec(
    name="invitations",
    title="邀请名单",
    permission=None,
    select=queries.of_event,
    key=Invitation.id,
    order=(Invitation.id.desc(),),
    columns=(
        Column("who", "嘉宾", lambda r: r.who, sort=Invitation.name, hint=lambda r: r.position or None),
        Column(
            "company", "单位", lambda r: r.company, hint=lambda r: r.organisation_hint and f"≈ {r.organisation_hint}"
        ),
        Column("state", "状态", lambda r: r.standing_at(clock.now()), "state", sort=Invitation.state),
        Column("registration", "报名状态", lambda r: r.registration_state, "state"),
        Column("phone", "手机号", lambda r: r.phone, "code"),
        Column("email", "邮箱", lambda r: r.email),
        Column("audience", "人群", lambda r: local(r.audience, "name")),
        Column("tags", "标签", lambda r: "、".join(tag.text for tag in r.tags)),
        Column("sent", "发出时间", lambda r: r.sent, "moment", sort=Invitation.sent),
        Column("reminders", "提醒次数", lambda r: r.reminders, "number", sort=Invitation.reminders, export_only=True),
        Column("opened", "打开时间", lambda r: r.opened, "moment", sort=Invitation.opened, export_only=True),
        Column("answered", "答复时间", lambda r: r.answered, "moment", sort=Invitation.answered, export_only=True),
        Column("decline_reason", "婉拒原因", lambda r: r.decline_reason, export_only=True),
        Column("position", "职务", lambda r: r.position, export_only=True),
        Column("party_most", "可来人数", lambda r: r.party_most, "number", export_only=True),
        Column("delegable", "可转交", lambda r: r.delegable, "flag", export_only=True),
        Column("external_id", "编号", lambda r: r.external_id, export_only=True),
    ),
    filters=(
        Filter("q", "搜索", queries.found, "search"),
        Filter("state", "状态", lambda s, v: queries.in_state(s, InvitationState(v), clock.now()), choices=_states),
        Filter("silent", "发过未答复", lambda s, _v: s.where(queries.silent()), "flag"),
        Filter("audience", "人群", lambda s, v: s.where(Invitation.audience_id == _number(v)), choices_in=_groups),
        Filter("tag", "标签", queries.tagged, choices_in=_tags),
    ),
    url=lambda r: url_for("invitations.show", invitation_id=r.id),
    bulk=BULK,
    empty_title="还没有邀请",
    empty_text="导入嘉宾名单，或逐个添加",
)
