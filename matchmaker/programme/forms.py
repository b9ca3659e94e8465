"""Forms of the programme."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, TimeField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.core.forms import (
    DayField,
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
from matchmaker.events.rules import LARGEST_CAPACITY
from matchmaker.programme.models import Room, Session, Speaker
from matchmaker.programme.rules import SessionKind, SessionState, SpeakerRole
from matchmaker.programme.rules.rhythm import CHANGEABLE, MOST_TIMES, Rhythm

PLACES = NumberRange(1, LARGEST_CAPACITY, message=_l("名额应在 1 到 100000 之间"))


class SpeakersField(SelectMultipleField):
    """Speakers to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SessionForm(Form):
    """Everything about a session."""

    title = TextField(_l("标题"), [required(), longest(200)])
    title_en = TextField(_l("英文标题"), [longest(200)])
    kind = SelectField(_l("环节类型"), choices=choices_of(SessionKind), coerce=SessionKind)
    state = SelectField(_l("状态"), choices=choices_of(SessionState)[:2], coerce=SessionState)
    starts = MomentField(_l("开始时间"), [required()], description=_l("北京时间"))
    ends = MomentField(_l("结束时间"), [required()])
    room_id = SelectField(_l("会场"), coerce=int)
    places = IntegerField(
        _l("单独报名名额"), [Optional(), PLACES], description=_l("填写后，报名的人还要单独选这一场；留空则人人可听")
    )
    abstract = TextAreaField(_l("简介"), [longest(5000)])
    abstract_en = TextAreaField(_l("英文简介"), [longest(5000)])
    speaker = SpeakersField(_l("主讲"), coerce=int)
    host = SpeakersField(_l("主持"), coerce=int)
    panellist = SpeakersField(_l("对话嘉宾"), coerce=int)

    def offer(self, rooms: Iterable[Room], speakers: Iterable[Speaker], session: Session | None = None) -> None:
        """Fill the choices; on the first look, with what the session has."""
        self.room_id.choices = [choice(0, _l("不指定")), *(choice(room.id, local(room, "name")) for room in rooms)]
        people = [choice(row.id, f"{local(row, 'name')} {local(row, 'organisation')}".strip()) for row in speakers]
        for role in SpeakerRole:
            field = self[role.value]
            field.choices = people
            if session is not None and not self.is_submitted():
                field.data = [row.speaker_id for row in session.cast if row.role is role]
        if not self.is_submitted():
            self.room_id.data = session.room_id or 0 if session is not None else 0
            if session is not None and session.state is SessionState.CANCELLED:
                self.state.data = SessionState.CONFIRMED

    @property
    def values(self) -> dict[str, Any]:
        cast = {
            speaker_id: role
            for role in (SpeakerRole.PANELLIST, SpeakerRole.HOST, SpeakerRole.SPEAKER)
            for speaker_id in self[role.value].data or ()
        }
        plain = {key: value for key, value in super().values.items() if key not in {role.value for role in SpeakerRole}}
        for key in ("title_en", "abstract_en"):
            plain[key] = plain[key] or None
        return {**plain, "abstract": plain["abstract"] or "", "room_id": self.room_id.data or None, "cast": cast}


class PostponeForm(Form):
    """Some minutes later or earlier."""

    minutes = IntegerField(_l("分钟"), [required()])
    following = BooleanField(_l("当天后面的环节一起顺延"))


class RoomForm(Form):
    """A room."""

    name = TextField(_l("场地名称"), [required(), longest(100)])
    name_en = TextField(_l("英文名称"), [longest(100)])
    capacity = IntegerField(_l("容纳人数"), [Optional(), PLACES], description=_l("不限就留空"))


class SpeakerForm(Form):
    """A speaker."""

    name = TextField(_l("姓名"), [required(), longest(60)])
    name_en = TextField(_l("英文姓名"), [longest(100)])
    position = TextField(_l("职务"), [longest(100)])
    position_en = TextField(_l("英文职务"), [longest(100)])
    organisation = TextField(_l("单位"), [longest(200)])
    organisation_en = TextField(_l("英文单位名称"), [longest(200)])
    bio = TextAreaField(_l("简介"), [longest(3000)])
    bio_en = TextAreaField(_l("英文简介"), [longest(3000)])
    photo = FileField(_l("照片"), description=_l("JPG 或 PNG；会显示在公开页面，请先征得本人同意"))


class CopyForm(Form):
    """A copy of an event on another day."""

    title = TextField(_l("活动名称"), [required(), longest(200)])
    starts = MomentField(_l("开始时间"), [required()], description=_l("北京时间；其他时间随之移动，钟点不变"))
    team = BooleanField(_l("工作分工一起复制"))


class OutlineForm(Form):
    """What an event to begin with needs to be told."""

    title = TextField(_l("活动名称"), [required(), longest(100)])
    day = DayField(_l("活动日期"), [required()], description=_l("多日活动填第一天"))
    venue = TextField(_l("地点"), [required(), longest(100)])
    capacity = IntegerField(_l("名额"), [required(), PLACES])
    contact = TextField(_l("联系人与电话"), [longest(100)])


class RepeatForm(Form):
    """When a series takes place again."""

    title = TextField(_l("系列名称"), [longest(200)])
    rhythm = SelectField(_l("重复方式"), choices=choices_of(Rhythm), coerce=Rhythm)
    times = IntegerField(
        _l("再办几次"),
        [Optional(), NumberRange(1, MOST_TIMES, message=_l("次数应在 1 到 60 之间"))],
        description=_l("不含本次"),
    )
    typed = TextAreaField(
        _l("日期"), [longest(2000)], description=_l("仅“逐个填写日期”时需要，每行一个，如 2026-01-05")
    )


class SeriesForm(Form):
    """What a series is called."""

    title = TextField(_l("系列名称"), [required(), longest(200)])
    title_en = TextField(_l("英文名称"), [longest(200)], description=_l("可不填；英文页面会用它"))


class LaterForm(Form):
    """What to change in all later events of a series; only what is ticked is changed."""

    title = TextField(_l("活动名称"), [longest(200)])
    summary = TextField(_l("一句话介绍"), [longest(200)])
    description = TextAreaField(_l("活动详情"), [longest(10000)])
    venue = TextField(_l("地点"), [longest(100)])
    address = TextField(_l("详细地址"), [longest(200)])
    contact = TextField(_l("联系人与电话"), [longest(100)])
    at = TimeField(_l("开始钟点"), [Optional()])
    minutes = IntegerField(_l("时长（分钟）"), [Optional(), NumberRange(1, 60 * 24 * 31)])
    chosen = SpeakersField(
        _l("要修改的内容"),
        choices=[
            choice("title", _l("活动名称")),
            choice("summary", _l("一句话介绍")),
            choice("description", _l("活动详情")),
            choice("venue", _l("地点")),
            choice("address", _l("详细地址")),
            choice("contact", _l("联系人与电话")),
            choice("at", _l("开始钟点")),
            choice("minutes", _l("时长（分钟）")),
        ],
    )

    @property
    def values(self) -> dict[str, Any]:
        """What is ticked, as `series.change_later` takes it."""
        chosen = set(self.chosen.data or ())
        texts = {key: self[key].data or "" for key in CHANGEABLE if key in chosen}
        return {
            "values": texts,
            "at": self.at.data if "at" in chosen else None,
            "minutes": self.minutes.data if "minutes" in chosen else None,
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """What is ticked and must not be empty is filled."""
        fine = super().validate(extra_validators)
        for key in set(self.chosen.data or ()) & {"title", "summary", "description", "venue", "at", "minutes"}:
            if not self[key].data:
                self[key].errors = [_l("请填写这一项")]
                fine = False
        return fine
