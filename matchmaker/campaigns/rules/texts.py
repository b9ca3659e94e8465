"""Ready texts, one for each occasion, in both languages, with whom and when they usually go out."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.campaigns.rules import Occasion, Seen, Timing


@dataclass(frozen=True)
class Ready:
    """A text to start from."""

    subject: str
    body: str
    subject_en: str
    body_en: str
    states: tuple[str, ...] = ()
    seen: Seen | None = None
    timing: Timing = Timing.NOW
    minutes: int = 0


_SIGNED = "\n\n联系方式：{联系方式}"
_SIGNED_EN = "\n\nContact: {联系方式}"

READY: dict[Occasion, Ready] = {
    Occasion.CONFIRMATION: Ready(
        "已收到报名：{活动}",
        "{姓名}，您好：\n\n{单位}对“{活动}”的报名已收到，当前状态：{状态}。\n时间：{时间}\n地点：{地点}\n查看或修改报名：{报名链接}"
        + _SIGNED,
        "Registration received: {活动}",
        "Dear {姓名},\n\nWe have received your registration for “{活动}”. Status: {状态}.\nTime: {时间}\n"
        "Place: {地点}\n"
        "See or change it: {报名链接}" + _SIGNED_EN,
        states=("submitted", "approved", "waiting", "offered"),
    ),
    Occasion.APPROVED: Ready(
        "报名已通过：{活动}",
        "{姓名}，您好：\n\n“{活动}”的报名已通过审核。\n时间：{时间}\n地点：{地点}\n签到码：{签到码}\n报名详情：{报名链接}"
        + _SIGNED,
        "Approved: {活动}",
        "Dear {姓名},\n\nYour registration for “{活动}” has been approved.\nTime: {时间}\nPlace: {地点}\n"
        "Check-in code: {签到码}\nDetails: {报名链接}" + _SIGNED_EN,
        states=("approved",),
    ),
    Occasion.REMINDER: Ready(
        "活动提醒：{活动}",
        "{姓名}，您好：\n\n“{活动}”将于{时间}开始，地点：{地点}。\n签到码：{签到码}\n如不能参加，请尽早取消，把名额让给候补的人：{报名链接}"
        + _SIGNED,
        "Reminder: {活动}",
        "Dear {姓名},\n\n“{活动}” starts on {时间} at {地点}.\nCheck-in code: {签到码}\n"
        "If you cannot come, please cancel soon, so that others get the place: {报名链接}" + _SIGNED_EN,
        states=("approved",),
        timing=Timing.BEFORE_START,
        minutes=1440,
    ),
    Occasion.CHANGE: Ready(
        "时间地点有变：{活动}",
        "{姓名}，您好：\n\n“{活动}”的安排有变，请以此为准。\n时间：{时间}\n地点：{地点}\n如不能参加，请在报名页面取消：{报名链接}"
        + _SIGNED,
        "Changed: {活动}",
        "Dear {姓名},\n\nThe plan of “{活动}” has changed. Now it is:\nTime: {时间}\nPlace: {地点}\n"
        "If you cannot come, please cancel here: {报名链接}" + _SIGNED_EN,
        states=("submitted", "approved", "waiting", "offered"),
    ),
    Occasion.THANKS: Ready(
        "感谢参加：{活动}",
        "{姓名}，您好：\n\n感谢参加“{活动}”。请花两分钟告诉我们您的感受，帮助我们把下一次办得更好：{报名链接}"
        + _SIGNED,
        "Thank you: {活动}",
        "Dear {姓名},\n\nThank you for coming to “{活动}”. "
        "Please take two minutes to tell us what you think: {报名链接}" + _SIGNED_EN,
        seen=Seen.ATTENDED,
        timing=Timing.AFTER_END,
        minutes=120,
    ),
    Occasion.ABSENT: Ready(
        "很遗憾没有见到您：{活动}",
        "{姓名}，您好：\n\n很遗憾没能在“{活动}”见到{单位}。如需会议资料或对接安排，请与我们联系。" + _SIGNED,
        "We missed you: {活动}",
        "Dear {姓名},\n\nWe are sorry that we did not meet you at “{活动}”. "
        "Please contact us for the papers or a meeting." + _SIGNED_EN,
        seen=Seen.ABSENT,
        timing=Timing.AFTER_END,
        minutes=1440,
    ),
    Occasion.OTHER: Ready("", "", "", "", states=("approved",)),
}
