"""The order drawn by lot, the phases of an appearance, and when its score may be shown."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step


class Phase(Labelled):
    WAITING = "waiting", "候场"
    PITCHING = "pitching", "陈述", "wait"
    QUESTIONS = "questions", "提问", "wait"
    SCORING = "scoring", "评委打分", "wait"
    SHOWN = "shown", "已亮分", "good"
    ABSENT = "absent", "未到场", "warn"
    WITHDRAWN = "withdrawn", "弃赛", "warn"


STEPS = {
    Phase.WAITING: frozenset({Phase.PITCHING, Phase.ABSENT, Phase.WITHDRAWN}),
    Phase.PITCHING: frozenset({Phase.QUESTIONS, Phase.SCORING, Phase.WAITING}),
    Phase.QUESTIONS: frozenset({Phase.SCORING, Phase.PITCHING}),
    Phase.SCORING: frozenset({Phase.SHOWN, Phase.QUESTIONS}),
    Phase.SHOWN: frozenset(),
    Phase.ABSENT: frozenset({Phase.WAITING, Phase.WITHDRAWN}),  # came late: the host decides
    Phase.WITHDRAWN: frozenset(),
}
# Pressed by mistake: the way back to the phase before.
BACK = {Phase.PITCHING: Phase.WAITING, Phase.QUESTIONS: Phase.PITCHING, Phase.SCORING: Phase.QUESTIONS}
ON_STAGE = frozenset({Phase.PITCHING, Phase.QUESTIONS})
ON_AIR = ON_STAGE | {Phase.SCORING}
TO_COME = frozenset({Phase.WAITING, Phase.ABSENT})
LONGEST_WORD = 20
LONGEST_REASON = 200


def commitment(secret: str) -> str:
    """The fingerprint published before anybody signs in."""
    return hashlib.sha256(secret.encode()).hexdigest()


def drawn(secret: str, words: Mapping[str, str], groups: Mapping[str, int] | None = None) -> list[str]:
    """The order of appearance: codes sorted by SHA-256 of the secret, all words, and the code.

    With `groups` (code → number) one group comes after the other, and the lot decides within each.

    `words` maps the code of every entry to the word its team gave when signing in (or nothing). Nobody who knows the
    secret alone, or the words alone, can foresee the order; whoever has both can repeat it.
    """
    said = ";".join(f"{code}={words[code]}" for code in sorted(words))
    group = groups or {}
    return sorted(
        words,
        key=lambda code: (group.get(code, 0), hashlib.sha256(f"{secret}|{said}|{code}".encode()).hexdigest(), code),
    )


def check_word(text: str) -> str:
    """A word for the draw: short, one line, without the signs that separate words."""
    word = " ".join(text.split())
    if len(word) > LONGEST_WORD or any(sign in word for sign in ";=|"):
        raise DomainError("抽签口令最多 20 个字，不能含有 ; = |", field="word")
    return word


def check_phase(current: Phase, target: Phase) -> None:
    """Raise Conflict when an appearance cannot take this step."""
    check_step(STEPS, current, target)


def check_reason(text: str, message: str) -> str:
    """Why something leaves the drawn course; everybody may ask later."""
    if not text.strip():
        raise DomainError(message, field="reason")
    return text.strip()[:LONGEST_REASON]


def remaining(
    phase: Phase,
    started: datetime | None,
    *,
    now: datetime,
    pitch_minutes: int,
    question_minutes: int,
    extra_seconds: int = 0,
    paused: datetime | None = None,
) -> int | None:
    """Seconds left of a phase, never below 0; None: it is not timed. A stopped clock stays where it was."""
    minutes = {Phase.PITCHING: pitch_minutes, Phase.QUESTIONS: question_minutes}.get(phase)
    if minutes is None or started is None:
        return None
    end = started + timedelta(minutes=minutes, seconds=extra_seconds)
    return max(0, math.ceil((end - (paused or now)).total_seconds()))


def check_showable(rule: Aggregation, *, panel: int, signed: int) -> None:
    """A score is shown when every ballot is in, by a rule that looks at this entry alone."""
    if rule not in (Aggregation.PLAIN, Aggregation.TRIMMED):
        raise Conflict("本阶段的计分方式要等全部项目评完才能计算，不能当场亮分")
    if not panel or signed < panel:
        raise Conflict("还有 {n} 位评委没有提交，全部提交后才能亮分", n=panel - signed if panel else 1)
