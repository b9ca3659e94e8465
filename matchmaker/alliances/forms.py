"""Forms of alliances."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DecimalField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from matchmaker.alliances.models import Alliance, AllianceMember
from matchmaker.alliances.rules import HIGHEST_TRL, LOWEST_TRL, MemberRole
from matchmaker.core.forms import (
    DayField,
    Form,
    TextAreaField,
    TextField,
    WanField,
    choice,
    choices_of,
    longest,
    required,
)


class AllianceForm(Form):
    """The alliance and its agreement."""

    organisation_id = SelectField(_l("牵头单位"), coerce=int)
    title = TextField(_l("联盟名称"), [required(), longest(100)])
    title_en = TextField(_l("英文名称"), [longest(200)])
    summary = TextField(_l("一句话介绍"), [required(), longest(300)], description=_l("运行后对外公开"))
    summary_en = TextField(_l("英文介绍"), [longest(800)])
    goal = TextAreaField(_l("创新目标"), [longest(5000)], description=_l("要解决什么问题，达到什么指标"))
    task_division = TextAreaField(_l("任务分工"), [longest(5000)])
    ip_clause = TextAreaField(
        _l("知识产权约定"), [longest(5000)], description=_l("成果归属、许可使用和收益分配须事先写明，备案时必查")
    )
    income_clause = TextAreaField(_l("收益分配"), [longest(5000)])
    liability_clause = TextAreaField(_l("违约与对外责任"), [longest(5000)])
    funding_rule = TextAreaField(_l("经费管理"), [longest(5000)])
    openness = TextAreaField(_l("开放发展"), [longest(5000)], description=_l("如何吸收新成员、推广公共资金成果"))
    starts = DayField(_l("协议开始"), [Optional()])
    ends = DayField(_l("协议结束"), [Optional()])
    document = TextField(_l("协议名称和编号"), [longest(200)])
    file = FileField(_l("协议扫描件"), description=_l("PDF、JPG 或 PNG"))

    def offer(self, viewer: Any) -> None:
        """Fill the choices with the viewer's own organisations."""
        own = [choice(m.organisation_id, m.organisation.name) for m in getattr(viewer, "memberships", [])]
        self.organisation_id.choices = own


class RevisionForm(AllianceForm):
    """The agreement alone: the lead is handed over elsewhere."""

    organisation_id = None  # type: ignore[assignment]


class MemberForm(Form):
    """A new member."""

    organisation = TextField(
        _l("单位"), [required(), longest(100)], description=_l("全称或统一社会信用代码，须已在主体库")
    )
    role = SelectField(
        _l("角色"),
        choices=[option for option in choices_of(MemberRole) if option.value != MemberRole.LEAD],
        coerce=MemberRole,
        default=MemberRole.MEMBER,
    )
    task = TextField(_l("承担任务"), [longest(300)])


class ReasonForm(Form):
    """A step that needs a reason."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，联盟会看到")), longest(500)])


def _level(label: Any) -> IntegerField:
    message = _l("技术成熟度应在 1 到 9 级之间")
    return IntegerField(label, [required(), NumberRange(LOWEST_TRL, HIGHEST_TRL, message=message)])


class ProjectForm(Form):
    """A joint project; `project_form` adds two fields a member for the split."""

    title = TextField(_l("项目名称"), [required(), longest(150)])
    title_en = TextField(_l("英文名称"), [longest(200)])
    summary = TextAreaField(_l("项目内容"), [required(), longest(3000)])
    trl_start = _level(_l("起点成熟度"))
    trl_now = _level(_l("现在成熟度"))
    trl_target = _level(_l("目标成熟度"))
    budget_own_fen = WanField(_l("自筹预算"), [Optional()])
    budget_public_fen = WanField(_l("财政预算"), [Optional()])
    starts = DayField(_l("开始日期"), [required()])
    ends = DayField(_l("结束日期"), [required()])
    members: tuple[AllianceMember, ...] = ()

    @property
    def split(self) -> list[tuple[AllianceMember, Any, Any]]:
        """(member, IP field, income field) a row."""
        return [(member, self[f"ip_{member.id}"], self[f"income_{member.id}"]) for member in self.members]

    @property
    def totals(self) -> tuple[Decimal, Decimal]:
        """What was typed so far, summed."""
        rows = self.split
        return (
            sum((ip.data or Decimal(0) for _m, ip, _i in rows), Decimal(0)),
            sum((income.data or Decimal(0) for _m, _ip, income in rows), Decimal(0)),
        )

    @property
    def values(self) -> dict[str, Any]:
        given = {key: value for key, value in super().values.items() if not key.startswith(("ip_", "income_"))}
        given["budget_own_fen"] = given["budget_own_fen"] or 0
        given["budget_public_fen"] = given["budget_public_fen"] or 0
        given["shares"] = {member.id: (ip.data, income.data) for member, ip, income in self.split}
        return given


def project_form(alliance: Alliance, *, new: bool) -> type[ProjectForm]:
    """The project form of one alliance: a part of the IP and of the income for each present member."""
    fields: dict[str, Any] = {"members": tuple(alliance.present)}
    for member in alliance.present:
        for kind, label in (("ip", _l("知识产权")), ("income", _l("收益"))):
            fields[f"{kind}_{member.id}"] = DecimalField(label, [Optional()], places=None)
    if new:
        fields["trl_now"] = None
    return type("AllianceProjectForm", (ProjectForm,), fields)
