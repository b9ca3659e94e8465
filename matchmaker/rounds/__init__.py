"""批量对接: many needs and many helpers are brought together at once, so that the last need gets somebody, too.

Nouns: a *MatchRound* has needs, helpers, so many helpers for each need, so many needs for each helper, and a floor
below which nobody is proposed; a *RoundPair* is one need with one helper, first proposed, then asked.

States: 草稿 (proposals may change) → 进行中 (asked; declined ones are replaced, the others stay) → 已结束.
The plan serves as many needs as possible and has the largest sum among those, proved (`core.assignment.serving`), or
first the largest smallest total of a need (`core.assignment.fairness`).

Users: handlers of the region. Helpers and firms know single requests alone, asked by `matching.services.requests`.
"""
