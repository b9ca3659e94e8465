"""The form of a campaign: the text, whom it is for, over which way and when."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import NumberRange
from wtforms.validators import Optional as Empty
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.campaigns import queries, rules
from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import LONGEST_BODY, LONGEST_SUBJECT, Occasion, Seen, Timing, Unit, Way
from matchmaker.campaigns.rules.texts import Ready
from matchmaker.core.forms import (
    Form,
    MomentField,
    TextAreaField,
    TextField,
    choice,
    choices_of,
    longest,
    required,
)
from matchmaker.core.i18n import local
from matchmaker.core.viewer import Viewer
from matchmaker.events.models import Event
from matchmaker.events.rules import RegistrationState, Source

LISTS = ("states", "tags", "sources", "handlers", "sessions")


class Boxes(SelectMultipleField):
    """Any number of choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CampaignForm(Form):
    """Everything about a campaign."""

    name = TextField(_l("消息名称"), [required(), longest(100)], description=_l("只有主办方看得到"))
    occasion = SelectField(_l("用途"), choices=choices_of(Occasion), coerce=Occasion)
    subject = TextField(_l("标题"), [required(), longest(LONGEST_SUBJECT)])
    body = TextAreaField(_l("正文"), [required(), longest(LONGEST_BODY)], render_kw={"rows": 10})
    subject_en = TextField(_l("英文标题"), [longest(LONGEST_SUBJECT)])
    body_en = TextAreaField(
        _l("英文正文"),
        [longest(LONGEST_BODY)],
        render_kw={"rows": 8},
        description=_l("发给使用英文界面的人；不填则发中文"),
    )
    invited = BooleanField(
        _l("只发给受邀还没有答复的人"),
        description=_l("已发出邀请、未答复、未截止；勾选后只看人群，其他条件不起作用，“报名链接”换成各人的邀请链接"),
    )
    states = Boxes(_l("报名状态"), description=_l("不选则不限"))
    group = SelectField(_l("人群"), coerce=int)
    seen = SelectField(_l("到场情况"), choices=choices_of(Seen, empty="都包括"))
    tags = Boxes(_l("标签"), description=_l("有其中任何一个即可"))
    sources = Boxes(_l("来源"))
    handlers = Boxes(_l("经办人"), coerce=int)
    sessions = Boxes(_l("已占名额的场次、用餐、班车"), coerce=int)
    question = SelectField(_l("表单问题"))
    answer = TextField(_l("回答是"), [longest(200)], description=_l("选择题请填写选项文字"))
    ids = HiddenField()
    way = SelectField(_l("发送方式"), choices=choices_of(Way), coerce=Way)
    each = BooleanField(
        _l("共用地址的报名各发一条"),
        description=_l("不勾选时，同一邮箱或手机只收到一条；文中有签到码、报名链接等各人不同的内容时建议勾选"),
    )
    timing = SelectField(_l("何时发送"), choices=choices_of(Timing), coerce=Timing)
    number = IntegerField(_l("提前或推后"), [Empty(), NumberRange(0, 129_600, message=_l("请填写 0 或正整数"))])
    unit = SelectField(_l("时间单位"), choices=choices_of(Unit), coerce=Unit)
    moment = MomentField(_l("指定的发送时间"), [Empty()], description=_l("北京时间；选“指定时间”时填写"))
    replaces_reminder = BooleanField(
        _l("代替系统的默认提醒"),
        description=_l("系统会在开始前 24 小时提醒所有已通过的报名人；勾选后默认提醒停发，不在这条消息里的人也收不到"),
    )

    def offer(self, viewer: Viewer, event: Event) -> None:
        """The choices that depend on the event, and on the groups that fall to the person."""
        own = queries.groups_for(viewer, event)
        groups = [choice(group.id, local(group, "name")) for group in own or event.audiences]
        self.group.choices = groups if own else [choice(0, _("全部人群")), *groups]
        self.states.choices = [
            choice(s.value, _(s.label)) for s in RegistrationState if s is not RegistrationState.DRAFT
        ]
        self.sources.choices = [choice(source.value, _(source.label)) for source in Source]
        self.tags.choices = [choice(tag, tag) for tag in queries.tags_of(event)]
        self.handlers.choices = [choice(number, name) for number, name in queries.handlers_of(event)]
        self.sessions.choices = [choice(number, name) for number, name in queries.sessions_of(event)]
        questions = queries.questions_of(event).values()
        self.question.choices = [choice("", _("都包括")), *(choice(field.id, field.label) for field in questions)]

    @property
    def values(self) -> dict[str, Any]:
        """The keyword arguments of the service."""
        texts = ("name", "occasion", "subject", "body", "subject_en", "body_en", "way", "each", "timing", "moment")
        found: dict[str, Any] = {key: self[key].data for key in (*texts, "replaces_reminder", "invited")}
        found |= {key: found[key] or "" for key in ("subject_en", "body_en")}
        found["moment"] = self.moment.data if self.timing.data is Timing.MOMENT else None
        found["minutes"] = rules.in_minutes(self.number.data or 0, self.unit.data)
        chosen: dict[str, Any] = {key: self[key].data or [] for key in LISTS}
        chosen["seen"], chosen["question"], chosen["answer"] = self.seen.data, self.question.data, self.answer.data
        chosen["ids"] = rules.read_ids(self.ids.data or "")
        return {**found, "filters": chosen, "group_id": self.group.data or None}


def from_ready(occasion: Occasion, ready: Ready, ids: list[int]) -> dict[str, Any]:
    """What stands in the form when one begins with a ready text."""
    number, unit = rules.best_unit(ready.minutes)
    return {
        "occasion": occasion,
        "name": "" if occasion is Occasion.OTHER else _(occasion.label),
        "subject": ready.subject,
        "body": ready.body,
        "subject_en": ready.subject_en,
        "body_en": ready.body_en,
        "states": [] if ids else list(ready.states),
        "seen": ready.seen.value if ready.seen and not ids else "",
        "timing": Timing.NOW if ids else ready.timing,
        "number": number,
        "unit": unit,
        "ids": ",".join(map(str, ids)),
        "way": Way.REACHABLE,
        "replaces_reminder": occasion is Occasion.REMINDER and not ids,
    }


def from_campaign(row: Campaign, questions: dict[str, Any]) -> dict[str, Any]:
    """What stands in the form when one changes a campaign."""
    number, unit = rules.best_unit(row.minutes)
    chosen = row.filters
    given = {key: getattr(row, key) for key in ("name", "occasion", "subject", "body", "subject_en", "body_en")}
    given |= {key: getattr(row, key) for key in ("way", "each", "timing", "moment", "replaces_reminder", "invited")}
    given |= {key: chosen.get(key, []) for key in LISTS}
    field = questions.get(chosen.get("question", ""))
    option = field.option(chosen.get("answer", "")) if field else None
    answer = option.label if option else chosen.get("answer", "")
    given |= {"seen": chosen.get("seen", ""), "question": chosen.get("question", ""), "answer": answer}
    return {
        **given,
        "ids": ",".join(map(str, chosen.get("ids", []))),
        "group": row.group_id or 0,
        "number": number,
        "unit": unit,
    }
