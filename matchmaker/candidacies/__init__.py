"""申报、推荐、公示与聘任: how somebody becomes a mentor, a tech envoy or an expert of the pool.

Nouns: a *Candidacy* is one person's way to one post, opened by the person or by an organisation that recommends; a
*Choice* is one firm and one envoy choosing each other; an *Agreement* binds envoy, host firm and the bureau.

States: 申报 → 审核 → 公示 → 已聘任, with 退回补正, 未通过, 已撤回 beside them; an envoy is recommended by the
sending unit and matched with a host in between, and is appointed once all three have signed.
Two people of the bureau appoint.

Users: candidates, organisations that recommend, send and host, handlers who review, approvers who confirm.
"""
