"""The duties of a stage: one line a judge."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange

from matchmaker.competition.rules.stages import SeatDuty
from matchmaker.core.forms import Form, TextAreaField, longest, required


class DutyForm(Form):
    """What one judge does in a stage."""

    duty = SelectField(_l("职责"), [required()])
    least = IntegerField(_l("最少评审"), [required(), NumberRange(0, 500, message=_l("应在 0 到 500 之间"))])
    most = IntegerField(_l("最多评审"), [required(), NumberRange(0, 500, message=_l("应在 0 到 500 之间"))])

    @property
    def values(self) -> dict[str, Any]:
        return {"duty": SeatDuty(self.duty.data), "least": self.least.data, "most": self.most.data}


def duty_form(seat: Any, stage: Any, choices: list[tuple[str, str]]) -> DutyForm:
    """The line of one judge with what holds now."""
    least, most = seat.bounds_in(stage)
    duty = next((row.duty for row in seat.duties if row.stage_id == stage.id), SeatDuty.JUDGING)
    form = DutyForm(prefix=f"s{seat.id}-", data={"duty": duty.value, "least": least, "most": most})
    form.duty.choices = choices
    return form


class AbsenceForm(Form):
    """Why a judge does not go on."""

    reason = TextAreaField(_l("原因"), [required(_l("请写明缺席的原因")), longest(500)])
