"""One check for every table of states."""

import pytest

from matchmaker.core.errors import Conflict
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step, reachable


class Light(Labelled):
    RED = "red", "红灯", "bad"
    GREEN = "green", "绿灯", "good"
    OFF = "off", "关闭"


STEPS = {Light.RED: frozenset({Light.GREEN}), Light.GREEN: frozenset({Light.RED})}


def test_a_listed_step_passes():
    assert check_step(STEPS, Light.RED, Light.GREEN) is None


@pytest.mark.parametrize("current", [Light.RED, Light.OFF])
def test_any_other_step_is_a_conflict_that_names_both_states(current):
    with pytest.raises(Conflict) as refused:
        check_step(STEPS, current, Light.OFF)

    assert str(refused.value) == f"当前状态是“{current.label}”，不能改为“关闭”，请刷新页面后按所列步骤操作"
    assert refused.value.field == "state"
    assert refused.value.filled("{current} > {target}", translate=str.upper) == f"{current.label} > 关闭"


def test_reachable_follows_every_step():
    assert reachable(STEPS, Light.RED) == {Light.RED, Light.GREEN}
    assert reachable(STEPS, Light.OFF) == {Light.OFF}
