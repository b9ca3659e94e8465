"""活动总结: the numbers of an event, all of them counted in people and from the rows when somebody asks.

The funnel 受邀 → 报名 → 通过 → 到场 → 已评价, split by industry, source or group; and the balance: every person is in
exactly one state, and the states add up to everybody. Users: organisers, and whoever may look at the event.
"""
