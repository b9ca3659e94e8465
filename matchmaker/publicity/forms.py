"""Forms of publicity."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import Length, NumberRange, ValidationError

from matchmaker.core.errors import DomainError
from matchmaker.core.forms import DayField, Form, PhoneField, TextAreaField, TextField, choices_of, longest, required
from matchmaker.core.i18n import sentence
from matchmaker.directory.rules import check_uscc
from matchmaker.publicity import rules
from matchmaker.publicity.models import Notice
from matchmaker.publicity.rules import ObjectionState, Signature

ANONYMOUS = "匿名异议不予受理，请签署真实姓名或加盖单位公章"


class NoticeForm(Form):
    """What a notice says, for how long, and who takes objections."""

    title = TextField(_l("标题"), [required(), longest(100)], description=_l("如：关于拟入库名单的公示"))
    body = TextAreaField(_l("正文"), [required(), longest(5000)])
    items = TextAreaField(
        _l("公示名单"),
        [required(), longest(200_000)],
        description=_l("每行一个：名称，统一社会信用代码，说明（后两项可不填）"),
    )
    working_days = IntegerField(
        _l("公示期"),
        [
            required(),
            NumberRange(rules.MINIMUM_WORKING_DAYS, rules.MAXIMUM_WORKING_DAYS, _l("公示期应为 1 至 60 个工作日")),
        ],
        description=_l("起始日计入；法定节假日不计，调休上班日计入"),
    )
    starts = DayField(_l("起始日"), description=_l("不填则从发布当天起"))
    contact_name = TextField(_l("异议受理联系人"), [required(), longest(60)])
    contact_phone = TextField(_l("异议受理电话"), [required(), longest(40)])
    contact_email = TextField(_l("异议受理邮箱"), [longest(200)])

    def show_items(self, notice: Notice) -> None:
        """Put the lines of a notice back as text."""
        rows = [(row["name"], row.get("uscc", ""), row.get("detail", "")) for row in notice.items]
        self.items.data = "\n".join("，".join(row).rstrip("，") for row in rows)

    def validate_items(self, field: Any) -> None:
        """Each line is read; a wrong one is named by its number."""
        try:
            self._rows = rules.read_items(field.data or "", check_code=check_uscc)
        except DomainError as error:
            raise ValidationError(sentence(error)) from error

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "items": self._rows, "contact_email": self.contact_email.data or ""}


class ObjectionForm(Form):
    """A written objection with a name and a signed page."""

    item = SelectField(_l("针对"), description=_l("对名单中哪一项有异议"))
    text = TextAreaField(_l("异议内容和依据"), [required(_l("请用文字写明异议内容和依据")), longest(5000)])
    signature = RadioField(
        _l("署名方式"), [required(_l(ANONYMOUS))], choices=choices_of(Signature), default=Signature.REAL_NAME.value
    )
    signer = TextField(_l("真实姓名或单位名称"), [required(_l(ANONYMOUS)), longest(60)])
    phone = PhoneField(
        _l("联系电话"),
        [required(_l("请留下联系方式，便于核实和答复")), Length(min=7, max=20, message=_l("请填写能联系到的电话"))],
    )
    email = TextField(_l("邮箱"), [longest(200)], description=_l("答复也会发到这里"))
    signed_page = FileField(
        _l("签字或盖章的异议书"),
        [FileRequired(_l("请上传签字或盖章的异议书扫描件"))],
        description=_l("PDF、JPG 或 PNG，10 MB 以内；只有经办和审批人员能看到"),
    )

    def offer(self, notice: Notice) -> None:
        """The lines of the notice as choices."""
        names = list(dict.fromkeys(row["name"] for row in notice.items))
        self.item.choices = [("", gettext("整个公示")), *((name, name) for name in names)]

    @property
    def values(self) -> dict[str, Any]:
        return {
            **super().values,
            "signature": Signature(self.signature.data) if self.signature.data else None,
            "email": self.email.data or "",
            "item": self.item.data or "",
        }


class OutcomeForm(Form):
    """What is to become of an objection, and the answer to the objector."""

    outcome = SelectField(_l("处理意见"), coerce=ObjectionState)
    answer = TextAreaField(_l("理由和答复"), [required(_l("请写明处理理由，理由将答复异议人")), longest(2000)])

    def offer(self, state: ObjectionState) -> None:
        """The outcomes that this state allows."""
        possible = [step for step in ObjectionState if step in rules.OBJECTION_STEPS[state] & rules.REASONED]
        self.outcome.choices = choices_of(possible)


class ReasonForm(Form):
    """A step that needs a reason."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由")), longest(500)])


class RevocationForm(Form):
    """Why a certificate is revoked, and by which document."""

    reason = TextAreaField(
        _l("撤销理由"), [required(_l("请写明撤销理由")), longest(500)], description=_l("将在查验页面公布")
    )
    document = TextField(_l("撤销依据文件"), [required(_l("请填写撤销所依据的文件或决定文号")), longest(200)])


class CheckForm(Form):
    """The number of a certificate, and the code printed on it."""

    number = TextField(_l("证书编号"), [required(), longest(40)], description=_l("形如 DS-2026-000001-X"))
    code = TextField(_l("查验码"), [longest(20)], description=_l("印在证书上；填写后显示持有人全名"))


class YearForm(Form):
    """The holidays of one year as the notice of the State Council lists them."""

    year = IntegerField(_l("年份"), [required(), NumberRange(2000, 2100, _l("请填写四位年份"))])
    source = TextField(_l("通知文号"), [required(), longest(100)], description=_l("国务院办公厅关于节假日安排的通知"))
    days_off = TextAreaField(
        _l("放假日"),
        [required(), longest(5000)],
        description=_l("每行一天或一段，如 2027-01-01 至 2027-01-03；请把整年填全"),
    )
    days_worked = TextAreaField(_l("调休上班日"), [longest(2000)], description=_l("每行一天"))

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "days_worked": self.days_worked.data or ""}
