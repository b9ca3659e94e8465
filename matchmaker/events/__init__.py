"""活动: investment-promotion events, trainings, roadshows and exhibitions, from draft to calendar entry.

Nouns: Event, Audience (a group of people it is for, with its own form), SeatPool (what is scarce), Registration (one
organisation, person or guest with its Attendees), SeatClaim (which places of which pool it holds or wants), EventRole
(a duty of one person on one event). States of an event: 草稿 → 已发布 → 已取消; of a registration:
未提交 → 待审核 → 已通过 | 未通过 | 候补中 → 候补待确认 → 已通过 | 逾期未确认; 已撤回, 已取消; 已到场, 未到场.
Users: organisers draft, publish, decide and export; enterprises and people register, withdraw, take the calendar file.
"""
