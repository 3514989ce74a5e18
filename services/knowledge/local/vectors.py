"""Vectors as plain numbers."""

from collections.abc import Sequence

import numpy as np

Vector = Sequence[float]


def cosine(one: Vector, other: Vector) -> float:
    """Cosine of two vectors; 0 when either has no length, or when they are of different models."""
    if len(one) != len(other):
        return 0.0
    first, second = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / lengths if lengths else 0.0


def mean(vectors: Sequence[Vector]) -> Vector:
    """Their centre; at least one is needed."""
    centre: list[float] = np.mean(np.asarray(vectors, dtype=np.float64), axis=0).tolist()
    return centre
