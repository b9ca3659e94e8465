"""The form of an entry."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, HiddenField, SelectField
from wtforms.validators import Optional

from matchmaker.competition.rules.eligibility import Verdict
from matchmaker.competition.rules.people import lines_of, members_of
from matchmaker.competition.rules.uploads import Material
from matchmaker.core import folding, money
from matchmaker.core.forms import (
    DayField,
    Form,
    PhoneField,
    TextAreaField,
    TextField,
    choices_of,
    longest,
    required,
)
from matchmaker.core.i18n import current_locale


class EntryForm(Form):
    """What an entrant writes; a draft may stay incomplete where the service allows it."""

    seen = HiddenField()
    organisation_id = SelectField(
        _l("代表"), [required()], coerce=int, description=_l("企业组选单位，团队组选“以团队名义”")
    )
    group_id = SelectField(_l("组别"), [required()], coerce=int)
    track_id = SelectField(_l("赛道"), [required()], coerce=int)
    team_name = TextField(_l("团队名称"), [longest(100)], description=_l("团队组填写"))
    title = TextField(_l("项目名称"), [required(), longest(100)])
    summary = TextAreaField(
        _l("项目介绍"), [longest(5000)], description=_l("技术、产品、市场和进展；提交时至少 20 个字，评委会看到")
    )
    leader = TextField(_l("项目负责人"), [required(), longest(60)])
    phone = PhoneField(_l("联系电话"), [required(_l("请留一个能联系到的电话")), longest(20)])
    email = TextField(_l("邮箱"), [longest(254)])
    members = TextAreaField(
        _l("核心成员"),
        [longest(3000)],
        description=_l("不含负责人；每行一位：姓名，手机号，邮箱。提交后他们会收到链接，由本人确认"),
    )
    revenue_wan = TextField(_l("上年度营业收入"), [longest(20)], description=_l("企业组填写，没有收入填 0"))
    listed = BooleanField(_l("已上市"))
    sme_number = TextField(_l("科技型中小企业入库编号"), [longest(40)])
    hnte_number = TextField(_l("高新技术企业证书编号"), [longest(40)])
    hnte_valid_to = DayField(_l("高企证书有效期至"), [Optional()])
    ip_clear = BooleanField(_l("承诺：拥有参赛项目的自主知识产权，没有权属纠纷"))
    good_record = BooleanField(_l("承诺：近三年没有重大违法行为，没有被列入经营异常或失信名单"))

    def offer(self, contest: Any, viewer: Any) -> None:
        """Fill the choices with the contest's groups and tracks and the viewer's own firms."""
        own = [(m.organisation_id, m.organisation.name) for m in getattr(viewer, "memberships", [])]
        self.organisation_id.choices = [*own, (0, _l("以团队名义"))]
        self.group_id.choices = [(row.id, _named(row)) for row in contest.groups]
        self.track_id.choices = [(row.id, _named(row)) for row in contest.tracks]

    @staticmethod
    def of(entry: Any) -> dict[str, Any]:
        """What the form of an existing entry shows."""
        revenue = "" if entry.revenue_fen is None else f"{money.wan(entry.revenue_fen).normalize():f}"
        kept = (
            "group_id",
            "track_id",
            "team_name",
            "title",
            "summary",
            "leader",
            "phone",
            "email",
            "listed",
            "sme_number",
        )
        more = ("hnte_number", "hnte_valid_to", "ip_clear", "good_record")
        shown = {key: getattr(entry, key) for key in (*kept, *more)} | {"seen": str(entry.version)}
        own = {
            "organisation_id": entry.organisation_id or 0,
            "members": lines_of(entry.members),
            "revenue_wan": revenue,
        }
        return {**shown, **own}

    @property
    def values(self) -> dict[str, Any]:
        """Arguments of `entries.save`; raises DomainError where a text cannot be read."""
        revenue = (self.revenue_wan.data or "").strip()
        kept = {key: value for key, value in super().values.items() if key != "revenue_wan"}
        return {
            **kept,
            "organisation_id": self.organisation_id.data or None,
            "team_name": self.team_name.data or None if not self.organisation_id.data else None,
            "seen": _version(self.seen.data),
            "summary": folding.clean_text(self.summary.data or ""),
            "members": members_of(self.members.data or ""),
            "revenue_fen": money.fen_from_wan(revenue, field="revenue_wan") if revenue else None,
        }


def _named(row: Any) -> str:
    return row.title_en if current_locale() == "en" and row.title_en else row.title


def _version(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


class FileForm(Form):
    """One file of an entry."""

    kind = SelectField(_l("材料"), [required()], choices=choices_of(Material), coerce=Material)
    file = FileField(_l("文件"), [required(_l("请选择文件"))])


class SettleForm(Form):
    """What a person makes of one finding."""

    verdict = SelectField(
        _l("结论"), [required()], choices=[(v.value, v.label) for v in (Verdict.PASS, Verdict.FAIL)], coerce=Verdict
    )
    note = TextAreaField(_l("核实依据"), [required(_l("请写明人工核实的依据")), longest(500)])
