"""Forms of the rosters."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, IntegerField, RadioField, SelectField
from wtforms.validators import NumberRange, Optional

from matchmaker.core import money
from matchmaker.core.forms import (
    DayField,
    Form,
    TextAreaField,
    TextField,
    WanField,
    choices_of,
    longest,
    required,
    ticked,
)
from matchmaker.directory.rules import DocumentKind, HighTechField
from matchmaker.rosters.rules import (
    LARGEST_CAPACITY,
    AppointmentKind,
    InvestmentStage,
    MentorCategory,
)


class AppointmentForm(Form):
    """A new appointment of a person of the directory."""

    kind = SelectField(_l("聘任类别"), [required()], choices=choices_of(AppointmentKind), coerce=AppointmentKind)
    document = TextField(_l("聘任文件号或聘书号"), [required(), longest(200)])
    starts = DayField(_l("聘期开始"), [required()])
    ends = DayField(_l("聘期结束"), [required()])
    category = SelectField(_l("导师类别"), choices=choices_of(MentorCategory, empty="未分类"), default="")
    carrier = TextField(_l("服务载体"), [longest(200)], description=_l("在哪个孵化器或众创空间服务"))
    capacity = IntegerField(
        _l("同时服务数"),
        [required(), NumberRange(0, LARGEST_CAPACITY, message=_l("同时服务数应在 0 到 50 之间"))],
    )
    civil_servant = RadioField(
        _l("是否公务员或参照公务员管理人员"),
        [Optional()],
        choices=[("no", _l("不是")), ("yes", _l("是"))],
        description=_l("聘任科技特派员时必须核实"),
    )

    @property
    def values(self) -> dict[str, Any]:
        return {
            **super().values,
            "category": MentorCategory(self.category.data) if self.category.data else None,
            "civil_servant": {"yes": True, "no": False}.get(self.civil_servant.data or ""),
        }


class ProfileForm(Form):
    """What a helper says of themselves."""

    expertise = TextAreaField(_l("能帮什么"), [longest(2000)], description=_l("写具体的问题和做法，推荐时最看重这一项"))
    summary = TextAreaField(_l("个人介绍"), [longest(2000)])
    fields_ = ticked(_l("技术领域"), choices_of(HighTechField))
    capacity = IntegerField(
        _l("同时服务数"),
        [required(), NumberRange(0, LARGEST_CAPACITY, message=_l("同时服务数应在 0 到 50 之间"))],
        description=_l("已接受而未办结的需求最多几项"),
    )
    opted_out = BooleanField(_l("暂不接受推荐"), description=_l("勾选后企业看不到您，也不能邀请您"))

    @property
    def values(self) -> dict[str, Any]:
        return {
            "expertise": self.expertise.data or "",
            "summary": self.summary.data or "",
            "fields": list(self.fields_.data or []),
            "capacity": self.capacity.data,
            "opted_out": bool(self.opted_out.data),
        }


class TicketForm(Form):
    """What an investor puts in."""

    ticket_min = DecimalField(_l("单笔最低（万元）"), [Optional()], places=2)
    ticket_max = DecimalField(_l("单笔最高（万元）"), [Optional()], places=2)
    stages = ticked(_l("投资阶段"), choices_of(InvestmentStage))

    @property
    def values(self) -> dict[str, Any]:
        return {
            "low_fen": _fen(self.ticket_min.data, "ticket_min"),
            "high_fen": _fen(self.ticket_max.data, "ticket_max"),
            "stages": list(self.stages.data or []),
        }


def _fen(amount: Decimal | None, field: str) -> int | None:
    return None if amount is None else money.fen_from_wan(amount, field=field)


class WorkForm(Form):
    """A publication or result."""

    kind = SelectField(_l("类别"), choices=choices_of(DocumentKind), coerce=DocumentKind)
    title = TextField(_l("题名"), [required(), longest(500)])
    year = IntegerField(_l("年份"), [Optional()])
    text = TextAreaField(_l("摘要"), [longest(10_000)], description=_l("推荐时按摘要匹配需求，越具体越好"))
    keywords = TextField(_l("关键词"), [longest(300)], description=_l("多个用逗号或分号隔开"))

    @property
    def values(self) -> dict[str, Any]:
        words = [part.strip() for part in re.split(r"[;；,，、]", self.keywords.data or "") if part.strip()]
        return {**super().values, "text": self.text.data or "", "keywords": words}


class DealForm(Form):
    """A past deal."""

    company = TextField(_l("投资的企业"), [required(), longest(200)])
    year = IntegerField(_l("年份"), [required()])
    stage = SelectField(_l("投资阶段"), choices=choices_of(InvestmentStage, empty="未说明"), default="")
    amount_fen = WanField(_l("金额（万元）"), [Optional()])
    note = TextField(_l("说明"), [longest(500)])

    @property
    def values(self) -> dict[str, Any]:
        stage = InvestmentStage(self.stage.data) if self.stage.data else None
        return {**super().values, "stage": stage, "note": self.note.data or ""}
