"""Forms of incubation."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DecimalField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from matchmaker.core.forms import (
    DayField,
    Form,
    PhoneField,
    TextAreaField,
    TextField,
    WanField,
    choice,
    choices_of,
    longest,
    required,
)
from matchmaker.incubation.rules import (
    BuildState,
    CarrierLevel,
    CarrierType,
    GraduationProof,
    SpecialField,
)

LARGEST = 10_000_000
TARGETS = ("C1", "C2", "C3", "C4", "C5")


def _maybe(kind: Any) -> Any:
    """A choice that may be left open."""
    return lambda text: kind(text) if text else None


def _whole(label: Any, **kwargs: Any) -> IntegerField:
    message = _l("请填写 0 到 %(most)d 之间的整数", most=LARGEST)
    return IntegerField(label, [Optional(), NumberRange(0, LARGEST, message=message)], **kwargs)


class CarrierForm(Form):
    """What is known of a carrier."""

    name = TextField(_l("载体名称"), [required(), longest(100)])
    name_en = TextField(_l("英文名称"), [longest(200)])
    kind = SelectField(_l("类型"), choices=choices_of(CarrierType), coerce=CarrierType)
    level = SelectField(_l("级别"), choices=choices_of(CarrierLevel), coerce=CarrierLevel)
    operator = TextField(
        _l("运营单位"), [required(), longest(100)], description=_l("全称或统一社会信用代码，须已在主体库")
    )
    address = TextField(_l("地址"), [required(), longest(200)])
    phone = PhoneField(_l("联系电话"), [longest(40)])
    opened = DayField(_l("开始运营日期"), [Optional()])
    summary = TextAreaField(_l("简介"), [longest(2000)], description=_l("面向谁、有哪些设施和服务"))
    summary_en = TextAreaField(_l("英文简介"), [longest(4000)])
    special_field = SelectField(
        _l("专业领域"),
        choices=choices_of(SpecialField, empty="综合"),
        coerce=_maybe(SpecialField),
        description=_l("专业载体的在孵企业，孵化时限按该领域计算"),
    )
    target = SelectField(
        _l("对应计划指标"),
        choices=[choice("", _l("不对应")), *(choice(key, key) for key in TARGETS)],
        coerce=_maybe(str),
        description=_l("只有已建成且有证明文件的载体计入指标"),
    )
    build_state = SelectField(_l("建设情况"), choices=choices_of(BuildState), coerce=BuildState)
    total_m2 = _whole(_l("总面积"))
    usable_m2 = _whole(_l("可使用面积"))
    tenant_m2 = _whole(_l("在孵企业使用面积"))
    public_m2 = _whole(_l("公共服务面积"))
    workstations = _whole(_l("工位"))
    fund_fen = WanField(_l("孵化资金"))
    staff = _whole(_l("工作人员"))
    professional_staff = _whole(_l("其中专业人员"))
    mentors = _whole(_l("签约导师"))

    @property
    def values(self) -> dict[str, Any]:
        sizes = ("total_m2", "usable_m2", "tenant_m2", "public_m2", "workstations")
        return {**super().values, **{key: getattr(self, key).data or 0 for key in sizes}}


class PaperForm(Form):
    """A document about a carrier."""

    title = TextField(_l("文件名称"), [required(), longest(200)])
    number = TextField(_l("文号"), [longest(100)])
    level = SelectField(
        _l("认定级别"), choices=choices_of(CarrierLevel, empty="不是认定文件"), coerce=_maybe(CarrierLevel)
    )
    issued = DayField(_l("发文日期"), [Optional()])
    valid_to = DayField(_l("有效期至"), [Optional()], description=_l("长期有效可不填"))


class ApplicationForm(Form):
    """Who wants to come, and to do what."""

    organisation_id = SelectField(
        _l("申请单位"), coerce=int, description=_l("为哪家单位申请；没有企业的团队可申请苗圃和众创空间")
    )
    team_name = TextField(_l("团队名称"), [longest(100)], description=_l("以团队申请时填写"))
    project = TextField(_l("入驻项目"), [required(), longest(100)])
    summary = TextAreaField(
        _l("项目说明"), [required(), longest(3000)], description=_l("做什么、团队几人、需要多大场地、已有哪些知识产权")
    )
    special_field = SelectField(
        _l("特殊领域"),
        choices=choices_of(SpecialField, empty="不属于"),
        coerce=_maybe(SpecialField),
        description=_l("这三类企业的孵化时限更长"),
    )

    def offer(self, viewer: Any) -> None:
        """Fill the choices with the viewer's own organisations."""
        own = [choice(m.organisation_id, m.organisation.name) for m in getattr(viewer, "memberships", [])]
        self.organisation_id.choices = [*own, choice(0, _l("尚未注册企业的团队"))]

    @property
    def values(self) -> dict[str, Any]:
        given = super().values
        return {**given, "organisation_id": given["organisation_id"] or None, "summary": given["summary"] or ""}


class RevisionForm(Form):
    """The parts of an application that may be changed."""

    project = TextField(_l("入驻项目"), [required(), longest(100)])
    summary = TextAreaField(_l("项目说明"), [required(), longest(3000)])
    special_field = SelectField(
        _l("特殊领域"), choices=choices_of(SpecialField, empty="不属于"), coerce=_maybe(SpecialField)
    )


class AdmissionForm(Form):
    """The contract of a newcomer."""

    entered = DayField(_l("入驻日期"), [required()])
    contract = TextField(_l("合同编号"), [required(), longest(60)])
    contract_months = IntegerField(_l("入驻期限"), [required()])
    score = DecimalField(_l("评审得分"), [Optional()], description=_l("百分制，可不填"))
    room = TextField(_l("房间或工位"), [longest(60)], description=_l("同一房间同时只能由一家使用"))
    area_m2 = _whole(_l("使用面积"))
    workstations = _whole(_l("工位"))


class ReasonForm(Form):
    """A step that needs a reason."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，企业会看到")), longest(500)])


class ExtensionForm(ReasonForm):
    """Until when, and why."""

    until = DayField(_l("续期至"), [required()])


class EndForm(ReasonForm):
    """When a stay ends, and why."""

    day = DayField(_l("日期"), [required()])


class GraduationForm(Form):
    """One of the four proofs."""

    day = DayField(_l("毕业日期"), [required()])
    proof = SelectField(_l("满足的条件"), choices=choices_of(GraduationProof), coerce=GraduationProof)
    amount_fen = WanField(_l("金额"), [Optional()], description=_l("投资或两年累计营业收入；其他条件不填"))
    document = TextField(
        _l("证明文件"),
        [required(), longest(200)],
        description=_l("高企证书号、投资协议、审计报告、并购或上市公告的名称和编号"),
    )
    file = FileField(_l("扫描件"), description=_l("PDF、JPG 或 PNG"))

    @property
    def values(self) -> dict[str, Any]:
        given = super().values
        return {**given, "amount_fen": given["amount_fen"] or 0}


class NextPlaceForm(Form):
    """Where a graduate went."""

    place = TextField(_l("去向"), [required(), longest(200)], description=_l("加速器或产业园的名称"))
