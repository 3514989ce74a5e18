"""What labelled conversations taught: how the features of a sentence correct what it was taken for.

A linear model on top of the log-odds of vector, cues and place, held near to no correction at all (L2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.knowledge.local.types import CLASSES

Numbers = npt.NDArray[np.float64]

_PENALTY, _STEPS = 0.006, 400
_ALSO_ACCEPTED = 0.6
"""What a class counts that a sentence may be taken for as well, beside the best one."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """By feature: what it adds to the log-odds of each of `CLASSES`."""

    weights: Mapping[str, Sequence[float]]

    def of(self, features: Mapping[str, float]) -> dict[str, float]:
        """What to add to the log-odds of a sentence."""
        found = [0.0] * len(CLASSES)
        for name in sorted(features):
            for place, weight in enumerate(self.weights.get(name, ())):
                found[place] += features[name] * weight
        return dict(zip(CLASSES, found, strict=True))


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence to learn from.

    Attributes:
        scores: Its log-odds without corrections.
        accepted: What it may be taken for, the best first.
    """

    features: Mapping[str, float]
    scores: Mapping[str, float]
    accepted: tuple[str, ...]


def learn_corrections(examples: Sequence[Example]) -> dict[str, list[float]]:
    """Fit by Nesterov's gradient descent with L2, from zero, so that the same examples give the same."""
    names = sorted({name for example in examples for name in example.features})
    inputs = np.asarray([[example.features.get(name, 0.0) for name in names] for example in examples])
    start = np.asarray([[example.scores[name] for name in CLASSES] for example in examples])
    worth = np.asarray([[_worth(example, name) for name in CLASSES] for example in examples])
    rate = 1.0 / (0.5 * float(np.linalg.norm(inputs.T @ inputs, 2)) / len(inputs) + _PENALTY)
    weights = ahead = np.zeros((len(names), len(CLASSES)))
    for step in range(_STEPS):
        odds = _shares(start + inputs @ ahead)
        wanted = odds * worth
        wanted /= wanted.sum(axis=1, keepdims=True)
        gradient = inputs.T @ (odds - wanted) / len(inputs) + _PENALTY * ahead
        before, weights = weights, ahead - rate * gradient
        ahead = weights + step / (step + 3) * (weights - before)
    return {
        name: [round(float(weight), 2) for weight in row] for name, row in zip(names, weights, strict=True)
    }


def _worth(example: Example, name: str) -> float:
    if name not in example.accepted:
        return 0.0
    return 1.0 if name == example.accepted[0] else _ALSO_ACCEPTED


def _shares(scores: Numbers) -> Numbers:
    odds: Numbers = np.exp(scores - scores.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    return odds
