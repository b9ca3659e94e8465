"""孵化载体与在孵企业: carriers and the way of firms through them (F09, F10).

Nouns: Carrier (a nursery, makerspace, incubator, accelerator or park) with its papers and rooms; Tenancy (one firm's or
team's way through one carrier, from application to graduation or exit). A tenancy's history is the activity log.
States: `rules.CARRIER_STEPS` and `rules.TENANCY_STEPS`; the limits of entry and stay come from a document
(`seeds/reference/tenancy_rules.yaml`), whose number every stay keeps.
Users: firms and teams apply and follow; managers move the tenancies of their operator's carriers; the bureau keeps the
register of carriers and sees its region. Targets: T6 `queries.ever_admitted`, C1–C5 `queries.carriers_for_target`.
"""
