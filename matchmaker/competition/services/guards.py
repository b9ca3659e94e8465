"""The questions that open almost every step of a contest."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.competition import access
from matchmaker.competition.models import Contest
from matchmaker.competition.rules.states import ContestState
from matchmaker.core.db import claim
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.directory.services import years


def check_manages(actor: Any, contest: Contest) -> None:
    """The actor runs this contest, and its year is not closed."""
    if not access.may_manage(actor, contest):
        raise NotPermitted("这个大赛不在您负责的区域")
    years.require_open_year(contest.region, contest.year)


def count_change(contest: Contest) -> None:
    """Note that a ballot changes; refuses once the scores are locked.

    One conditional UPDATE on the contest's row: whoever locks and whoever scores take turns here, on every database.
    """
    open_contest = sa.update(Contest).where(
        Contest.id == contest.id, Contest.locked.is_(None), Contest.state == ContestState.JUDGING
    )
    if not claim(open_contest.values(scores_version=Contest.scores_version + 1)):
        raise Conflict("本阶段成绩已锁定或还没有开始评审，不能改分；确有错误请联系主办方")
