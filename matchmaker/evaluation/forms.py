"""Forms of titles."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from matchmaker.core.forms import DayField, Form, TextAreaField, TextField, choices_of, longest, required
from matchmaker.evaluation.rules import PatentKind, TitleKind


class CorrectionForm(Form):
    """What may be changed about a title on record."""

    number = TextField(
        _l("编号"), [required(), longest(80)], description=_l("入库登记编号、证书编号、团队编号或专利号")
    )
    name = TextField(_l("名称"), [longest(200)], description=_l("团队名称或专利名称"))
    subkind = SelectField(
        _l("专利类型"),
        choices=choices_of(PatentKind, empty="不是专利"),
        coerce=lambda v: PatentKind(v) if v else None,
    )
    holder = TextField(
        _l("持有单位"), [required(), longest(200)], description=_l("单位全称或统一社会信用代码；库里有的会自动关联")
    )
    co_holders = TextAreaField(_l("共有单位"), [longest(1000)], description=_l("每行一家；共有的专利只计一件"))
    valid_from = DayField(_l("有效期起"), [required()], description=_l("登记日、发证日或授权公告日"))
    valid_to = DayField(_l("有效期止"), description=_l("当天仍然有效；没有期限的留空"))
    document = TextField(_l("文号"), [longest(200)], description=_l("认定文件或证书的文号"))
    note = TextField(_l("备注"), [longest(500)])
    reason = TextField(_l("更正原因"), [longest(200)], description=_l("涉及已关闭年度时必须填写，会记入日志"))

    @property
    def values(self) -> dict[str, Any]:
        texts = ("number", "name", "holder", "co_holders", "document", "note", "reason")
        return {**super().values, **{key: self[key].data or "" for key in texts if key in self}}


class TitleForm(CorrectionForm):
    """A new title."""

    kind = SelectField(_l("资质类别"), choices=choices_of(TitleKind), coerce=TitleKind)


class EndForm(Form):
    """Why and from when a title no longer counts."""

    ended = DayField(_l("终止日期"), [required()], description=_l("从这一天起不再计入"))
    reason = TextAreaField(_l("终止原因"), [required(_l("请写明终止原因，例如迁出、被撤销、未缴年费")), longest(500)])
