"""导师、科技特派员、研究人员、投资人与专家: who is appointed for what, for how long, and what they did.

Nouns: an *Appointment* gives one person one kind of post for a term under a document number; an envoy also has an
*Agreement* with a host; a *Session* is one meeting of mentor and tenant; a *Visit* is one day of an envoy at the host.

States: mentor 申报 → 审核 → 公示 → 聘任 → 在聘 → 年度评价 → 续聘 | 期满 | 解聘 | 辞任; an envoy is recommended and
matched in between; session 预约 → 确认 → 完成 → 评价, or 取消 | 爽约.

Users: bureau handlers appoint, mentors and envoys record their service, tenants and hosts confirm it.
"""
