"""辅导: tenants book a mentor in three steps, both sides confirm, the tenant rates.

Nouns: a *Window* is a weekly time a mentor offers; a *Session* is one meeting; a *Hold* keeps a quarter of an hour for
one person or firm, so that nobody is booked twice; a *CarrierMentor* says which mentor serves which carrier and when.

States: 已预约 → 已确认 → 已完成 → 已评价, or 已取消 | 爽约.

Users: tenants book and rate, mentors offer time and confirm, carriers name their mentors, handlers watch and review.
"""
