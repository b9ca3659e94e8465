"""Rules side by side, reports on judges, the grey zone, entries to score again, and the order of appearance."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.competition.engine.ballots import Ballot
from matchmaker.competition.engine.calibration import calibrate
from matchmaker.competition.engine.connectivity import weakest_link
from matchmaker.competition.engine.diagnostics import (
    all_rules,
    compare,
    grey_zone,
    judge_reports,
    panel_leniency,
    reconsider,
)
from matchmaker.competition.engine.order import order_of_ballots, order_of_entries
from matchmaker.competition.engine.ranking import Line, Rule, rank
from matchmaker.competition.engine.whatif import what_if
from tests.competition.engine.panels import drawn, written

SEVERE = "\n".join(f"A{n:02d} X {50 + n}\nA{n:02d} Y {38 + n + n % 3}" for n in range(12)) + "\nC Y 52\nD X 60"


def lines_of(*scores, error=None):
    ordered = sorted(scores, reverse=True)
    return [
        Line(f"E{n}", Decimal(score), error and Decimal(error), 1 + sum(other > score for other in ordered))
        for n, score in enumerate(ordered)
    ]


def test_a_severe_panel_is_named_with_its_points_and_places():
    found = {line.entry: line for line in compare(written(SEVERE))}

    assert found["C"].moved > 0
    assert str(found["C"].reason) == f"评委偏严 5.5 分，校准后上升 {found['C'].moved} 位"
    assert found["D"].moved < 0
    assert "评委偏宽 5.5 分，校准后下降" in str(found["D"].reason)


def test_moves_are_the_difference_of_the_ranks_shown():
    for line in compare(drawn(seed=2, each=4)):
        assert line.moved == line.lines[Rule.MEAN].rank - line.lines[Rule.CALIBRATED].rank
        assert set(line.lines) == set(Rule)


def test_a_rule_that_these_ballots_do_not_allow_is_left_out():
    assert Rule.TRIMMED not in all_rules(drawn(seed=2, each=3))


def test_without_correction_one_sentence_says_so():
    reasons = {str(line.reason) for line in compare(drawn(seed=5, severity=0.0))}

    assert reasons == {"评委之间宽严差异不显著，按平均分排名"}


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_every_sentence_agrees_with_what_happened(seed):
    ballots = drawn(seed=seed, entries=20, judges=6)
    leniency = panel_leniency(ballots, calibrate(ballots))

    for line in compare(ballots):
        said = str(line.reason)
        assert ("上升" in said, "下降" in said) == (line.moved > 0, line.moved < 0) or "不显著" in said
        assert "偏严" not in said or leniency[line.entry] < 0
        assert "偏宽" not in said or leniency[line.entry] > 0


def test_the_report_of_a_judge():
    ballots = written(SEVERE)
    fit = calibrate(ballots)
    severe, lenient = judge_reports(ballots, fit)[1], judge_reports(ballots, fit)[0]

    assert (severe.judge, severe.ballots, severe.component) == ("Y", 13, 0)
    assert severe.severity == pytest.approx(-lenient.severity)
    assert severe.difference == pytest.approx(-11.0)
    assert severe.agreement == pytest.approx(0.97, abs=0.03)
    assert severe.spread == pytest.approx(float(np.std([float(b.score) for b in ballots if b.judge == "Y"], ddof=1)))


def test_a_judge_alone_has_no_agreement():
    ballots = written("A X 5\nB X 6")
    report = judge_reports(ballots, calibrate(ballots))[0]

    assert (report.difference, report.agreement, report.severity) == (None, None, None)


def test_the_grey_zone_is_one_standard_error_around_the_cut():
    zone = grey_zone(lines_of(90, 84, 82, 70, error=2), 2)

    assert (zone.cut, zone.entries, zone.tied) == (Decimal(83), ("E1", "E2"), ())


def test_ties_across_the_cut_are_named():
    zone = grey_zone(lines_of(90, 84, 84, 84, 70), 2)

    assert (zone.tied, zone.entries) == (("E1", "E2", "E3"), ("E1", "E2", "E3"))


@pytest.mark.parametrize("places", [0, 3, 9])
def test_no_grey_zone_without_a_cut(places):
    assert grey_zone(lines_of(3, 2, 1), places) is None


def test_disagreement_beyond_the_limit_is_scored_again():
    """Both judges have mean 70 and SD 10: A is 60 and 80 in standard scores 40 and 60."""
    ballots = written("A X 60\nB X 70\nC X 80\nA Y 80\nB Y 70\nC Y 60")

    wide = reconsider(ballots, limit=19)

    assert [(line.entry, line.spread, line.highest, line.lowest) for line in wide] == [
        ("A", Decimal("20.00"), "Y", "X"),
        ("C", Decimal("20.00"), "X", "Y"),
    ]
    assert reconsider(ballots, limit=20) == ()


def cheapest_cut(ballots):
    """The number of links across the best of all splits, tried one by one."""
    judges = sorted({b.judge for b in ballots})
    panels = [{b.judge for b in ballots if b.entry == entry} for entry in {b.entry for b in ballots}]
    costs = []
    for size in range(1, len(judges) // 2 + 1):
        for side in combinations(judges, size):
            costs.append(sum(len(panel & set(side)) * len(panel - set(side)) for panel in panels))
    return min(costs)


@settings(max_examples=40)
@given(data=st.data())
def test_the_weakest_link_is_the_cheapest_of_all_splits(data):
    entries, judges = data.draw(st.integers(1, 7)), data.draw(st.integers(2, 6))
    pairs = data.draw(st.sets(st.tuples(st.integers(0, entries - 1), st.integers(0, judges - 1)), min_size=2))
    ballots = [Ballot(e, j, Fraction(1)) for e, j in sorted(pairs)]
    link = weakest_link(ballots)

    if link is None:
        assert len({b.judge for b in ballots}) == 1
        return
    panels = [{b.judge for b in ballots if b.entry == entry} for entry in {b.entry for b in ballots}]
    one, other = set(link.one_side), set(link.other_side)
    assert one | other == {b.judge for b in ballots}
    assert sum(len(panel & one) * len(panel & other) for panel in panels) == cheapest_cut(ballots)
    assert link.shared == sum(bool(panel & one and panel & other) for panel in panels)


def test_a_thin_bridge_is_found():
    two_camps = "A X 1\nA Y 1\nB X 1\nB Y 1\nC Z 1\nC W 1\nD Z 1\nD W 1\nE Y 1\nE Z 1"

    link = weakest_link(written(two_camps))

    assert (link.one_side, link.other_side, link.shared) == (("W", "Z"), ("X", "Y"), 1)


def test_winners_of_every_variant_are_stable():
    ballots = drawn(seed=12, entries=20, judges=6, each=4)
    found = what_if(ballots, rule=Rule.MEAN, places=5)

    counted = [variant for variant in found.variants if variant.ranking]
    always = [e for e in found.winners if all(variant.ranking.ranks.get(e, 99) <= 5 for variant in counted)]
    assert list(found.stable) == always
    assert 0 < len(found.stable) < len(found.winners)
    assert [(variant.rule, variant.without) for variant in found.variants] == [
        *((rule, None) for rule in Rule if rule is not Rule.MEAN),
        *((Rule.MEAN, f"J{n:02d}") for n in range(6)),
    ]


def test_leaving_a_judge_out_is_the_ranking_without_these_ballots():
    ballots = drawn(seed=12, entries=20, judges=6, each=4)
    variant = next(v for v in what_if(ballots, rule=Rule.MEAN, places=5).variants if v.without == "J02")

    assert variant.ranking == rank([b for b in ballots if b.judge != "J02"], Rule.MEAN)


def test_entries_whose_only_judge_is_left_out_are_named():
    found = what_if(written("A X 5\nB Y 6\nB X 3"), rule=Rule.MEAN, places=1)
    without = {variant.without: variant for variant in found.variants}

    assert (without["X"].unscored, without["X"].gained, without["X"].lost) == (("A",), ("B",), ("A",))
    assert without[None].ranking is not None


def test_a_slope_that_was_put_in_is_found():
    dice = np.random.default_rng(4)
    worth = {n: 70 + 0.5 * n + dice.normal(0, 2) for n in range(40)}

    found = order_of_entries(worth, {n: n for n in range(40)})

    assert found.low < 0.5 < found.high
    assert found.found
    assert found.probability < 0.001


def test_the_order_of_each_judge_is_told_from_worth_and_severity():
    """Scores rise by a point a position on top of worth and severity, without any noise: the slope is one."""
    dice = np.random.default_rng(8)
    ballots, positions = [], {}
    for judge in range(5):
        for place, entry in enumerate(dice.permutation(12)):
            positions[int(entry), judge] = place
            ballots.append(Ballot(int(entry), judge, Fraction(int(5 * entry + 7 * judge + place))))

    found = order_of_ballots(ballots, positions)

    assert (found.slope, found.low, found.high) == pytest.approx((1, 1, 1))


def test_one_order_for_all_judges_cannot_be_told_from_worth():
    ballots = drawn(seed=1, each=4)

    assert order_of_ballots(ballots, {(b.entry, b.judge): int(b.entry[1:]) for b in ballots}) is None
    assert order_of_entries({"A": 1.0, "B": 2.0}, {"A": 1, "B": 2}) is None


def test_no_effect_of_order_is_seldom_found():
    seen = 0
    for seed in range(200):
        dice = np.random.default_rng(seed)
        seen += order_of_entries(dict(enumerate(dice.normal(0, 1, 20))), {n: n for n in range(20)}).found

    assert 2 <= seen <= 22  # five in a hundred are expected
