"""Forms of the organiser."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import NumberRange

from matchmaker.core.forms import (
    Form,
    MomentField,
    TextAreaField,
    TextField,
    choices_of,
    longest,
    required,
)
from matchmaker.events.rules import LARGEST_CAPACITY, EventKind


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


class ReasonForm(Form):
    """A step that needs a reason."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，报名人会收到")), longest(500)])
