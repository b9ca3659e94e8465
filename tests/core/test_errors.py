"""The refusals: sentences that can be filled and translated."""

import pickle

from matchmaker.core.errors import Conflict, DomainError


def test_message_without_values_is_left_as_written():
    error = DomainError("名称不能含 {}", field="name")

    assert (str(error), error.message, error.field) == ("名称不能含 {}", "名称不能含 {}", "name")


def test_message_with_values_keeps_the_template_for_translation():
    error = Conflict("只剩 {left} 个名额", field="seats", left=2)

    assert str(error) == "只剩 2 个名额"
    assert error.message == "只剩 {left} 个名额"
    assert error.filled("Only {left} seats left") == "Only 2 seats left"


def test_refusal_survives_a_trip_through_pickle():
    error = pickle.loads(pickle.dumps(DomainError("现有 {n} 位", field="uscc", n=17)))

    assert (str(error), error.field) == ("现有 17 位", "uscc")
