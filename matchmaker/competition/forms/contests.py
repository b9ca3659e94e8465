"""Forms of contests: the edition, its rubric, its judges, and the steps that need words."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, IntegerField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange, Optional

from matchmaker.competition.forms.entry_rules import EligibilityFields
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.detection import MOST_YEARS, USUAL_YEARS
from matchmaker.competition.rules.eligibility import Group
from matchmaker.competition.rules.stages import StageMode
from matchmaker.competition.rules.states import Stage
from matchmaker.core.calendar import CHINA
from matchmaker.core.forms import (
    Form,
    MomentField,
    PhoneField,
    TextAreaField,
    TextField,
    choices_of,
    longest,
    required,
)

MOST_CRITERIA = 8
CONTEST_FIELDS = (
    "title", "title_en", "summary", "summary_en", "year", "deadline", "working_days", "recusal_years",
    "contact_name", "contact_phone",
)  # fmt: skip


STAGES = tuple(Stage)


class StageLine(PlainForm):
    """One stage; without an end it is left out."""

    code = HiddenField()
    judging_until = MomentField(_l("评审截止"), [Optional()])
    mode = SelectField(_l("方式"), choices=choices_of(StageMode), coerce=StageMode, default=StageMode.ONLINE)
    aggregation = SelectField(
        _l("计分方式"), choices=choices_of(Aggregation), coerce=Aggregation, default=Aggregation.PLAIN
    )
    per_entry = IntegerField(
        _l("每个项目评委"), [Optional(), NumberRange(1, 15, message=_l("应在 1 到 15 之间"))], default=5
    )
    blind = BooleanField(_l("匿名评审"), description=_l("评委只看到隐去单位和姓名的副本"))

    @property
    def stage(self) -> Stage:
        return Stage(self.code.data) if self.code.data in [s.value for s in Stage] else Stage.FINAL


class ContestForm(EligibilityFields, Form):
    """Everything about an edition that its organiser writes before it is announced."""

    title = TextField(_l("大赛名称"), [required(), longest(100)])
    title_en = TextField(_l("英文名称"), [longest(200)], description=_l("可不填；英文页面会用它"))
    summary = TextAreaField(_l("大赛介绍"), [required(), longest(5000)], description=_l("对象、奖励、流程和注意事项"))
    summary_en = TextAreaField(_l("英文介绍"), [longest(5000)])
    year = IntegerField(_l("年度"), [required(), NumberRange(2015, 2100, message=_l("年度应在 2015 到 2100 之间"))])
    deadline = MomentField(_l("报名截止"), [required()], description=_l("北京时间；截止后不能再提交"))
    contact_name = TextField(_l("联系人"), [longest(60)], description=_l("公示和受理异议时对外公布"))
    contact_phone = PhoneField(_l("联系电话"), [longest(40)])
    stages = FieldList(FormField(StageLine), min_entries=len(STAGES), max_entries=len(STAGES))
    working_days = IntegerField(_l("公示期"), [required(), NumberRange(1, 60, message=_l("应在 1 到 60 之间"))])
    recusal_years = IntegerField(
        _l("回避追溯"),
        [Optional(), NumberRange(0, MOST_YEARS, message=_l("应在 0 到 10 之间"))],
        default=USUAL_YEARS,
        filters=(lambda years: USUAL_YEARS if years is None else years,),
        description=_l("评委几年内任职、辅导过的单位须回避"),
    )
    startup = TextField(
        _l("初创企业组奖项"), [longest(200)], description=_l("例如：一等奖 1；二等奖 2。留空表示不设该组")
    )
    growth = TextField(_l("成长企业组奖项"), [longest(200)])
    team = TextField(_l("团队组奖项"), [longest(200)])
    tracks = TextAreaField(
        _l("赛道"),
        [required(_l("请至少填写一条赛道，每行一条")), longest(1000)],
        description=_l("每行一条；英文名写在竖线后"),
    )

    @classmethod
    def start_values(cls, usual: dict[str, Any], *, template: str, today: date) -> dict[str, Any]:
        """What the form of a new contest shows, from the usual rules and one of their templates."""
        chosen = usual["templates"].get(template) or next(iter(usual["templates"].values()))
        return {
            "working_days": usual["working_days"],
            "deadline": closing(today, chosen["deadline_days"]),
            "stages": [_template_values(code, usual, chosen, today) for code in STAGES],
            "growth": usual["prizes"],
            "team": usual["prizes"],
            **cls.eligibility_values(usual["eligibility"]),
        }

    @classmethod
    def of(cls, contest: Any) -> dict[str, Any]:
        """What the form of an existing contest shows."""
        prizes = {group.code.value: "；".join(prize.text for prize in group.prize_list) for group in contest.groups}
        lines = [f"{track.title} | {track.title_en}" if track.title_en else track.title for track in contest.tracks]
        shown = {key: getattr(contest, key) for key in CONTEST_FIELDS}
        shown["stages"] = [_stage_values(code, contest.stage_of(code)) for code in STAGES]
        return {**shown, **prizes, "tracks": "\n".join(lines), **cls.eligibility_values(contest.eligibility)}

    @property
    def values(self) -> dict[str, Any]:
        """Arguments of `contests.draft` and `contests.edit`; raises DomainError where a text cannot be read."""
        return {
            **{key: self[key].data for key in CONTEST_FIELDS},
            "stages": self._stages(),
            "groups": [{"code": code, "prizes": self[code].data} for code in Group if (self[code].data or "").strip()],
            "tracks": [self._track(line) for line in (self.tracks.data or "").splitlines() if line.strip()],
            "eligibility": {**self.eligibility, "contest_year": self.year.data},
        }

    def _stages(self) -> list[dict[str, Any]]:
        lines = [line.form for line in self.stages if line.form.judging_until.data is not None]
        keys = ("judging_until", "mode", "aggregation", "per_entry", "blind")
        return [{"code": line.stage, **{key: line[key].data for key in keys}} for line in lines]

    @staticmethod
    def _track(line: str) -> dict[str, str]:
        title, _bar, english = line.replace("｜", "|").partition("|")
        return {"code": title.strip()[:40], "title": title.strip()[:100], "title_en": english.strip()[:200]}


def closing(today: date, days: int) -> datetime:
    """Six in the evening, so many days from today."""
    return datetime.combine(today + timedelta(days=days), time(18), tzinfo=CHINA)


def _template_values(code: Stage, usual: dict[str, Any], template: dict[str, Any], today: date) -> dict[str, Any]:
    """A stage as a template has it; one that it lacks has no end and is left out."""
    given = template["stages"].get(code.value)
    row = given or usual["stages"][code.value]
    return {
        "code": code.value,
        "judging_until": closing(today, given["days"]) if given else None,
        "aggregation": Aggregation(row["aggregation"]),
        "per_entry": row["per_entry"],
        "mode": StageMode(row["mode"]),
        "blind": row.get("blind", False),
    }


def _stage_values(code: Stage, stage: Any) -> dict[str, Any]:
    keys = ("judging_until", "mode", "aggregation", "per_entry", "blind")
    return {"code": code.value, **({key: getattr(stage, key) for key in keys} if stage else {})}


class ExtendForm(Form):
    """A later deadline."""

    deadline = MomentField(_l("新的报名截止"), [required()], description=_l("北京时间；只能顺延"))
    reason = TextAreaField(_l("理由"), [required(_l("请写明顺延的理由，会公开显示")), longest(500)])


class ReasonForm(Form):
    """A step that needs a reason."""

    reason = TextAreaField(_l("理由"), [required(_l("请写明理由")), longest(500)])
