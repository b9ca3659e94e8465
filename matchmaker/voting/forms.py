"""Forms of a public vote."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectMultipleField

from matchmaker.core.forms import Form, MomentField, TextAreaField, TextField, choices_of, longest, required
from matchmaker.voting.rules import Who


class PlanForm(Form):
    opens = MomentField(_l("开始时间"), [required(_l("请填写开始时间"))])
    closes = MomentField(_l("截止时间"), [required(_l("请填写截止时间"))])
    who = RadioField(_l("谁可以投票"), [required()], choices=choices_of(Who), default=Who.SIGNED_IN.value)
    per_day = IntegerField(_l("每人每天票数"), [required(_l("请填写整数"))], default=1)
    in_all = IntegerField(_l("每人总票数"), [required(_l("请填写整数"))], default=3)
    again = BooleanField(_l("可以每天给同一个项目投票"), description=_l("不选则每人给一个项目只能投一票"))
    own = BooleanField(_l("可以给自己的项目投票"), description=_l("不选则参赛者和团队成员不能投给自己"))
    award = TextField(
        _l("人气奖名称"),
        [longest(60)],
        description=_l("得票最多的项目获得；不填则票选只作展示。无论填不填都不影响评审名次"),
    )
    note = TextAreaField(_l("给投票人的说明"), [longest(500)])


class ExtendForm(Form):
    closes = MomentField(_l("新的截止时间"), [required(_l("请填写截止时间"))])


class BlurbForm(Form):
    blurb = TextAreaField(_l("公开介绍"), [longest(300)], description=_l("显示在投票页上，请不要写商业秘密和个人信息"))


class CancelForm(Form):
    reason = TextAreaField(
        _l("取消原因"), [required(_l("请写明取消的原因，原因会公开")), longest(500)], description=_l("显示在投票页上")
    )


class ReasonForm(Form):
    reason = TextAreaField(_l("理由"), [required(_l("请写明理由")), longest(500)])


class ContactForm(Form):
    contact = TextField(
        _l("邮箱或手机号"),
        [required(_l("请填写邮箱或手机号")), longest(254)],
        description=_l("只用来确认一人一份选票，不公开，结果公布后删除"),
        render_kw={"autocapitalize": "none"},
    )


class CodeForm(Form):
    code = TextField(
        _l("验证码"),
        [required(_l("请填写收到的验证码")), longest(12)],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )


class StrikeForm(Form):
    """The votes of one pattern that are struck out; all are ticked at first."""

    ids = SelectMultipleField(_l("选票"), coerce=int, validate_choice=False)
    note = TextAreaField(_l("剔除理由"), [required(_l("请写明剔除的理由，复核人会看到")), longest(500)])
