"""The questions that open almost every step of a contest."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.competition import access
from matchmaker.competition.models import Contest, ContestStage
from matchmaker.competition.queries import judging
from matchmaker.core.db import claim
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.directory.services import years


def check_manages(actor: Any, contest: Contest) -> None:
    """The actor runs this contest, and its year is not closed."""
    if not access.may_manage(actor, contest):
        raise NotPermitted("这个大赛不在您负责的区域")
    years.require_open_year(contest.region, contest.year)


def check_unconflicted(actor: Any, contest: Contest) -> None:
    """Who has a part in an entry, or judges in this contest, neither assigns, sees nor decides its results."""
    if judging.is_blind(actor, contest.id):
        raise NotPermitted("您与本届参赛项目有关联或担任评委，不能分配评委、查看或办理成绩，请由其他同事办理")


def count_change(stage: ContestStage, *, counts: bool = True) -> None:
    """Note that a ballot changes; refuses once the scores are locked.

    One conditional UPDATE on the stage's row: whoever locks and whoever scores take turns here, on every database.
    What does not count (a trainee's ballot) takes its turn and leaves the version as it is.
    """
    open_stage = sa.update(ContestStage).where(
        ContestStage.id == stage.id, ContestStage.opened.is_not(None), ContestStage.locked.is_(None)
    )
    if not claim(open_stage.values(scores_version=ContestStage.scores_version + int(counts))):
        raise Conflict("本阶段成绩已锁定或还没有开始评审，不能改分；确有错误请联系主办方")
