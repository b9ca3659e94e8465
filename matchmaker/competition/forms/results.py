"""Forms of the results: opening a stage again, due diligence, what is told after a release."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import Optional

from matchmaker.competition.forms.rules import ReasonedForm
from matchmaker.competition.rules.results import CheckResult, Feedback, Sharing
from matchmaker.core.forms import Form, MomentField, TextAreaField, choices_of, longest, required


class ReopenForm(Form):
    """Why a locked stage is opened again, and until when judges may correct."""

    reason = TextAreaField(
        _l("理由"), [required(_l("请写明理由")), longest(500)], description=_l("会写进公示和公开页面，请不要写个人信息")
    )
    until = MomentField(_l("新的评审截止"), [required()], description=_l("北京时间；评委在此之前可以更正评分"))


class CheckForm(Form):
    """One item of due diligence."""

    item = SelectField(_l("检查项"), [required()])
    result = RadioField(_l("结论"), [required()], choices=choices_of(CheckResult), coerce=CheckResult)
    note = TextAreaField(_l("情况说明"), [longest(500)], description=_l("“不符合要求”和“有说明”必填"))
    upload = FileField(_l("材料"), description=_l("可不传；例如营业执照、信用报告、现场照片"))


class ResultsRulesForm(ReasonedForm):
    """What is checked before a release and told after it."""

    package = RadioField(_l("成绩包"), [required()], choices=choices_of(Sharing), coerce=Sharing)
    feedback = RadioField(_l("反馈给参赛者"), [required()], choices=choices_of(Feedback), coerce=Feedback)
    comments = BooleanField(_l("经评委本人同意，把评语转给参赛者"), description=_l("不显示评委姓名"))
    diligence = TextAreaField(
        _l("尽职调查"), [longest(600)], description=_l("每行一项，发布前对每个拟获奖项目逐项核实；留空表示不要求")
    )

    @property
    def values(self) -> dict[str, Any]:
        return {
            "package": self.package.data,
            "feedback": self.feedback.data,
            "comments": bool(self.comments.data),
            "diligence": self.diligence.data or "",
        }


class VetoJudgeForm(Form):
    """Which judge may ask to leave out off-topic entries."""

    seat_id = SelectField(_l("否决评委"), [Optional()], coerce=int, description=_l("只有一位；否决须经主办方复核"))


class SimulationForm(Form):
    """What an accepted objection would take away."""

    entry = SelectField(_l("不计项目"), [Optional()])
    judge = SelectField(_l("不计评委"), [Optional()])
    ballot = SelectField(_l("不计某一份评分"), [Optional()])
