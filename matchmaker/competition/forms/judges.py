"""Forms around judges: seating, answering, pledging, stepping back, settling."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.competition.rules.conflicts import DECLARABLE, RecusalReason, RecusalState
from matchmaker.competition.rules.detection import earlier_text, earlier_units_of
from matchmaker.core import clock
from matchmaker.core.forms import Form, TextAreaField, TextField, longest, required


class SeatFields(Form):
    """What is known about a judge."""

    unit_text = TextField(_l("工作单位"), [required(_l("请填写单位全称，用来核对回避")), longest(200)])
    title = TextField(_l("职务职称"), [longest(100)])
    earlier_units = TextAreaField(
        _l("曾任职单位"), [longest(3000)], description=_l("每行一个：单位，2018-2022；用来核对回避")
    )
    tracks = SelectMultipleField(
        _l("熟悉的赛道"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validators=[Optional()]
    )
    load = IntegerField(_l("最多评审"), [required(), NumberRange(1, 500, message=_l("应在 1 到 500 之间"))], default=20)

    @property
    def values(self) -> dict[str, Any]:
        """Arguments of the service; raises DomainError where a line cannot be read."""
        earlier = earlier_units_of(self.earlier_units.data or "", this_year=clock.today().year)
        return {**super().values, "earlier_units": earlier}


class SeatForm(SeatFields):
    """A judge for a contest."""

    user_id = SelectField(
        _l("评委"), [required()], coerce=int, description=_l("有评委身份的账号；聘为评审专家的排在前面")
    )
    invite = BooleanField(_l("先发邀请，由评委确认"), description=_l("不勾选：已经书面或口头确认，直接列入"))


class EditSeatForm(SeatFields):
    """What has changed about a judge."""

    @staticmethod
    def of(seat: Any) -> dict[str, Any]:
        """What the form of a seat shows."""
        kept = {key: getattr(seat, key) for key in ("title", "load", "tracks")}
        return {**kept, "unit_text": seat.unit_text or seat.unit, "earlier_units": earlier_text(seat.earlier_units)}


class AnswerForm(Form):
    """Yes or no to an invitation."""

    reason = TextAreaField(_l("说明"), [longest(500)], description=_l("谢绝时可以写明原因，只有主办方能看到"))


class PledgeForm(Form):
    """The judge's own name under the pledge."""

    signature = TextField(_l("签名"), [required(_l("请输入您的姓名作为签名")), longest(60)])


class RecusalForm(Form):
    """Why a judge steps back."""

    reason = SelectField(
        _l("回避情形"),
        choices=[(r.value, _l(r.label)) for r in DECLARABLE],
        coerce=RecusalReason,
        default=RecusalReason.OTHER,
    )
    note = TextAreaField(_l("说明"), [longest(500)], description=_l("选“其他”时请简要说明；只有主办方能看到"))


class RecuseForm(RecusalForm):
    """A reason that was told to the organiser."""

    seat_id = SelectField(_l("评委"), [required()], coerce=int)
    entry_id = SelectField(_l("项目"), [required()], coerce=int)
    note = TextAreaField(_l("依据"), [required(_l("请写明回避的依据")), longest(500)])


class SettleForm(Form):
    """What was verified about a recusal."""

    state = RadioField(
        _l("核实结果"),
        [required(_l("请选择核实结果"))],
        choices=[
            (RecusalState.CONFIRMED.value, _l("确认回避")),
            (RecusalState.IGNORED.value, _l("不需回避")),
        ],
        coerce=RecusalState,
    )
    note = TextAreaField(_l("核实情况"), [required(_l("请写明核实情况")), longest(500)])
