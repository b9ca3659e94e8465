"""个人信息台账: what personal data an event still holds, why and until when; deletion with proof.

`rules` name the categories, `taxonomy` reads their default terms, `queries.ledger` counts what is left from the rows.
`services.purging` empties values and leaves rows, so that no count of the event changes, and writes a `Deletion`:
kind, number of values, moment, person or job, sealed together with the one before. The job `retention.purge` does it
every night for what is due.
"""
