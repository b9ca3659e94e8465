"""What events plug into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.accounts.rules import Permission, Role
from matchmaker.core.feature import DeskSource, Feature, Job, Link, Panel, SearchSource, Tab
from matchmaker.events import access, api, cli, desk, jobs, lists, queries, views
from matchmaker.events.services import answering, registrations

PARTICIPANTS = frozenset({"individual", "member", "mentor", "envoy", "researcher", "investor", "incubator_manager"})

EVERYBODY = frozenset(role.value for role in Role)

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "events.drafted": "建立活动草稿",
    "events.copied": "复制活动",
    "events.edited": "修改活动",
    "events.published": "发布活动",
    "events.cancelled": "取消活动",
    "events.registered": "提交报名",
    "events.approved": "报名通过",
    "events.rejected": "报名未通过",
    "events.withdrawn": "撤回报名",
    "events.decision_undone": "撤销审核结果",
    "events.registration_changed": "修改报名",
    "events.restored": "补录报名",
    "events.moved": "移到其他人群",
    "events.exceeded": "超额接收",
    "events.offered": "发出候补邀约",
    "events.offer_accepted": "接受候补邀约",
    "events.offer_lapsed": "候补邀约逾期",
    "events.prioritised": "调整候补优先级",
    "events.drawn": "候补抽签",
    "events.attendance_undone": "撤销签到",
    "events.closed": "核对到场情况",
    "events.duty_given": "分配活动分工",
    "events.duty_taken": "取消活动分工",
    "events.put_on_list": "转入候补",
    "events.tagged": "加标签",
    "events.untagged": "去标签",
    "events.assigned": "指定经办人",
    "events.field_changed": "修改报名内容",
    "events.pool_added": "增设名额",
    "events.pool_resized": "调整名额",
    "events.pool_removed": "删除名额",
    "events.group_added": "增设人群",
    "events.group_edited": "修改人群",
    "events.group_removed": "删除人群",
    "events.form_attached": "更换报名表单",
}

FEATURE = Feature(
    name="events",
    title="活动",
    activities=ACTIVITIES,
    blueprints=(views.bp, api.bp),
    jobs=(
        Job("events.remind", "活动前一天提醒已通过的报名人", jobs.remind, every=timedelta(minutes=10)),
        Job("events.sweep", "收回逾期未确认的候补名额", jobs.sweep_offers, every=timedelta(minutes=1)),
        Job("events.serve", "把空出的名额发给候补", jobs.serve_waiting, every=timedelta(minutes=1)),
        Job("events.close", "活动结束一天后核对到场情况", jobs.close_events, every=timedelta(hours=1)),
    ),
    commands=(cli.events,),
    links=(
        Link("活动", "events.index", "public", icon="calendar", group="公开服务", order=10),
        Link("我的报名", "events.own", Permission.EVENTS_REGISTER, icon="ticket", group="我的", order=20),
        Link("活动管理", "events.manage_index", Permission.EVENTS_READ, icon="calendar-check", group="组织", order=20),
    ),
    lists=(lists.EVENTS, lists.REGISTRATIONS),
    tabs=(
        Tab("event", "概览", "events.overview", "event_id", access.may_look, order=5),
        Tab("event", "报名名单", "events.manage", "event_id", access.may_list, order=10),
        Tab("event", "候补", "events.manage_waiting", "event_id", access.may_list, order=12),
        Tab("event", "名额", "events.manage_places", "event_id", access.may_look, order=14),
        Tab("event", "人群与表单", "events.manage_groups", "event_id", access.may_look, order=16),
        Tab("event", "分工", "events.manage_team", "event_id", access.may_look, order=90),
        Tab("event", "分享", "events.share", "event_id", lambda _viewer, _event: True, order=95),
    ),
    panels=(Panel("organisation", "活动记录", "events.of_organisation", order=20),),
    desk=(
        DeskSource("events.waiting", frozenset({"organiser"}), desk.waiting_for_organiser, order=10),
        DeskSource("events.team", EVERYBODY, desk.on_the_team, order=15),
        DeskSource("events.coming", PARTICIPANTS, desk.coming_for_participant, section="mine", order=30),
        DeskSource("events.open", PARTICIPANTS | {"organiser"}, desk.open_events, section="new", order=40),
    ),
    search=(SearchSource("活动", desk.find, order=20),),
    questionnaire_access={"events": queries.may_edit_forms},
    answer_access={"registrations": queries.may_see_answers},
    questionnaire_home={"events": answering.home},
    option_places={"events": answering.keep_places},
    places_left={"events": answering.places_left},
    personal_data=queries.personal_data,
    forget=registrations.forget,
)
