"""Forms of check-in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.checkin.models import CheckinList, Gate
from matchmaker.checkin.rules import ListKind, Repeat, Resolution
from matchmaker.core.forms import Form, MomentField, TextAreaField, TextField, choice, choices_of, longest, required
from matchmaker.core.i18n import local
from matchmaker.events.models import Event
from matchmaker.events.rules import PoolKind


def _words(text: str | None) -> list[str]:
    return [word for word in (text or "").replace("，", ",").replace("、", ",").replace(" ", ",").split(",") if word]


class Boxes(SelectMultipleField):
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class EnterForm(Form):
    """The short code of a gate."""

    code = TextField(_l("签到口令"), [required(_l("请输入八位口令")), longest(30)])
    device = TextField(_l("设备名"), [longest(30)], description=_l("例如“东门手机 1”；写进签到记录"))


class ListForm(Form):
    """Who may enter, when, how often."""

    name = TextField(_l("名称"), [required(), longest(60)])
    name_en = TextField(_l("英文名称"), [longest(100)])
    kind = SelectField(_l("用途"), choices=choices_of(ListKind), coerce=ListKind)
    pool_id = SelectField(_l("场次"), coerce=int, description=_l("只有报了这一场的来宾可以进"))
    repeat = RadioField(_l("进出"), choices=choices_of(Repeat), coerce=Repeat)
    audience_ids = Boxes(_l("接待哪些人群"), coerce=int, description=_l("都不勾选即全部接待"))
    tags = TextField(_l("只接待带这些标签的报名"), [longest(200)], description=_l("用逗号分开，有一个即可；可不填"))
    opens = MomentField(_l("开始入场"), [Optional()])
    closes = MomentField(_l("停止入场"), [Optional()])
    early_tags = TextField(_l("可以提前入场的标签"), [longest(200)])
    early_minutes = IntegerField(
        _l("提前多少分钟"), [Optional(), NumberRange(1, 1440, message=_l("应在 1 到 1440 分钟之间"))]
    )

    def offer(self, event: Event) -> None:
        """Fill the choices from the event."""
        sessions = [pool for pool in event.pools if pool.kind is PoolKind.SESSION]
        self.pool_id.choices = [choice(0, "—"), *(choice(pool.id, local(pool, "name")) for pool in sessions)]
        self.audience_ids.choices = [choice(a.id, local(a, "name")) for a in event.audiences]

    def show(self, entry: CheckinList) -> None:
        """What stands in a list's rules."""
        first, *others = entry.rule.ways
        self.name.data, self.name_en.data, self.kind.data = entry.name, entry.name_en, entry.kind
        self.pool_id.data, self.repeat.data = entry.pool_id or 0, entry.rule.repeat
        self.audience_ids.data, self.tags.data = list(first.audiences), "，".join(first.tags)
        self.opens.data, self.closes.data = _moment(first.opens), _moment(first.closes)
        if others and first.opens is not None and others[0].opens is not None:
            self.early_tags.data = "，".join(others[0].tags)
            self.early_minutes.data = (first.opens - others[0].opens) // 60_000

    @property
    def values(self) -> dict[str, Any]:
        given = super().values
        return {
            **given,
            "pool_id": given["pool_id"] or None,
            "tags": _words(given["tags"]),
            "early_tags": _words(given["early_tags"]),
            "audience_ids": given["audience_ids"] or [],
        }


def _moment(value: int | None) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


class GateForm(Form):
    """A place, its lists and its people."""

    name = TextField(_l("名称"), [required(), longest(60)])
    name_en = TextField(_l("英文名称"), [longest(100)])
    list_ids = Boxes(_l("使用哪些签到名单"), coerce=int)
    may_force = BooleanField(_l("可以强制放行"), description=_l("规则不允许时仍可放行，须写明理由"), default=True)
    may_add = BooleanField(_l("可以现场登记"), description=_l("没有报名的来宾可以当场登记"), default=True)
    stewards = TextAreaField(
        _l("入口工作人员"),
        [longest(2000)],
        description=_l("登录用的邮箱或手机号，每行一位；他们只能打开这个入口。没有账号的用口令"),
    )

    def offer(self, lists: list[CheckinList]) -> None:
        """Fill the choices."""
        self.list_ids.choices = [choice(one.id, one.name) for one in lists]

    def show(self, gate: Gate) -> None:
        """What stands in a gate."""
        self.list_ids.data = [one.id for one in gate.lists]
        self.stewards.data = "\n".join(one.user.email or one.user.phone or "" for one in gate.stewards)


class ResolveForm(Form):
    """How a conflict is settled."""

    resolution = RadioField(_l("处理结果"), [required()], choices=choices_of(Resolution), coerce=Resolution)
    note = TextAreaField(_l("理由"), [required(_l("请写明理由")), longest(500)])


class UndoForm(Form):
    """Why a check-in is taken back."""

    note = TextAreaField(_l("理由"), [required(_l("请写明理由")), longest(200)])


class HandForm(Form):
    """Checking somebody in from the organiser's page."""

    list_id = SelectField(_l("签到名单"), coerce=int)
    direction = HiddenField()
