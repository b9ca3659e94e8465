"""The words of the programme."""

from __future__ import annotations

from matchmaker.core.labels import Labelled
from matchmaker.events.rules import RegistrationState


class SessionKind(Labelled):
    """What kind of item it is."""

    TALK = "talk", "报告"
    PITCH = "pitch", "路演展示"
    TRAINING = "training", "培训"
    PANEL = "panel", "圆桌对话"
    BREAK = "break", "茶歇"
    MEAL = "meal", "用餐"
    OTHER = "other", "其他"


class SessionState(Labelled):
    """How sure it is. Tentative items are for the organisers alone."""

    TENTATIVE = "tentative", "待定", "wait"
    CONFIRMED = "confirmed", "已确认", "good"
    CANCELLED = "cancelled", "已取消", "bad"


class SpeakerRole(Labelled):
    """What a speaker does in a session."""

    SPEAKER = "speaker", "主讲"
    HOST = "host", "主持"
    PANELLIST = "panellist", "对话嘉宾"


# A registration in one of these states may choose sessions; who waits for a place at all chooses later.
SIGNS_UP = (RegistrationState.SUBMITTED, RegistrationState.APPROVED, RegistrationState.ATTENDED)
