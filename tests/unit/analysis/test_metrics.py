"""Metrics beside scikit-learn and SciPy on whatever hypothesis comes up with, and where they say nothing."""

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from services.analysis.metrics import (
    accuracy,
    calibration_error,
    confusion,
    macro_f1,
    macro_f1_interval,
    mcnemar,
    mean,
    shares,
)

NO_LABEL = -1
"""What scikit-learn is told where no topic was named: it has no notion of that."""

LABELS = st.integers(0, 7)
PAIRS = st.lists(st.tuples(LABELS, st.one_of(st.none(), LABELS, LABELS)), max_size=60)
SOME_PAIRS = PAIRS.filter(bool)
CONFIDENCES = st.lists(
    st.tuples(st.one_of(st.floats(0, 1), st.integers(0, 10).map(lambda tenth: tenth / 10)), st.booleans()),
    max_size=60,
)
COUNTS = st.integers(0, 400)


def for_sklearn(pairs: list[tuple[int, int | None]]) -> tuple[list[int], list[int], list[int]]:
    """Actual and predicted labels, and which labels there are: those that somebody has or is said to have."""
    actual = [pair[0] for pair in pairs]
    predicted = [NO_LABEL if pair[1] is None else pair[1] for pair in pairs]
    return actual, predicted, sorted({*actual, *predicted} - {NO_LABEL})


@given(SOME_PAIRS)
def test_accuracy_is_scikit_learns(pairs: list[tuple[int, int | None]]) -> None:
    actual, predicted, _ = for_sklearn(pairs)
    assert accuracy(pairs) == pytest.approx(accuracy_score(actual, predicted))


@given(SOME_PAIRS)
def test_precision_recall_and_f1_of_each_class_are_scikit_learns(pairs: list[tuple[int, int | None]]) -> None:
    actual, predicted, labels = for_sklearn(pairs)
    expected = precision_recall_fscore_support(actual, predicted, labels=labels, zero_division=0)
    found = shares(pairs)
    assert set(found) == set(labels)
    for label, precision, recall, f1, support in zip(labels, *expected, strict=True):
        assert (found[label].precision, found[label].recall, found[label].f1) == pytest.approx(
            (precision, recall, f1)
        )
        assert found[label].support == support
        assert found[label].predicted == predicted.count(label)


@given(SOME_PAIRS)
def test_macro_averages_are_scikit_learns_over_the_classes_there_are(
    pairs: list[tuple[int, int | None]],
) -> None:
    actual, predicted, labels = for_sklearn(pairs)
    options: dict[str, Any] = {"labels": labels, "average": "macro", "zero_division": 0}
    precision, recall, f1, _ = precision_recall_fscore_support(actual, predicted, **options)
    found = shares(pairs).values()
    assert macro_f1(pairs) == pytest.approx(f1) == pytest.approx(f1_score(actual, predicted, **options))
    assert mean(each.precision for each in found) == pytest.approx(precision)
    assert mean(each.recall for each in found) == pytest.approx(recall)


@given(SOME_PAIRS)
def test_the_confusion_matrix_is_scikit_learns(pairs: list[tuple[int, int | None]]) -> None:
    actual, predicted, labels = for_sklearn(pairs)
    columns = [*labels, NO_LABEL]
    expected = confusion_matrix(actual, predicted, labels=columns)
    found = confusion(pairs)
    for row, label in enumerate(labels):
        counted = found.get(label, {})
        assert [counted.get(each, 0) for each in labels] == list(expected[row][:-1])
        assert counted.get(None, 0) == expected[row][-1]
    assert sum(sum(row.values()) for row in found.values()) == len(pairs)


@given(CONFIDENCES, st.integers(1, 15))
def test_calibration_error_is_the_mean_gap_over_bins(found: list[tuple[float, bool]], bins: int) -> None:
    assert calibration_error(found, bins=bins) == pytest.approx(gap_over_bins(found, bins))


def gap_over_bins(found: list[tuple[float, bool]], bins: int) -> float:
    """The same by NumPy: bins are open below and closed above, but for the first, which has 0 too."""
    if not found:
        return 0.0
    sure = np.array([confidence for confidence, _ in found])
    right = np.array([was_right for _, was_right in found], dtype=float)
    edges = np.array([number / bins for number in range(1, bins)])
    bin_of = np.digitize(sure, edges, right=True)
    total = 0.0
    for number in range(bins):
        inside = bin_of == number
        if inside.any():
            total += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    return float(total)


@settings(max_examples=25)
@given(PAIRS)
def test_the_interval_has_the_macro_f1_in_it_and_is_the_same_again(
    pairs: list[tuple[int, int | None]],
) -> None:
    low, high = macro_f1_interval(pairs, samples=50)
    assert 0 <= low <= macro_f1(pairs) <= high <= 1
    assert (low, high) == macro_f1_interval(pairs, samples=50)


def test_the_interval_is_the_percentiles_of_the_macro_f1_over_samples() -> None:
    draw = random.Random(5)  # noqa: S311 - a sample, not a secret
    pairs = [(label, label if draw.random() < 0.7 else draw.randrange(4)) for label in [0, 1, 2, 3] * 30]
    again = random.Random(0)  # noqa: S311 - the seed that the interval has
    drawn = [macro_f1(again.choices(pairs, k=len(pairs))) for _ in range(1000)]
    low, high = macro_f1_interval(pairs)
    assert low == pytest.approx(np.percentile(drawn, 2.5), abs=0.005)
    assert high == pytest.approx(np.percentile(drawn, 97.5), abs=0.005)


def test_a_sure_result_has_a_narrow_interval_and_few_messages_a_wide_one() -> None:
    many = [(label, label if number % 10 else 1 - label) for number in range(200) for label in (0, 1)]
    few = many[:20]
    narrow, wide = macro_f1_interval(many), macro_f1_interval(few)
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


@given(COUNTS, COUNTS)
def test_mcnemar_is_scipys_exact_test_or_chi_squared(only_first: int, only_second: int) -> None:
    found = mcnemar(only_first, only_second)
    differing = only_first + only_second
    assert found.exact == (differing < 25)
    if differing == 0:
        assert (found.statistic, found.p_value) == (0.0, 1.0)
    elif found.exact:
        assert found.statistic == min(only_first, only_second)
        assert found.p_value == pytest.approx(binomtest(only_first, differing).pvalue)
    else:
        statistic = max(0, abs(only_first - only_second) - 1) ** 2 / differing
        assert found.statistic == pytest.approx(statistic)
        assert found.p_value == pytest.approx(chi2.sf(statistic, df=1))


@given(COUNTS, COUNTS)
def test_mcnemar_does_not_care_which_one_is_first(only_first: int, only_second: int) -> None:
    assert mcnemar(only_first, only_second) == mcnemar(only_second, only_first)


@pytest.mark.parametrize("ties", [0, 1, 12, 13, 200])
def test_a_tie_is_no_difference(ties: int) -> None:
    assert mcnemar(ties, ties).p_value == 1.0


def test_no_messages_have_figures_that_are_zero() -> None:
    assert accuracy([]) == macro_f1([]) == calibration_error([]) == mean([]) == 0.0
    assert macro_f1_interval([]) == (0.0, 0.0)
    assert not shares([])
    assert not confusion([])


def test_a_single_class_is_all_or_nothing() -> None:
    assert macro_f1([(1, 1), (1, 1)]) == accuracy([(1, 1)]) == 1.0
    assert macro_f1_interval([(1, 1)] * 5) == (1.0, 1.0)
    none: list[tuple[int, int | None]] = [(1, None), (1, None)]
    assert accuracy(none) == macro_f1(none) == 0.0
    assert shares(none)[1].support == 2


def test_a_class_that_is_only_predicted_counts_against_the_macro_f1() -> None:
    pairs: list[tuple[int, int | None]] = [(1, 1), (1, 2)]
    assert shares(pairs)[2].f1 == shares(pairs)[2].recall == 0.0
    assert macro_f1(pairs) == pytest.approx((2 / 3 + 0) / 2)


def test_confidence_on_an_edge_is_in_the_lower_bin() -> None:
    assert calibration_error([(0.7, True), (math.nextafter(0.7, 1), False)]) == pytest.approx(0.5)
    assert calibration_error([(0.7, True), (0.65, False)]) == pytest.approx(0.175)
    assert calibration_error([(0.0, False), (1.0, True)]) == 0.0
