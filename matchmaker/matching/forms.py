"""Forms of matching."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.core import money
from matchmaker.core.forms import DayField, Form, TextAreaField, TextField, choices_of, longest, required
from matchmaker.directory.rules import HighTechField
from matchmaker.matching.rules import DeclineReason, NeedKind, Secrecy


class NeedForm(Form):
    """A need in its owner's own words."""

    organisation_id = SelectField(_l("代表"), [required()], coerce=int)
    kind = SelectField(_l("需求类型"), [required()], choices=choices_of(NeedKind), coerce=NeedKind)
    title = TextField(_l("一句话说清楚"), [required()], description=_l("例如：想把下雪天的识别率提上去"))
    text = TextAreaField(
        _l("具体情况"),
        [required()],
        description=_l("遇到什么问题、试过什么、希望达到什么；写得越具体，推荐越准。请不要写电话和邮箱"),
    )
    fields_ = SelectMultipleField(
        _l("技术领域"),
        choices=choices_of(HighTechField),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    budget = DecimalField(_l("预算或融资额（万元）"), [Optional()], places=2)
    deadline = DayField(_l("希望完成日期"), [Optional()])
    secrecy = RadioField(
        _l("单位名称"), [required()], choices=choices_of(Secrecy), coerce=Secrecy, default=Secrecy.OPEN
    )

    def offer(self, viewer: Any) -> None:
        """Fill the choices with the viewer's own organisations."""
        own = [(m.organisation_id, m.organisation.name) for m in getattr(viewer, "memberships", [])]
        self.organisation_id.choices = [*own, (0, _l("以个人身份"))]

    @property
    def values(self) -> dict[str, Any]:
        return {
            "kind": self.kind.data,
            "title": self.title.data or "",
            "text": self.text.data or "",
            "fields": list(self.fields_.data or []),
            "budget_fen": _fen(self.budget.data),
            "deadline": self.deadline.data,
            "secrecy": self.secrecy.data,
        }


def _fen(amount: Decimal | None) -> int | None:
    return None if amount is None else money.fen_from_wan(amount, field="budget")


class AskForm(Form):
    """Whom to ask, with a word to them."""

    people = SelectMultipleField(_l("邀请"), coerce=int, validate_choice=False)
    message = TextAreaField(
        _l("附言"), [longest(300)], description=_l("想请对方先看什么、何时方便；请不要写电话和邮箱")
    )


class AcceptForm(Form):
    """Yes, with a word."""

    note = TextAreaField(_l("附言"), [longest(300)])


class DeclineForm(Form):
    """No, with a reason that is counted."""

    reason = RadioField(
        _l("原因"), [required(_l("请选择一个原因"))], choices=choices_of(DeclineReason), coerce=DeclineReason
    )
    note = TextAreaField(  # stands on one page with the note of an acceptance
        _l("说明"), [longest(300)], id="decline-note", description=_l("选择“其他原因”时请写一句")
    )


class ServiceForm(Form):
    """One service given."""

    served = DayField(_l("服务日期"), [required()])
    minutes = IntegerField(
        _l("时长（分钟）"), [required(), NumberRange(1, 1440, message=_l("应在 1 到 1440 分钟之间"))]
    )
    place = TextField(_l("地点"), [required(_l("请填写服务地点；线上服务写“线上”")), longest(100)])
    content = TextAreaField(
        _l("做了什么"),
        [required(_l("请写明做了什么，一两句话即可")), longest(2000)],
        id="service-content",  # `content` is the page's main part
    )
    rating = SelectField(
        _l("评分"),
        choices=[("", _l("暂不评分")), *((str(n), str(n)) for n in (5, 4, 3, 2, 1))],
        default="",
        description=_l("5 分最好；对方看得到"),
    )
    closes = BooleanField(_l("这是最后一次，办结这次对接"))
    closes_need = BooleanField(_l("需求已经解决，一并办结需求"))

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "rating": int(self.rating.data) if self.rating.data else None}


class ResolutionForm(Form):
    """What became of a wish."""

    resolution = TextAreaField(_l("处理结果"), [required(_l("请写明处理结果，提出需求的单位会收到")), longest(500)])
