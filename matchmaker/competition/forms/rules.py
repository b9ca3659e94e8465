"""Forms of what an announcement fixes: a stage, a rubric, prizes. Once announced each needs a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, IntegerField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange

from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.stages import StageMode, TieBreak
from matchmaker.core.errors import DomainError
from matchmaker.core.folding import fold
from matchmaker.core.forms import Form, MomentField, TextAreaField, TextField, choices_of, longest, required

MOST_CRITERIA = 8
STAGE_KEYS = (
    "judging_until", "mode", "blind", "aggregation", "per_entry", "minimum_panel", "pitch_minutes",
    "question_minutes", "auto_release",
)  # fmt: skip
LIMITS = ("comment_below", "comment_above", "range_limit")


class ReasonedForm(Form):
    """A form whose reason is asked for once the contest is announced."""

    reason = TextAreaField(
        _l("修改理由"), [longest(500)], description=_l("大赛已发布：改动由另一位同事复核后，作为补充通知公开")
    )


class StageRulesForm(ReasonedForm):
    """How a stage is judged, and who goes on."""

    judging_until = MomentField(_l("评审截止"), [required()], description=_l("北京时间"))
    mode = SelectField(_l("方式"), choices=choices_of(StageMode), coerce=StageMode)
    blind = BooleanField(_l("匿名评审"), description=_l("评委只看到隐去单位和姓名的副本"))
    aggregation = SelectField(_l("计分方式"), choices=choices_of(Aggregation), coerce=Aggregation)
    per_entry = IntegerField(_l("每个项目评委"), [required(), NumberRange(1, 15, message=_l("应在 1 到 15 之间"))])
    minimum_panel = IntegerField(
        _l("最少有效评分"),
        [required(), NumberRange(1, 15, message=_l("应在 1 到 15 之间"))],
        description=_l("评委缺席经登记后，至少要有这么多份评分"),
    )
    ties = TextAreaField(_l("同分时"), [longest(200)], description=_l("每行一条，从上到下依次比较；仍相同的并列"))
    comment_below = TextField(_l("低于此分须写评语"), [longest(10)], description=_l("留空表示不要求"))
    comment_above = TextField(_l("高于此分须写评语"), [longest(10)], description=_l("留空表示不要求"))
    range_limit = TextField(
        _l("分差超过此值复议"), [longest(10)], description=_l("同一项目最高分与最低分之差；留空表示不复议")
    )
    pitch_minutes = IntegerField(_l("陈述时间"), [required(), NumberRange(1, 60, message=_l("应在 1 到 60 之间"))])
    question_minutes = IntegerField(_l("提问时间"), [required(), NumberRange(0, 60, message=_l("应在 0 到 60 之间"))])
    auto_release = BooleanField(_l("评委全部提交后自动亮分"), description=_l("不选则由主持人逐个亮分；仅用于现场答辩"))
    places = TextAreaField(
        _l("晋级名额"),
        [longest(2000)],
        description=_l("每行一条：组别 名额，或 组别 赛道 名额；最后一个阶段按奖项，不用填"),
    )

    @staticmethod
    def of(stage: Any) -> dict[str, Any]:
        """What the form of a stage shows."""
        titles = {group.code.value: group.title for group in stage.contest.groups}
        tracks = {track.code: track.title for track in stage.contest.tracks}
        lines = [
            " ".join(
                part
                for part in (titles.get(c["group"], c["group"]), tracks.get(c.get("track") or "", ""), str(c["places"]))
                if part
            )
            for c in stage.places
        ]
        limits = {key: _shown(getattr(stage, key)) for key in LIMITS}
        ties = "\n".join(tie.label for tie in stage.tie_chain)
        return {**{key: getattr(stage, key) for key in STAGE_KEYS}, **limits, "ties": ties, "places": "\n".join(lines)}

    def values_for(self, stage: Any) -> dict[str, Any]:
        """Arguments of `stages.set_values`; raises DomainError where a text cannot be read."""
        return {
            **{key: self[key].data for key in STAGE_KEYS},
            **{key: number_of(self[key].data, field=key) for key in LIMITS},
            "ties": self._ties(),
            "places": [_cell(line, stage.contest) for line in (self.places.data or "").splitlines() if line.strip()],
        }

    def _ties(self) -> list[str]:
        known = {fold(tie.label): tie.value for tie in TieBreak} | {tie.value: tie.value for tie in TieBreak}
        found = []
        for line in (self.ties.data or "").splitlines():
            if line.strip():
                value = known.get(fold(line).strip())
                if value is None:
                    names = "；".join(tie.label for tie in TieBreak)
                    raise DomainError("看不懂“{line}”，可用的有：{names}", field="ties", line=line[:40], names=names)
                found.append(value)
        return list(dict.fromkeys(found))


def number_of(text: str | None, *, field: str) -> Decimal | None:
    """A score as typed, up to two decimals; nothing stays nothing."""
    folded = fold(text or "").strip()
    if not folded:
        return None
    try:
        number = Decimal(folded[:12])
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= 100 or number != round(number, 2):
        raise DomainError("请填写 0 至 100 之间的数字", field=field)
    return number


def _shown(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def _cell(line: str, contest: Any) -> dict[str, Any]:
    """A line of the places: a group, perhaps a track, a number."""
    found = re.fullmatch(r"(.+?)[\s:：]+(\d{1,3})\s*[名个项]?", line.strip())
    words = found[1].split() if found else []
    group = next((g for g in contest.groups if words and words[0] in (g.title, g.code.value, g.code.label)), None)
    track_name = " ".join(words[1:])
    track = next((t for t in contest.tracks if track_name in (t.title, t.code)), None) if track_name else None
    if found is None or group is None or (track_name and track is None):
        raise DomainError(
            "看不懂“{line}”，请写成“成长企业组 10”或“成长企业组 新材料 3”", field="places", line=line[:40]
        )
    return {"group": group.code.value, "track": track.code if track else None, "places": int(found[2])}


class CriterionLine(PlainForm):
    """One line of a rubric; an empty label leaves the line out."""

    key = HiddenField()
    label = TextField(_l("评分项"), [longest(60)])
    label_en = TextField(_l("英文"), [longest(100)])
    weight = TextField(_l("权重"), [longest(10)])
    maximum = TextField(_l("满分"), [longest(10)])
    hint = TextField(_l("看什么"), [longest(300)])
    levels = TextAreaField(_l("档次说明"), [longest(1000)])
    hint_en = HiddenField()


class RubricForm(ReasonedForm):
    """A group's rubric."""

    lines = FieldList(FormField(CriterionLine), min_entries=MOST_CRITERIA, max_entries=MOST_CRITERIA)

    @property
    def values(self) -> dict[str, Any]:
        rows = [line.form for line in self.lines if (line.form.label.data or "").strip()]
        used = {row.key.data for row in rows}
        free = (f"c{n}" for n in range(1, 100) if f"c{n}" not in used)
        return {
            "criteria": [
                {
                    "key": row.key.data or next(free),
                    "label": row.label.data,
                    "label_en": row.label_en.data or None,
                    "weight": self._number(row.weight.data),
                    "maximum": self._number(row.maximum.data),
                    "hint": row.hint.data,
                    "hint_en": row.hint_en.data or None,
                    "levels": _levels(row.levels.data),
                }
                for row in rows
            ]
        }

    @staticmethod
    def _number(text: str | None) -> Decimal:
        try:
            number = Decimal((text or "").strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) > 1000 or number != round(number, 2):
            raise DomainError("权重和满分请填写数字，例如 30 和 100", field="lines")
        return number


def lines_of(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """What the form of a rubric shows."""
    lines = [
        {
            "key": row.key,
            "label": row.label,
            "label_en": row.label_en,
            "weight": _shown(row.weight),
            "maximum": _shown(row.maximum),
            "hint": row.hint,
            "hint_en": row.hint_en,
            "levels": "\n".join(f"{level['minimum']} {level['text']}" for level in row.levels),
        }
        for row in rows
    ]
    return [*lines, *({} for _n in range(MOST_CRITERIA - len(lines)))]


def _levels(text: str | None) -> list[dict[str, Any]]:
    """Read "90 优秀：……" a line, the highest first."""
    found = []
    for line in (text or "").splitlines():
        if line.strip():
            parts = re.fullmatch(r"[≥>=]*\s*(\d{1,3}(?:\.\d)?)[\s:：分]+(.+)", line.strip())
            if parts is None:
                raise DomainError(
                    "看不懂“{line}”，档次说明请写成“90 技术领先，已有验证”", field="lines", line=line[:40]
                )
            found.append({"minimum": Decimal(parts[1]), "text": parts[2].strip()})
    return sorted(found, key=lambda level: -level["minimum"])


class PrizesForm(ReasonedForm):
    """The prizes of every group, and how long the results are open to objections."""

    working_days = IntegerField(_l("公示期"), [required(), NumberRange(1, 60, message=_l("应在 1 到 60 之间"))])
    startup = TextField(_l("初创企业组奖项"), [longest(200)], description=_l("例如：一等奖 1；二等奖 2"))
    growth = TextField(_l("成长企业组奖项"), [longest(200)])
    team = TextField(_l("团队组奖项"), [longest(200)])

    @staticmethod
    def of(contest: Any) -> dict[str, Any]:
        prizes = {g.code.value: "；".join(f"{p.title} {p.places}" for p in g.prize_list) for g in contest.groups}
        return {"working_days": contest.working_days, **prizes}
