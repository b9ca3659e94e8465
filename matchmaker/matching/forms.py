"""Forms of matching."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DecimalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    SubmitField,
)
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.core import money
from matchmaker.core.forms import (
    DayField,
    Form,
    MomentField,
    TextAreaField,
    TextField,
    WanField,
    choice,
    choices_of,
    longest,
    required,
)
from matchmaker.directory.rules import HighTechField
from matchmaker.matching.rules import (
    ContractKind,
    DeclineReason,
    DismissReason,
    NeedKind,
    NothingReason,
    Result,
    Secrecy,
)

READINESS = (
    _l("1 发现基本原理"),
    _l("2 形成技术方案"),
    _l("3 关键功能得到验证"),
    _l("4 实验室里验证了部件"),
    _l("5 相关环境里验证了部件"),
    _l("6 相关环境里验证了样机"),
    _l("7 实际环境里验证了样机"),
    _l("8 实际系统完成并通过验证"),
    _l("9 实际系统成功使用"),
)


def _key(text: Any) -> int:
    """An id that a table can hold; nobody else's page sends another."""
    key = int(text)
    if not 0 < key < 2**31:
        raise ValueError(text)
    return key


def _level(text: str) -> int | None:
    return int(text) if text else None


def _level_field(label: Any) -> SelectField:
    levels = [choice("", _l("不清楚")), *(choice(str(n), words) for n, words in enumerate(READINESS, start=1))]
    return SelectField(label, choices=levels, default="")


def _points_field(label: Any, **kwargs: Any) -> SelectField:
    empty = [choice("", _l("暂不评分"))]
    return SelectField(
        label, choices=[*empty, *(choice(str(n), str(n)) for n in (5, 4, 3, 2, 1))], default="", **kwargs
    )


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
    trl_now = _level_field(_l("现在的技术成熟度"))
    trl_wanted = _level_field(_l("希望达到的成熟度"))
    secrecy = RadioField(
        _l("单位名称"), [required()], choices=choices_of(Secrecy), coerce=Secrecy, default=Secrecy.OPEN
    )

    listed = BooleanField(
        _l("也让合适的服务者看到这条需求并自荐"),
        default=True,
        description=_l("只给在聘的导师、特派员和投资人看；选了不显示单位名称的，对方接受前同样看不到"),
    )
    kept_reason = TextField(
        _l("保留名称的理由"), [longest(200)], description=_l("文字里的单位或产品名称确有必要公开时填写")
    )
    version = HiddenField()
    as_draft = SubmitField(_l("存为草稿"))
    mask = SubmitField(_l("用遮盖后的文字提交"))

    def validate(self, extra_validators: Any = None) -> bool:
        """A draft may leave out what a need must say."""
        if self.as_draft.data:
            self.title.validators = self.text.validators = []
        return bool(super().validate(extra_validators))

    def offer(self, viewer: Any) -> None:
        """Fill the choices with the viewer's own organisations."""
        own = [(m.organisation_id, m.organisation.name) for m in getattr(viewer, "memberships", [])]
        self.organisation_id.choices = [*own, (0, _l("以个人身份"))]

    @property
    def read_version(self) -> int | None:
        """The version of the need this page was made from."""
        given = str(self.version.data or "")[:9]
        return int(given) if given.isdecimal() else None

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
            "trl_now": _level(self.trl_now.data),
            "trl_wanted": _level(self.trl_wanted.data),
            "listed": self.listed.data,
            "kept_reason": self.kept_reason.data or "",
        }


def _fen(amount: Decimal | None) -> int | None:
    return None if amount is None else money.fen_from_wan(amount, field="budget")


class AskForm(Form):
    """Whom to ask, with a word to them."""

    people = SelectMultipleField(_l("邀请"), coerce=_key, validate_choice=False)
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


class ProposeForm(Form):
    """Yes, but at another time or in another way."""

    moment = MomentField(_l("希望的时间"), [Optional()], description=_l("北京时间"))
    terms = TextAreaField(
        _l("希望怎样调整"), [longest(300)], description=_l("例如：改为线上，先谈半小时；请不要写电话和邮箱")
    )


class PassForm(Form):
    """Somebody else is the right one."""

    colleague = TextField(
        _l("同事的姓名"),
        [required(_l("请填写同事的姓名"))],
        description=_l("须是在聘的导师、特派员或投资人；有同名时空一格写上单位"),
    )
    pass_note = TextAreaField(_l("给同事的话"), [longest(300)])


class AnswerTermsForm(Form):
    """What the owner says to other terms."""

    answer = TextAreaField(_l("给对方的话"), [longest(300)], description=_l("请不要写电话和邮箱"))


class ServiceForm(Form):
    """One session held."""

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
    note = TextAreaField(_l("我方记录"), [longest(500)], description=_l("结论、下一步；双方都看得到"))
    rating = _points_field(_l("评分"), description=_l("5 分最好；对方看得到"))
    rating_note = TextField(_l("评分理由"), [longest(300)], description=_l("一句话说明为什么"))

    @property
    def values(self) -> dict[str, Any]:
        said = {"note": self.note.data or "", "rating_note": self.rating_note.data or ""}
        return {**super().values, **said, "rating": _level(self.rating.data)}


class ConfirmForm(Form):
    """It was so; and what one noted."""

    note = TextAreaField(
        _l("我方记录"), [longest(500)], id="confirm-note", description=_l("结论、下一步；双方都看得到")
    )


class CorrectionForm(Form):
    """How the session really was."""

    served = DayField(_l("服务日期"), [required()])
    minutes = IntegerField(
        _l("时长（分钟）"), [required(), NumberRange(1, 1440, message=_l("应在 1 到 1440 分钟之间"))]
    )
    place = TextField(_l("地点"), [required(_l("请填写服务地点；线上服务写“线上”")), longest(100)])
    content = TextAreaField(
        _l("做了什么"), [required(_l("请写明做了什么，一两句话即可")), longest(2000)], id="service-content"
    )
    note = TextAreaField(_l("我方记录"), [longest(500)], description=_l("结论、下一步；双方都看得到"))


class RateForm(Form):
    """One to five, with a sentence."""

    rating = SelectField(
        _l("评分"),
        [required(_l("请选择分数"))],
        choices=[choice(str(n), str(n)) for n in (5, 4, 3, 2, 1)],
        description=_l("5 分最好；对方看得到"),
    )
    rating_note = TextField(_l("一句话说明"), [required(_l("请写一句话说明评分的理由")), longest(300)])


class OutcomeForm(Form):
    """What came of it."""

    result = RadioField(
        _l("结果"), [required(_l("请选择结果"))], choices=choices_of(Result), coerce=Result, default=None
    )
    contract = SelectField(_l("合同类型"), choices=choices_of(ContractKind, empty="请选择"), default="")
    amount = WanField(_l("合同或投资金额（万元）"), [Optional()])
    why = SelectField(_l("没有结果的原因"), choices=choices_of(NothingReason, empty="请选择"), default="")
    note = TextAreaField(_l("说明"), [longest(500)], id="outcome-note")
    closes_need = BooleanField(_l("需求已经解决，一并办结需求"))

    @property
    def values(self) -> dict[str, Any]:
        return {
            "result": self.result.data,
            "contract": ContractKind(self.contract.data) if self.contract.data else None,
            "amount_fen": self.amount.data,
            "why": NothingReason(self.why.data) if self.why.data else None,
            "note": self.note.data or "",
            "closes_need": self.closes_need.data,
        }


class OfferForm(Form):
    """A helper offers themselves."""

    message = TextAreaField(
        _l("我能帮什么"),
        [required(_l("请用一两句话说明您能帮什么")), longest(300)],
        description=_l("做过哪些类似的事、何时方便；请不要写电话和邮箱"),
    )


class DismissForm(Form):
    """Not for me."""

    reason = RadioField(
        _l("原因"), [required(_l("请选择一个原因"))], choices=choices_of(DismissReason), coerce=DismissReason
    )
    note = TextField(_l("说明"), [longest(300)], id="dismiss-note")


class ResolutionForm(Form):
    """What became of a wish."""

    resolution = TextAreaField(_l("处理结果"), [required(_l("请写明处理结果，提出需求的单位会收到")), longest(500)])


class SwitchForm(Form):
    """Why other weights rank from now on; `seen`: the switch that the page was made from."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由，会留在切换记录里")), longest(500)])
    seen = HiddenField(filters=[lambda text: int(text) if str(text or "").isascii() and str(text).isdigit() else -1])
