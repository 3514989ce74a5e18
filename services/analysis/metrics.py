"""What a classification is worth: accuracy, precision, recall, F1, calibration and their intervals. Pure.

Every function takes results as pairs of the actual and the predicted topic; None is a message for which the
model named none, and counts as wrong. A share whose denominator is zero is 0, as scikit-learn has it with
`zero_division=0`.
"""

import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Label = TypeVar("Label", bound=Hashable)
Pair = tuple[Label, Label | None]


@dataclass(frozen=True, slots=True)
class Shares:
    """How well one class is told from the others; van Rijsbergen 1979, Information Retrieval, ch. 7.

    Attributes:
        precision: True positives of all predicted, 0..1.
        recall: True positives of all actual, 0..1.
        f1: Harmonic mean of both, 2·tp / (2·tp + fp + fn).
        support: Actual ones.
        predicted: Predicted ones.
    """

    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


def confusion(pairs: Iterable[Pair[Label]]) -> dict[Label, dict[Label | None, int]]:
    """Counts by actual, then predicted class."""
    found: dict[Label, dict[Label | None, int]] = {}
    for actual, predicted in pairs:
        row = found.setdefault(actual, {})
        row[predicted] = row.get(predicted, 0) + 1
    return found


def accuracy(pairs: Sequence[Pair[Label]]) -> float:
    """Share of pairs whose prediction is the actual class; 0 of none."""
    return _share(sum(actual == predicted for actual, predicted in pairs), len(pairs))


def shares(pairs: Sequence[Pair[Label]]) -> dict[Label, Shares]:
    """Each class that is actual or predicted, in the order in which it first occurs, actual ones first."""
    actual = Counter(pair[0] for pair in pairs)
    predicted = Counter(pair[1] for pair in pairs if pair[1] is not None)
    hits = Counter(pair[0] for pair in pairs if pair[0] == pair[1])
    return {
        label: Shares(
            precision=_share(hits[label], predicted[label]),
            recall=_share(hits[label], actual[label]),
            f1=_share(2 * hits[label], actual[label] + predicted[label]),
            support=actual[label],
            predicted=predicted[label],
        )
        for label in dict.fromkeys([*actual, *predicted])
    }


def macro_f1(pairs: Sequence[Pair[Label]]) -> float:
    """Mean of the classes' F1, each counting alike; 0 of none."""
    return mean(each.f1 for each in shares(pairs).values())


def macro_f1_interval(
    pairs: Sequence[Pair[Label]], *, samples: int = 1000, confidence: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Confidence interval of the macro-F1 by the percentile bootstrap over messages; the same for one seed.

    Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch. 13. Classes of a message or two drop out
    of many samples, which makes the bootstrap of a macro-F1 biased: an interval that misses the macro-F1
    itself is widened up to it.
    """
    if not pairs:
        return 0.0, 0.0
    draw = random.Random(seed)  # noqa: S311 - a sample, not a secret
    drawn = sorted(macro_f1(draw.choices(pairs, k=len(pairs))) for _ in range(samples))
    tail, found = (1 - confidence) / 2, macro_f1(pairs)
    low, high = drawn[math.floor(tail * samples)], drawn[math.ceil((1 - tail) * samples) - 1]
    return min(low, found), max(high, found)


def calibration_error(confidences: Sequence[tuple[float, bool]], *, bins: int = 10) -> float:
    """Expected calibration error: the mean gap of confidence and accuracy over bins of equal width, 0..1.

    Naeini, Cooper and Hauskrecht 2015, Obtaining Well Calibrated Probabilities Using Bayesian Binning, eq. 2.
    A confidence on the edge of two bins is in the lower one; 0 is in the first.

    Args:
        confidences: By message, how sure the model was (0..1) and whether it was right.
        bins: How many.
    """
    filled: dict[int, list[tuple[float, bool]]] = {}
    edges = [number / bins for number in range(1, bins)]
    for confidence, right in confidences:
        filled.setdefault(bisect_left(edges, confidence), []).append((confidence, right))
    gaps = (
        len(found) * abs(mean(sure for sure, _ in found) - mean(float(right) for _, right in found))
        for found in filled.values()
    )
    return sum(gaps) / len(confidences) if confidences else 0.0


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's test of two classifiers on the same messages.

    Attributes:
        statistic: Chi-squared with Edwards' correction; the smaller count where the test is exact.
        p_value: Two-sided, 0..1; 1 when they never differ.
        exact: Whether it is the exact binomial test.
    """

    statistic: float
    p_value: float
    exact: bool


_EXACT_BELOW = 25


def mcnemar(only_first: int, only_second: int) -> McNemar:
    """Whether two classifiers are equally good, by the messages that only one of them got right.

    McNemar 1947, Psychometrika 12:153-157; Edwards 1948, Psychometrika 13:185-187. With fewer than 25 such
    messages it is the exact test: each is a toss of a fair coin. The correction never goes beyond the
    difference itself, so that a tie has a p-value of 1.
    """
    differing = only_first + only_second
    if differing < _EXACT_BELOW:
        fewer = min(only_first, only_second)
        tail = sum(math.comb(differing, count) for count in range(fewer + 1)) / 2**differing
        return McNemar(float(fewer), min(1.0, 2 * tail), exact=True)
    statistic = max(0, abs(only_first - only_second) - 1) ** 2 / differing
    return McNemar(statistic, math.erfc(math.sqrt(statistic / 2)), exact=False)


def mean(values: Iterable[float]) -> float:
    """The arithmetic mean; 0 of none."""
    found = list(values)
    return math.fsum(found) / len(found) if found else 0.0


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
