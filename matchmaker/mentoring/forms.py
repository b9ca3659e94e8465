"""Forms of mentoring."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, TimeField
from wtforms.validators import NumberRange, Optional

from matchmaker.core.forms import DayField, Form, TextAreaField, TextField, choice, choices_of, longest, required
from matchmaker.mentoring.rules import SLOT_LENGTHS, Weekday


class WindowForm(Form):
    """A weekly time."""

    weekday = SelectField(_l("每周"), choices=choices_of(Weekday), coerce=int)
    starts = TimeField(_l("开始"), [required(_l("请填写时间，例如 14:00"))])
    ends = TimeField(_l("结束"), [required(_l("请填写时间，例如 16:00"))])
    slot_minutes = SelectField(
        _l("每次时长"), choices=[choice(n, f"{n}") for n in SLOT_LENGTHS], coerce=int, default=60
    )
    place = TextField(
        _l("地点"), [required(), longest(200)], description=_l("线上请写会议方式，例如“腾讯会议，确认后发号”")
    )


class DayOffForm(Form):
    """A day without bookings."""

    day = DayField(_l("不可预约的日期"), [required()])


class TopicForm(Form):
    """The second step of booking."""

    client = RadioField(_l("为谁预约"), [required()], choices=[])
    topic = TextAreaField(
        _l("想谈什么"),
        [required(), longest(2000)],
        description=_l("遇到的困难、试过的办法、希望得到什么；导师会提前看"),
    )


class ReportForm(Form):
    """That it took place."""

    minutes = IntegerField(_l("实际时长"), [required(), NumberRange(1, 1440)])
    said = TextAreaField(_l("谈了什么"), [longest(2000)], description=_l("对方已填写时可以留空"))


class RatingForm(Form):
    """How it was."""

    points = RadioField(
        _l("评分"),
        [required(_l("请选择 1 至 5 分"))],
        choices=[choice(str(n), str(n)) for n in (5, 4, 3, 2, 1)],
    )
    comment = TextAreaField(_l("评价"), [longest(500)])


class ReasonForm(Form):
    """A reason that the other side reads."""

    reason = TextAreaField(_l("原因"), [required(_l("请写明原因，对方会看到")), longest(500)])


class ServeForm(Form):
    """A mentor for a carrier."""

    person = SelectField(_l("导师"), [required()], coerce=int)
    starts = DayField(_l("从哪天起"), [required()])

    def offer(self, mentors: Any) -> None:
        """Fill in the mentors in office."""
        self.person.choices = [choice(row.person_id, row.person.name) for row in mentors]


class LastDayForm(Form):
    """The last day."""

    day = DayField(_l("最后一天"), [required()])


class ReviewForm(Form):
    """A yearly review kept."""

    note = TextAreaField(_l("考核意见"), [Optional(), longest(500)])
