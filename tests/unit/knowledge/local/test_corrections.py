"""What labelled conversations teach: corrections of the log-odds by features."""

import pytest

from services.knowledge.local.corrections import Corrections, Example, learn_corrections
from services.knowledge.local.types import CLASSES

UNSURE = dict.fromkeys(CLASSES, 0.0)
TAUGHT = [
    Example({"always": 1.0, "asks": 1.0}, UNSURE, ("question",)),
    Example({"always": 1.0, "past": 1.0}, UNSURE, ("solution", "decision")),
    Example({"always": 1.0}, UNSURE, ("nothing",)),
]


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({"always": 1.0, "asks": 1.0}, "question"),
        ({"always": 1.0, "past": 1.0}, "solution"),
        ({"always": 1.0}, "nothing"),
    ],
)
def test_what_was_taught_is_likeliest(features: dict[str, float], expected: str) -> None:
    found = Corrections(learn_corrections(TAUGHT)).of(features)
    assert max(found, key=lambda name: found[name]) == expected


def test_what_is_accepted_as_well_is_likelier_than_what_is_not() -> None:
    found = Corrections(learn_corrections(TAUGHT)).of({"always": 1.0, "past": 1.0})
    assert found["decision"] > found["pattern"]


def test_what_was_right_already_is_hardly_corrected() -> None:
    sure = UNSURE | {"question": 20.0}
    found = learn_corrections([Example({"asks": 1.0}, sure, ("question",))])
    assert all(abs(weight) < 0.1 for weight in found["asks"])


def test_features_that_nobody_taught_correct_nothing() -> None:
    assert Corrections({"asks": [1.0] * len(CLASSES)}).of({"other": 1.0}) == UNSURE


def test_the_same_examples_teach_the_same() -> None:
    assert learn_corrections(TAUGHT) == learn_corrections(TAUGHT)
