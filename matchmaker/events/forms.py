"""Forms of events."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import NumberRange

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


class RegistrationForm(Form):
    """Who comes, on whose behalf."""

    organisation_id = SelectField(
        _l("代表"), [required()], coerce=int, description=_l("为哪家单位报名；也可以个人身份参加")
    )
    attendees = TextAreaField(
        _l("参会人"),
        [required(_l("请至少填写一位参会人，每行一位")), longest(5000)],
        description=_l("每行一位：姓名，手机号（手机号可不填）"),
    )
    phone = PhoneField(_l("联系电话"), [required(_l("请留一个能联系到的电话")), longest(20)])
    note = TextAreaField(_l("备注"), [longest(500)], description=_l("想见的单位、饮食要求等，可不填"))

    def offer(self, viewer: Any) -> None:
        """Fill the choices with the viewer's own organisations."""
        own = [choice(m.organisation_id, m.organisation.name) for m in getattr(viewer, "memberships", [])]
        self.organisation_id.choices = [*own, choice(0, _l("以个人身份"))]

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "organisation_id": self.organisation_id.data or None, "note": self.note.data or ""}


class ReasonForm(Form):
    """A step that needs a reason."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，报名人会收到")), longest(500)])
