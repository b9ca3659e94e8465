"""资质台账: dated titles of organisations, on which the targets T1, T2, T3 and T7 rest.

Nouns: a *Title* is something granted for a time: a technology-SME number, an HNTE certificate, an innovation team,
a granted patent; its *holder* is an organisation (co-owners of a patent stand beside it and the patent counts once).

States: none is stored. A title is 有效 on a day from its first to its last day, both included; 终止 ends it early.

Users: bureau handlers record and import titles, organisations see their own, leaders and auditors read.
"""
