"""创新创业大赛: one year's contest from announcement to certificates.

Nouns: a *Contest* is one year's edition with *groups* (初创企业组, 成长企业组, 团队组), industry *tracks* and *stages*
(初赛, 复赛, 决赛). An *Entry* is one project of a firm or a team. A *Rubric* has weighted *criteria*; a *Ballot* is one
judge's points for one entry in one stage. A *Recusal* keeps a judge away from an entry. *Standings* are recomputed
from the ballots every time they are shown; a *release* makes them visible.

States: contest 筹备 → 报名 → 审查 → 比赛 → 公示 → 归档; entry 草稿 → 已提交 → 资格审查 → 已分组 → 初赛 → 复赛 → 决赛 →
拟获奖公示 → 获奖 → 奖金已拨付 → 跟踪服务, with 退回补正, 审查不通过, 未晋级, 异议核实, 弃赛 and 取消资格 aside.

Users: organisers run the contest and release results, enterprises and teams enter, judges score what they are
assigned, approvers confirm what is locked, the public reads notices. Nobody sees a score before its release.

Where to look: `rules/states.py` steps and who may see scores, `rules/eligibility.py` groups and entry checks,
`rules/rubric.py` criteria and ballots, `rules/conflicts.py` recusal, `rules/aggregation.py` panel and entry score,
`rules/ties.py` ranks and who advances.
"""
