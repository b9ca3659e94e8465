"""活动: investment-promotion events, trainings, roadshows and exhibitions, from draft to calendar entry.

Nouns: Event, SeatPool (what is scarce; claimed by one conditional UPDATE), Registration (one organisation or person
with its attendees), Attendee. States of an event: 草稿 → 已发布 → 已结束 | 已取消; of a registration:
待审核 → 已通过 | 未通过 | 已撤回 | 已取消.
Users: organisers draft, publish, decide and export; enterprises and people register, withdraw, take the calendar file.
"""
