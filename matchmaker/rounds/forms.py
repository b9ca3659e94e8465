"""Forms of rounds."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField
from wtforms.validators import NumberRange

from matchmaker.core.forms import Form, TextAreaField, TextField, choice, choices_of, longest, required, ticked
from matchmaker.directory.models import Person
from matchmaker.matching.models import Need
from matchmaker.matching.rules import LEAST_POINTS
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rounds.rules import MOST_PER_HELPER, MOST_PER_NEED, Aim


class RoundForm(Form):
    """What a round is made of."""

    title = TextField(_l("名称"), [required(), longest(60)], description=_l("例如：2026 年第二季度导师对接"))
    per_need = IntegerField(
        _l("每项需求推荐几人"),
        [required(), NumberRange(1, MOST_PER_NEED, message=_l("应在 %(min)d 到 %(max)d 之间"))],
        default=2,
    )
    per_helper = IntegerField(
        _l("每人最多承担几项"),
        [required(), NumberRange(1, MOST_PER_HELPER, message=_l("应在 %(min)d 到 %(max)d 之间"))],
        default=3,
        description=_l("也不会超过本人剩余的服务名额"),
    )
    floor = IntegerField(
        _l("匹配度下限"),
        [required(), NumberRange(0, 100, message=_l("应在 %(min)d 到 %(max)d 之间"))],
        default=LEAST_POINTS,
        description=_l("满分 100；低于下限的不推荐，宁可空着"),
    )
    aim = RadioField(
        _l("方案的目标"),
        [required()],
        choices=choices_of(Aim),
        coerce=Aim,
        default=Aim.SUM,
        description=_l("都先让尽可能多的需求有人；先保障最弱的需求：让得分最低的一项需求尽量高，再让总匹配度最高"),
    )
    message = TextAreaField(_l("附言"), [longest(500)], description=_l("写在每一封邀请里；请不要写电话和邮箱"))
    needs = ticked(_l("需求"), [], coerce=int, validators=[required(_l("请至少勾选一项需求"))])
    helpers = ticked(_l("服务者"), [], coerce=int, validators=[required(_l("请至少勾选一位服务者"))])

    def offer(self, needs: list[Need], helpers: list[Person], kinds: dict[int, set[str]]) -> None:
        """Those who may take part; all are ticked at first."""
        labels = {kind.value: gettext(kind.label) for kind in AppointmentKind}
        self.needs.choices = [
            choice(need.id, f"{need.title} · {gettext(need.kind.label)} · {need.shown_who or gettext('（保密）')}")
            for need in needs
        ]
        self.helpers.choices = [choice(person.id, _helper(person, kinds, labels)) for person in helpers]

    @property
    def values(self) -> dict[str, Any]:
        values = super().values
        return values | {"needs": values["needs"] or [], "helpers": values["helpers"] or []}


def _helper(person: Person, kinds: dict[int, set[str]], labels: dict[str, str]) -> str:
    unit = person.organisation.name if person.organisation else person.unit_text or person.discipline or ""
    posts = "、".join(labels[kind] for kind in sorted(kinds.get(person.id, ())))
    return " · ".join(part for part in (person.name, posts, unit) if part)
