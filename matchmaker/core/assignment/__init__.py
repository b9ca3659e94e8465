"""Exact assignment of people to items: who judges what, who helps whom; arrays in, arrays out.

    pairs = assign(affinity, per_item=5, min_load=20, max_load=40, forbidden=recusals, seed=1)
    found = solve(...)  # the same with what was proved: floor, ceiling, total

`transport` settles sums exactly, `floors` the worst-off item, `climbing` finds starts, `solving` puts them in order;
`serving` gives every item up to so many people, at size; `fairness` does so with the worst-off item first.
"""

from matchmaker.core.assignment.solving import Solution, Unsolved, assign, solve
from matchmaker.core.feasibility import Blocking, Infeasible, check_feasible

__all__ = ["Blocking", "Infeasible", "Solution", "Unsolved", "assign", "check_feasible", "solve"]
