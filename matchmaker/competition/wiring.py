"""What competition plugs into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.accounts.rules import Permission
from matchmaker.competition import desk, jobs, lists, views
from matchmaker.competition.queries import entries as entry_queries
from matchmaker.competition.services import entries
from matchmaker.core.feature import DeskSource, Feature, Job, Link, SearchSource

ENTRANTS = frozenset({"individual", "member"})

FEATURE = Feature(
    name="competition",
    title="创新创业大赛",
    blueprints=(views.bp,),
    jobs=(
        Job(
            "competition.remind", "截止前两天提醒未提交的参赛者和未评完的评委", jobs.remind, every=timedelta(minutes=30)
        ),
    ),
    links=(
        Link("创新创业大赛", "competition.index", "public", icon="trophy", group="参与", order=14),
        Link("我的参赛项目", "competition.own_entries", Permission.ENTRIES_OWN, icon="rocket", group="参与", order=15),
        Link("我的评审", "competition.own_ballots", Permission.BALLOTS_OWN, icon="gavel", group="评审", order=5),
        Link("大赛管理", "competition.manage_index", Permission.CONTESTS_MANAGE, icon="scale", group="组织", order=22),
    ),
    lists=(lists.CONTESTS, lists.ENTRIES),
    desk=(
        DeskSource("competition.ballots", frozenset({"judge"}), desk.waiting_for_judge, order=5),
        DeskSource("competition.organiser", frozenset({"organiser"}), desk.waiting_for_organiser, order=15),
        DeskSource("competition.mine", ENTRANTS, desk.mine, order=20),
        DeskSource("competition.open", ENTRANTS, desk.open_contests, section="new", order=45),
    ),
    search=(SearchSource("创新创业大赛", desk.find, order=25),),
    personal_data=entry_queries.personal_data,
    forget=entries.forget,
)
