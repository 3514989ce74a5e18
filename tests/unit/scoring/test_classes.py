import math

import pytest

from services.scoring.classes import MessageClass, classify


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0.0, MessageClass.NOISE),
        (0.2999, MessageClass.NOISE),
        (0.3, MessageClass.WEAK_SIGNAL),
        (0.6999, MessageClass.WEAK_SIGNAL),
        (0.7, MessageClass.SIGNAL),
        (1.0, MessageClass.SIGNAL),
    ],
)
def test_a_class_begins_at_its_threshold(score: float, expected: MessageClass) -> None:
    assert classify(score) is expected


@pytest.mark.parametrize("score", [-0.0001, 1.0001, math.nan, math.inf])
def test_what_is_no_score_has_no_class(score: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        classify(score)
