"""网络票选: the public votes for the entries of a stage, beside the judging and without any part in it.

One `PublicVote` belongs to one stage. What is counted here never enters ballots, standings, ranks or the package of a
result; at most it decides a popularity award of its own. Nobody, organisers included, learns a count before the vote
is closed and checked by two people; the check is blind to the entries. `rules` the clock, limits and patterns;
`services/casting` one vote, `services/setting` preparing, `services/checking` strikes, two people, release.
"""
