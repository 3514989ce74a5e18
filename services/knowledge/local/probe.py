"""What the vector of a sentence says about its type: a linear model learnt from `exemplars/`.

It belongs to one embedding model, and knows it by a fingerprint: one sentence's vector, kept beside the
weights. With any other model there is no probe, and the cues decide alone.

Multinomial logistic regression; `python -m tests.benchmarks.knowledge_training` learns it anew.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from services.knowledge.local.corrections import Corrections
from services.knowledge.local.types import CLASSES, NOTHING
from services.knowledge.local.vectors import Vector

FINGERPRINT = "Друга партія деталей прийшла без маркування, and nobody signed for it."
"""The sentence whose vector tells one embedding model from another."""

SAME_MODEL = 0.995
"""Cosine of the fingerprint with the kept one, above which the model is taken for the same."""

_FOLDER = Path(__file__).parent
WEIGHTS = _FOLDER / "probe.json"
"""Where the learnt weights are."""


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """A learnt probe.

    Attributes:
        weights: One row of as many numbers as a vector has, for each of `CLASSES`.
        biases: One number for each of `CLASSES`.
        fingerprint: The vector of `FINGERPRINT`.
        centre: The mean vector of what it was learnt from: where texts lie on average.
        corrections: What each of `features` adds to the log-odds of each of `CLASSES`.
    """

    weights: list[list[float]]
    biases: list[float]
    fingerprint: list[float]
    centre: list[float]
    corrections: dict[str, list[float]] = {}

    def probe(self) -> "Probe":
        """The probe with these weights."""
        return Probe(
            np.asarray(self.weights), np.asarray(self.biases), Corrections(self.corrections), self.centre
        )


@dataclass(frozen=True, slots=True)
class Probe:
    """Log-probabilities of `CLASSES` for vectors of the model it was learnt with.

    Attributes:
        corrections: Of what a sentence is taken for.
        centre: Where texts lie on average.
    """

    weights: npt.NDArray[np.float64]
    biases: npt.NDArray[np.float64]
    corrections: Corrections
    centre: Vector

    def log_probabilities(self, vector: Sequence[float]) -> dict[str, float]:
        """By class; they sum to one as probabilities."""
        scores = self.weights @ np.asarray(vector, dtype=np.float64) + self.biases
        highest = float(scores.max())
        total = highest + math.log(float(np.exp(scores - highest).sum()))
        return {name: float(score) - total for name, score in zip(CLASSES, scores, strict=True)}


def probe_for(fingerprint: Sequence[float] | None) -> Probe | None:
    """The probe, when this is the vector that its model gives to `FINGERPRINT`."""
    kept = _kept()
    if fingerprint is None or len(fingerprint) != len(kept.fingerprint):
        return None
    if float(np.dot(fingerprint, kept.fingerprint)) < SAME_MODEL:
        return None
    return kept.probe()


@cache
def _kept() -> Weights:
    return msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)


def exemplars() -> list[tuple[str, str]]:
    """The sentences it is learnt from, each with its class."""
    return [
        (line.strip(), name)
        for name in CLASSES
        for line in (_FOLDER / "exemplars" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]


def learn(vectors: npt.NDArray[np.float64], classes: Sequence[str], fingerprint: Sequence[float]) -> Weights:
    """Fit the probe: Nesterov's gradient descent with L2, from zero: it always comes out the same."""
    mean = vectors.mean(axis=0)
    inputs = np.hstack([(vectors - mean) * _SCALE, np.ones((len(vectors), 1))])
    targets = np.eye(len(CLASSES))[[CLASSES.index(name) for name in classes]]
    shares = _shares(classes)
    rate = 2.0 / float(np.linalg.norm(inputs.T @ (shares * inputs), 2))
    weights = ahead = np.zeros((inputs.shape[1], len(CLASSES)))
    for step in range(_STEPS):
        scores = inputs @ ahead
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        gradient = inputs.T @ (shares * (odds / odds.sum(axis=1, keepdims=True) - targets))
        gradient[:-1] += _PENALTY * ahead[:-1]
        before, weights = weights, ahead - rate * gradient
        ahead = weights + step / (step + 3) * (weights - before)
    slopes = weights[:-1].T * _SCALE
    biases = weights[-1] - slopes @ mean
    return Weights(
        weights=[[round(float(value), 2) for value in row] for row in slopes],
        biases=[round(float(value), 3) for value in biases],
        fingerprint=[round(float(value), 4) for value in fingerprint],
        centre=[round(float(value), 4) for value in mean],
    )


def _shares(classes: Sequence[str]) -> npt.NDArray[np.float64]:
    """What each exemplar counts: all together 1, those of nothing `_OF_NOTHING` however many there are."""
    empty = np.asarray([name == NOTHING for name in classes])
    counts = np.where(empty, empty.sum(), (~empty).sum())
    shares: npt.NDArray[np.float64] = np.where(empty, _OF_NOTHING, 1 - _OF_NOTHING) / counts
    return shares[:, None]


_OF_NOTHING = 0.24
_SCALE, _STEPS, _PENALTY = 10.0, 400, 2e-3
