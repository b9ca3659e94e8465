"""Forms of envoys' service."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import Optional

from matchmaker.core.forms import (
    DayField,
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
from matchmaker.envoys.rules import ResultKind


class VisitForm(Form):
    """A visit, on a phone."""

    starts = MomentField(_l("开始"), [required()])
    ends = MomentField(_l("结束"), [required()])
    place = TextField(_l("地点"), [required(), longest(200)])
    work = TextAreaField(_l("做了什么"), [required(), longest(3000)], description=_l("解决了什么问题、下一步怎么做"))
    photo = FileField(
        _l("现场照片"),
        [required(_l("请上传现场照片"))],
        description=_l("JPG 或 PNG；每次服务用当次的照片"),
        render_kw={"accept": "image/*", "capture": "environment"},
    )

    @property
    def values(self) -> dict[str, Any]:
        values = super().values
        values["content"] = values.pop("work") or ""
        return values


class ConfirmForm(Form):
    """What the host says."""

    name = TextField(_l("您的姓名"), [required(), longest(60)])
    phone = PhoneField(_l("您的手机"), [Optional(), longest(20)], description=_l("便于核实，不公开"))
    rating = RadioField(
        _l("对这次服务的评分"),
        [required(_l("请选择 1 至 5 分"))],
        choices=[choice(str(n), str(n)) for n in (5, 4, 3, 2, 1)],
        description=_l("5 分最好；计入特派员的年度考核"),
    )
    unrelated = BooleanField(_l("我与这位特派员没有亲属关系，服务情况属实"))

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "rating": int(self.rating.data), "unrelated": bool(self.unrelated.data)}


class DisputeForm(Form):
    """The host does not agree."""

    who = TextField(_l("您的姓名"), [required(), longest(60)])
    reason = TextAreaField(_l("哪里不符"), [required(), longest(500)])


class ResultForm(Form):
    """What came of the service."""

    kind = SelectField(_l("类别"), choices=choices_of(ResultKind), coerce=ResultKind)
    title = TextField(_l("名称"), [required(), longest(200)])
    day = DayField(_l("日期"), [required()])
    document = TextField(_l("证明文件或编号"), [longest(200)])


class RelationForm(Form):
    """Somebody close."""

    name = TextField(_l("姓名"), [required(), longest(60)])
    phone = PhoneField(_l("手机"), [Optional(), longest(20)])
    relation = TextField(_l("关系"), [longest(60)])


class AddressForm(Form):
    """Where the link goes."""

    email = TextField(_l("企业人员邮箱"), [required(), longest(254)])


class ReviewForm(Form):
    """A yearly review kept."""

    note = TextAreaField(_l("考核意见"), [Optional(), longest(500)])
