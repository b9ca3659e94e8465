"""What competition plugs into the application."""

from __future__ import annotations

from datetime import timedelta

from matchmaker.accounts.rules import Permission
from matchmaker.competition import cli, desk, jobs, lists, views
from matchmaker.competition.importers import judges as judge_files
from matchmaker.competition.importers import winners as winner_files
from matchmaker.competition.lists.judges import JUDGES, RECUSALS
from matchmaker.competition.lists.rechecks import RECHECKS
from matchmaker.competition.models import BlindCopy, EntryFile
from matchmaker.competition.queries import files, judging, standings
from matchmaker.competition.queries import personal as personal_data
from matchmaker.competition.services import personal, recusals
from matchmaker.core.feature import DeskSource, Feature, Importer, Job, Link, SearchSource

ENTRANTS = frozenset({"individual", "member"})

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "competition.drafted": "建立大赛草稿",
    "competition.edited": "修改大赛",
    "competition.announced": "发布大赛",
    "competition.amended": "发布补充通知",
    "competition.extended": "延长报名期限",
    "competition.closed": "截止报名",
    "competition.judging_started": "开始评审",
    "competition.judge_seated": "聘请评委",
    "competition.judge_edited": "修改评委资料",
    "competition.judge_invited": "重新邀请评委",
    "competition.judge_accepted": "评委确认邀请",
    "competition.judge_declined": "评委谢绝邀请",
    "competition.judge_unseated": "取消评委",
    "competition.pledged": "签署评审承诺书",
    "competition.entry_ties_set": "填写项目关联信息",
    "competition.entry_recusal_asked": "参赛方申请评委回避",
    "competition.entry_recusal_taken_back": "参赛方撤回回避申请",
    "competition.recusals_detected": "比对回避情形",
    "competition.recusal_settled": "核实回避情形",
    "competition.recused": "登记评委回避",
    "competition.assigned": "分配评审任务",
    "competition.duty_set": "设置评委职责",
    "competition.judge_absent": "登记评委缺席",
    "competition.judge_back": "取消评委缺席",
    "competition.judges_reminded": "提醒评委",
    "competition.trainees_assigned": "分配见习评分表",
    "competition.ballot_signed": "签署评分表",
    "competition.ballot_typed_in": "录入纸质评分表",
    "competition.lead_set": "指定合议主审评委",
    "competition.reconsideration_asked": "请评委复议",
    "competition.ballot_upheld": "复议维持原分",
    "competition.ballot_reopened": "退回评分表",
    "competition.entry_saved": "保存参赛项目",
    "competition.entry_submitted": "提交参赛项目",
    "competition.entry_withdrawn": "撤回参赛项目",
    "competition.entry_accepted": "参赛项目通过审查",
    "competition.entry_acceptance_undone": "撤销项目审查结果",
    "competition.entry_returned": "退回参赛项目补正",
    "competition.entry_rejected": "参赛项目未通过审查",
    "competition.entry_disqualified": "取消参赛资格",
    "competition.entry_taken_back": "撤回修改参赛项目",
    "competition.entry_put_back": "恢复为最后提交的参赛项目",
    "competition.entry_reconsidered": "撤销参赛项目审查结果",
    "competition.file_added": "上传参赛材料",
    "competition.file_dropped": "删除参赛材料",
    "competition.member_confirmed": "成员确认参加项目",
    "competition.member_declined": "成员表示不参加项目",
    "competition.recheck_kept": "补充通知后保留参赛项目",
    "competition.recheck_undone": "撤销保留参赛项目",
    "competition.finding_settled": "逐项核实参赛资格",
    "competition.finding_unsettled": "撤销逐项核实",
    "competition.blind_saved": "编辑盲审稿",
    "competition.blind_released": "放行盲审稿",
    "competition.locked": "锁定评审成绩",
    "competition.scores_viewed": "查看未公布成绩",
    "competition.grey_zone_viewed": "查看灰区",
    "competition.exported": "导出归档材料",
    "competition.reopened": "重新打开成绩",
    "competition.checked": "尽职调查",
    "competition.removed": "取消资格并递补",
    "competition.veto_judge": "指定否决评委",
    "competition.veto_asked": "提出离题否决",
    "competition.vetoed": "确认离题否决",
    "competition.veto_dismissed": "不采纳离题否决",
    "competition.released": "公布大赛结果",
    "competition.awarded": "颁发奖项",
}

FEATURE = Feature(
    name="competition",
    title="创新创业大赛",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    jobs=(
        Job(
            "competition.remind", "截止前两天提醒未提交的参赛者和未评完的评委", jobs.remind, every=timedelta(minutes=30)
        ),
    ),
    links=(
        Link("创新创业大赛", "competition.index", "public", icon="trophy", group="公开服务", order=20),
        Link("我的参赛项目", "competition.own_entries", Permission.ENTRIES_OWN, icon="rocket", group="我的", order=30),
        Link("我的评审", "competition.own_ballots", Permission.BALLOTS_OWN, icon="gavel", group="我的", order=5),
        Link("大赛管理", "competition.manage_index", Permission.CONTESTS_MANAGE, icon="scale", group="组织", order=22),
    ),
    commands=(cli.judging,),
    lists=(lists.CONTESTS, lists.ENTRIES, RECHECKS, lists.PRIOR_WINS, JUDGES, RECUSALS),
    importers=(
        Importer(
            "judges",
            "大赛评委",
            Permission.CONTESTS_MANAGE,
            judge_files.FIELDS,
            judge_files.load,
            options=judge_files.OPTIONS,
            hint="每行一位评委；按手机或邮箱找到账号，还没有账号的发邀请；导入时自动核对回避",
        ),
        Importer(
            "prior-winners",
            "往届获奖名单",
            Permission.CONTESTS_MANAGE,
            winner_files.FIELDS,
            winner_files.load,
            hint="一行一个奖项：年度、级别、获奖单位、信用代码、项目、奖项；资格审查时自动比对",
        ),
    ),
    after_record=recusals.after_record,
    hidden_activities=judging.hidden_activities,
    hidden_messages=judging.hidden_messages,
    desk=(
        DeskSource("competition.ballots", frozenset({"judge"}), desk.waiting_for_judge, order=5),
        DeskSource("competition.organiser", frozenset({"organiser"}), desk.waiting_for_organiser, order=15),
        DeskSource("competition.mine", ENTRANTS, desk.mine, order=20),
        DeskSource("competition.member", ENTRANTS, desk.asked_as_member, order=18),
        DeskSource("competition.open", ENTRANTS, desk.open_contests, section="new", order=45),
    ),
    search=(SearchSource("创新创业大赛", desk.find, order=25),),
    personal_data=personal_data.held,
    forget=personal.forget,
    file_access={
        EntryFile.__tablename__: files.may_read_original,
        BlindCopy.__tablename__: files.may_read_blind,
        "diligence_checks": standings.may_read_check,
    },
)
