"""日程: what happens when and where at an event, who speaks, who signed up; copies, series and ready events.

Nouns: Session (one item of the programme), Room, Speaker with a role in sessions.
States of a session: 待定 → 已确认 → 已取消. A sign-up is no row of its own: it is the registration's claim on the
session's seat pool.
Users: organisers and who has the duty 日程与嘉宾 plan; registered people and guests sign up; everybody reads.
"""
