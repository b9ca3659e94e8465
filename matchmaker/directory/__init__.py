"""主体库: the one register of organisations and people that every other feature points to (F01).

Nouns: an Organisation (单位) of any kind – enterprise, university, institute, investor, carrier operator, service
or finance institution, government unit – with its credit code, present and former names, registered and working
address, industry class, high-tech fields, key-industry tags and founding day; a Person (人员) with memberships.

States: 待认领 (entered by the bureau or by import, no owner yet) → 待核 (claimed or changed, waits for a check)
→ 有效 → 异常 / 迁出 → 注销. `rules.TRANSITIONS` is the whole table.

Users: members keep their own organisation up to date; bureau handlers enter, check, merge and import; everyone
finds an organisation by code, old or new name or pinyin initials. One organisation appears once: its key is the
credit code, else the stock code, else the folded full name; merging keeps both histories.

What the rules promise: a credit code is right to its last check sign (an old wrong one needs a reviewer's reason);
nothing was founded in the future; the region of the code says where a firm was registered and never decides
whether it is at home in the district – its registered address does.
"""
