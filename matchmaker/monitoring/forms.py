"""Forms of monitoring."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DecimalField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from matchmaker.core.forms import DayField, Form, TextAreaField, TextField, longest, required


class TargetForm(Form):
    """Target, due day, formula and who answers."""

    target = DecimalField(_l("目标值"), [Optional()], description=_l("增长率写成小数，0.15 即 15%"))
    stretch = DecimalField(_l("力争目标"), [Optional()], description=_l("比目标值要求更高；没有的留空"))
    due = DayField(_l("完成期限"))
    office = TextField(_l("责任单位"), [longest(100)])
    owner_id = SelectField(_l("责任人"), coerce=int)
    formula_zh = TextAreaField(
        _l("计算口径"), [required(), longest(1000)], description=_l("改动口径会另存为新版本，旧快照仍按旧口径")
    )
    formula_en = TextAreaField(_l("计算口径（英文）"), [longest(1000)])

    def offer(self, people: list[Any]) -> None:
        """Fill in who may answer for it."""
        self.owner_id.choices = [(0, _l("未指定")), *((person.id, person.name) for person in people)]

    @property
    def values(self) -> dict[str, Any]:
        texts = {key: self[key].data or "" for key in ("office", "formula_en")}
        return {**super().values, **texts, "owner_id": self.owner_id.data or None}


class BaselineForm(Form):
    """The year against which growth is measured."""

    baseline_year = IntegerField(_l("基期年份"), [required(), NumberRange(2000, 2100)])


class SnapshotForm(Form):
    """Which day to keep."""

    day = DayField(_l("日期"), [required()])
    note = TextField(_l("说明"), [longest(100)], description=_l("例如：年报、季度通报"))

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "note": self.note.data or ""}


class ReasonForm(Form):
    """A step that says why."""

    reason = TextAreaField(_l("理由"), [required(), longest(500)])


class ClosingForm(Form):
    """Which year to close, and why now."""

    year = IntegerField(_l("年度"), [required(), NumberRange(2000, 2100)])
    reason = TextAreaField(_l("说明"), [required(), longest(500)], description=_l("例如：年报已核对锁定"))
