"""The part of a contest's form about entries: grace, entries a person, limits of files. Part of the frozen rules."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange, Optional

from matchmaker.competition.rules.entry_rules import LONGEST_GRACE, EntryRules
from matchmaker.competition.rules.uploads import LARGEST_MB, MOST_FILES, MOST_PAGES, Material


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
