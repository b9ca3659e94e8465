"""特派员服务: visits with photo and the host's confirmation, results, what is missing, the yearly score.

Nouns: a *Visit* is one time an envoy was at the host under an agreement; a *Result* is what came of it; a *Relation* is
somebody close to the envoy, who may not confirm.

States: visit 待企业确认 → 已确认 | 不属实 | 已撤回.

Users: envoys record, people of the host confirm (signed in or by a link sent to them), handlers watch and review.
"""
