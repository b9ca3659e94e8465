"""Forms of candidacies."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import NumberRange, Optional

from matchmaker.candidacies.rules import CANDIDATE_KINDS
from matchmaker.core.forms import (
    DayField,
    Form,
    PhoneField,
    TextAreaField,
    TextField,
    choice,
    choices_of,
    longest,
    required,
    ticked,
)
from matchmaker.directory.rules import HighTechField
from matchmaker.rosters.rules import LARGEST_CAPACITY, AppointmentKind, AppointmentState, MentorCategory


class _About(Form):
    """What a candidate can do, however they come."""

    unit = TextField(_l("工作单位"), [longest(200)])
    title = TextField(_l("职务职称"), [longest(100)])
    phone = PhoneField(_l("手机"), [longest(20)], description=_l("只有科技局经办人能看到完整号码"))
    discipline = TextField(_l("专业"), [longest(100)])
    fields_ = ticked(_l("技术领域"), choices_of(HighTechField))
    statement = TextAreaField(
        _l("能提供什么帮助"),
        [required(), longest(3000)],
        description=_l("写具体的问题、做法和经历，审核和推荐都看这一项"),
    )
    category = SelectField(_l("导师类别"), choices=choices_of(MentorCategory, empty="未分类"), default="")
    carrier = TextField(_l("服务载体"), [longest(200)], description=_l("在哪个孵化器或众创空间服务"))
    capacity = IntegerField(
        _l("同时服务数"),
        [required(), NumberRange(0, LARGEST_CAPACITY, message=_l("同时服务数应在 0 到 50 之间"))],
        default=2,
    )
    civil_servant = RadioField(
        _l("是否公务员或参照公务员管理人员"),
        [Optional()],
        choices=[("no", _l("不是")), ("yes", _l("是"))],
        description=_l("公务员和参照公务员管理人员不能担任科技特派员"),
    )
    file = FileField(_l("证明材料"), description=_l("职称、业绩等证明，可不传；PDF、图片或文档"))

    @property
    def values(self) -> dict[str, Any]:
        values = super().values
        values["fields"] = list(values.pop("fields_", None) or [])
        values["category"] = MentorCategory(values["category"]) if values.get("category") else None
        values["civil_servant"] = {"yes": True, "no": False}.get(values.get("civil_servant") or "")
        return values


class ApplyForm(_About):
    """One stands for a post oneself."""

    kind = SelectField(
        _l("申报类别"),
        [required()],
        choices=[choice(kind.value, _l(kind.label)) for kind in CANDIDATE_KINDS],
        coerce=AppointmentKind,
    )
    sending_unit = TextField(
        _l("派出单位"), [longest(200)], description=_l("申报科技特派员时填写单位全称或统一社会信用代码，由该单位先推荐")
    )


class CorrectForm(_About):
    """An application changed or handed in again."""


class RecommendForm(_About):
    """An organisation puts somebody forward."""

    kind = SelectField(
        _l("推荐类别"),
        [required()],
        choices=[choice(kind.value, _l(kind.label)) for kind in CANDIDATE_KINDS],
        coerce=AppointmentKind,
    )
    recommender_id = SelectField(_l("推荐单位"), coerce=int)
    name = TextField(_l("姓名"), [required(), longest(60)])
    phone = PhoneField(_l("手机"), [required(), longest(20)])
    recommendation = TextAreaField(_l("推荐理由"), [required(), longest(500)])

    def offer(self, viewer: Any) -> None:
        """Fill the choices with the viewer's own organisations."""
        self.recommender_id.choices = [
            choice(m.organisation_id, m.organisation.name) for m in getattr(viewer, "memberships", [])
        ]


class ReasonForm(Form):
    """A reason that the other side reads."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，本人会看到")), longest(500)])


class WordForm(Form):
    """The sending unit's word."""

    recommendation = TextAreaField(_l("推荐理由"), [required(), longest(500)])


class HostForm(Form):
    """The firm an envoy wants to go to."""

    host = TextField(_l("企业"), [required(), longest(200)], description=_l("企业全称或统一社会信用代码"))


class PublishForm(Form):
    """A notice about several candidates."""

    ids = ticked(_l("列入公示的人选"), [], coerce=int, validators=[required(_l("请至少选择一位人选"))])
    title = TextField(_l("标题"), [required(), longest(200)])
    working_days = IntegerField(_l("公示工作日"), [required(), NumberRange(1, 60)])
    contact_name = TextField(_l("受理人"), [required(), longest(60)])
    contact_phone = TextField(_l("受理电话"), [required(), longest(40)])


class ProposeForm(Form):
    """The appointment as it is put before a second person."""

    document = TextField(_l("聘任文件号"), [required(), longest(200)])
    starts = DayField(_l("聘期开始"), [required()])
    ends = DayField(_l("聘期结束"), [required()])
    reason = TextAreaField(_l("提请理由"), [required(), longest(500)])


class AgreementForm(Form):
    """An agreement of three parties."""

    number = TextField(_l("协议编号"), [longest(100)], description=_l("留空时自动编号"))
    host = TextField(_l("受援企业"), [required(), longest(200)], description=_l("企业全称或统一社会信用代码"))
    goals = TextAreaField(
        _l("服务目标"), [required(), longest(3000)], description=_l("要解决的问题、预期成果和服务次数")
    )
    starts = DayField(_l("协议开始"), [required()])
    ends = DayField(_l("协议结束"), [required()])
    file = FileField(_l("协议扫描件"), description=_l("PDF、JPG 或 PNG"))


class ScanForm(Form):
    """The paper as it was signed."""

    scan = FileField(_l("签字盖章后的扫描件"), description=_l("PDF、JPG 或 PNG"), render_kw={"accept": ".pdf,image/*"})


class TerminateForm(Form):
    """An agreement ended early."""

    day = DayField(_l("最后一天"), [required()])
    reason = TextAreaField(_l("理由"), [required(), longest(500)])


class ResignForm(Form):
    """A post given back."""

    day = DayField(_l("最后一天"), [required()])
    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，本人会看到")), longest(500)])


class RenewalForm(Form):
    """A further term as it is put before a second person."""

    document = TextField(_l("续聘文件号"), [required(), longest(200)])
    starts = DayField(_l("聘期开始"), [required()])
    ends = DayField(_l("聘期结束"), [required()])
    reason = TextAreaField(_l("考核意见和续聘理由"), [required(), longest(500)])


class EndingForm(Form):
    """An early end as it is put before a second person."""

    how = SelectField(
        _l("方式"),
        choices=[
            choice(AppointmentState.DISMISSED.value, _l("解聘")),
            choice(AppointmentState.RESIGNED.value, _l("辞任（本人书面提出）")),
        ],
        coerce=AppointmentState,
    )
    day = DayField(_l("最后一天"), [required()])
    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，本人会看到")), longest(500)])
