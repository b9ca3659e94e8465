"""智能匹配: ranks mentors, envoys, researchers and investors for a stated need, and says why.

Nouns
-----
Need      what an enterprise asks for, in its own words (`rules.NeedKind`: mentoring, technical, funding).
Profile   what a helper offers: documents with weights, tags (field, industry, region), numbers (ticket range).
Match     one need and one profile with a score in [0, 1] and the shares that add up to it.
Request   the enterprise's question to one helper: asked → accepted | declined | expired | withdrawn → closed.

How a score comes about (`engine`)
----------------------------------
`text` cuts needs and documents into terms, script by script; `vectors` weighs the terms (TF-IDF, fitted on the
profiles); `similarity` compares a need with each document of a profile and combines the documents; `ranking` adds the
structured features, filters those who may not be suggested (each with a reason) and orders the rest; `explain` divides
the score among phrases and features and puts it into one sentence; `index` keeps it all in memory and takes changes
without a new fit; `evaluation` measures.

A score depends on that need, that profile and the fitted term weights only: it can be compared across needs and
across profiles. Hard rules (recusal, own unit, capacity, term, secrecy, opted out, declined) are filters, never
weights.

Users: enterprises state needs and ask; helpers accept or decline; the bureau's handlers watch and help.
"""
