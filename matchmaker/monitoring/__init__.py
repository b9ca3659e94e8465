"""指标监测与绩效评估: what is counted, how far it is from its target, and on which records it rests.

Nouns: an *Indicator* has a definition (口径) with a direction, a unit and a formula version; a *Value* is a number on
a day with the list of records behind it; a *Snapshot* keeps values with the definition of their day; *Progress*
compares a value with the target and never takes missing data for zero.

States: snapshot 定义 → 采集 → 核对 → 锁定 → 发布, and 更正 after publication.

Users: bureau handlers collect and check, approvers lock, leaders read, auditors follow a number to its records.
"""
