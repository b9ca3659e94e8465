"""Forms of papers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, HiddenField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from matchmaker.badges.rules import MOST_BLANKS, MOST_HOURS, Paper
from matchmaker.core.forms import Form, TextAreaField, TextField, choices_of, longest, required


class PrintForm(Form):
    """What is printed on, and how many blank ones."""

    paper = SelectField(_l("纸张"), choices=choices_of(Paper), coerce=Paper)
    blanks = IntegerField(
        _l("空白卡"),
        [Optional(), NumberRange(0, MOST_BLANKS, message=_l("空白卡应在 0 到 500 张之间"))],
        default=0,
        description=_l("现场登记的人手写姓名"),
    )
    nobody = BooleanField(_l("只打空白卡"))
    group, state, tag, unprinted, q = HiddenField(), HiddenField(), HiddenField(), HiddenField(), HiddenField()

    @property
    def filters(self) -> dict[str, str]:
        """Whose cards, as filtered on the page."""
        return {key: self[key].data or "" for key in ("group", "state", "tag", "unprinted", "q")}


class LookForm(Form):
    """What stands on the cards."""

    show_organisation = BooleanField(_l("单位"))
    show_position = BooleanField(_l("职务"))
    show_group = BooleanField(_l("人群"), description=_l("活动分几组人群时才印"))
    show_code = BooleanField(_l("签到二维码"))
    foot = TextField(_l("底部文字"), [longest(60)], description=_l("不填则印主办单位名称"))


class WordsForm(Form):
    """The words of certificates."""

    title = TextField(_l("证书名称"), [required(), longest(8)], description=_l("不超过 8 个字，如“结业证书”“参会证明”"))
    text = TextAreaField(
        _l("正文"),
        [required(), longest(300)],
        description=_l("花括号里可写占位符：活动、日期、学时、单位；姓名印在正文上方"),
    )
    hours = DecimalField(
        _l("学时"),
        [Optional(), NumberRange(Decimal("0.5"), MOST_HOURS, message=_l("学时应在 0.5 到 999 之间"))],
        description=_l("正文用到学时的须填写"),
    )
    title_en = TextField(_l("英文名称"), [required(), longest(60)])
    text_en = TextAreaField(
        _l("英文正文"), [required(), longest(300)], description=_l("占位符：{event} {day} {hours} {organisation}")
    )

    @property
    def values(self) -> dict[str, Any]:
        hours = self.hours.data
        return {**super().values, "hours": hours.normalize() + 0 if hours is not None else None}


class ProposeForm(Form):
    """Why certificates are given out."""

    reason = TextAreaField(_l("理由和依据"), [required(), longest(500)], description=_l("如培训通知文号、学时认定办法"))


class ReturnForm(Form):
    """Why the second person does not agree."""

    reason = TextAreaField(_l("退回理由"), [required(), longest(500)])


class CorrectionForm(Form):
    """A name to put right."""

    name = TextField(_l("更正后的姓名"), [required(), longest(60)])
    reason = TextAreaField(_l("更正理由"), [required(), longest(500)])
