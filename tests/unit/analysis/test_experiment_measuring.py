"""What an experiment measured."""

import pytest

from services.analysis.experiments.measuring import Outcome, measure
from shared.contracts.experiments import SnapshotTopic

TOPICS = [SnapshotTopic(id=each, name=f"Тема {each}", description="Опис.") for each in (50, 60, 70)]


def test_figures_of_an_experiment() -> None:
    outcomes = [
        Outcome(50, 50, 0.9, 100.0),
        Outcome(50, 60, 0.5, 300.0),
        Outcome(60, 60, 0.7, 0.0),
        Outcome(60, None, 0.0, 200.0),
    ]
    found = measure(outcomes, TOPICS, cost=0.02)
    assert (found.messages, found.unclassified, found.accuracy, found.cost) == (4, 1, 0.5, 0.02)
    assert found.mean_confidence == pytest.approx(0.7)
    assert found.mean_ms == pytest.approx(200.0)
    assert found.confusion == {"50": {"50": 1, "60": 1}, "60": {"60": 1, "none": 1}}
    assert [(each.topic_id, each.support, each.predicted) for each in found.topics] == [
        (50, 2, 1),
        (60, 2, 2),
    ]
    assert found.macro_f1 == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert found.macro_f1_low <= found.macro_f1 <= found.macro_f1_high
    assert found.calibration_error == pytest.approx((0.1 + 0.5 + 0.3) / 3)


def test_nothing_that_was_classified_has_figures_that_are_zero() -> None:
    found = measure([Outcome(50, None, 0.0, 0.0)] * 2, TOPICS, cost=0.0)
    assert (found.accuracy, found.macro_f1, found.mean_confidence, found.calibration_error) == (0, 0, 0, 0)
    assert (found.unclassified, found.mean_ms) == (2, 0.0)
