"""Forms of the directory."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.core import money
from matchmaker.core.errors import DomainError
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
)
from matchmaker.directory import taxonomy
from matchmaker.directory.rules import HighTechField, OrganisationKind


def ticked(label: Any, choices: Any) -> SelectMultipleField:
    """Many checkboxes."""
    return SelectMultipleField(
        label, choices=choices, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class FactsForm(Form):
    """What an owner and a handler alike may write about an organisation."""

    version = HiddenField()
    short_name = TextField(_l("简称"), [longest(100)])
    name_en = TextField(_l("英文名称"), [longest(200)])
    legal_representative = TextField(_l("法定代表人"), [longest(100)])
    founded = DayField(_l("成立日期"), [Optional()])
    registered_address = TextField(_l("注册地址"), [longest(300)])
    working_address = TextField(_l("经营地址"), [longest(300)], description=_l("实际办公或生产的地方"))
    industry_code = TextField(
        _l("国民经济行业代码"), [longest(60)], description=_l("GB/T 4754 的代码或名称，如 I65 或 软件和信息技术服务业")
    )
    fields = ticked(_l("高新技术领域"), choices_of(HighTechField))
    key_industries = ticked(_l("重点产业"), [])
    staff_count = IntegerField(_l("职工人数"), [Optional(), NumberRange(0, 10**7, message=_l("请填 0 以上的整数"))])
    revenue = TextField(_l("上年营业收入"), [longest(30)])
    summary = TextAreaField(_l("单位简介"), [longest(5000)])
    summary_en = TextAreaField(_l("英文简介"), [longest(5000)])
    contact_name = TextField(_l("联系人"), [longest(100)])
    contact_phone = PhoneField(_l("联系电话"), [longest(40)])
    contact_email = TextField(_l("电子邮箱"), [longest(254)])
    website = TextField(_l("网址"), [longest(200)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key_industries.choices = [
            choice(code, _l(name)) for code, name in taxonomy.names("key_industries").items()
        ]

    @property
    def values(self) -> dict[str, Any]:
        """Codes looked up and money in fen. Raises DomainError on the field."""
        values = {**super().values}
        revenue = values.pop("revenue")
        values["revenue_fen"] = money.fen_from_wan(revenue, field="revenue") if revenue else None
        values["industry_code"] = _industry(values["industry_code"])
        values["version"] = int(values["version"]) if str(values["version"] or "").isdigit() else 0
        return values


def _industry(typed: str | None) -> str | None:
    if not typed:
        return None
    try:
        return taxonomy.code_of("industries", typed)
    except ValueError:
        raise DomainError("没有这个行业代码或名称，请按 GB/T 4754 填写", field="industry_code") from None


class OrganisationForm(FactsForm):
    """What only a handler writes."""

    kind = SelectField(_l("单位类型"), choices=choices_of(OrganisationKind), coerce=OrganisationKind)
    uscc = TextField(
        _l("统一社会信用代码"), [longest(40)], description=_l("18 位；大小写、全角、空格都可以。暂缺可留空，以后补")
    )
    override = TextField(
        _l("代码校验不符时的理由"), [longest(500)], description=_l("仅在核对过营业执照、旧码确实如此时填写")
    )


class NewOrganisationForm(OrganisationForm):
    """A new record: name and region are asked for once."""

    name = TextField(_l("单位名称"), [required(), longest(200)], description=_l("与营业执照一致的全称"))
    region = TextField(_l("行政区划代码"), [required(), longest(6)])

    @property
    def values(self) -> dict[str, Any]:
        values = super().values
        values.pop("version")
        return values


class RenameForm(Form):
    """A new name and the day from which it is borne."""

    name = TextField(_l("新名称"), [required(), longest(200)])
    since = DayField(_l("启用日期"), [required()], description=_l("营业执照上的变更日期"))


class MoveForm(Form):
    """A step of the state table."""

    reason = TextAreaField(_l("理由"), [longest(500)], description=_l("转为异常、迁出或注销时必填"))


class MergeForm(Form):
    """Which record goes into this one, and why."""

    other = HiddenField(_l("另一条记录"), [required()])
    reason = TextAreaField(_l("理由"), [required(_l("请写明合并的理由")), longest(500)])


class HeldForm(Form):
    """What to do with held rows."""

    decision = RadioField(_l("决定"), [required(_l("请选择如何处理"))])
    row = RadioField(_l("代码归属或现名称"), validate_choice=False)

    def offer(self, rows: Any, decisions: Any) -> None:
        """Fill the choices."""
        self.decision.choices = [choice(member.value, _l(member.label)) for member in decisions]
        self.row.choices = [
            *(choice(str(n), row["values"]["name"]) for n, row in enumerate(rows)),
            choice("", _l("都不是（代码不归任何一家）")),
        ]
