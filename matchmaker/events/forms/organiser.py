"""Forms of the organiser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from matchmaker.core.forms import (
    Form,
    MomentField,
    PhoneField,
    TextAreaField,
    TextField,
    choice,
    choices_of,
    longest,
    required,
)
from matchmaker.core.i18n import local
from matchmaker.events.rules import LARGEST_CAPACITY, LARGEST_PARTY, EventDuty, EventKind, PoolKind, WaitingPolicy


class EventForm(Form):
    """Everything about an event that its organiser writes."""

    kind = SelectField(_l("活动类型"), choices=choices_of(EventKind), coerce=EventKind)
    title = TextField(_l("活动名称"), [required(), longest(100)])
    title_en = TextField(_l("英文名称"), [longest(200)], description=_l("可不填；英文页面会用它"))
    summary = TextField(_l("一句话介绍"), [required(), longest(200)], description=_l("列表和分享时显示"))
    summary_en = TextField(_l("英文介绍"), [longest(500)])
    description = TextAreaField(
        _l("活动详情"), [required(), longest(10000)], description=_l("议程、嘉宾、对象、注意事项")
    )
    venue = TextField(_l("地点"), [required(), longest(100)])
    address = TextField(_l("详细地址"), [longest(200)])
    starts = MomentField(_l("开始时间"), [required()], description=_l("北京时间"))
    ends = MomentField(_l("结束时间"), [required()])
    deadline = MomentField(_l("报名截止"), [required()])
    capacity = IntegerField(
        _l("名额"), [required(), NumberRange(1, LARGEST_CAPACITY, message=_l("名额应在 1 到 100000 之间"))]
    )
    needs_approval = BooleanField(_l("报名需要审核"), description=_l("不勾选则报名即通过"))
    contact = TextField(_l("联系人与电话"), [longest(100)])
    waiting_policy = SelectField(
        _l("满员后的候补"),
        choices=choices_of(WaitingPolicy),
        coerce=WaitingPolicy,
        default=WaitingPolicy.NONE,
        description=_l("设候补后，满员时新报名排入候补；空出的名额按所选方式先给候补"),
    )
    offer_hours = IntegerField(
        _l("候补邀约保留"),
        [NumberRange(1, 336, message=_l("候补邀约可保留 1 到 336 小时"))],
        default=24,
        description=_l("邀约发出后名额保留这么久，逾期未确认即让给下一位"),
    )
    unlisted = BooleanField(_l("不在公开列表中显示"), description=_l("只有拿到链接的人能打开"))
    description_en = TextAreaField(_l("英文详情"), [longest(10000)])
    venue_en = TextField(_l("英文地点"), [longest(200)])
    address_en = TextField(_l("英文地址"), [longest(300)])

    @property
    def values(self) -> dict[str, Any]:
        given = super().values
        given["listed"] = not given.pop("unlisted")
        given["offer_hours"] = given["offer_hours"] or 24
        return {key: value or None if key.endswith("_en") else value for key, value in given.items()}


class ReasonForm(Form):
    """A step that needs a reason."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，报名人会收到")), longest(500)])


class RecordForm(Form):
    """A step out of the ordinary: its reason is kept, and one may go over capacity on purpose."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，会记入操作记录")), longest(500)])
    exceed = BooleanField(_l("超额接收"), description=_l("名额不足时增加名额；需要“超额接收”权限"))


class MoveForm(Form):
    """To another group."""

    audience_id = SelectField(_l("移到"), coerce=int)
    reason = TextAreaField(_l("理由"), [longest(500)], description=_l("越过候补名单或超额时须写明"))
    exceed = BooleanField(_l("超额接收"), description=_l("名额不足时增加名额；需要“超额接收”权限"))


class GroupForm(Form):
    """One group of people an event is for."""

    name = TextField(_l("名称"), [required(), longest(100)], description=_l("如“采购方”“本地企业”“媒体”"))
    name_en = TextField(_l("英文名称"), [longest(100)])
    capacity = IntegerField(
        _l("本组名额"),
        [Optional(), NumberRange(1, LARGEST_CAPACITY, message=_l("名额应在 1 到 100000 之间"))],
        description=_l("留空则只受全场名额限制"),
    )
    largest_party = IntegerField(
        _l("每份报名最多人数"),
        [required(), NumberRange(1, LARGEST_PARTY, message=_l("每份报名人数应在 1 到 50 之间"))],
        default=LARGEST_PARTY,
    )
    invited_only = BooleanField(_l("仅限受邀"), description=_l("只能从邀请函的链接报名"))
    approval = SelectField(
        _l("审核"),
        choices=[choice("", _l("按活动设置")), choice("yes", _l("需要审核")), choice("no", _l("报名即通过"))],
    )
    reapprove = BooleanField(_l("修改后重新审核"), description=_l("已通过的报名改动后回到待审核，名额保留"))
    opens = MomentField(_l("开始报名"), [Optional()], description=_l("留空则发布后即可报名"))
    deadline = MomentField(_l("报名截止"), [Optional()], description=_l("留空则按活动的报名截止"))

    @property
    def values(self) -> dict[str, Any]:
        given = super().values
        given["needs_approval"] = {"yes": True, "no": False}.get(given.pop("approval"))
        return given


class FormForm(Form):
    """Which form a group fills in."""

    questionnaire_id = SelectField(_l("报名表单"), coerce=int)


POOL_KINDS = (PoolKind.MEAL, PoolKind.BUS, PoolKind.OPTION)


class PoolForm(Form):
    """Places besides those of the event: meals, buses."""

    kind = SelectField(_l("种类"), choices=choices_of(POOL_KINDS), coerce=PoolKind)
    name = TextField(_l("名称"), [required(), longest(100)], description=_l("如“欢迎晚宴”“会展中心—高铁站 17:30”"))
    name_en = TextField(_l("英文名称"), [longest(100)])
    capacity = IntegerField(
        _l("名额"), [required(), NumberRange(1, LARGEST_CAPACITY, message=_l("名额应在 1 到 100000 之间"))]
    )


class ResizeForm(Form):
    """Another size."""

    capacity = IntegerField(
        _l("名额"), [required(), NumberRange(1, LARGEST_CAPACITY, message=_l("名额应在 1 到 100000 之间"))]
    )


class ExceedForm(Form):
    """More places than planned, on purpose."""

    seats = IntegerField(
        _l("增加名额"), [required(), NumberRange(1, 1000, message=_l("一次可以增加 1 到 1000 个名额"))]
    )
    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，会记入操作记录")), longest(500)])


class DutyForm(Form):
    """A duty for a person."""

    identifier = TextField(
        _l("邮箱或手机号"), [required(), longest(254)], description=_l("填对方登录用的邮箱或手机号，须完全一致")
    )
    duty = SelectField(_l("分工"), choices=choices_of(EventDuty), coerce=EventDuty)
    audience_id = SelectField(_l("限于人群"), coerce=int, description=_l("只对“报名审核”有效"))

    def offer(self, audiences: Sequence[Any]) -> None:
        """Fill the choice of groups."""
        self.audience_id.choices = [choice(0, _l("全部人群")), *(choice(a.id, local(a, "name")) for a in audiences)]


class AddForm(Form):
    """Somebody whom staff put on the list: by phone, or at the door."""

    audience_id = SelectField(_l("人群"), coerce=int)
    shown_for = HiddenField()
    organisation_name = TextField(_l("单位"), [longest(200)])
    name = TextField(_l("姓名"), [required(), longest(60)])
    phone = PhoneField(_l("手机号"), [longest(20)], description=_l("手机号或邮箱至少填一项；现场登记可都不填"))
    email = TextField(_l("邮箱"), [longest(254)])
    others = TextAreaField(_l("同行人员"), [longest(5000)], description=_l("每行一位：姓名，手机号（手机号可不填）"))
    note = TextAreaField(_l("备注"), [longest(500)])
    walk_in = BooleanField(_l("现场登记"), description=_l("人已到现场，不发通知"))
    pending = BooleanField(_l("仍需审核"), description=_l("不勾选则直接通过"))
    reason = TextAreaField(_l("理由"), [longest(500)], description=_l("越过候补名单或超额接收时须写明"))
    exceed = BooleanField(_l("超额接收"), description=_l("名额不足时增加名额；需要“超额接收”权限"))


class PriorityForm(Form):
    """A place up or down the waiting list."""

    priority = IntegerField(
        _l("优先级"), [required(), NumberRange(-100, 100, message=_l("优先级应在 -100 到 100 之间"))]
    )
    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，会记入操作记录")), longest(500)])
