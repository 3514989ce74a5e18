"""What all queries have in common is taken from a query's vector."""

import math

import pytest

from services.embedding.centring import ORDINARY_QUERIES, centred, mean_of


def test_half_of_what_is_common_goes_and_the_length_stays_one() -> None:
    common = mean_of([[1.0, 0.0], [0.6, 0.8]])
    assert common == pytest.approx([0.8, 0.4])
    moved = centred([0.8, 0.6], common)
    assert math.hypot(*moved) == pytest.approx(1.0)
    assert moved[1] / moved[0] == pytest.approx(0.4 / 0.4)


def test_what_has_nothing_else_stays() -> None:
    assert centred([0.5, 0.5], [1.0, 1.0]) == [0.5, 0.5]


def test_without_a_common_part_nothing_changes() -> None:
    assert centred([0.6, 0.8], None) == [0.6, 0.8]


def test_ordinary_queries_are_as_many_in_each_language() -> None:
    assert len(set(ORDINARY_QUERIES)) == len(ORDINARY_QUERIES) == 3 * 15
