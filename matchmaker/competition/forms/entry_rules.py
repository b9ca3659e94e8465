"""The part of a contest's form about who may enter and how: groups by age, grace, files. Part of the frozen rules."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange, Optional

from matchmaker.competition.forms.rules import ReasonedForm
from matchmaker.competition.rules.entry_rules import LONGEST_GRACE, EntryRules
from matchmaker.competition.rules.uploads import LARGEST_MB, MOST_FILES, MOST_PAGES, Material
from matchmaker.core import money
from matchmaker.core.calendar import parse_day
from matchmaker.core.forms import DayField, TextField, longest, required


class EntryRulesFields(PlainForm):
    """Mixed into the form of a contest."""

    grace_minutes = IntegerField(
        _l("提交宽限"),
        [Optional(), NumberRange(0, LONGEST_GRACE)],
        description=_l("不对外公布；截止后这段时间内仍收，登记为逾期"),
    )
    entries_per_person = IntegerField(
        _l("每人最多参加项目数"),
        [Optional(), NumberRange(1, 20)],
        description=_l("负责人和确认的成员都算；留空表示不限"),
    )
    plan_required = BooleanField(_l("商业计划书必交"))
    plan_mb = IntegerField(_l("商业计划书大小"), [Optional(), NumberRange(1, LARGEST_MB)])
    plan_pages = IntegerField(
        _l("商业计划书页数"), [Optional(), NumberRange(1, MOST_PAGES)], description=_l("留空表示不限；只收 PDF")
    )
    deck_required = BooleanField(_l("路演材料必交"))
    deck_mb = IntegerField(_l("路演材料大小"), [Optional(), NumberRange(1, LARGEST_MB)])
    deck_pages = IntegerField(
        _l("路演材料页数"), [Optional(), NumberRange(1, MOST_PAGES)], description=_l("留空表示不限；收 PDF 和 PPTX")
    )
    other_most = IntegerField(
        _l("其他附件个数"), [Optional(), NumberRange(0, MOST_FILES)], description=_l("填 0 表示不收")
    )

    @staticmethod
    def entry_values(stored: dict[str, Any] | None) -> dict[str, Any]:
        """What the fields show of stored rules."""
        rules = EntryRules.from_values(stored)
        plan, deck = rules.files[Material.PLAN], rules.files[Material.DECK]
        return {
            "grace_minutes": rules.grace_minutes,
            "entries_per_person": rules.entries_per_person,
            "plan_required": plan.required,
            "plan_mb": plan.mb,
            "plan_pages": plan.pages,
            "deck_required": deck.required,
            "deck_mb": deck.mb,
            "deck_pages": deck.pages,
            "other_most": rules.files[Material.OTHER].most,
        }

    @property
    def entry_rules(self) -> dict[str, Any]:
        """The rules as they are stored."""
        files = {
            "plan": {"required": self.plan_required.data, "mb": self.plan_mb.data, "pages": self.plan_pages.data},
            "deck": {"required": self.deck_required.data, "mb": self.deck_mb.data, "pages": self.deck_pages.data},
            "other": {"most": self.other_most.data},
        }
        said = {kind: {k: v for k, v in rows.items() if v is not None or k == "pages"} for kind, rows in files.items()}
        return {
            "grace_minutes": self.grace_minutes.data or 0,
            "entries_per_person": self.entries_per_person.data,
            "files": said,
        }


class EligibilityFields(EntryRulesFields):
    """Who may enter; mixed into the form of a contest and of an amendment."""

    doc_no = TextField(_l("报名规则文件号"), [required(), longest(100)])
    valid_from = DayField(_l("规则生效"), [required()])
    valid_to = DayField(_l("规则失效"), [Optional()])
    startup_years_back = IntegerField(
        _l("初创组年限"), [required(), NumberRange(0, 10)], description=_l("注册日期不早于几年前的 1 月 1 日算初创")
    )
    oldest_years_back = IntegerField(
        _l("最长成立年限"), [Optional(), NumberRange(1, 50)], description=_l("留空表示不限")
    )
    revenue_limit_wan = TextField(_l("上年度营业收入上限"), [longest(20)], description=_l("留空表示不限"))
    growth_needs_number = BooleanField(_l("成长组须有科技型中小企业编号或高企证书"))
    team_members_min = IntegerField(_l("团队最少核心成员"), [required(), NumberRange(1, 20)])
    wins_max = IntegerField(_l("历届获奖上限"), [Optional(), NumberRange(1, 20)], description=_l("留空表示不限"))

    @staticmethod
    def eligibility_values(values: dict[str, Any]) -> dict[str, Any]:
        """What the fields show of stored rules."""
        shown = {key: value for key, value in values.items() if key not in ("valid_from", "valid_to", "contest_year")}
        for key in ("valid_from", "valid_to"):
            if values.get(key):
                shown[key] = parse_day(values[key])
        limit = shown.pop("revenue_limit_fen", None)
        shown |= EntryRulesFields.entry_values(shown.pop("entries", None))
        shown["revenue_limit_wan"] = "" if limit is None else f"{money.wan(limit).normalize():f}"
        return shown

    @property
    def eligibility(self) -> dict[str, Any]:
        """The same without the year; raises DomainError where a text cannot be read."""
        limit = (self.revenue_limit_wan.data or "").strip()
        return {
            "doc_no": self.doc_no.data,
            "valid_from": self.valid_from.data.isoformat() if self.valid_from.data else None,
            "valid_to": self.valid_to.data.isoformat() if self.valid_to.data else None,
            "startup_years_back": self.startup_years_back.data,
            "oldest_years_back": self.oldest_years_back.data,
            "revenue_limit_fen": money.fen_from_wan(limit, field="revenue_limit_wan") if limit else None,
            "growth_needs_number": self.growth_needs_number.data,
            "team_members_min": self.team_members_min.data,
            "wins_max": self.wins_max.data,
            "entries": self.entry_rules,
        }


class EntryRulesForm(EligibilityFields, ReasonedForm):
    """Who may enter and how, changed by an amendment."""
