"""公示: public notices, objections, two-person decisions and numbered certificates, shared by every feature.

Nouns: a *Notice* lists what is about to be decided and stays up for a number of working days; an *Objection* is a
written, signed complaint against one line of it; a *Decision* is proposed by one person and confirmed by another;
a *Certificate* carries a number whose last character proves the rest.

States: notice 草稿 → 公示中 ⇄ 异议核实 → 期满 → 生效, or 撤回;
objection 待受理 → 核查中 → 成立 | 不成立, or 不予受理 | 撤回;
decision 待复核 → 已确认 | 已退回; certificate 有效 → 撤销.

Users: handlers publish and register objections, approvers confirm, everybody reads notices and checks certificates.
"""
