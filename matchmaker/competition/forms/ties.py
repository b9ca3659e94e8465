"""Forms of the entrant: whom the entry is bound to, and who must not judge it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from matchmaker.competition.rules.conflicts import DECLARABLE, RecusalReason
from matchmaker.competition.rules.detection import TieKind, ties_of
from matchmaker.core.forms import Form, TextAreaField, TextField, longest, required

LINE = _l("每行一位：姓名或单位，所在单位或比例")


class TiesForm(Form):
    """One text a kind, one name a line."""

    shareholder = TextAreaField(_l("股东"), [longest(5000)], description=LINE)
    officer = TextAreaField(_l("负责人或高管"), [longest(5000)], description=LINE)
    investor = TextAreaField(_l("投资机构或投资人"), [longest(5000)], description=LINE)
    coinventor = TextAreaField(_l("共同发明人"), [longest(5000)], description=LINE)
    coauthor = TextAreaField(_l("论文合作者"), [longest(5000)], description=LINE)

    @staticmethod
    def of(ties: Any) -> dict[str, str]:
        """What the form of an entry shows."""
        lines: dict[str, list[str]] = {}
        for tie in ties:
            lines.setdefault(tie.kind.value, []).append("，".join(t for t in (tie.name, tie.unit, tie.note) if t))
        return {kind: "\n".join(rows) for kind, rows in lines.items()}

    @property
    def values(self) -> dict[str, Any]:
        """Arguments of `wishes.set_ties`; raises DomainError where a line cannot be read."""
        return {"ties": {kind: ties_of(self[kind.value].data or "", kind) for kind in TieKind}}


class WishForm(Form):
    """Somebody, or a unit, that must not judge this entry."""

    name = TextField(_l("姓名"), [longest(60)], description=_l("不知道具体的人可以不填"))
    unit = TextField(_l("单位"), [longest(200)], description=_l("只填单位：该单位的评委都申请回避"))
    relation = SelectField(
        _l("关系"),
        choices=[(r.value, _l(r.label)) for r in DECLARABLE],
        coerce=RecusalReason,
        default=RecusalReason.OTHER,
    )
    evidence = TextAreaField(_l("理由和依据"), [required(_l("请说明理由和依据，主办方会逐条核实")), longest(500)])
